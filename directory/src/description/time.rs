//! The `t=`, `r=` and `z=` lines: when the conference is held (RFC 8866 sections 5.9 to 5.11).
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::{Reason, number, word};

/// The `t=` line with the `r=` and `z=` lines that follow it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Time {
    /// First moment; 0 for a conference that always was.
    pub start: NtpTime,
    /// Last moment, also of repetitions; 0 for a conference without end.
    pub stop: NtpTime,
    /// How it repeats.
    pub repeats: Vec<Repeat>,
    /// Changes of local time that the repetitions follow, in order.
    pub zones: Vec<ZoneAdjustment>,
}

/// Seconds since 1900, not wrapped in 2036 (RFC 8866 section 5.9); 0 means unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NtpTime(pub u64);

/// The `r=` line, all in seconds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Repeat {
    /// From one round to the next; at least 1.
    pub interval_secs: u64,
    /// How long each occurrence lasts.
    pub duration_secs: u64,
    /// Where in a round the occurrences begin, counted from the start time.
    pub offsets_secs: Vec<u64>,
}

/// One pair of the `z=` line: from then on, occurrences are shifted by this much (not cumulative).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ZoneAdjustment {
    /// From when on.
    pub at: NtpTime,
    /// By how much, in seconds: negative is earlier.
    pub offset_secs: i64,
}

impl NtpTime {
    /// Seconds from 1900 to 1970 (RFC 5905 figure 4).
    pub(super) const UNIX_EPOCH_SECS: u64 = 2_208_988_800;
    /// The year 9999: what is later is not a date.
    pub(super) const MAX_SECS: u64 = 255_611_289_600;

    /// From wall time, fractions dropped.
    pub fn from_system(time: SystemTime) -> Self {
        let secs = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::UNIX_EPOCH_SECS.saturating_add(after.as_secs()),
            Err(before) => Self::UNIX_EPOCH_SECS.saturating_sub(before.duration().as_secs()),
        };
        Self(secs.min(Self::MAX_SECS))
    }

    /// As wall time; nothing where unbounded.
    pub fn to_system(self) -> Option<SystemTime> {
        if self.0 == 0 {
            return None;
        }
        match self.0.checked_sub(Self::UNIX_EPOCH_SECS) {
            Some(after) => UNIX_EPOCH.checked_add(Duration::from_secs(after)),
            None => UNIX_EPOCH.checked_sub(Duration::from_secs(Self::UNIX_EPOCH_SECS - self.0)),
        }
    }

    /// Seconds since 1970; nothing where unbounded.
    pub fn unix_secs(self) -> Option<i64> {
        let secs = self.0.checked_signed_diff(Self::UNIX_EPOCH_SECS);
        secs.filter(|_| self.0 != 0)
    }

    fn parse(text: &str, what: &'static str) -> Result<Self, Reason> {
        number(text, what, 0, Self::MAX_SECS).map(Self)
    }
}

impl Time {
    /// A conference that is always on: `t=0 0`.
    pub const fn permanent() -> Self {
        Self {
            start: NtpTime(0),
            stop: NtpTime(0),
            repeats: Vec::new(),
            zones: Vec::new(),
        }
    }

    pub(super) fn parse(value: &str) -> Result<Self, Reason> {
        let mut words = value.split_whitespace();
        let start = NtpTime::parse(word(&mut words, "start time")?, "start time")?;
        let stop = NtpTime::parse(word(&mut words, "stop time")?, "stop time")?;
        Ok(Self {
            start,
            stop,
            ..Self::default()
        })
    }
}

impl Repeat {
    /// Occurrences of one round that are read.
    pub(super) const MAX_OFFSETS: usize = 32;

