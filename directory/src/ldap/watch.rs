//! Telling what changes in a directory, without telling anything twice or losing anything, whichever server tells.
use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ldap3::controls::{MakeCritical as _, RawControl, RefreshMode, SyncRequest};
use ldap3::{ResultEntry, SearchStream};
use tokio::sync::mpsc;

use super::client::{Client, POLL};
use super::entry::RawEntry;
use super::pending::Pending;
use super::result::{self, code};
use super::session::{Fault, Session};
use super::sync::{self, Info, State, Uuid};
use super::{DirectoryConfig, DirectoryUrl, dn};
use crate::directory::{Change, Directory as _, DirectoryError, Query, Watching};
use crate::object::{Found, Kind};

/// What has been told, by the normal form of the name.
#[derive(Debug, Default)]
pub(super) struct Known {
    entries: BTreeMap<String, Told>,
    round: u64,
}

#[derive(Debug)]
struct Told {
    found: Found,
    /// When it was last there: the number of the telling.
    round: u64,
}

impl Known {
    /// All is told anew: what is not told again until [`Self::end`] is gone.
    pub(super) fn begin(&mut self) {
        self.round += 1;
    }

    /// An entry is there. Gives what is to be told of it: nothing if that has been told.
    pub(super) fn present(&mut self, found: Found) -> Result<Option<Change>, DirectoryError> {
        let name = dn::normal(&found.published.name);
        let round = self.round;
        if let Some(told) = self.entries.get_mut(&name) {
            told.round = round;
            if is_same(&told.found, &found) {
                return Ok(None);
            }
        } else if self.entries.len() >= Query::MAX_FOUND {
            return Err(DirectoryError::TooMany);
        }
        let change = Change::Present(Box::new(found.clone()));
        self.entries.insert(name, Told { found, round });
        Ok(Some(change))
    }

    /// The entry of this name is gone.
    pub(super) fn gone(&mut self, name: &str) -> Option<Change> {
        let told = self.entries.remove(&dn::normal(name))?;
        Some(Change::Gone(told.found.published.name))
    }

    /// The same, among what is still to be told.
    fn gone_into(&mut self, name: &str, pending: &mut Pending) {
        if let Some(gone) = self.gone(name) {
            pending.put(gone, false);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&dn::normal(name))
    }

    /// All has been told anew. Gives what is gone.
    pub(super) fn end(&mut self) -> Vec<Change> {
        let round = self.round;
        let gone = self.entries.extract_if(.., |_, told| told.round != round);
        gone.map(|(_, told)| Change::Gone(told.found.published.name))
            .collect()
    }
}

/// Whether nothing has changed but the lifetime, which always does.
fn is_same(told: &Found, found: &Found) -> bool {
    told.entry == found.entry
        && told.owner == found.owner
        && told.published.revision == found.published.revision
}

/// Watches at one server until the receiver is gone, which is no error, or the server is.
pub(super) async fn server(
    config: Arc<DirectoryConfig>,
    url: &DirectoryUrl,
    kind: Kind,
    known: &mut Known,
    changes: &mpsc::Sender<Change>,
) -> Result<(), DirectoryError> {
    let watched = async {
        let mut client = Client::connect(config, url).await?;
        match client.info().watching {
            Watching::Live => {
                let live = Live::start(&client, kind).await?;
                match live.run(&client, known, changes).await {
                    Err(Stop::NotLive) => client.give_up_live(),
                    ended => return ended,
                }
            }
            Watching::Polling { .. } => {}
        }
        poll(&mut client, kind, known, changes).await
    };
    tokio::select! {
        ended = watched => match ended {
            Err(Stop::Error(error)) => Err(error),
            Err(Stop::Unheard | Stop::NotLive | Stop::Ended) | Ok(()) => Ok(()),
        },
        () = changes.closed() => Ok(()),
    }
}

/// Why watching ends.
enum Stop {
    Error(DirectoryError),
    /// The server does not tell changes, to us at least.
    NotLive,
    /// The server ended the telling.
    Ended,
    /// Nobody listens any more.
    Unheard,
}

impl<E: Into<DirectoryError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

async fn tell(
    changes: &mpsc::Sender<Change>,
    told: impl IntoIterator<Item = Change>,
) -> Result<(), Stop> {
    for change in told {
        changes.send(change).await.map_err(|_| Stop::Unheard)?;
    }
    Ok(())
}

/// Searches again and again; a large directory less often, so that it is not kept busy.
async fn poll(
    client: &mut Client,
    kind: Kind,
    known: &mut Known,
    changes: &mpsc::Sender<Change>,
) -> Result<(), Stop> {
    let query = Query::all(kind);
    loop {
        let started = tokio::time::Instant::now();
        let all = client.search(&query).await?;
        let is_partial = all.is_partial;
        known.begin();
        for found in all {
            tell(changes, known.present(found)?).await?;
        }
        // Of a part, nobody can tell what is gone.
        if !is_partial {
            tell(changes, known.end()).await?;
        }
        tell(changes, [Change::Resynced(Box::new(client.info().clone()))]).await?;
        let took = started.elapsed();
        tokio::time::sleep(POLL.max(took * POLL_SHARE)).await;
    }
}

/// Of the time, one part in so many is spent on searching.
const POLL_SHARE: u32 = 20;

/// How often a server that says nothing is asked whether it is there.
const PROBE: Duration = Duration::from_secs(30);

/// A watch by RFC 4533, refreshAndPersist. It always begins anew, with no mark of where it was: such a mark is one
/// server's, and another takes over when that dies.
struct Live {
    kind: Kind,
    stream: SearchStream<'static, &'static str, Vec<&'static str>>,
    /// Names by what deletions may name them by.
    names: HashMap<Uuid, String>,
}

