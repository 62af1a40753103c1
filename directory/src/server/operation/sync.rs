//! Content synchronisation (RFC 4533): what has changed since a cookie, and what changes from now on.
use super::super::access::{Identity, Wish, is_allowed};
use super::super::core::Core;
use super::super::entry::Entry;
use super::super::entry::moment::Moment;
use super::super::filter::Filter;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::ber;
use super::super::protocol::control::{self, SYNC_DONE, SYNC_STATE, Sync};
use super::super::tree::change::Change;
use super::super::tree::plan::Region;
use super::root::Special;
use super::select::Selection;

/// Sync info message, RFC 4533 section 2.5.
const SYNC_INFO: &str = "1.3.6.1.4.1.4203.1.9.1.4";
/// How many deleted entries are named in one message.
const UUIDS: usize = 500;

/// What is looked for, by whom, and what of it is wanted.
#[derive(Clone, Debug)]
pub(in crate::server) struct Subject {
    pub(in crate::server) identity: Identity,
    pub(in crate::server) region: Region,
    pub(in crate::server) filter: Filter,
    pub(in crate::server) selection: Selection,
    pub(in crate::server) special: Option<Special>,
}

/// The first stage of a synchronisation: bringing the client up to date.
#[derive(Debug)]
pub(in crate::server) struct Refresh {
    /// The last change that the client knows of, if it can be told just what came after.
    pub(in crate::server) since: Option<u64>,
    /// The last change that this stage is sure to tell of.
    until: u64,
    is_persistent: bool,
    gone: Vec<[u8; 16]>,
}

/// The second stage: a client that is told of each change.
#[derive(Debug)]
pub(in crate::server) struct Watch {
    pub(in crate::server) id: i32,
    subject: Subject,
}

/// What became of an entry (RFC 4533 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Add = 1,
    Modify = 2,
    Delete = 3,
}

impl Subject {
    /// Whether an entry is looked for and may be seen.
    pub(in crate::server) fn holds(&self, core: &Core, now: Moment, entry: &Entry) -> bool {
        self.region.holds(entry)
            && !entry.is_expired(now)
            && self.filter.is_met(entry, now)
            && is_allowed(&self.identity, Wish::Read, entry, &core.tree)
    }
}

impl Refresh {
    /// Begins where the client's cookie says; a cookie that says nothing to us means from the beginning.
    pub(in crate::server) fn new(core: &Core, sync: &Sync) -> Self {
        let since = sync
            .cookie
            .as_deref()
            .and_then(|cookie| read_cookie(core, cookie));
        let graves = since.and_then(|since| core.tree.graves_since(since));
        let gone = graves.map(|graves| graves.map(|grave| grave.uuid).collect::<Vec<_>>());
        Self {
            since: since.filter(|_| gone.is_some()),
            until: core.tree.revision(),
            is_persistent: sync.is_persistent,
            gone: gone.unwrap_or_default(),
        }
    }

    /// Whether the client stays to be told of changes.
    pub(in crate::server) fn is_persistent(&self) -> bool {
        self.is_persistent
    }

    /// An entry has changed and is not, or no longer, what the client wants.
    pub(in crate::server) fn note_other(&mut self, subject: &Subject, entry: &Entry) {
        if self.since.is_some() && subject.region.holds(entry) {
            self.gone.push(entry.uuid);
        }
    }

    /// The control that goes with an entry of this stage.
    pub(in crate::server) fn state_of(entry: &Entry) -> Vec<u8> {
        state_control(State::Add, &entry.uuid, None)
    }

    /// Ends this stage; whether the other one begins.
    pub(in crate::server) fn finish(self, core: &Core, id: i32, out: &mut Vec<u8>) -> bool {
        for uuids in self.gone.chunks(UUIDS) {
            answer::intermediate(out, id, SYNC_INFO, |out| put_id_set(out, uuids));
        }
        let cookie = cookie(core, self.until);
        let is_difference = self.since.is_some();
        if self.is_persistent {
            // refreshDelete [1] or refreshPresent [2]; refreshDone is TRUE unless said.
            let tag = if is_difference { 0xA1 } else { 0xA2 };
            answer::intermediate(out, id, SYNC_INFO, |out| {
                ber::wrap(out, tag, |out| ber::put(out, ber::OCTETS, &cookie));
            });
        } else {
            let control = control::encode(SYNC_DONE, |out| {
                ber::put(out, ber::OCTETS, &cookie);
                if is_difference {
                    ber::put_bool(out, ber::BOOLEAN, true);
                }
            });
            answer::done_with(out, id, answer::SEARCH_DONE, &Outcome::SUCCESS, &control);
        }
        self.is_persistent
    }
}

