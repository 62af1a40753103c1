//! One list of conferences from every source, each with where it was seen and where the sources disagree.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use self::order::Order;
use self::sighting::Sighting;
use crate::description::{ConferenceId, Description};
use crate::sap::Heard;

mod difference;
mod entry;
mod lookup;
mod order;
mod sighting;

pub use difference::{Field, differences};
pub use entry::{Disagreement, Entry, Seen};
pub use lookup::{Lookup, find};

/// Everything known, by the identity of the conference.
///
/// It is bounded by its sources: a listener hears so much only, people add one file at a time, up to [`MAX_FILES`],
/// and of each directory so much is listed, up to [`MAX_OF_DIRECTORY`].
#[derive(Debug, Default)]
pub struct Catalogue {
    sightings: BTreeMap<ConferenceId, Vec<Sighting>>,
    entries: BTreeMap<ConferenceId, Arc<Entry>>,
    /// What each directory has, by the entry's name there.
    directories: HashMap<Arc<str>, HashMap<String, ConferenceId>>,
    snapshot: Arc<Vec<Arc<Entry>>>,
    order: Order,
    is_stale: bool,
}

/// There is no place for another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_FILES} files are open already")]
pub struct TooManyFiles;

/// There is no place for another entry of a directory; a search of the directory still finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {MAX_OF_DIRECTORY} conferences of a directory are listed")]
pub struct DirectoryTooLarge;

impl Catalogue {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a conference of one's own, or its new version.
    pub fn set_own(&mut self, description: Arc<Description>) {
        let id = description.id();
        let sighting = Sighting::certain(Seen::Own, description);
        self.replace(id, |seen| *seen == Seen::Own, [sighting]);
    }

    /// Notes that a conference is one's own no longer.
    pub fn remove_own(&mut self, id: ConferenceId) {
        self.replace(id, |seen| *seen == Seen::Own, []);
    }

    /// Notes what a file says now.
    pub fn set_file(
        &mut self,
        path: &Path,
        description: Arc<Description>,
    ) -> Result<(), TooManyFiles> {
        self.remove_file(path);
        let seen = self
            .sightings
            .values()
            .flatten()
            .map(|sighting| &sighting.seen);
        if seen.filter(|seen| matches!(seen, Seen::File(_))).count() >= MAX_FILES {
            return Err(TooManyFiles);
        }
        let id = description.id();
        let sighting = Sighting::certain(Seen::File(path.to_owned()), description);
        self.replace(id, |_| false, [sighting]);
        Ok(())
    }

    /// Forgets a file.
    pub fn remove_file(&mut self, path: &Path) {
        let is_it = |seen: &Seen| matches!(seen, Seen::File(other) if other == path);
        let all = self.sightings.iter();
        let holders = all.filter(|(_, seen)| seen.iter().any(|sighting| is_it(&sighting.seen)));
        let holders: Vec<ConferenceId> = holders.map(|(id, _)| *id).collect();
        for id in holders {
            self.replace(id, is_it, []);
        }
    }

    /// Notes what a directory's entry of this name says now.
    pub fn set_in_directory(
        &mut self,
        url: &Arc<str>,
        name: &str,
        description: Arc<Description>,
    ) -> Result<(), DirectoryTooLarge> {
        let id = description.id();
        let names = self.directories.entry(Arc::clone(url)).or_default();
        let key = folded(name);
        if names.len() >= MAX_OF_DIRECTORY && !names.contains_key(&key) {
            return Err(DirectoryTooLarge);
        }
        let before = names.insert(key, id);
        if let Some(before) = before.filter(|before| *before != id) {
            self.replace(before, |seen| is_entry(seen, url, name), []);
        }
        let seen = Seen::Directory {
            url: Arc::clone(url),
            name: name.to_owned(),
        };
        let sighting = Sighting::certain(seen, description);
        self.replace(id, |seen| is_entry(seen, url, name), [sighting]);
        Ok(())
    }

    /// Notes that a directory has this entry no longer; which conference it was.
    pub fn remove_from_directory(&mut self, url: &str, name: &str) -> Option<ConferenceId> {
        let id = self.directories.get_mut(url)?.remove(&folded(name))?;
        self.replace(id, |seen| is_entry(seen, url, name), []);
        Some(id)
    }

    /// The entries of a directory, by their names in lower case.
    pub fn in_directory(&self, url: &str) -> impl Iterator<Item = (&str, ConferenceId)> {
        let names = self.directories.get(url).into_iter().flatten();
        names.map(|(name, id)| (name.as_str(), *id))
    }

    /// Notes by whom a conference is announced now: all its announcers, or none.
    pub fn set_heard<'a>(&mut self, id: ConferenceId, heard: impl IntoIterator<Item = &'a Heard>) {
        let mut heard: Vec<&Heard> = heard.into_iter().collect();
        heard.sort_by_key(|heard| std::cmp::Reverse(heard.changed()));
        let sightings = heard.into_iter().map(Sighting::heard);
        self.replace(id, |seen| matches!(seen, Seen::Sap { .. }), sightings);
    }

    /// The list as it is at `wall`: what is on now by name, then what is to come by its start, then what is over.
    ///
    /// It is made anew only if something has changed.
    pub fn snapshot(&mut self, wall: SystemTime) -> Arc<Vec<Arc<Entry>>> {
        if self.is_stale || !self.order.holds(wall) {
            let entries = self.entries.values().cloned();
            let (sorted, order) = Order::sorted(entries, wall);
            self.snapshot = Arc::new(sorted);
            self.order = order;
            self.is_stale = false;
        }
        Arc::clone(&self.snapshot)
    }

    /// One conference.
    pub fn get(&self, id: ConferenceId) -> Option<&Arc<Entry>> {
        self.entries.get(&id)
    }

    fn replace(
        &mut self,
        id: ConferenceId,
        is_replaced: impl Fn(&Seen) -> bool,
        new: impl IntoIterator<Item = Sighting>,
    ) {
        let sightings = self.sightings.entry(id).or_default();
        sightings.retain(|sighting| !is_replaced(&sighting.seen));
        sightings.extend(new);
        sighting::sort(sightings);
        match Entry::merged(id, sightings) {
            Some(entry) => drop(self.entries.insert(id, Arc::new(entry))),
            None => {
                self.sightings.remove(&id);
                self.entries.remove(&id);
            }
        }
        self.is_stale = true;
    }
}

fn is_entry(seen: &Seen, url: &str, name: &str) -> bool {
    matches!(seen, Seen::Directory { url: other, name: this } if **other == *url && folded(this) == folded(name))
}

/// Distinguished names are compared without case; Active Directory changes the case of what it was given.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Files that are listed at most.
pub const MAX_FILES: usize = 1_000;
/// Entries of one directory that are listed at most.
pub const MAX_OF_DIRECTORY: usize = 10_000;

#[cfg(test)]
mod tests;
