//! How a directory stands, for people to read.
use std::sync::Arc;

use directory::{DirectoryError, ServerInfo};

/// One directory.
#[derive(Clone, Debug)]
pub struct DirectoryStatus {
    /// Its first URL, which names it.
    pub url: Arc<str>,
    /// Whether it is there.
    pub state: DirectoryState,
    /// Conferences listed from it.
    pub conferences: usize,
    /// Conferences that are not listed, because there are too many.
    pub omitted: usize,
    /// Changes that wait for it, or for somebody to decide on a conflict.
    pub waiting: usize,
}

/// Whether a directory is there.
#[derive(Clone, Debug)]
pub enum DirectoryState {
    /// Nothing is known of it yet.
    Connecting,
    /// All that it has is listed.
    Connected(Box<ServerInfo>),
    /// It is not; what it had is still listed.
    Away(DirectoryError),
}

impl DirectoryStatus {
    /// Whether it is known whether the directory is there.
    pub fn is_settled(&self) -> bool {
        !matches!(self.state, DirectoryState::Connecting)
    }
}
