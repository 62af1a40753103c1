//! A conference as a calendar file: iCalendar (RFC 5545) with the CONFERENCE property of RFC 7986.
use std::time::{SystemTime, UNIX_EPOCH};

use super::date::utc;
use super::schedule::Round;
use super::{ConferenceId, Description};

impl Description {
    /// The calendar file: an event for each series of occurrences, in UTC, so that it is right in every zone.
    ///
    /// `link` is what joins the conference, `stamp` when the file is made. Nothing for a conference that has no
    /// beginning: it is always on, and no calendar could show that. Changes of local time (`z=`) begin a new series.
    pub fn to_icalendar(&self, link: &str, stamp: SystemTime) -> Option<String> {
        let rounds: Vec<Round> = self.rounds().filter(|round| round.first.0 > 0).collect();
        if rounds.is_empty() {
            return None;
        }
        let mut lines = Lines::default();
        lines.put("BEGIN:VCALENDAR");
        lines.put("VERSION:2.0");
        lines.put("PRODID:-//Rendezvous//Rendezvous//EN");
        for (index, round) in rounds.iter().enumerate() {
            lines.put("BEGIN:VEVENT");
            lines.put(&uid(self.id(), index));
            lines.put(&format!("DTSTAMP:{}", utc(unix_secs(stamp))));
            lines.put_round(round);
            lines.put_words(self);
            lines.put(&format!(
                "CONFERENCE;VALUE=URI{}:{}",
                features(self),
                uri(link)
            ));
            lines.put("END:VEVENT");
        }
        lines.put("END:VCALENDAR");
        Some(lines.0)
    }
}

/// Content lines, folded and ended as they have to be.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Octets of a line, its end not counted (RFC 5545 section 3.1).
    const WIDTH: usize = 75;

    fn put(&mut self, line: &str) {
        let mut width = 0;
        for c in line.chars() {
            if width + c.len_utf8() > Self::WIDTH {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(c);
            width += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn put_text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.put(&format!("{name}:{}", escaped(text)));
        }
    }

    fn put_round(&mut self, round: &Round) {
        let start = unix(round.first.0);
        self.put(&format!("DTSTART:{}", utc(start)));
        if let Some(secs) = round.duration_secs {
            self.put(&format!("DURATION:{}", duration(secs)));
        }
        let Some(repeat) = &round.repeat else { return };
        let (frequency, interval) = frequency(repeat.interval_secs);
        let until = repeat
            .last
            .map(|last| format!(";UNTIL={}", utc(unix(last.0))));
        self.put(&format!(
            "RRULE:FREQ={frequency};INTERVAL={interval}{}",
            until.unwrap_or_default()
        ));
    }

    fn put_words(&mut self, description: &Description) {
        self.put_text("SUMMARY", &description.name);
        let information = description.information.as_deref();
        self.put_text("DESCRIPTION", information.unwrap_or_default());
        if let Some(page) = &description.uri {
            self.put(&format!("URL:{}", uri(page)));
        }
        for contact in description.emails.iter().chain(&description.phones) {
            self.put_text("CONTACT", contact);
        }
    }
}

fn uid(id: ConferenceId, index: usize) -> String {
    match index {
        0 => format!("UID:{id}@rendezvous"),
        _ => format!("UID:{id}-{index}@rendezvous"),
    }
}

/// What the link can do (RFC 7986 section 6.3); nothing where the media are of kinds that it has no word for.
fn features(description: &Description) -> String {
    let table = [("audio", "AUDIO"), ("video", "VIDEO"), ("text", "CHAT")];
    let is_there = |kind: &str| {
        let mut media = description.media.iter();
        media.any(|media| media.kind.eq_ignore_ascii_case(kind))
    };
    let there = table.into_iter().filter(|(kind, _)| is_there(kind));
    let words: Vec<&str> = there.map(|(_, word)| word).collect();
    match words.as_slice() {
        [] => String::new(),
        words => format!(";FEATURE={}", words.join(",")),
    }
}

/// The coarsest unit that measures the interval whole. None is longer than a week, since months differ in length.
fn frequency(interval_secs: u64) -> (&'static str, u64) {
    let units = [
        ("WEEKLY", 604_800),
        ("DAILY", 86_400),
        ("HOURLY", 3_600),
        ("MINUTELY", 60),
    ];
    let whole = units
        .into_iter()
        .find(|(_, secs)| interval_secs.is_multiple_of(*secs));
    whole.map_or(("SECONDLY", interval_secs), |(name, secs)| {
        (name, interval_secs / secs)
    })
}

/// RFC 5545 section 3.3.6.
fn duration(secs: u64) -> String {
    let (days, rest) = (secs / 86_400, secs % 86_400);
    let mut text = "P".to_owned();
    if days > 0 {
        text += &format!("{days}D");
    }
    if rest > 0 || days == 0 {
        text.push('T');
    }
    let parts = [
        (rest / 3_600, 'H'),
        (rest % 3_600 / 60, 'M'),
        (rest % 60, 'S'),
    ];
    for (count, unit) in parts {
        if count > 0 || (secs == 0 && unit == 'S') {
            text += &format!("{count}{unit}");
        }
    }
    text
}

