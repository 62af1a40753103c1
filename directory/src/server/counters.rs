//! What has happened, in numbers; for the diagnostics page and for tests.
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a running server.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections now.
    pub connections: Counter,
    /// Connections accepted since the start.
    pub accepted: Counter,
    /// Connections turned away because there were too many.
    pub turned_away: Counter,
    /// Requests answered.
    pub requests: Counter,
    /// Messages that could not be understood.
    pub malformed: Counter,
    /// Connections ended because the client was too slow, or silent for too long.
    pub timed_out: Counter,
    /// Changes stored.
    pub changes: Counter,
    /// Times that the disk was waited for; each stores all changes that had come in until then.
    pub commits: Counter,
    /// Whether the data had to be repaired at the start: 0 or 1, and no crash of ours makes it 1.
    pub repairs: Counter,
    /// Watchers that fell behind so far that they have to begin anew.
    pub overruns: Counter,
}

/// One number, read from any thread.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The number now.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn sub(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }
}
