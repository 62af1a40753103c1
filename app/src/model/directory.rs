//! The directories in use, for people to read.

/// One directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its first URL, which names it.
    pub url: String,
    /// What people call it: its host.
    pub name: String,
    /// Whether it is there.
    pub state: DirectoryState,
    /// Conferences listed from it.
    pub conferences: usize,
    /// Changes that wait for it.
    pub waiting: usize,
    /// It is this program's own.
    pub is_ours: bool,
}

/// Whether a directory is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryState {
    /// Not known yet.
    Connecting,
    /// It is.
    Connected,
    /// It is, and has more conferences than are shown.
    Partial,
    /// It is not; why.
    Away(String),
}

/// Why a directory did not do what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryProblem {
    /// It is away; the change is kept and made later.
    Queued(String),
    /// It does not allow it, or cannot do it.
    Refused(String),
    /// Somebody else changed the entry first; in what that differs.
    Conflict(String),
    /// Somebody else deleted the entry.
    Removed,
}