/// TEXT of RFC 5545 section 3.3.11; other control characters have no place there.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A URI has no escapes; what cannot be in one would end the line or the file.
fn uri(text: &str) -> String {
    let is_plain = |c: &char| !c.is_control() && !c.is_whitespace();
    text.chars().filter(is_plain).collect()
}

fn unix(ntp_secs: u64) -> i64 {
    super::NtpTime(ntp_secs).unix_secs().unwrap_or_default()
}

fn unix_secs(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// 2026-11-24 08:00 UTC.
    const START: u64 = 1_795_507_200 + 2_208_988_800;
    const LINK: &str = "rendezvous:0123456789abcdef";

    fn read(text: &str) -> Description {
        let head = "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\n";
        Description::parse(format!("{head}{text}").as_bytes()).unwrap()
    }

    fn written(text: &str) -> String {
        let stamp = UNIX_EPOCH + Duration::from_secs(1_795_507_200 - 3_600);
        read(text).to_icalendar(LINK, stamp).unwrap()
    }

    #[test]
    fn whole_file_byte_by_byte() {
        let text = format!(
            "s=Weekly safety; all, please\r\ni=What happened, what to change, and who does it by when: bring numbers.\r\n\
             u=http://intranet.example/safety\r\ne=ana@example.org (Ana)\r\n\
             c=IN IP4 239.255.7.7/15\r\nt={START} {}\r\nr=7d 90m 0\r\nm=audio 5004 RTP/AVP 0\r\nm=video 5006 RTP/AVP 31\r\n",
            START + 14 * 86_400 + 1
        );
        let id = read(&text).id();
        let expected = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Rendezvous//Rendezvous//EN\r\nBEGIN:VEVENT\r\n\
             UID:{id}@rendezvous\r\nDTSTAMP:20261124T070000Z\r\nDTSTART:20261124T080000Z\r\nDURATION:PT1H30M\r\n\
             RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20261208T080000Z\r\nSUMMARY:Weekly safety\\; all\\, please\r\n\
             DESCRIPTION:What happened\\, what to change\\, and who does it by when: bring\r\n  numbers.\r\n\
             URL:http://intranet.example/safety\r\nCONTACT:ana@example.org (Ana)\r\n\
             CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{LINK}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert_eq!(written(&text), expected);
    }

    #[test]
    fn no_line_is_longer_than_75_octets_or_cut_within_a_character() {
        let name = ["Größenänderungsausschußsitzung"; 9].join(" ");
        let file = written(&format!("s={name}\r\nt={START} 0\r\n"));
        assert!(file.split("\r\n").all(|line| line.len() <= 75));
        let unfolded = file.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("SUMMARY:{name}\r\n")));
    }

    #[test]
    fn text_from_the_network_adds_no_lines() {
        let mut description = read(&format!("s=x\r\nt={START} 0\r\n"));
        description.name = "a\r\nEND:VEVENT\u{0}b\nc".to_owned();
        description.uri = Some("http://x\r\nATTACH:y".to_owned());
        let file = description.to_icalendar(LINK, UNIX_EPOCH).unwrap();
        assert!(file.contains("\r\nSUMMARY:a\\nEND:VEVENTb\\nc\r\nURL:http://xATTACH:y\r\n"));
    }

    #[test]
    fn each_series_is_an_event() {
        let autumn = START + 3 * 86_400 + 1;
        let file = written(&format!(
            "s=x\r\nt={START} {}\r\nr=1d 1h 0 6h\r\nz={autumn} 1h\r\nt={} {}\r\n",
            START + 6 * 86_400,
            START + 1,
            START + 86_401,
        ));
        let lines: Vec<&str> = file
            .split("\r\n")
            .filter(|line| line.starts_with("DTSTART") || line.starts_with("RRULE"))
            .collect();
        let expected = [
            "DTSTART:20261124T080000Z",
            "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20261127T080000Z",
            "DTSTART:20261128T090000Z",
            "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20261129T090000Z",
            "DTSTART:20261124T140000Z",
            "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20261126T140000Z",
            "DTSTART:20261127T150000Z",
            "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20261129T150000Z",
            "DTSTART:20261124T080001Z",
        ];
        assert_eq!(lines, expected);
        assert_eq!(file.matches("UID:").count(), 5);
        assert!(file.contains("\r\nDURATION:P1D\r\n"));
    }

    #[test]
    fn what_is_always_on_is_in_no_calendar() {
        let media = "m=audio 9 RTP/AVP 0\r\n";
        for times in ["t=0 0\r\n", ""] {
            let description = read(&format!("s=x\r\n{times}{media}"));
            assert_eq!(description.to_icalendar(LINK, UNIX_EPOCH), None);
        }
    }

    #[test]
    fn dates_at_their_edges() {
        let table = [
            (0, "19700101T000000Z"),
            (-1, "19691231T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
            (1_735_689_599, "20241231T235959Z"),
            (253_402_300_799, "99991231T235959Z"),
        ];
        for (secs, text) in table {
            assert_eq!(utc(secs), text);
        }
    }

    #[test]
    fn lengths_of_time() {
        let table = [
            (0, "PT0S"),
            (45, "PT45S"),
            (5_400, "PT1H30M"),
            (86_400, "P1D"),
            (90_061, "P1DT1H1M1S"),
        ];
        for (secs, text) in table {
            assert_eq!(duration(secs), text);
        }
    }
}
