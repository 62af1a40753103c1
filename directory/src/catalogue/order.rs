//! In which order conferences are listed.

use std::time::SystemTime;

use super::Entry;

/// Sorts what is on by name, then what is to come by its start, then what is over, latest first.
pub(super) fn key(entry: &Entry, wall: SystemTime) -> impl Ord + use<> {
    let times = &entry.description.times;
    let starts = times.iter().filter_map(|time| time.start.to_system()).min();
    let upcoming = starts.filter(|start| *start > wall);
    let end = crate::sap::end(&entry.description).filter(|end| *end <= wall);
    let phase = match (upcoming, end) {
        (_, Some(_)) => 2,
        (Some(_), None) => 1,
        (None, None) => 0_u8,
    };
    let name = entry.description.name.to_lowercase();
    (phase, upcoming, std::cmp::Reverse(end), name, entry.id)
}
