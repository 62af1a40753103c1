//! Times and lengths of time as people write them.
use std::time::{Duration, SystemTime};

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::args::Lasting;

/// When a conference begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At once.
    Now,
    /// So long from now.
    In(Duration),
    /// At this time of day, the next time it comes.
    Daily(Time),
    /// At this time in the user's zone.
    Local(DateTime),
    /// At this instant.
    At(SystemTime),
}

impl Moment {
    /// The instant meant, for somebody whose clock shows `now`.
    pub fn resolve(&self, now: &Zoned) -> Result<SystemTime, String> {
        let zoned = match self {
            Self::Now => return Ok(now.timestamp().into()),
            Self::In(wait) => return Ok(SystemTime::from(now.timestamp()) + *wait),
            Self::At(instant) => return Ok(*instant),
            Self::Local(date_time) => date_time.to_zoned(now.time_zone().clone()),
            Self::Daily(time) => {
                let today = now
                    .date()
                    .to_datetime(*time)
                    .to_zoned(now.time_zone().clone());
                today.and_then(|today| {
                    if today < *now {
                        today.tomorrow()
                    } else {
                        Ok(today)
                    }
                })
            }
        };
        zoned
            .map(|zoned| zoned.timestamp().into())
            .map_err(|error| error.to_string())
    }
}

/// Reads a start time.
pub(super) fn parse_moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(Moment::Now);
    }
    if let Some(wait) = text.strip_prefix('+') {
        return positive_duration(wait).map(Moment::In);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(Moment::At(instant.into()));
    }
    if text.contains(['-', '/']) {
        return text
            .parse()
            .map(Moment::Local)
            .map_err(|_| unreadable(text));
    }
    text.parse()
        .map(Moment::Daily)
        .map_err(|_| unreadable(text))
}

/// Reads a length of time.
pub(super) fn parse_duration(text: &str) -> Result<Lasting, String> {
    match text.trim() {
        "permanent" | "forever" => Ok(Lasting::Permanently),
        text => positive_duration(text).map(Lasting::For),
    }
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    let hint = || format!("“{text}” is no length of time: write 90s, 45m, 1h30m or 2d");
    if let Ok(seconds) = text.parse::<u32>() {
        return match seconds {
            0 => Err("it must be longer than nothing".to_owned()),
            _ => Ok(Duration::from_secs(seconds.into())),
        };
    }
    let span: jiff::Span = text.parse().map_err(|_| hint())?;
    let length: SignedDuration = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .map_err(|_| hint())?;
    match Duration::try_from(length) {
        Ok(length) if !length.is_zero() => Ok(length),
        _ => Err("it must be longer than nothing".to_owned()),
    }
}

fn unreadable(text: &str) -> String {
    format!("“{text}” is no time: write now, 14:30, 2026-11-24 09:00, 2026-11-24T09:00:00Z or +30m")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Zoned {
        "2026-11-23T12:00:00+01:00[Europe/Vienna]".parse().unwrap()
    }

    fn resolved(text: &str) -> Timestamp {
        parse_moment(text)
            .unwrap()
            .resolve(&noon())
            .unwrap()
            .try_into()
            .unwrap()
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(resolved("now").to_string(), "2026-11-23T11:00:00Z");
        assert_eq!(resolved("+30m").to_string(), "2026-11-23T11:30:00Z");
        assert_eq!(resolved("14:30").to_string(), "2026-11-23T13:30:00Z");
        assert_eq!(
            resolved("2026-11-24 09:00").to_string(),
            "2026-11-24T08:00:00Z"
        );
        assert_eq!(
            resolved("2026-11-24T09:00:00Z").to_string(),
            "2026-11-24T09:00:00Z"
        );
    }

    #[test]
    fn time_of_day_that_has_passed_means_tomorrow() {
        assert_eq!(resolved("09:00").to_string(), "2026-11-24T08:00:00Z");
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        assert_eq!(
            parse_duration("90"),
            Ok(Lasting::For(Duration::from_secs(90)))
        );
        assert_eq!(
            parse_duration("1h30m"),
            Ok(Lasting::For(Duration::from_secs(5400)))
        );
        assert_eq!(
            parse_duration("2d"),
            Ok(Lasting::For(Duration::from_secs(172_800)))
        );
        assert_eq!(parse_duration("permanent"), Ok(Lasting::Permanently));
    }

    #[test]
    fn what_is_no_time_is_refused_with_examples() {
        assert!(parse_moment("soon").unwrap_err().contains("14:30"));
        assert!(parse_duration("0").is_err());
        assert!(parse_duration("-1h").is_err());
        assert!(parse_duration("long").is_err());
    }
}
