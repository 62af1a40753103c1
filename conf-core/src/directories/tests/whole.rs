//! The thread, its tasks and what it keeps on disk, with a directory that answers at once.
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use directory::ConferenceId;
use directory::ldap::DirectoryConfig;
use directory::ledger::Basis;

use super::super::{Directories, DirectoryState, Happening, Listed};
use super::server::{Server, URL, conference};
use crate::signal::{Waiting, signal};

struct Office {
    directories: Directories,
    listed: Arc<Mutex<Vec<Listed>>>,
    waiting: Waiting,
}

impl Office {
    fn open(server: &Server, folder: &Path) -> Self {
        let (signal, waiting) = signal();
        let listed = Arc::new(Mutex::new(Vec::new()));
        let (sink, client) = (Arc::clone(&listed), server.client("ann"));
        let directories = Directories::start(
            Some(folder),
            Box::new(move |entry| sink.lock().unwrap().push(entry)),
            Arc::new(move || signal.raise()),
            move |_| client.clone(),
        )
        .unwrap();
        let config = DirectoryConfig::new(vec![URL.parse().unwrap()]);
        directories.set_in_use(vec![config]);
        Self {
            directories,
            listed,
            waiting,
        }
    }

    fn wait_for(&self, is_it: impl Fn(&Happening) -> bool) -> Happening {
        loop {
            while let Some(event) = self.directories.poll_event() {
                if is_it(&event.what) {
                    return event.what;
                }
            }
            let waited = self.waiting.wait(Some(Duration::from_secs(60)));
            assert_eq!(waited, crate::signal::Waited::Raised, "it never happened");
        }
    }

    fn wait_until_connected(&self) {
        let is_connected = || {
            let statuses = self.directories.statuses();
            matches!(statuses[..], [ref one] if matches!(one.state, DirectoryState::Connected(_)))
        };
        while !is_connected() {
            self.wait_for(|_| true);
        }
    }
}

fn id() -> ConferenceId {
    conference(1, "x").description.id()
}

#[test]
fn what_a_directory_has_is_listed_until_it_is_gone() {
    let (server, folder) = (Server::default(), tempfile::tempdir().unwrap());
    let office = Office::open(&server, folder.path());
    office.wait_until_connected();
    office
        .directories
        .publish(URL, conference(1, "Talk"))
        .unwrap();
    office.wait_for(|what| matches!(what, Happening::Published(..)));
    while office.directories.found(URL, id()).is_none() {
        office.wait_for(|_| true);
    }
    office.directories.withdraw(URL, id()).unwrap();
    office.wait_for(|what| matches!(what, Happening::Withdrawn(_)));
    while office.directories.found(URL, id()).is_some() {
        office.wait_for(|_| true);
    }
    let listed = office.listed.lock().unwrap();
    let there: Vec<bool> = listed
        .iter()
        .map(|entry| entry.description.is_some())
        .collect();
    assert_eq!(there, [true, false]);
}

#[test]
fn change_that_waits_survives_the_end_of_the_program() {
    let (server, folder) = (Server::default(), tempfile::tempdir().unwrap());
    server.state().is_down = true;
    let office = Office::open(&server, folder.path());
    office
        .directories
        .publish(URL, conference(1, "Talk"))
        .unwrap();
    office.wait_for(|what| matches!(what, Happening::Queued(..)));
    drop(office);
    server.come_back();
    let office = Office::open(&server, folder.path());
    office.wait_for(|what| matches!(what, Happening::Published(..)));
    drop(office);
    assert_eq!(server.names(), ["Talk"]);
    let left = std::fs::read_dir(folder.path().join("directories/pending")).unwrap();
    let left: Vec<String> = left
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["lock"], "nothing waits any more");
}

#[test]
fn what_was_published_is_kept_alive_by_the_next_run() {
    let (server, folder) = (Server::default(), tempfile::tempdir().unwrap());
    server.state().max_lifetime = Some(Duration::from_secs(300));
    let office = Office::open(&server, folder.path());
    office
        .directories
        .publish(URL, conference(1, "Talk"))
        .unwrap();
    office.wait_for(|what| matches!(what, Happening::Published(..)));
    drop(office);
    server.pass(Duration::from_secs(3_600));
    assert!(server.names().is_empty());
    let office = Office::open(&server, folder.path());
    office.wait_for(|what| matches!(what, Happening::Published(..)));
    assert_eq!(server.names(), ["Talk"]);
}

#[test]
fn conflict_is_kept_on_disk_until_it_is_given_up() {
    let (server, folder) = (Server::default(), tempfile::tempdir().unwrap());
    let office = Office::open(&server, folder.path());
    office
        .directories
        .publish(URL, conference(2, "Talk"))
        .unwrap();
    office.wait_for(|what| matches!(what, Happening::Published(..)));
    let stale = Basis::Revision("0".to_owned());
    office
        .directories
        .edit(URL, conference(3, "Edited"), stale)
        .unwrap();
    office.wait_for(|what| matches!(what, Happening::Conflict(_)));
    drop(office);
    let office = Office::open(&server, folder.path());
    office.wait_for(|what| matches!(what, Happening::Conflict(_)));
    office.directories.give_up(URL, id()).unwrap();
    while office.directories.statuses()[0].waiting > 0 {
        office.wait_for(|_| true);
    }
    drop(office);
    assert_eq!(server.names(), ["Talk"]);
    let left = std::fs::read_dir(folder.path().join("directories/pending")).unwrap();
    assert_eq!(left.count(), 1, "the lock");
}