impl Watch {
    /// Watches what a search looked for.
    pub(in crate::server) fn new(id: i32, subject: Subject) -> Self {
        Self { id, subject }
    }

    /// Whether the account that watches was removed.
    pub(in crate::server) fn is_orphaned(&self, core: &Core) -> bool {
        core.accounts.is_gone(&self.subject.identity)
    }

    /// Tells of a change, if it concerns this watcher.
    pub(in crate::server) fn put(
        &self,
        core: &Core,
        now: Moment,
        change: &Change,
        out: &mut Vec<u8>,
    ) {
        // What is no longer seen because its time is over is told of by its deletion.
        let saw = |entry: &Entry| self.subject.holds(core, Moment(0), entry);
        match change {
            Change::Put {
                is_refresh: true, ..
            } => {}
            Change::Put { before, after, .. } => {
                let state = match (before.as_deref().is_some_and(saw), saw(after)) {
                    (false, false) => return,
                    (false, true) => State::Add,
                    (true, true) => State::Modify,
                    (true, false) => State::Delete,
                };
                self.put_entry(core, now, state, after, after.revision, out);
            }
            Change::Gone { before, revision } if saw(before) => {
                self.put_entry(core, now, State::Delete, before, *revision, out);
            }
            Change::Gone { .. } => {}
        }
    }

    /// Says that changes were lost, so that the client begins anew (RFC 4533 section 3.4.2).
    pub(in crate::server) fn put_lost(&self, out: &mut Vec<u8>) {
        let outcome = Outcome::new(Code::EsyncRefreshRequired, "too many changes at once");
        answer::done(out, self.id, answer::SEARCH_DONE, &outcome);
    }

    fn put_entry(
        &self,
        core: &Core,
        now: Moment,
        state: State,
        entry: &Entry,
        revision: u64,
        out: &mut Vec<u8>,
    ) {
        let cookie = cookie(core, revision);
        let control = state_control(state, &entry.uuid, Some(&cookie));
        answer::entry(out, self.id, &entry.dn, &control, |out| {
            if state != State::Delete {
                self.subject.selection.put(out, entry, now);
            }
        });
    }
}

fn state_control(state: State, uuid: &[u8; 16], cookie: Option<&[u8]>) -> Vec<u8> {
    control::encode(SYNC_STATE, |out| {
        ber::put_number(out, ber::ENUMERATED, state as u32);
        ber::put(out, ber::OCTETS, uuid);
        if let Some(cookie) = cookie {
            ber::put(out, ber::OCTETS, cookie);
        }
    })
}

/// `syncIdSet [3] { refreshDeletes TRUE, syncUUIDs }`.
fn put_id_set(out: &mut Vec<u8>, uuids: &[[u8; 16]]) {
    ber::wrap(out, 0xA3, |out| {
        ber::put_bool(out, ber::BOOLEAN, true);
        ber::wrap(out, ber::SET, |out| {
            for uuid in uuids {
                ber::put(out, ber::OCTETS, uuid);
            }
        });
    });
}

/// Whose change, and which: text, because people paste cookies into `ldapsearch -E sync=ro/COOKIE`.
fn cookie(core: &Core, revision: u64) -> Vec<u8> {
    format!("rendezvous-{:016x}-{revision}", core.instance).into_bytes()
}

fn read_cookie(core: &Core, cookie: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(cookie).ok()?;
    let (instance, revision) = text.strip_prefix("rendezvous-")?.split_once('-')?;
    (u64::from_str_radix(instance, 16).ok()? == core.instance).then_some(())?;
    revision.parse().ok()
}
