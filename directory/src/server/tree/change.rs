//! One change of the tree, decided but perhaps not yet stored.
use std::sync::Arc;

use super::super::entry::Entry;

/// One change.
#[derive(Clone, Debug)]
pub(in crate::server) enum Change {
    /// An entry is new, or different.
    Put {
        /// What it was.
        before: Option<Arc<Entry>>,
        /// What it is.
        after: Arc<Entry>,
        /// Whether only its time to live is different, of which nobody is told.
        is_refresh: bool,
    },
    /// An entry is deleted, or has died.
    Gone {
        /// What it was.
        before: Arc<Entry>,
        /// The number of this change.
        revision: u64,
    },
}

impl Change {
    /// Whether watchers want to know.
    pub(in crate::server) fn is_news(&self) -> bool {
        !matches!(
            self,
            Self::Put {
                is_refresh: true,
                ..
            }
        )
    }
}
