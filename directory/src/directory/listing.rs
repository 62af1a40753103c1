//! What a search gives.
use std::ops::Deref;

use crate::object::Found;

/// The entries that were found, and whether those are all. Reads like a slice of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// In the server's order.
    pub entries: Vec<Found>,
    /// Whether there are more, which the server or the query does not give at once.
    pub is_partial: bool,
}

impl Listing {
    /// All there is.
    pub fn whole(entries: Vec<Found>) -> Self {
        Self {
            entries,
            is_partial: false,
        }
    }
}

impl Deref for Listing {
    type Target = [Found];

    fn deref(&self) -> &[Found] {
        &self.entries
    }
}

impl IntoIterator for Listing {
    type Item = Found;
    type IntoIter = std::vec::IntoIter<Found>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
