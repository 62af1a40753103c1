//! The server without sockets, disk and clock: what tests and the fuzzer converse with.
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use super::access::Identity;
use super::account::Accounts;
use super::core::Core;
use super::entry::moment::Moment;
use super::entry::schema::Schema;
use super::limits::Limits;
use super::operation::bind;
use super::operation::search::{Progress, Search};
use super::operation::sync::Watch;
use super::operation::write::{Draft, Write};
use super::protocol::request::{Request, decode, frame};
use super::session::{Link, Next, Session};
use super::store::first_entries;
use super::tree::Tree;
use super::watch::Watchers;

/// Read once: a fuzzer begins thousands of rehearsals a second.
static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Arc::new(Schema::new()));

/// A server with the entries of a first start, and one client: the local user.
#[derive(Debug)]
pub struct Rehearsal {
    core: Core,
    session: Session,
}

impl Rehearsal {
    /// Begins at this time.
    pub fn new(now: SystemTime) -> Self {
        let mut session = Session::new(Link {
            is_local: true,
            ..Link::default()
        });
        session.identity = Identity::Local;
        Self {
            core: core(Moment::from_system(now)),
            session,
        }
    }

    /// Answers every whole message in what was received.
    pub fn converse(&mut self, now: SystemTime, mut received: &[u8]) -> Vec<u8> {
        let now = Moment::from_system(now);
        let mut out = Vec::new();
        while let Ok(Some(length)) = frame(received, self.core.limits.message) {
            let (message, rest) = received.split_at(length);
            received = rest;
            match decode(message, self.core.limits.depth) {
                Ok(request) => {
                    drop(answer(
                        &mut self.core,
                        now,
                        &mut self.session,
                        request,
                        &mut out,
                    ));
                }
                Err(error) => drop(Session::handle_broken(error, &mut out)),
            }
        }
        out
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.core.tree.len()
    }
}

/// A server as it is after a first start.
pub(super) fn core(now: Moment) -> Core {
    let mut tree = Tree::default();
    for change in first_entries(&tree, now, 1) {
        tree.apply(&change);
    }
    Core {
        schema: Arc::clone(&SCHEMA),
        tree,
        #[cfg(not(test))]
        accounts: Accounts::new("token".into()),
        #[cfg(test)]
        accounts: Accounts::of(&["ann", "bob"]),
        watchers: Watchers::default(),
        limits: Limits::default(),
        is_open: false,
        instance: 7,
    }
}

/// Answers a request with all that it takes; gives the watch that begins with it.
pub(super) fn answer(
    core: &mut Core,
    now: Moment,
    session: &mut Session,
    request: Request,
    out: &mut Vec<u8>,
) -> Option<Watch> {
    match session.handle(core, now, request, out) {
        Next::Search(found) => search(core, now, session, *found, out),
        Next::Write(asked) => write(core, now, session, *asked, out),
        Next::Prove(proof) => {
            bind::conclude(session, proof, false, out);
            None
        }
        _ => None,
    }
}

fn write(
    core: &mut Core,
    now: Moment,
    session: &mut Session,
    write: Write,
    out: &mut Vec<u8>,
) -> Option<Watch> {
    let mut draft = Draft::new(core, now, core.tree.revision());
    let result = draft.decide(&write);
    let changes = draft.into_changes();
    changes.iter().for_each(|change| core.tree.apply(change));
    core.watchers.publish(&changes);
    match write.then {
        Some(found) => search(core, now, session, *found, out),
        None => {
            write.put_result(result, out);
            None
        }
    }
}

fn search(
    core: &Core,
    now: Moment,
    session: &mut Session,
    mut search: Search,
    out: &mut Vec<u8>,
) -> Option<Watch> {
    loop {
        // Between steps what was written goes out, so that it never counts against the next.
        let mut step = Vec::new();
        let progress = search.step(core, now, &mut step);
        out.append(&mut step);
        match progress {
            Progress::More => {}
            Progress::Done => return None,
            Progress::Watching => return Some(Watch::new(search.id, search.subject)),
            Progress::PageFull => {
                let id = search.id;
                let cookie = session.pages.keep(search, core.limits.pages);
                Search::end_page(id, &cookie, out);
                return None;
            }
        }
    }
}
