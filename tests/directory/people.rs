//! What the trials publish, and how they ask.

use std::sync::Arc;
use std::time::Duration;

use directory::ldap::{DirectoryConfig, Failover};
use directory::runtime::{self, mpsc, time};
use directory::{Change, ConferenceEntry, Description, Directory as _, Entry, Kind, PersonEntry};

use crate::openldap::SOON;

/// A conference of this name; its id follows from `number`.
pub(crate) fn conference(number: u32, name: &str) -> Entry {
    version(number, name, 1)
}

/// The same conference, changed.
pub(crate) fn version(number: u32, name: &str, version: u32) -> Entry {
    let text = format!(
        "v=0\r\no=- {number} {version} IN IP4 192.0.2.1\r\ns={name}\r\nc=IN IP4 239.255.7.7/15\r\n\
         t=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"
    );
    let description = Description::parse(text.as_bytes()).unwrap();
    Entry::Conference(ConferenceEntry::new(Arc::new(description)))
}

pub(crate) fn person(uid: &str, name: &str) -> Entry {
    Entry::Person(PersonEntry {
        uid: uid.to_owned(),
        name: name.to_owned(),
        mail: Some("ann@example.org".to_owned()),
        addresses: vec!["192.0.2.7".parse().unwrap()],
        location: Some("Room 7".to_owned()),
        comment: Some("at my desk".to_owned()),
        ..PersonEntry::default()
    })
}

/// Runs what talks to directories.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    runtime::new().unwrap().block_on(future)
}

/// What is told of a directory, as it is told.
pub(crate) struct Watcher {
    changes: mpsc::Receiver<Change>,
}

impl Watcher {
    /// Starts watching, on a connection of its own.
    pub(crate) fn start(config: DirectoryConfig, kind: Kind) -> Self {
        let (sender, changes) = mpsc::channel(64);
        let watching = Failover::new(config).watch(kind, sender);
        let _task = runtime::Handle::current().spawn(watching);
        Self { changes }
    }

    /// The next change, as text: `+NAME`, `-DN`, `away`, `all`.
    pub(crate) async fn next(&mut self) -> String {
        self.next_within(SOON).await
    }

    pub(crate) async fn next_within(&mut self, limit: Duration) -> String {
        let change = time::timeout(limit, self.changes.recv()).await;
        // Told in time, by a watch that goes on.
        match change.unwrap().unwrap() {
            Change::Present(found) => format!("+{}", found.entry.name()),
            Change::Gone(name) => format!("-{name}"),
            Change::Away { .. } => "away".to_owned(),
            Change::Resynced(_) => "all".to_owned(),
        }
    }

    /// Expects these changes, in order.
    pub(crate) async fn expect(&mut self, changes: &[&str]) {
        for change in changes {
            assert_eq!(self.next().await, *change);
        }
    }
}