    pub(super) fn parse(value: &str) -> Result<Self, Reason> {
        let mut words = value.split_whitespace();
        let interval = typed_time(word(&mut words, "interval")?, "interval")?;
        let duration = typed_time(word(&mut words, "duration")?, "duration")?;
        let offsets: Result<Vec<u64>, Reason> =
            words.map(|text| typed_time(text, "offset")).collect();
        let offsets = offsets?;
        if offsets.len() > Self::MAX_OFFSETS {
            let (what, limit) = ("offsets", Self::MAX_OFFSETS);
            return Err(Reason::TooMany { what, limit });
        }
        if interval == 0 {
            let (what, text) = ("interval", "0".into());
            let (min, max) = (1, NtpTime::MAX_SECS);
            return Err(Reason::OutOfRange {
                what,
                text,
                min,
                max,
            });
        }
        Ok(Self {
            interval_secs: interval,
            duration_secs: duration,
            offsets_secs: if offsets.is_empty() { vec![0] } else { offsets },
        })
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.interval_secs, self.duration_secs)?;
        self.offsets_secs
            .iter()
            .try_for_each(|secs| write!(f, " {secs}"))
    }
}

impl ZoneAdjustment {
    /// Changes of local time that are read: sixteen years of summer time.
    pub(super) const MAX: usize = 32;

    pub(super) fn parse_list(value: &str) -> Result<Vec<Self>, Reason> {
        let mut words = value.split_whitespace();
        let mut zones = Vec::new();
        while let Some(at) = words.next() {
            let at = NtpTime::parse(at, "adjustment time")?;
            let offset = word(&mut words, "offset")?;
            let (magnitude, is_negative) = match offset.strip_prefix('-') {
                Some(rest) => (rest, true),
                None => (offset.strip_prefix('+').unwrap_or(offset), false),
            };
            let secs = typed_time(magnitude, "offset")?.cast_signed();
            zones.push(Self {
                at,
                offset_secs: if is_negative { -secs } else { secs },
            });
        }
        if zones.len() > Self::MAX {
            let (what, limit) = ("adjustments", Self::MAX);
            return Err(Reason::TooMany { what, limit });
        }
        zones.sort_by_key(|zone| zone.at);
        Ok(zones)
    }
}

impl fmt::Display for ZoneAdjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.0, self.offset_secs)
    }
}

/// Seconds, or a number with the unit d, h, m or s (RFC 8866 section 5.10).
fn typed_time(text: &str, what: &'static str) -> Result<u64, Reason> {
    let unit_secs = match text.as_bytes().last() {
        Some(b'd') => 86_400,
        Some(b'h') => 3_600,
        Some(b'm') => 60,
        _ => 1,
    };
    let digits = text.strip_suffix(['d', 'h', 'm', 's']).unwrap_or(text);
    Ok(number(digits, what, 0, NtpTime::MAX_SECS / unit_secs)? * unit_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_epoch_is_seventy_years_before_unix() {
        let seventy_years_with_17_leap_days = (70 * 365 + 17) * 86_400;
        assert_eq!(
            NtpTime::from_system(UNIX_EPOCH).0,
            seventy_years_with_17_leap_days
        );
        assert_eq!(
            NtpTime(seventy_years_with_17_leap_days).to_system(),
            Some(UNIX_EPOCH)
        );
        assert_eq!(NtpTime(0).to_system(), None);
        assert!(NtpTime(1).to_system() < Some(UNIX_EPOCH));
    }

    #[test]
    fn both_notations_of_rfc_8866_section_5_10_are_equal() {
        let plain = Repeat::parse("604800 3600 0 90000").unwrap();
        assert_eq!(plain, Repeat::parse("7d 1h 0 25h").unwrap());
        assert_eq!(plain.to_string(), "604800 3600 0 90000");
    }

    #[test]
    fn zones_of_rfc_8866_section_5_11() {
        let zones = ZoneAdjustment::parse_list("3730928400 -1h 3749680800 0").unwrap();
        let text: Vec<String> = zones.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["3730928400 -3600", "3749680800 0"]);
    }

    #[test]
    fn refused_with_a_reason() {
        let reason = |result: Result<Time, Reason>| result.unwrap_err().to_string();
        assert_eq!(
            reason(Time::parse("0 foobar")),
            "the stop time `foobar` is not a number"
        );
        assert_eq!(reason(Time::parse("0")), "the stop time is missing");
        assert!(Repeat::parse("0 1h 0").is_err());
        assert!(Repeat::parse("7d 1é 0").is_err());
        assert!(Repeat::parse("99999999999999d 1h 0").is_err());
        assert!(ZoneAdjustment::parse_list("1").is_err());
    }
}
