//! Wall-clock time as the directory keeps and writes it.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::server) struct Moment(pub(in crate::server) u64);

impl Moment {
    /// From the system's clock; before 1970 is 1970.
    pub(in crate::server) fn from_system(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }

    /// So much later.
    pub(in crate::server) fn after(self, span: Duration) -> Self {
        let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(span))
    }

    /// How long until `later`; nothing if that has passed.
    pub(in crate::server) fn until(self, later: Self) -> Duration {
        Duration::from_micros(later.0.saturating_sub(self.0))
    }

    /// GeneralizedTime with seconds (RFC 4517 section 3.3.13): `20260724093000Z`.
    pub(in crate::server) fn generalized(self) -> String {
        let (year, month, day, secs) = self.civil();
        let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
        format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
    }

    /// The entryCSN of a change that was the `revision`th: unique, and in order.
    pub(in crate::server) fn csn(self, revision: u64) -> String {
        let time = self.generalized();
        let time = time.trim_end_matches('Z');
        let (micros, count) = (self.0 % 1_000_000, revision & 0xFF_FFFF);
        format!("{time}.{micros:06}Z#{count:06x}#000#000000")
    }

    /// Year, month, day and second of the day, by the proleptic Gregorian calendar.
    fn civil(self) -> (u64, u64, u64, u64) {
        let secs = self.0 / 1_000_000;
        // Days since 0000-03-01, so that the leap day ends a year.
        let days = secs / 86_400 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        (year, month, day, secs % 86_400)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `date -u -d @N +%Y%m%d%H%M%SZ`.
    #[test]
    fn times_are_written_as_date_writes_them() {
        for (secs, text) in [
            (0, "19700101000000Z"),
            (951_782_400, "20000229000000Z"),
            (1_709_210_096, "20240229123456Z"),
            (4_107_542_399, "21000228235959Z"),
            (4_107_542_400, "21000301000000Z"),
        ] {
            assert_eq!(Moment(secs * 1_000_000).generalized(), text);
        }
        let csn = Moment(1_709_210_096_000_042).csn(0x1_0000_00F0);
        assert_eq!(csn, "20240229123456.000042Z#0000f0#000#000000");
    }
}
