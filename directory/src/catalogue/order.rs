//! In which order conferences are listed, and until when that order holds.
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::SystemTime;

use super::Entry;
use crate::description::Activity;
use crate::sap;

/// Between these two moments nothing begins and nothing ends, so that the order stays.
#[derive(Debug, Default)]
pub(super) struct Order {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
}

impl Order {
    /// Sorts what is on by name, then what is to come by its start, then what is over, latest first.
    pub(super) fn sorted(
        entries: impl Iterator<Item = Arc<Entry>>,
        wall: SystemTime,
    ) -> (Vec<Arc<Entry>>, Self) {
        let mut until = None;
        let mut keyed: Vec<(Key, Arc<Entry>)> = entries
            .map(|entry| {
                let (key, changes) = key(&entry, wall);
                until = [until, changes].into_iter().flatten().min();
                (key, entry)
            })
            .collect();
        keyed.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let sorted = keyed.into_iter().map(|(_, entry)| entry).collect();
        let since = Some(wall);
        (sorted, Self { since, until })
    }

    /// Whether a list that was sorted then is sorted now; a clock that was set back asks for a new one.
    pub(super) fn holds(&self, wall: SystemTime) -> bool {
        self.since.is_none_or(|since| since <= wall) && self.until.is_none_or(|until| wall < until)
    }
}

type Key = (Phase, String, super::ConferenceId);

/// The key, and when it changes next.
fn key(entry: &Entry, wall: SystemTime) -> (Key, Option<SystemTime>) {
    let description = &entry.description;
    let (phase, changes) = match description.activity(wall) {
        Activity::Permanent => (Phase::On, None),
        Activity::Current { until } => (Phase::On, until),
        Activity::Upcoming { start } => (Phase::Upcoming(start), Some(start)),
        Activity::Past => (Phase::Over(Reverse(sap::end(description))), None),
    };
    let key = (phase, description.name.to_lowercase(), entry.id);
    (key, changes)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    On,
    Upcoming(SystemTime),
    Over(Reverse<Option<SystemTime>>),
}
