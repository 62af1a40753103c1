//! What was known when the program ended last: read from its folder at the start.
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use directory::Description;
use directory::cache::{self, Cache};
use directory::sap::Restored;
use directory::store::{self, Store};

use super::StationEvent;
use super::keeper::Places;
use super::shared::Shared;

/// What was known.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What was announced by others.
    pub(super) heard: Vec<Restored>,
    /// Own conferences that this program announces.
    pub(super) hosted: Vec<Arc<Description>>,
    /// Own conferences that another running program announces, or none.
    pub(super) kept: Vec<Arc<Description>>,
}

/// Reads the folder. What another running Rendezvous owns is read all the same, and left to it.
pub(super) fn open(
    dir: &Path,
    is_host: bool,
    wall: SystemTime,
    shared: &Shared,
) -> (Known, Places) {
    if let Err(error) = std::fs::create_dir_all(dir) {
        shared.tell(StationEvent::NotKept(format!("{}: {error}", dir.display())));
        return (Known::default(), Places::default());
    }
    let cache_path = dir.join("heard.jsonl");
    let folder = dir.join("conferences");
    let store = if is_host {
        open_store(&folder, shared)
    } else {
        None
    };
    let places = Places {
        cache: Cache::open(&cache_path).ok(),
        store,
    };
    let own = read_own(&folder, shared);
    let (hosted, kept) = if places.store.is_some() {
        (own, Vec::new())
    } else {
        (Vec::new(), own)
    };
    (
        Known {
            heard: cache::read(&cache_path, wall).announcements,
            hosted,
            kept,
        },
        places,
    )
}

fn open_store(folder: &Path, shared: &Shared) -> Option<Store> {
    let opened = std::fs::create_dir_all(folder).map_err(|error| error.to_string());
    let opened = opened.and_then(|()| Store::open(folder).map_err(|error| error.to_string()));
    opened
        .map_err(|error| shared.tell(StationEvent::NotKept(error)))
        .ok()
}

fn read_own(folder: &Path, shared: &Shared) -> Vec<Arc<Description>> {
    let stored = store::read(folder).unwrap_or_else(|error| {
        shared.tell(StationEvent::NotKept(format!(
            "{}: {error}",
            folder.display()
        )));
        store::Stored::default()
    });
    for broken in stored.broken {
        shared.tell(StationEvent::NotKept(broken.to_string()));
    }
    stored.conferences.into_iter().map(Arc::new).collect()
}
