//! What happened; the services report it before the frame.
use std::path::PathBuf;
use std::sync::Arc;

use super::{
    Clash, Contactable, Devices, Directory, DirectoryProblem, Entry, EntryId, Network, Plan,
    Problem, Room, Settings, Shareables,
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "few wait at a time, each for a moment"
)]
pub enum Event {
    /// The list as it is now.
    Catalogue(Vec<Arc<Entry>>),
    /// The network as it is now.
    Network(Network),
    /// The directories as they are now.
    Directories(Vec<Directory>),
    /// The people in them as they are now, by name.
    People(Vec<Contactable>),
    /// What a plan would meet.
    Foreseen(Plan, Vec<Clash>),
    /// The devices as they are now.
    Devices(Devices),
    /// What can be shared now.
    Shareables(Shareables),
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
    /// A picture was kept in this file.
    PictureSaved(PathBuf),
    /// It is published in a directory; its name, and the directory's.
    PublishedIn(String, String),
    /// It is no longer in a directory; its name, and the directory's.
    WithdrawnFrom(String, String),
    /// The password for this directory is in the keyring.
    PasswordKept(String),
    /// It is written to a file; its name, and which.
    Exported(String, PathBuf),
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
    /// Changing something in a directory.
    Directory {
        /// The conference's name.
        name: String,
        /// The directory's name.
        directory: String,
        /// Why.
        problem: DirectoryProblem,
    },
    /// Keeping a picture; why, for experts.
    SavePicture(String),
    /// Keeping the settings; why, for experts.
    Settings(String),
    /// Using a directory; its name, and why.
    UseDirectory(String, String),
    /// Keeping the password for a directory; its name, and why.
    Keyring(String, String),
    /// Writing a conference to a file; its name, and why.
    Export(String, String),
    /// Leasing the groups of a conference; its name, and what that means for it.
    Lease(String, LeaseProblem),
}

/// What went wrong with leased groups; why, for experts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseProblem {
    /// Nobody leased any: they were picked here.
    PickedHere(String),
    /// They are leased for the times that the conference had before.
    NotMoved(String),
    /// Nobody has prolonged the lease, and it has run out. It is tried on.
    Overdue,
    /// The server may give them to others.
    Lost(String),
}
