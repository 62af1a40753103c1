//! A directory made for tests: answers at once, on a clock of its own, and fails as it is told.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use directory::runtime::mpsc;
use directory::{
    Change, ConferenceEntry, Description, Directory, DirectoryError, Entry, Found, Kind, Listing,
    ObjectId, Published, Query, ServerInfo,
};

pub(super) const URL: &str = "ldap://directory.example";

/// The server; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Server(Arc<Mutex<State>>);

/// Somebody who is connected with it.
#[derive(Clone)]
pub(super) struct Client {
    server: Server,
    who: &'static str,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) entries: BTreeMap<String, Standing>,
    /// By its own clock.
    now: Duration,
    revisions: u64,
    /// No connection.
    pub(super) is_down: bool,
    /// It does what is asked, and its answers are lost.
    pub(super) is_mute: bool,
    /// It allows nothing.
    pub(super) is_strict: bool,
    /// Entries live until they are deleted.
    pub(super) is_permanent: bool,
    /// How long entries live at most.
    pub(super) max_lifetime: Option<Duration>,
    watchers: Vec<mpsc::Sender<Change>>,
    pub(super) requests: usize,
}

pub(super) struct Standing {
    pub(super) entry: Entry,
    owner: &'static str,
    revision: u64,
    dies_at: Option<Duration>,
}

impl Server {
    pub(super) fn client(&self, who: &'static str) -> Client {
        let server = self.clone();
        Client { server, who }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Time passes here; what is not refreshed dies.
    pub(super) fn pass(&self, span: Duration) {
        let mut state = self.state();
        state.now += span;
        let now = state.now;
        let is_alive = |standing: &Standing| standing.dies_at.is_none_or(|at| now < at);
        let dead: Vec<String> = state
            .entries
            .iter()
            .filter(|(_, s)| !is_alive(s))
            .map(|(name, _)| name.clone())
            .collect();
        for name in dead {
            state.entries.remove(&name);
            state.tell(&Change::Gone(name));
        }
    }

    /// The names of the conferences in it.
    pub(super) fn names(&self) -> Vec<String> {
        let state = self.state();
        state
            .entries
            .values()
            .map(|standing| standing.entry.name().to_owned())
            .collect()
    }

    pub(super) fn found(&self, who: &'static str, id: &ObjectId) -> Option<Found> {
        let state = self.state();
        Some(state.found(who, &id.to_string(), state.entries.get(&id.to_string())?))
    }

    pub(super) fn come_back(&self) {
        self.state().is_down = false;
    }
}

impl State {
    fn found(&self, who: &str, name: &str, standing: &Standing) -> Found {
        Found {
            entry: standing.entry.clone(),
            published: self.published(name, standing),
            owner: None,
            is_mine: Some(standing.owner == who),
        }
    }

    fn published(&self, name: &str, standing: &Standing) -> Published {
        Published {
            name: name.to_owned(),
            lifetime: standing.dies_at.map(|at| at - self.now),
            revision: Some(standing.revision.to_string()),
        }
    }

    fn granted(&self, wanted: Duration) -> Option<Duration> {
        let granted = self.max_lifetime.map_or(wanted, |max| wanted.min(max));
        (!self.is_permanent).then_some(self.now + granted)
    }

    fn put(
        &mut self,
        name: String,
        entry: Entry,
        owner: &'static str,
        dies_at: Option<Duration>,
    ) -> Published {
        self.revisions += 1;
        let standing = Standing {
            entry,
            owner,
            revision: self.revisions,
            dies_at,
        };
        let published = self.published(&name, &standing);
        self.tell(&Change::Present(Box::new(self.found("", &name, &standing))));
        self.entries.insert(name, standing);
        published
    }

