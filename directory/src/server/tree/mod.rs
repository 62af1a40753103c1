//! All entries in memory, and what finds them fast.
pub(super) mod change;
pub(super) mod index;
pub(super) mod plan;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use self::change::Change;
use self::index::Index;
use super::entry::dn::Dn;
use super::entry::moment::Moment;
use super::entry::place::{Kind, Place};
use super::entry::{Entry, EntryId};

/// How many deletions are remembered, so that who was away can be told of them (RFC 4533 section 3.3.2).
pub(super) const GRAVES: usize = 10_000;

/// An entry that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grave {
    /// The number of the change that deleted it.
    pub(super) revision: u64,
    pub(super) uuid: [u8; 16],
}

/// All entries.
#[derive(Debug, Default)]
pub(super) struct Tree {
    entries: BTreeMap<EntryId, Arc<Entry>>,
    by_dn: HashMap<Box<str>, EntryId>,
    by_value: Index,
    by_kind: BTreeSet<(Kind, EntryId)>,
    by_revision: BTreeMap<u64, EntryId>,
    by_expiry: BTreeSet<(Moment, EntryId)>,
    graves: VecDeque<Grave>,
    /// The change of the newest grave that is no longer remembered.
    forgotten: u64,
    last_id: EntryId,
    revision: u64,
}

impl Tree {
    /// Does what was decided and stored.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put { after, .. } => self.put(after),
            Change::Gone { before, revision } => {
                self.take(before.id);
                self.bury(Grave {
                    revision: *revision,
                    uuid: before.uuid,
                });
            }
        }
    }

    /// Adds an entry, or replaces the one of the same number.
    pub(super) fn put(&mut self, entry: &Arc<Entry>) {
        self.take(entry.id);
        let id = entry.id;
        self.last_id = self.last_id.max(id);
        self.revision = self.revision.max(entry.revision);
        self.by_dn.insert(key_of(entry), id);
        self.by_value.insert(entry);
        if let Place::Within(kind) = entry.place {
            self.by_kind.insert((kind, id));
        }
        self.by_revision.insert(entry.revision, id);
        if let Some(expiry) = entry.expiry {
            self.by_expiry.insert((expiry, id));
        }
        self.entries.insert(id, Arc::clone(entry));
    }

    /// Remembers a deletion.
    pub(super) fn bury(&mut self, grave: Grave) {
        self.revision = self.revision.max(grave.revision);
        self.graves.push_back(grave);
        while self.graves.len() > GRAVES {
            let oldest = self.graves.pop_front();
            self.forgotten = oldest.map_or(self.forgotten, |grave| grave.revision);
        }
    }

    fn take(&mut self, id: EntryId) {
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        self.by_dn.remove(&key_of(&entry));
        self.by_value.remove(&entry);
        if let Place::Within(kind) = entry.place {
            self.by_kind.remove(&(kind, id));
        }
        self.by_revision.remove(&entry.revision);
        if let Some(expiry) = entry.expiry {
            self.by_expiry.remove(&(expiry, id));
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of the last change.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// The highest number that an entry has or had.
    pub(super) fn last_id(&self) -> EntryId {
        self.last_id
    }

    /// The entry of this number.
    pub(super) fn entry(&self, id: EntryId) -> Option<&Arc<Entry>> {
        self.entries.get(&id)
    }

    /// The entry of this name, by its key.
    pub(super) fn find(&self, key: &str) -> Option<&Arc<Entry>> {
        self.entry(*self.by_dn.get(key)?)
    }

    /// When the next entry dies.
    pub(super) fn next_expiry(&self) -> Option<Moment> {
        self.by_expiry.first().map(|(expiry, _)| *expiry)
    }

    /// The entries that have died, at most so many.
    pub(super) fn expired(&self, now: Moment, limit: usize) -> Vec<Arc<Entry>> {
        self.by_expiry
            .range(..=(now, EntryId(u64::MAX)))
            .take(limit)
            .filter_map(|(_, id)| self.entry(*id).cloned())
            .collect()
    }

    /// The deletions after a change, if all of them are remembered.
    pub(super) fn graves_since(&self, revision: u64) -> Option<impl Iterator<Item = &Grave>> {
        let is_known = (self.forgotten..=self.revision).contains(&revision);
        let newer = move |grave: &&Grave| grave.revision > revision;
        is_known.then(|| self.graves.iter().filter(newer))
    }

    /// For start-up: changes up to here may have deleted what is not remembered.
    pub(super) fn set_past(&mut self, forgotten: u64, revision: u64, last_id: EntryId) {
        self.forgotten = self.forgotten.max(forgotten);
        self.revision = self.revision.max(revision);
        self.last_id = self.last_id.max(last_id);
    }
}

fn key_of(entry: &Entry) -> Box<str> {
    Dn::parse(&entry.dn).map_or_else(|| entry.dn.clone(), |dn| dn.key().into())
}
