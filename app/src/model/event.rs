//! What happened; the services report it before the frame.
use std::path::PathBuf;
use std::sync::Arc;

use super::{Devices, Entry, EntryId, Network, Problem, Room, Settings};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The list as it is now.
    Catalogue(Vec<Arc<Entry>>),
    /// The network as it is now.
    Network(Network),
    /// The devices as they are now.
    Devices(Devices),
    /// The settings in force.
    Settings(Settings),
    /// The conference being taken part in, as it is now; the first one opens the room.
    Room(Box<Room>),
    /// The conference was left.
    Left,
    /// A command succeeded.
    Done(Done),
    /// A command failed.
    Failed(Failure),
}

/// A command that succeeded, where the person wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The conference is stored and announced.
    Published(EntryId),
    /// The change is stored and announced.
    Edited(EntryId),
    /// It is no longer announced, and gone; its name.
    Withdrawn(String),
    /// The file is in the list.
    Opened(EntryId),
}

/// A command that failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Joining the conference of this name.
    Join {
        /// The conference's name.
        name: String,
        /// Why.
        problem: Problem,
    },
    /// Publishing or editing; why, for experts.
    Publish(String),
    /// Withdrawing; why, for experts.
    Withdraw(String),
    /// Reading a description; why, naming line and field.
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Keeping the settings; why, for experts.
    Settings(String),
}
