//! What one source says of a conference, and how much its word counts.
use std::sync::Arc;

use super::Seen;
use crate::description::Description;
use crate::sap::Heard;

#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) seen: Seen,
    pub(super) description: Arc<Description>,
    /// Heard from another host than the one that made it: anybody may send that.
    is_hearsay: bool,
}

impl Sighting {
    pub(super) fn certain(seen: Seen, description: Arc<Description>) -> Self {
        Self {
            seen,
            description,
            is_hearsay: false,
        }
    }

    pub(super) fn heard(heard: &Heard) -> Self {
        Self {
            seen: Seen::Sap {
                group: heard.announcer.group,
                announcer: heard.announcer.origin,
                first_heard: heard.first_heard,
                last_heard: heard.last_heard,
            },
            description: Arc::clone(&heard.description),
            is_hearsay: !is_by_maker(heard),
        }
    }

    /// Whoever this is, knows: a directory guards its entries, and the maker is asked.
    fn is_authority(&self) -> bool {
        match self.seen {
            Seen::Directory { .. } => true,
            Seen::Sap { .. } => !self.is_hearsay,
            Seen::Own | Seen::File(_) => false,
        }
    }

    /// What I announce is so because I say so, whatever others claim under its name; then whether one who knows is there
    /// to contradict; then versions count, then what somebody chose or guards over what anybody may send.
    fn weight(&self, has_authority: bool) -> impl Ord + use<> {
        let is_own = self.seen == Seen::Own;
        let rank = match self.seen {
            Seen::Own | Seen::File(_) => 2,
            Seen::Directory { .. } => 1,
            Seen::Sap { .. } => 0,
        };
        let is_believed = !(has_authority && self.is_hearsay);
        (
            is_own,
            is_believed,
            self.description.version().cloned(),
            rank,
        )
    }
}

/// Puts what counts most first. Stable: of those that count the same, the order in which they came remains.
pub(super) fn sort(sightings: &mut [Sighting]) {
    let has_authority = sightings.iter().any(Sighting::is_authority);
    sightings.sort_by_cached_key(|sighting| std::cmp::Reverse(sighting.weight(has_authority)));
}

/// Whether the host that announces it is the one in `o=`.
fn is_by_maker(heard: &Heard) -> bool {
    let origin = heard.description.origin.as_ref();
    origin.is_some_and(|origin| origin.address.parse() == Ok(heard.announcer.from))
}
