//! A conference as all sources together tell of it.
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::difference::{self, Field};
use super::sighting::Sighting;
use crate::description::{ConferenceId, Description};

/// A conference, as all sources together tell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its identity, which all sources share.
    pub id: ConferenceId,
    /// The description that counts: one's own, or else the highest version, and of equal versions that of a file,
    /// then that of a directory, then the one heard last to be new. Where the host that `o=` names announces it, or a
    /// directory has it, what other hosts announce in its name counts less, whatever the version.
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
    /// Published in a directory.
    Directory {
        /// The directory.
        url: Arc<str>,
        /// The entry's distinguished name there.
        name: String,
    },
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

impl Entry {
    /// Whether it is announced from here.
    pub fn is_own(&self) -> bool {
        self.sources.contains(&Seen::Own)
    }

    /// Whether a directory has it.
    pub fn is_in_directory(&self, url: &str) -> bool {
        let mut sources = self.sources.iter();
        sources.any(|seen| matches!(seen, Seen::Directory { url: other, .. } if **other == *url))
    }

    pub(super) fn merged(id: ConferenceId, sightings: &[Sighting]) -> Option<Self> {
        let (first, others) = sightings.split_first()?;
        let description = Arc::clone(&first.description);
        let is_same = |other: &Sighting| {
            Arc::ptr_eq(&other.description, &description) || other.description == description
        };
        let disagreements = others
            .iter()
            .filter(|other| !is_same(other))
            .map(|other| Disagreement {
                source: other.seen.clone(),
                fields: difference::differences(&description, &other.description),
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
