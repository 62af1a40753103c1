//! What the directory thread and everybody else share: what each directory has, how it stands, what happened.
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use directory::{ConferenceId, Description, Found};

use super::event::{DirectoryEvent, Happening};
use super::status::DirectoryStatus;
use crate::conference::Wake;
use crate::queue::DropOldest;

/// Takes what directories list, to show it among the conferences known. It must not wait.
pub(crate) type Sink = Box<dyn Fn(Listed) + Send + Sync>;

/// An entry of a directory, as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) url: Arc<str>,
    /// The entry's distinguished name.
    pub(crate) name: String,
    /// Nothing where it is gone.
    pub(crate) description: Option<Arc<Description>>,
}

/// A person in a directory.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedPerson {
    /// The directory, by its first URL.
    pub url: Arc<str>,
    /// The entry.
    pub found: Arc<Found>,
}

/// A directory, by its first URL.
type Url = Arc<str>;

pub(super) struct Board {
    statuses: Mutex<BTreeMap<Arc<str>, DirectoryStatus>>,
    found: Mutex<HashMap<(Url, ConferenceId), Arc<Found>>>,
    people: Mutex<BTreeMap<(Url, String), Arc<Found>>>,
    pub(super) events: DropOldest<DirectoryEvent>,
    sink: Sink,
    wake: Wake,
}

impl Board {
    /// What happens while the user's side is busy: states are told by one event each time they change.
    const EVENTS: usize = 4_096;

    pub(super) fn new(sink: Sink, wake: Wake) -> Self {
        Self {
            statuses: Mutex::default(),
            found: Mutex::default(),
            people: Mutex::default(),
            events: DropOldest::new(Self::EVENTS),
            sink,
            wake,
        }
    }

    pub(super) fn tell(&self, url: &Arc<str>, what: Happening) {
        let url = Arc::clone(url);
        self.events.push(DirectoryEvent { url, what });
        (self.wake)();
    }

    pub(super) fn set_status(&self, status: DirectoryStatus) {
        let url = Arc::clone(&status.url);
        lock(&self.statuses).insert(Arc::clone(&url), status);
        self.tell(&url, Happening::Status);
    }

    pub(super) fn statuses(&self) -> Vec<DirectoryStatus> {
        lock(&self.statuses).values().cloned().collect()
    }

    pub(super) fn set_found(
        &self,
        url: &Arc<str>,
        id: ConferenceId,
        found: Arc<Found>,
        description: Arc<Description>,
    ) {
        let name = found.published.name.clone();
        lock(&self.found).insert((Arc::clone(url), id), found);
        (self.sink)(Listed {
            url: Arc::clone(url),
            name,
            description: Some(description),
        });
    }

    pub(super) fn remove_found(&self, url: &Arc<str>, id: ConferenceId, name: &str) {
        let key = (Arc::clone(url), id);
        let mut found = lock(&self.found);
        // Another entry of the same conference may stand there under another name.
        if found
            .get(&key)
            .is_some_and(|found| found.published.name.eq_ignore_ascii_case(name))
        {
            found.remove(&key);
        }
        drop(found);
        (self.sink)(Listed {
            url: Arc::clone(url),
            name: name.to_owned(),
            description: None,
        });
    }

    pub(super) fn found(&self, url: &str, id: ConferenceId) -> Option<Arc<Found>> {
        lock(&self.found).get(&(Arc::from(url), id)).cloned()
    }

    pub(super) fn set_person(&self, url: &Arc<str>, found: Found) {
        let key = (Arc::clone(url), found.published.name.to_lowercase());
        lock(&self.people).insert(key, Arc::new(found));
    }

    pub(super) fn remove_person(&self, url: &Arc<str>, name: &str) {
        lock(&self.people).remove(&(Arc::clone(url), name.to_lowercase()));
    }

    pub(super) fn people_count(&self, url: &Arc<str>) -> usize {
        let people = lock(&self.people);
        people.keys().filter(|(of, _)| of == url).count()
    }

    pub(super) fn people(&self) -> Vec<ListedPerson> {
        let people = lock(&self.people);
        let all = people.iter().map(|((url, _), found)| ListedPerson {
            url: Arc::clone(url),
            found: Arc::clone(found),
        });
        all.collect()
    }

    /// The directory is no longer used.
    pub(super) fn forget(&self, url: &Arc<str>) {
        lock(&self.statuses).remove(url);
        lock(&self.people).retain(|(of, _), _| of != url);
        let mut found = lock(&self.found);
        let gone: Vec<(ConferenceId, String)> = found
            .iter()
            .filter(|((of, _), _)| of == url)
            .map(|((_, id), found)| (*id, found.published.name.clone()))
            .collect();
        found.retain(|(of, _), _| of != url);
        drop(found);
        for (_, name) in gone {
            (self.sink)(Listed {
                url: Arc::clone(url),
                name,
                description: None,
            });
        }
        self.tell(url, Happening::Status);
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board")
            .field("statuses", &self.statuses)
            .finish_non_exhaustive()
    }
}

/// A thread that panicked while it held the lock left whole values behind, so they may be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
