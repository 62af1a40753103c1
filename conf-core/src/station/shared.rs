//! What the user's side and the network's side of the station share.
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use directory::catalogue::Entry;
use directory::{ConferenceId, Description};

use super::{NetworkStatus, StationEvent};
use crate::conference::Wake;
use crate::directories::Listed;
use crate::queue::{DropOldest, Latest};

/// What the user wants of the catalogue.
#[derive(Debug)]
pub(super) enum StationCommand {
    /// Announce this, as our own.
    Publish(Arc<Description>),
    /// Announce it no longer.
    Withdraw(ConferenceId),
    /// Ask the announcers on this network to repeat themselves.
    Query,
    /// Show what a file tells.
    AddFile(PathBuf, Arc<Description>),
    /// Show it no longer.
    RemoveFile(ConferenceId),
}

/// What directories list, by directory and entry; the newest state of each replaces the one before.
pub(super) type ListedEntries = BTreeMap<(Arc<str>, String), Option<Arc<Description>>>;

/// Commands one way; events, the catalogue and the network's state the other.
pub(super) struct Shared {
    pub(super) commands: DropOldest<StationCommand>,
    pub(super) events: DropOldest<StationEvent>,
    pub(super) catalogue: Latest<Vec<Arc<Entry>>>,
    pub(super) network: Latest<NetworkStatus>,
    listed: Mutex<ListedEntries>,
    wake_user: Wake,
}

impl Shared {
    /// All of one's own conferences and files at once, and room to spare.
    const COMMANDS: usize = 4_096;
    /// A burst of announcements heard while the user's side was busy.
    const EVENTS: usize = 16_384;

    pub(super) fn new(network: NetworkStatus, wake_user: Wake) -> Self {
        Self {
            commands: DropOldest::new(Self::COMMANDS),
            events: DropOldest::new(Self::EVENTS),
            catalogue: Latest::new(Vec::new()),
            network: Latest::new(network),
            listed: Mutex::default(),
            wake_user,
        }
    }

    pub(super) fn tell(&self, event: StationEvent) {
        self.events.push(event);
        self.wake_user();
    }

    /// Notes what a directory lists. Bounded by what is listed of each.
    pub(super) fn list(&self, listed: Listed) {
        let key = (listed.url, listed.name);
        self.lock_listed().insert(key, listed.description);
    }

    /// What directories listed since the last time.
    pub(super) fn take_listed(&self) -> ListedEntries {
        std::mem::take(&mut self.lock_listed())
    }

    fn lock_listed(&self) -> MutexGuard<'_, ListedEntries> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake_user(&self) {
        (self.wake_user)();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}