    fn tell(&mut self, change: &Change) {
        self.watchers
            .retain(|watcher| watcher.try_send(change.clone()).is_ok());
    }
}

impl Client {
    /// Does something, if the server hears it and its answer arrives.
    fn ask<T>(
        &self,
        what: impl FnOnce(&mut State) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        let mut state = self.server.state();
        state.requests += 1;
        if state.is_down {
            return Err(unreachable());
        }
        if state.is_strict {
            return Err(DirectoryError::Refused(String::new()));
        }
        let result = what(&mut state);
        if state.is_mute {
            let url = URL.parse().unwrap();
            return Err(DirectoryError::TimedOut { url });
        }
        result
    }
}

pub(super) fn unreachable() -> DirectoryError {
    DirectoryError::Unreachable {
        url: URL.parse().unwrap(),
        reason: "connection refused".to_owned(),
    }
}

impl Directory for Client {
    async fn publish(
        &mut self,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> Result<Published, DirectoryError> {
        let who = self.who;
        self.ask(|state| {
            let name = entry.id().to_string();
            if state.entries.contains_key(&name) {
                return Err(DirectoryError::AlreadyExists);
            }
            let dies_at = lifetime.and_then(|lifetime| state.granted(lifetime));
            Ok(state.put(name, entry.clone(), who, dies_at))
        })
    }

    async fn modify(
        &mut self,
        what: &ObjectId,
        entry: &Entry,
        expected: Option<&str>,
    ) -> Result<Published, DirectoryError> {
        let who = self.who;
        self.ask(|state| {
            let name = what.to_string();
            let standing = state.entries.get(&name).ok_or(DirectoryError::NotFound)?;
            if expected.is_some_and(|expected| expected != standing.revision.to_string()) {
                let theirs = Box::new(state.found(who, &name, standing));
                return Err(DirectoryError::Changed { theirs });
            }
            let (owner, dies_at) = (standing.owner, standing.dies_at);
            Ok(state.put(name, entry.clone(), owner, dies_at))
        })
    }

    async fn withdraw(&mut self, what: &ObjectId) -> Result<(), DirectoryError> {
        self.ask(|state| {
            let name = what.to_string();
            state
                .entries
                .remove(&name)
                .ok_or(DirectoryError::NotFound)?;
            state.tell(&Change::Gone(name));
            Ok(())
        })
    }

    async fn refresh(
        &mut self,
        what: &ObjectId,
        lifetime: Duration,
    ) -> Result<Duration, DirectoryError> {
        self.ask(|state| {
            let Some(dies_at) = state.granted(lifetime) else {
                return Err(DirectoryError::Unsupported(
                    "entries live until they are deleted",
                ));
            };
            let now = state.now;
            let standing = state
                .entries
                .get_mut(&what.to_string())
                .ok_or(DirectoryError::NotFound)?;
            standing.dies_at = Some(dies_at);
            Ok(dies_at - now)
        })
    }

    async fn search(&mut self, query: &Query) -> Result<Listing, DirectoryError> {
        let who = self.who;
        self.ask(|state| {
            let wanted = query.id.as_ref().map(ObjectId::to_string);
            let all = state
                .entries
                .iter()
                .filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| wanted == *name));
            Ok(Listing::whole(
                all.map(|(name, standing)| state.found(who, name, standing))
                    .collect(),
            ))
        })
    }

    fn watch(
        &self,
        kind: Kind,
        changes: mpsc::Sender<Change>,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send + 'static {
        let server = self.server.clone();
        async move {
            if server.state().is_down {
                return Err(unreachable());
            }
            let present: Vec<Change> = {
                let state = server.state();
                let of_kind = state
                    .entries
                    .iter()
                    .filter(|(_, standing)| standing.entry.kind() == kind);
                of_kind
                    .map(|(name, standing)| {
                        Change::Present(Box::new(state.found("", name, standing)))
                    })
                    .collect()
            };
            for change in present {
                drop(changes.send(change).await);
            }
            drop(changes.send(Change::Resynced(Box::new(info()))).await);
            if kind == Kind::Conference {
                server.state().watchers.push(changes.clone());
            }
            changes.closed().await;
            Ok(())
        }
    }

    fn about(&self) -> Option<ServerInfo> {
        Some(info())
    }
}

fn info() -> ServerInfo {
    use directory::{Dialect, Lifetimes, Watching};
    ServerInfo {
        url: URL.parse().unwrap(),
        dialect: Dialect::Standard,
        vendor: None,
        base: "o=test".to_owned(),
        identity: None,
        lifetimes: Lifetimes::Unknown,
        watching: Watching::Live,
        is_encrypted: false,
        unreadable: 0,
        is_partial: false,
    }
}

/// A conference that is always on.
pub(super) fn conference(version: u64, name: &str) -> ConferenceEntry {
    conference_until(version, name, None)
}

/// A conference that ends then.
pub(super) fn conference_until(
    version: u64,
    name: &str,
    end: Option<SystemTime>,
) -> ConferenceEntry {
    let ntp = |time| directory::description::NtpTime::from_system(time).0;
    let stop = end.map_or(0, ntp);
    let text = format!(
        "v=0\r\no=- 1 {version} IN IP4 192.0.2.1\r\ns={name}\r\nc=IN IP4 239.255.7.7/15\r\n\
         t=0 {stop}\r\nm=audio 5004 RTP/AVP 0\r\n"
    );
    ConferenceEntry::new(Arc::new(Description::parse(text.as_bytes()).unwrap()))
}