impl Live {
    async fn start(client: &Client, kind: Kind) -> Result<Self, Fault> {
        let request = SyncRequest {
            mode: RefreshMode::RefreshAndPersist,
            cookie: None,
            reload_hint: false,
        };
        let control: RawControl = request.critical().into();
        let (base, scope) = client.mapping.search_base(kind);
        let filter = client.mapping.filter(&Query::all(kind));
        let wanted = client.wanted();
        let mut ldap = client.session.ldap.clone();
        let stream = client
            .session
            .isolated(async move {
                let ldap = ldap.with_controls(vec![control]);
                ldap.streaming_search(&base, scope, &filter, wanted).await
            })
            .await?;
        Ok(Self {
            kind,
            stream,
            names: HashMap::new(),
        })
    }

    /// Takes all that the server sends at once, so that nothing piles up in the library; the listener is told when it
    /// is ready for more.
    async fn run(
        mut self,
        client: &Client,
        known: &mut Known,
        changes: &mpsc::Sender<Change>,
    ) -> Result<(), Stop> {
        known.begin();
        let mut pending = Pending::default();
        // Not interrupted as long as there is more to take.
        let taking = self.take_all(client, known, &mut pending, changes);
        let ended = tokio::task::unconstrained(taking).await;
        if pending.overtaken > 0 {
            tracing::debug!(
                pending.overtaken,
                "changes of a directory were not told one by one"
            );
        }
        // What is known counts as told.
        if !matches!(ended, Err(Stop::Unheard)) {
            tell(changes, std::iter::from_fn(|| pending.take())).await?;
        }
        match ended {
            Err(Stop::Ended) => Err(self.ended().await),
            ended => ended,
        }
    }

    async fn take_all(
        &mut self,
        client: &Client,
        known: &mut Known,
        pending: &mut Pending,
        changes: &mpsc::Sender<Change>,
    ) -> Result<(), Stop> {
        let mut probing = pin!(probe(&client.session));
        loop {
            let item = tokio::select! {
                biased;
                item = self.stream.next() => item,
                room = changes.reserve(), if !pending.is_empty() => {
                    let room = room.map_err(|_| Stop::Unheard)?;
                    if let Some(change) = pending.take() {
                        room.send(change);
                    }
                    continue;
                }
                fault = &mut probing => return Err(fault.into()),
            };
            match item {
                Ok(Some(item)) if item.is_intermediate() => {
                    self.info(item, client, known, pending);
                }
                Ok(Some(item)) => self.entry(item, client, known, pending)?,
                Ok(None) => return Err(Stop::Ended),
                Err(_) => return Err(client.session.broken().into()),
            }
        }
    }

    /// The server tells no more.
    async fn ended(&mut self) -> Stop {
        let result = self.stream.finish().await;
        match result.rc {
            // What it held to continue from is gone; it can be asked anew at once.
            code::UNAVAILABLE_CRITICAL | code::UNWILLING => Stop::NotLive,
            // Part of it can be had by asking.
            code::TIME_LIMIT | code::SIZE_LIMIT | code::ADMIN_LIMIT => Stop::NotLive,
            0 | code::REFRESH_REQUIRED => {
                DirectoryError::Unavailable("it stopped telling changes".to_owned()).into()
            }
            code => result::error(code, &result.text).into(),
        }
    }

    /// What is to be told of an entry.
    fn entry(
        &mut self,
        item: ResultEntry,
        client: &Client,
        known: &mut Known,
        pending: &mut Pending,
    ) -> Result<(), DirectoryError> {
        let Some((state, uuid)) = sync::state_of(&item) else {
            return Ok(());
        };
        let Some(raw) = RawEntry::from_result(item) else {
            return Ok(());
        };
        if state == State::Deleted {
            self.names.remove(&uuid);
            known.gone_into(&raw.name, pending);
            return Ok(());
        }
        if self.names.len() >= Query::MAX_FOUND && !self.names.contains_key(&uuid) {
            return Err(DirectoryError::TooMany);
        }
        // An entry that was renamed is another to whoever listens.
        let before = self.names.insert(uuid, raw.name.clone());
        if let Some(before) = before.filter(|before| !dn::is_same(before, &raw.name)) {
            known.gone_into(&before, pending);
        }
        match client.mapping.read(self.kind, &raw) {
            Some(found) => {
                let is_new = !known.has(&found.published.name);
                if let Some(change) = known.present(found)? {
                    pending.put(change, is_new);
                }
            }
            None => known.gone_into(&raw.name, pending),
        }
        Ok(())
    }

    fn info(
        &mut self,
        item: ResultEntry,
        client: &Client,
        known: &mut Known,
        pending: &mut Pending,
    ) {
        match sync::info_of(item) {
            Some(Info::Refreshed { is_done: true }) => {
                for gone in known.end() {
                    pending.put(gone, false);
                }
                let now = Change::Resynced(Box::new(client.info().clone()));
                pending.put(now, false);
            }
            Some(Info::Set {
                are_deleted: true,
                uuids,
            }) => {
                for name in uuids.iter().filter_map(|uuid| self.names.remove(uuid)) {
                    known.gone_into(&name, pending);
                }
            }
            _ => {}
        }
    }
}

/// Asks again and again whether a server that says nothing is there; gives why it is not.
async fn probe(session: &Session) -> Fault {
    loop {
        tokio::time::sleep(PROBE).await;
        if let Err(fault) = session.read("", &["1.1"]).await {
            return fault;
        }
    }
}
