//! Changes that are still to be told, of each entry only the newest: whoever watches at a server always takes what it
//! sends, however slow the listener is. No more entries wait than there are, so this is bounded as they are.
use std::collections::{BTreeMap, HashMap};

use super::dn;
use crate::directory::Change;

/// What waits, in order.
#[derive(Debug, Default)]
pub(super) struct Pending {
    changes: BTreeMap<u64, Waiting>,
    /// Where an entry's change waits, by the normal form of its name.
    places: HashMap<String, u64>,
    next: u64,
    /// Changes that were never told, because a newer one took their place.
    pub(super) overtaken: u64,
}

#[derive(Debug)]
struct Waiting {
    change: Change,
    /// Whether the listener knows nothing of the entry yet.
    is_new: bool,
}

impl Pending {
    /// Lets a change wait. `is_new`: the entry was not there before.
    pub(super) fn put(&mut self, change: Change, is_new: bool) {
        let name = match &change {
            Change::Present(found) => dn::normal(&found.published.name),
            Change::Gone(name) => dn::normal(name),
            Change::Resynced(_) | Change::Away { .. } => return self.put_last(change),
        };
        let Some(place) = self.places.get(&name).copied() else {
            self.places.insert(name, self.next);
            self.changes.insert(self.next, Waiting { change, is_new });
            self.next += 1;
            return;
        };
        self.overtaken += 1;
        let is_gone = matches!(change, Change::Gone(_));
        let Some(waiting) = self.changes.get_mut(&place) else {
            return;
        };
        waiting.change = change;
        // Of what came and went meanwhile, nothing need be told.
        if is_gone && waiting.is_new {
            self.changes.remove(&place);
            self.places.remove(&name);
        }
    }

    /// Behind all others; one of its kind is enough.
    fn put_last(&mut self, change: Change) {
        let same = std::mem::discriminant(&change);
        self.changes
            .retain(|_, waiting| std::mem::discriminant(&waiting.change) != same);
        let is_new = false;
        self.changes.insert(self.next, Waiting { change, is_new });
        self.next += 1;
    }

    /// The oldest.
    pub(super) fn take(&mut self) -> Option<Change> {
        let (_, waiting) = self.changes.pop_first()?;
        match &waiting.change {
            Change::Present(found) => self.places.remove(&dn::normal(&found.published.name)),
            Change::Gone(name) => self.places.remove(&dn::normal(name)),
            Change::Resynced(_) | Change::Away { .. } => None,
        };
        Some(waiting.change)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }
}
