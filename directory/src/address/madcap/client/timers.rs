//! When which lease needs looking at: one time each.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::super::lease_id::LeaseId;

/// All of them, soonest first.
#[derive(Debug, Default)]
pub(super) struct Timers {
    by_id: BTreeMap<LeaseId, Instant>,
    order: BTreeSet<(Instant, LeaseId)>,
}

impl Timers {
    /// Sets the time of one, in place of its earlier one.
    pub(super) fn set(&mut self, id: &LeaseId, at: Instant) {
        self.clear(id);
        self.by_id.insert(id.clone(), at);
        self.order.insert((at, id.clone()));
    }

    pub(super) fn clear(&mut self, id: &LeaseId) {
        if let Some(at) = self.by_id.remove(id) {
            self.order.remove(&(at, id.clone()));
        }
    }

    /// One that is due; its time is cleared.
    pub(super) fn pop(&mut self, now: Instant) -> Option<LeaseId> {
        let id = self.order.first().filter(|(at, _)| *at <= now);
        let id = id.map(|(_, id)| id.clone())?;
        self.clear(&id);
        Some(id)
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }
}
