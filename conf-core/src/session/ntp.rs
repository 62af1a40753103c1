//! Wall-clock time as RTCP writes it, and how it is had from `Instant` (RFC 3550 §4).
use std::time::{Duration, Instant, SystemTime};

use crate::wire::low32;

/// Seconds since 1900 as 32.32 fixed point. Zero means "no wall clock".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// The same moment; a time before 1970 counts as 1970.
    #[must_use]
    pub fn from_system_time(time: SystemTime) -> Self {
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH);
        Self(SECONDS_1900_TO_1970 << 32).after(since_1970.unwrap_or_default())
    }

    /// This time and a duration more; wraps in 2036, as NTP's first era does.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.wrapping_add(fixed_point(duration)))
    }

    /// This time less a duration.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.wrapping_sub(fixed_point(duration)))
    }

    /// How long after the beginning of its era; `None` where there is no wall clock.
    #[must_use]
    pub fn since_1900(self) -> Option<Duration> {
        (self.0 != 0).then(|| duration(self.0))
    }

    /// How long after `earlier` this is; negative times are given as `Err`.
    pub fn since(self, earlier: Self) -> Result<Duration, Duration> {
        let difference = self.0.wrapping_sub(earlier.0).cast_signed();
        let duration = duration(difference.unsigned_abs());
        if difference >= 0 {
            Ok(duration)
        } else {
            Err(duration)
        }
    }

    /// The middle 32 bits: 16 of seconds, 16 of fraction (RFC 3550 §4).
    #[must_use]
    pub const fn middle(self) -> u32 {
        low32(self.0 >> 16)
    }
}

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// By the clock that never jumps.
    pub instant: Instant,
    /// By the wall.
    pub ntp: NtpTime,
}

impl WallClock {
    /// Wall-clock time at an instant.
    #[must_use]
    pub fn at(&self, now: Instant) -> NtpTime {
        match now.checked_duration_since(self.instant) {
            Some(later) => self.ntp.after(later),
            None => self.ntp.before(self.instant.duration_since(now)),
        }
    }
}

/// A duration in 1/65536 s, as report blocks have it; the largest where it is longer than 18 hours.
pub(super) fn short_fixed_point(duration: Duration) -> u32 {
    u32::try_from(fixed_point(duration) >> 16).unwrap_or(u32::MAX)
}

/// The inverse of [`short_fixed_point`].
pub(super) fn from_short_fixed_point(units: u32) -> Duration {
    duration(u64::from(units) << 16)
}

fn fixed_point(duration: Duration) -> u64 {
    let fraction = (u64::from(duration.subsec_nanos()) << 32) / NANOS_PER_SEC;
    duration.as_secs() << 32 | fraction
}

fn duration(fixed_point: u64) -> Duration {
    let fraction = u64::from(low32(fixed_point));
    let nanos = (fraction * NANOS_PER_SEC + (1 << 31)) >> 32;
    Duration::from_secs(fixed_point >> 32) + Duration::from_nanos(nanos)
}

/// Seventy years, seventeen of them leap years.
const SECONDS_1900_TO_1970: u64 = (70 * 365 + 17) * 86_400;
const NANOS_PER_SEC: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_is_the_one_of_rfc_5905() {
        // RFC 5905 figure 4: the first day of UNIX is second 2,208,988,800 of era 0.
        let epoch = NtpTime::from_system_time(SystemTime::UNIX_EPOCH);
        assert_eq!(epoch, NtpTime(2_208_988_800 << 32));
    }

    #[test]
    fn halves_are_exact_and_differences_have_a_sign() {
        let start = NtpTime(5 << 32);
        let later = start.after(Duration::from_millis(2500));
        assert_eq!(later.0, 7 << 32 | 1 << 31);
        assert_eq!(later.since(start), Ok(Duration::from_millis(2500)));
        assert_eq!(later.since_1900(), Some(Duration::from_millis(7500)));
        assert_eq!(NtpTime(0).since_1900(), None);
        assert_eq!(start.since(later), Err(Duration::from_millis(2500)));
        assert_eq!(later.before(Duration::from_millis(2500)), start);
        assert_eq!(later.middle(), 0x0007_8000);
    }

    #[test]
    fn short_form_counts_65536ths() {
        // RFC 3550 figure 2: 5.250 s is 0x0005.4000.
        assert_eq!(short_fixed_point(Duration::from_millis(5250)), 0x0005_4000);
        assert_eq!(
            from_short_fixed_point(0x0005_4000),
            Duration::from_millis(5250)
        );
        assert_eq!(short_fixed_point(Duration::from_secs(70_000)), u32::MAX);
    }
}
