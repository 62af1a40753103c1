//! Dates of the Gregorian calendar as calendars and directories write them.
use super::NtpTime;

impl NtpTime {
    /// As LDAP writes it, `20261124090000Z` (RFC 4517 section 3.3.13); nothing where unbounded.
    pub(crate) fn to_generalized(self) -> Option<String> {
        self.unix_secs().map(|secs| utc(secs).replace('T', ""))
    }

    /// What LDAP writes so: minutes and seconds may be missing, fractions are dropped, `+0100` is as good as `Z`.
    pub(crate) fn from_generalized(text: &str) -> Option<Self> {
        let (digits, rest) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
        let number = |from: usize| digits.get(from..from + 2)?.parse::<i64>().ok();
        let year = digits.get(..4)?.parse::<i64>().ok()?;
        let (month, day, hour) = (number(4)?, number(6)?, number(8)?);
        let (minute, second) = match digits.len() {
            10 => (0, 0),
            12 => (number(10)?, 0),
            14 => (number(10)?, number(12)?),
            _ => return None,
        };
        let days = days_from_civil(year, month, day);
        let is_date = civil(days) == (year, month, day);
        let is_time = hour < 24 && minute < 60 && second <= 60;
        let unix_secs = days * 86_400 + hour * 3_600 + minute * 60 + second - zone_secs(rest)?;
        let secs = Self::UNIX_EPOCH_SECS.checked_add_signed(unix_secs)?;
        (is_date && is_time && (1..=Self::MAX_SECS).contains(&secs)).then_some(Self(secs))
    }
}

/// What stands behind the digits: a fraction, and how far the zone is ahead of UTC.
fn zone_secs(text: &str) -> Option<i64> {
    let zone = match text.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => text,
    };
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = zone.get(1..)?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = |from: usize| digits.get(from..from + 2)?.parse::<i64>().ok();
    let minutes = match digits.len() {
        2 => 0,
        4 => number(2)?,
        _ => return None,
    };
    is_plain.then_some(sign * (number(0)? * 3_600 + minutes * 60))
}

/// `20261124T090000Z`.
pub(super) fn utc(unix_secs: i64) -> String {
    let (days, secs) = (unix_secs.div_euclid(86_400), unix_secs.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (secs / 3_600, secs % 3_600 / 60, secs % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The date of the Gregorian calendar, days counted from 1970-01-01. Years are counted from March here,
/// so that the leap day comes last; 400 of them have 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let from_march_0000 = days + 719_468;
    let (cycle, day) = (
        from_march_0000.div_euclid(146_097),
        from_march_0000.rem_euclid(146_097),
    );
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let month = if is_next_year { month - 9 } else { month + 3 };
    (
        cycle * 400 + year + i64::from(is_next_year),
        month,
        day_of_month,
    )
}

/// The way back; of what is no date, some day.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    cycle * 146_097 + 365 * year + year / 4 - year / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Seconds from `date -u -d @N +%Y%m%d%H%M%SZ`.
    #[test]
    fn times_are_read_and_written_as_date_writes_them() {
        for (secs, text) in [
            (951_782_400, "20000229000000Z"),
            (1_709_210_096, "20240229123456Z"),
            (4_107_542_400, "21000301000000Z"),
        ] {
            let time = NtpTime(secs + 2_208_988_800);
            assert_eq!(time.to_generalized().as_deref(), Some(text));
            assert_eq!(NtpTime::from_generalized(text), Some(time));
        }
    }

    #[test]
    fn other_forms_of_rfc_4517_section_3_3_13_are_read() {
        let noon = NtpTime::from_generalized("20240229120000Z");
        assert!(noon.is_some());
        for text in [
            "2024022912Z",
            "202402291200Z",
            "20240229120000.0Z",
            "20240229130000,25+01",
            "20240229100000-0200",
        ] {
            assert_eq!(NtpTime::from_generalized(text), noon, "{text}");
        }
        for text in [
            "",
            "Z",
            "20240229",
            "20240229120000",
            "20230229120000Z",
            "20241301120000Z",
            "20240229240000Z",
            "20240229120000+",
            "20240229120000+1x",
            "20240229120000ü",
            "2024022912000Z",
        ] {
            assert_eq!(NtpTime::from_generalized(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_time_survives(secs in 2_208_988_800_u64..NtpTime::MAX_SECS) {
            let text = NtpTime(secs).to_generalized().unwrap();
            prop_assert_eq!(NtpTime::from_generalized(&text), Some(NtpTime(secs)));
        }

        #[test]
        fn any_text_is_read_or_not(text in "[0-9]{0,16}\\PC{0,6}") {
            let _time = NtpTime::from_generalized(&text);
        }
    }
}
