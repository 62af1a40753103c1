//! Directories in use: what they list, what is published in them, what waits for one that is away.
//!
//! All of it happens on a thread of its own, `directory`, so that neither the network nor the window ever waits for a
//! server. A change is on disk before it is tried, and stays there until the server has taken it or has said why not.
mod board;
mod bridge;
mod client;
mod desk;
mod event;
mod job;
mod papers;
mod seat;
mod status;
mod thread;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use directory::runtime::mpsc;

use self::board::Board;
use self::papers::Papers;
use self::seat::Order;
use self::thread::{COMMANDS, Command, Thread};
use crate::conference::Wake;
use directory::ConferenceId;

pub use board::ListedPerson;
pub(crate) use board::{Listed, Sink};
pub use bridge::{Bridge, Step};
pub use client::DirectoryClient;
pub use directory::catalogue::{Catalogue, differences};
pub use directory::description::{NtpTime, Time};
pub use directory::key::InstallationKey;
pub use directory::ldap::{Bind, DirectoryConfig, DirectoryUrl, Finding, Protocol, Secret};
pub use directory::ledger::{Basis, LedgerError, Record};
pub use directory::{
    ConferenceEntry, Dialect, Directory, DirectoryError, Entry, Found, Kind, Lifetimes, Listing,
    ObjectId, Permissions, PersonEntry, Principal, Published, Query, ServerInfo, Watching,
};
pub use event::{Conflict, DirectoryEvent, Happening};
pub use papers::queue;
pub use status::{DirectoryState, DirectoryStatus};

/// The directories in use; whoever holds this owns their thread.
#[derive(Debug)]
pub struct Directories {
    board: Arc<Board>,
    papers: Papers,
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

/// Why a change was not even taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It cannot be kept on disk.
    #[error(transparent)]
    NotKept(#[from] LedgerError),
    /// Too much waits.
    #[error("too much is to be done with directories already")]
    Busy,
}

impl Directories {
    /// Starts the thread. `data_dir` is where changes wait: of several running programs of the user the first makes them.
    pub(crate) fn start<D: Directory + 'static>(
        data_dir: Option<&Path>,
        sink: Sink,
        wake: Wake,
        connect: impl Fn(DirectoryConfig) -> D + Send + 'static,
    ) -> io::Result<Self> {
        let board = Arc::new(Board::new(sink, wake));
        let papers = || data_dir.map_or_else(Papers::default, Papers::new);
        let (sender, commands) = mpsc::channel(COMMANDS);
        let thread = Thread {
            connect,
            board: Arc::clone(&board),
            papers: papers(),
        };
        Ok(Self {
            board,
            // The thread owns what waits; here it is only added to.
            papers: papers(),
            commands: Some(sender),
            thread: Some(thread.start(commands)?),
        })
    }

    /// Uses these directories, and no others; each is named by its first URL.
    pub fn set_in_use(&self, configs: Vec<DirectoryConfig>) {
        // Nothing was taken only if a thousand commands wait: the next change of settings will do.
        if self.send(Command::Use(configs)).is_err() {
            tracing::warn!("the directory thread is busy");
        }
    }

    /// How each stands.
    pub fn statuses(&self) -> Vec<DirectoryStatus> {
        self.board.statuses()
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<DirectoryEvent> {
        self.board.events.pop()
    }

    /// A conference as it stands in a directory, with whose it is and its revision.
    pub fn found(&self, url: &str, id: ConferenceId) -> Option<Arc<Found>> {
        self.board.found(url, id)
    }

    /// The people in all of them.
    pub fn people(&self) -> Vec<ListedPerson> {
        self.board.people()
    }

    /// Publishes a conference, and keeps it alive as long as this program runs and the conference is not over.
    ///
    /// # Errors
    /// When the change cannot even be kept.
    pub fn publish(&self, url: &str, entry: ConferenceEntry) -> Result<(), NotTaken> {
        self.change(url, entry.description.id(), Some(entry), Basis::New)
    }

    /// Changes a conference that stands there; `basis` is what the change was made from.
    ///
    /// # Errors
    /// When the change cannot even be kept.
    pub fn edit(&self, url: &str, entry: ConferenceEntry, basis: Basis) -> Result<(), NotTaken> {
        self.change(url, entry.description.id(), Some(entry), basis)
    }

    /// Takes a conference out of a directory.
    ///
    /// # Errors
    /// When the change cannot even be kept.
    pub fn withdraw(&self, url: &str, id: ConferenceId) -> Result<(), NotTaken> {
        self.change(url, id, None, Basis::New)
    }

    /// Gives up a change that waits, or that met somebody else's.
    ///
    /// # Errors
    /// When too much waits.
    pub fn give_up(&self, url: &str, id: ConferenceId) -> Result<(), NotTaken> {
        self.send(Command::Order(url.into(), Order::GiveUp(id)))
    }

    /// Shows this person in all directories while the program runs, or nobody.
    pub fn introduce(&self, me: Option<PersonEntry>) {
        let me = me.map(|me| Box::new(Entry::Person(me)));
        if self.send(Command::Me(me)).is_err() {
            tracing::warn!("the directory thread is busy");
        }
    }

    fn change(
        &self,
        url: &str,
        id: ConferenceId,
        entry: Option<ConferenceEntry>,
        basis: Basis,
    ) -> Result<(), NotTaken> {
        let record = Record {
            directory: url.to_owned(),
            id,
            entry,
            basis,
            until: None,
        };
        self.papers.put_pending(&record)?;
        self.send(Command::Order(url.into(), Order::Change(record)))
    }

    fn send(&self, command: Command) -> Result<(), NotTaken> {
        match &self.commands {
            Some(commands) if commands.try_send(command).is_ok() => Ok(()),
            _ => Err(NotTaken::Busy),
        }
    }
}

impl Drop for Directories {
    /// Says goodbye to each directory, for which there are two and a half seconds.
    fn drop(&mut self) {
        self.commands = None;
        let result = self.thread.take().map(JoinHandle::join);
        if matches!(result, Some(Err(_))) {
            tracing::error!("the directory thread panicked");
        }
    }
}

/// What a directory is called: its first URL.
pub fn name_of(config: &DirectoryConfig) -> Option<Arc<str>> {
    let url = config.urls.first()?;
    Some(url.to_string().into())
}

#[cfg(test)]
mod tests;
