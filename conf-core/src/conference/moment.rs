//! Ties the clock that never jumps to the one on the wall.
use std::time::{Instant, SystemTime};

use crate::session::{NtpTime, WallClock};

/// One moment of both clocks: all later wall times follow from it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The monotonic clock.
    pub now: Instant,
    /// The wall clock at that time.
    pub wall: SystemTime,
}

impl Moment {
    /// The wall clock at another time of the monotonic clock.
    pub fn wall_at(&self, now: Instant) -> SystemTime {
        self.wall + now.saturating_duration_since(self.now)
    }

    /// The same moment, as sender reports give it.
    pub(super) fn wall_clock(&self) -> WallClock {
        WallClock {
            instant: self.now,
            ntp: NtpTime::from_system_time(self.wall),
        }
    }
}
