//! Searches given page by page (RFC 2696): where each goes on.
use std::collections::VecDeque;

use super::search::Search;

/// The searches of a connection that are not at their end; of too many the oldest is given up.
#[derive(Debug, Default)]
pub(in crate::server) struct Pages {
    open: VecDeque<(u64, Search)>,
    last: u64,
}

impl Pages {
    /// Puts a search by, and gives the cookie for it.
    pub(in crate::server) fn keep(&mut self, search: Search, limit: usize) -> Vec<u8> {
        while self.open.len() >= limit.max(1) {
            self.open.pop_front();
        }
        self.last += 1;
        self.open.push_back((self.last, search));
        self.last.to_be_bytes().to_vec()
    }

    /// Takes up the search of a cookie.
    pub(in crate::server) fn take(&mut self, cookie: &[u8]) -> Option<Search> {
        let number = u64::from_be_bytes(cookie.try_into().ok()?);
        let place = self.open.iter().position(|(own, _)| *own == number)?;
        self.open.remove(place).map(|(_, search)| search)
    }

    /// Gives up all.
    pub(in crate::server) fn clear(&mut self) {
        self.open.clear();
    }
}
