//! In which order conferences are listed.

use std::cmp::Reverse;
use std::time::SystemTime;

use super::Entry;
use crate::description::Activity;
use crate::sap;

/// Sorts what is on by name, then what is to come by its start, then what is over, latest first.
pub(super) fn key(entry: &Entry, wall: SystemTime) -> impl Ord + use<> {
    let description = &entry.description;
    let phase = match description.activity(wall) {
        Activity::Permanent | Activity::Current { .. } => Phase::On,
        Activity::Upcoming { start } => Phase::Upcoming(start),
        Activity::Past => Phase::Over(Reverse(sap::end(description))),
    };
    (phase, description.name.to_lowercase(), entry.id)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    On,
    Upcoming(SystemTime),
    Over(Reverse<Option<SystemTime>>),
}
