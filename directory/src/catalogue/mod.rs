//! One list of conferences from every source, each with where it was seen and where the sources disagree.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::description::{ConferenceId, Description};
use crate::sap::Heard;

mod difference;
mod lookup;
mod order;

pub use difference::Field;
pub use lookup::{Lookup, find};

/// Everything known, by the identity of the conference.
///
/// It is bounded by its sources: a listener hears so much only, and people add one file at a time, up to [`MAX_FILES`].
#[derive(Debug, Default)]
pub struct Catalogue {
    sightings: BTreeMap<ConferenceId, Vec<Sighting>>,
    entries: BTreeMap<ConferenceId, Entry>,
    snapshot: Arc<Vec<Entry>>,
    is_stale: bool,
}

/// A conference, as all sources together tell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its identity, which all sources share.
    pub id: ConferenceId,
    /// The description that counts: one's own, or else the highest version, and of equal versions that of a file,
    /// or else the one heard last to be new. While the host that `o=` names announces it,
    /// what other hosts announce in its name counts less, whatever the version.
    pub description: Arc<Description>,
    /// Where it was seen; the first is where the description is from.
    pub sources: Vec<Seen>,
    /// Sources that tell otherwise.
    pub disagreements: Vec<Disagreement>,
}

/// Where a conference was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is announced from here.
    Own,
    /// In a file.
    File(PathBuf),
    /// Announced on the network.
    Sap {
        /// The SAP group.
        group: IpAddr,
        /// The originating source.
        announcer: IpAddr,
        /// When it was first heard from there.
        first_heard: SystemTime,
        /// When it was last.
        last_heard: SystemTime,
    },
}

/// A source that has another description than the one that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The source.
    pub source: Seen,
    /// What it says.
    pub description: Arc<Description>,
    /// What is different there.
    pub fields: Vec<Field>,
}

/// There is no place for another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_FILES} files are open already")]
pub struct TooManyFiles;

#[derive(Clone, Debug)]
struct Sighting {
    seen: Seen,
    description: Arc<Description>,
    /// Announced by another host than the one that made it, and which is there to ask.
    is_doubtful: bool,
}

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

    /// Notes by whom a conference is announced now: all its announcers, or none.
    pub fn set_heard<'a>(&mut self, id: ConferenceId, heard: impl IntoIterator<Item = &'a Heard>) {
        let mut heard: Vec<&Heard> = heard.into_iter().collect();
        heard.sort_by_key(|heard| std::cmp::Reverse(heard.changed()));
        let is_maker_there = heard.iter().any(|heard| is_by_maker(heard));
        let sightings = heard.into_iter().map(|heard| Sighting {
            seen: Seen::Sap {
                group: heard.announcer.group,
                announcer: heard.announcer.origin,
                first_heard: heard.first_heard,
                last_heard: heard.last_heard,
            },
            description: Arc::clone(&heard.description),
            is_doubtful: is_maker_there && !is_by_maker(heard),
        });
        self.replace(id, |seen| matches!(seen, Seen::Sap { .. }), sightings);
    }

    /// The list as it is at `wall`: what is on now by name, then what is to come by its start, then what is over.
    ///
    /// It is made anew only if something has changed.
    pub fn snapshot(&mut self, wall: SystemTime) -> Arc<Vec<Entry>> {
        let key = |entry: &Entry| order::key(entry, wall);
        if self.is_stale || !self.snapshot.is_sorted_by_key(key) {
            let mut entries: Vec<Entry> = self.entries.values().cloned().collect();
            entries.sort_by_cached_key(key);
            self.snapshot = Arc::new(entries);
            self.is_stale = false;
        }
        Arc::clone(&self.snapshot)
    }

    /// One conference.
    pub fn get(&self, id: ConferenceId) -> Option<&Entry> {
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
        // Stable: of those that count the same, the order in which they came remains.
        sightings.sort_by(|a, b| b.weight().cmp(&a.weight()));
        match Entry::merged(id, sightings) {
            Some(entry) => drop(self.entries.insert(id, entry)),
            None => {
                self.sightings.remove(&id);
                self.entries.remove(&id);
            }
        }
        self.is_stale = true;
    }
}

impl Entry {
    /// Whether it is announced from here.
    pub fn is_own(&self) -> bool {
        self.sources.contains(&Seen::Own)
    }

    fn merged(id: ConferenceId, sightings: &[Sighting]) -> Option<Self> {
        let (first, others) = sightings.split_first()?;
        let description = Arc::clone(&first.description);
        let disagreements = others
            .iter()
            .filter(|other| other.description != description)
            .map(|other| Disagreement {
                source: other.seen.clone(),
                fields: difference::fields(&description, &other.description),
                description: Arc::clone(&other.description),
            })
            .collect();
        Some(Self {
            id,
            sources: sightings
                .iter()
                .map(|sighting| sighting.seen.clone())
                .collect(),
            description,
            disagreements,
        })
    }
}

impl Sighting {
    fn certain(seen: Seen, description: Arc<Description>) -> Self {
        Self {
            seen,
            description,
            is_doubtful: false,
        }
    }

    /// What I announce is so because I say so, whatever others claim under its name;
    /// then versions count, then what somebody chose over what anybody may send.
    fn weight(&self) -> impl Ord {
        let is_own = self.seen == Seen::Own;
        let is_file = matches!(self.seen, Seen::File(_));
        let version = self.description.version().cloned();
        (is_own, !self.is_doubtful, version, is_file)
    }
}

/// Whether the host that announces it is the one in `o=`.
fn is_by_maker(heard: &Heard) -> bool {
    let origin = heard.description.origin.as_ref();
    origin.is_some_and(|origin| origin.address.parse() == Ok(heard.announcer.from))
}

/// Files that are listed at most.
pub const MAX_FILES: usize = 1_000;

#[cfg(test)]
mod tests;
