//! Ties monotonic time to wall time, which alone tells when a conference or a lease is over.

use std::time::{Duration, Instant, SystemTime};

/// What the wall clock showed at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    at: Instant,
    wall: SystemTime,
}

impl Clock {
    pub(crate) fn new(at: Instant, wall: SystemTime) -> Self {
        Self { at, wall }
    }

    pub(crate) fn wall(&self, instant: Instant) -> SystemTime {
        let wall = match instant.checked_duration_since(self.at) {
            Some(since) => self.wall.checked_add(since),
            None => self.wall.checked_sub(self.at.duration_since(instant)),
        };
        wall.unwrap_or(self.wall)
    }

    /// `None` lies beyond what an `Instant` can hold; times long past are the earliest that it can.
    pub(crate) fn instant(&self, wall: SystemTime) -> Option<Instant> {
        match wall.duration_since(self.wall) {
            Ok(until) => self.at.checked_add(until),
            Err(past) => Some(earlier(self.at, past.duration())),
        }
    }
}

/// `span` before `at`, or as near to it as an `Instant` can be: on some systems it begins at boot.
fn earlier(at: Instant, span: Duration) -> Instant {
    at.checked_sub(span).unwrap_or(at)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_run_alike() {
        let at = Instant::now() + Duration::from_secs(1_000);
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let clock = Clock::new(at, wall);
        for secs in [0, 1, 500] {
            let span = Duration::from_secs(secs);
            assert_eq!(clock.wall(at + span), wall + span);
            assert_eq!(clock.wall(at - span), wall - span);
            assert_eq!(clock.instant(wall + span), Some(at + span));
            assert_eq!(clock.instant(wall - span), Some(at - span));
        }
    }
}
