//! What a directory told, or what became of something that was wanted of it.
use std::sync::Arc;

use directory::catalogue::Field;
use directory::{ConferenceEntry, ConferenceId, DirectoryError, Found, Published};

/// One thing that happened with a directory.
#[derive(Clone, Debug)]
pub struct DirectoryEvent {
    /// Which directory, by its first URL.
    pub url: Arc<str>,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Happening {
    /// It came, went, or has other entries; see [`DirectoryStatus`](super::DirectoryStatus).
    Status,
    /// The people in it are others.
    People,
    /// A conference is published there, or its change is.
    Published(ConferenceId, Published),
    /// A conference is there no longer, as was wanted.
    Withdrawn(ConferenceId),
    /// The directory is away: the change is kept, on disk too, and made when it is back.
    Queued(ConferenceId, DirectoryError),
    /// The change is not made, and never will be.
    Failed(ConferenceId, DirectoryError),
    /// Somebody else changed the entry first. The change is kept and not made, until it is wanted again or given up.
    Conflict(Box<Conflict>),
    /// Somebody else deleted what we published.
    Removed(ConferenceId),
    /// It cannot be kept on disk; the system's words.
    NotKept(String),
}

/// Two people changed one entry.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The conference.
    pub id: ConferenceId,
    /// What was to stand there.
    pub mine: ConferenceEntry,
    /// What stands there.
    pub theirs: Found,
    /// In what they differ.
    pub fields: Vec<Field>,
}
