//! Times, lengths and scopes in words, in the person's zone.
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::{Activity, Clash, Clock, Directory, Entry, Model, Occasion, Scope, Source};

/// When a conference is on: `until 14:00`, `in 5 min`, `today 14:00–15:00`, `Thu 09:00–12:00`.
pub fn when(activity: Activity, clock: &Clock) -> String {
    let (now, zone) = (clock.wall, &clock.zone);
    match activity {
        Activity::Now { until: None } => "on all the time".to_owned(),
        Activity::Now { until: Some(end) } => format!("until {}", point(end, now, zone)),
        Activity::Upcoming { start, .. } if minutes_until(start, now) < 60 => {
            moment(start, now, zone)
        }
        Activity::Upcoming { start, end } => match end {
            Some(end) => span(start, end, now, zone),
            None => point(start, now, zone),
        },
        Activity::Past => "over".to_owned(),
    }
}

/// A moment to come: `in 5 min`, `at 14:00`, `on Thu 09:00`.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    match minutes_until(at, now) {
        ..=0 => "now".to_owned(),
        minutes @ 1..60 => format!("in {minutes} min"),
        _ if is_same_day(at, now, zone) => format!("at {}", point(at, now, zone)),
        _ => format!("on {}", point(at, now, zone)),
    }
}

/// A moment that has passed: `just now`, `3 min ago`, `at 09:12`, `on Thu 09:12`.
pub fn ago(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    match now.as_second().saturating_sub(at.as_second()) / 60 {
        ..1 => "just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        _ if is_same_day(at, now, zone) => format!("at {}", point(at, now, zone)),
        _ => format!("on {}", point(at, now, zone)),
    }
}

/// The full date and time: `Thu 12 March 2026, 09:00`.
pub fn full(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %-d %B %Y, %H:%M")
        .to_string()
}

/// `00:12:41`.
pub fn elapsed(length: Duration) -> String {
    let secs = length.as_secs();
    format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
}

/// `1 person`, `12 people`.
pub fn people(count: usize) -> String {
    if count == 1 {
        "1 person".to_owned()
    } else {
        format!("{} people", grouped(count))
    }
}

/// `12,345`.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `Site carries 1,000 kbit/s; today 14:00–15:00, this and “Town hall” take 1,064.`
pub fn clash(clash: &Clash, clock: &Clock) -> String {
    let names: Vec<String> = clash.with.iter().map(|name| format!("“{name}”")).collect();
    let who = match names.split_last() {
        None => "this conference alone takes".to_owned(),
        Some((last, [])) => format!("this and {last} take"),
        Some((last, others)) => format!("this, {} and {last} take", others.join(", ")),
    };
    format!(
        "{} carries {}; {}, {who} {}.",
        scope(clash.scope),
        rate(clash.budget_kbit_per_s),
        span(clash.start, clash.end, clock.wall, &clock.zone),
        rate(clash.kbit_per_s),
    )
}

/// `1,064 kbit/s`.
pub fn rate(kbit_per_s: u64) -> String {
    let figure = usize::try_from(kbit_per_s).unwrap_or(usize::MAX);
    format!("{} kbit/s", grouped(figure))
}

/// `Thu 12 March 2026, 09:00 to 10:00`.
pub fn occasion(occasion: &Occasion, zone: &TimeZone) -> String {
    let start = full(occasion.start, zone);
    match occasion.end {
        None => format!("from {start}"),
        Some(end) if is_same_day(occasion.start, end, zone) => {
            format!(
                "{start} to {}",
                end.to_zoned(zone.clone()).strftime("%H:%M")
            )
        }
        Some(end) => format!("{start} to {}", full(end, zone)),
    }
}

/// Where it was seen, in a few words: `this network, directory.example`.
pub fn whence(entry: &Entry, model: &Model) -> String {
    let mut places: Vec<String> = Vec::new();
    for seen in &entry.seen {
        let place = match &seen.source {
            Source::Own => "yours".to_owned(),
            Source::Network { .. } => "on this network".to_owned(),
            Source::Directory { url, .. } => match known(model, url) {
                Some(directory) if directory.is_ours => continue,
                Some(directory) => format!("in {}", directory.name),
                None => format!("in {url}"),
            },
            Source::File(_) => "from a file".to_owned(),
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.join(", ")
}

/// The scope's name.
pub const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Room => "Room",
        Scope::Site => "Site",
        Scope::Organisation => "Organisation",
        Scope::World => "World",
    }
}

/// What a scope means.
pub const fn scope_meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Room => "Only the network segment you are on.",
        Scope::Site => "Everyone at this site.",
        Scope::Organisation => "All sites of your organisation.",
        Scope::World => "As far as the network carries it.",
    }
}

/// `14:00` today, `tomorrow 14:00`, `Thu 14:00` within a week, else `12 Mar 14:00`.
pub fn point(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let time = at.strftime("%H:%M");
    match days_between(&now, &at) {
        0 => time.to_string(),
        1 => format!("tomorrow {time}"),
        2..=6 => format!("{} {time}", at.strftime("%a")),
        -300..=300 => format!("{} {time}", at.strftime("%-d %b")),
        _ => format!("{} {time}", at.strftime("%-d %b %Y")),
    }
}

fn span(start: Timestamp, end: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let from = point(start, now, zone);
    let from = if is_same_day(start, now, zone) {
        format!("today {from}")
    } else {
        from
    };
    if is_same_day(start, end, zone) {
        format!("{from}–{}", end.to_zoned(zone.clone()).strftime("%H:%M"))
    } else {
        format!("{from} to {}", point(end, now, zone))
    }
}

/// Rounded up, so that a conference never begins "in 0 min".
fn minutes_until(at: Timestamp, now: Timestamp) -> i64 {
    (at.as_second().saturating_sub(now.as_second()) + 59).div_euclid(60)
}

fn is_same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    a.to_zoned(zone.clone()).date() == b.to_zoned(zone.clone()).date()
}

fn days_between(from: &Zoned, to: &Zoned) -> i32 {
    from.date()
        .until(to.date())
        .map_or(0, |span| span.get_days())
}

/// What people call a directory.
pub fn directory<'a>(model: &'a Model, url: &'a str) -> &'a str {
    match known(model, url) {
        Some(directory) if directory.is_ours => "the directory of this computer",
        Some(directory) => &directory.name,
        None => url,
    }
}

fn known<'a>(model: &'a Model, url: &str) -> Option<&'a Directory> {
    let mut directories = model.directories.iter();
    directories.find(|directory| directory.url == url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock {
            wall: "2026-03-12T08:00:00Z".parse().unwrap(),
            steady: std::time::Instant::now(),
            zone: TimeZone::fixed(jiff::tz::offset(1)),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_told_in_the_zone_of_the_person() {
        let end = at("2026-03-12T13:00:00Z");
        assert_eq!(
            when(Activity::Now { until: Some(end) }, &clock()),
            "until 14:00"
        );
    }

    #[test]
    fn upcoming_is_told_by_distance() {
        let upcoming = |start: &str, end: &str| {
            let (start, end) = (at(start), Some(at(end)));
            when(Activity::Upcoming { start, end }, &clock())
        };
        assert_eq!(
            upcoming("2026-03-12T08:04:10Z", "2026-03-12T09:00:00Z"),
            "in 5 min"
        );
        assert_eq!(
            upcoming("2026-03-12T13:00:00Z", "2026-03-12T14:00:00Z"),
            "today 14:00–15:00"
        );
        assert_eq!(
            upcoming("2026-03-13T13:00:00Z", "2026-03-13T14:00:00Z"),
            "tomorrow 14:00–15:00"
        );
        assert_eq!(
            upcoming("2026-03-16T08:00:00Z", "2026-03-16T11:00:00Z"),
            "Mon 09:00–12:00"
        );
        assert_eq!(
            upcoming("2026-05-02T08:00:00Z", "2026-05-02T11:00:00Z"),
            "2 May 09:00–12:00"
        );
        assert_eq!(
            upcoming("2027-05-02T08:00:00Z", "2027-05-02T11:00:00Z"),
            "2 May 2027 09:00–12:00"
        );
    }

    #[test]
    fn several_days_are_told_with_both_ends() {
        let (start, end) = (at("2026-03-13T08:00:00Z"), Some(at("2026-03-15T08:00:00Z")));
        let told = when(Activity::Upcoming { start, end }, &clock());
        assert_eq!(told, "tomorrow 09:00 to Sun 09:00");
    }

    #[test]
    fn the_past_is_told_by_distance() {
        let zone = TimeZone::UTC;
        let now = clock().wall;
        assert_eq!(ago(at("2026-03-12T07:59:30Z"), now, &zone), "just now");
        assert_eq!(ago(at("2026-03-12T07:40:00Z"), now, &zone), "20 min ago");
        assert_eq!(ago(at("2026-03-12T05:10:00Z"), now, &zone), "at 05:10");
        assert_eq!(
            ago(at("2026-03-10T05:10:00Z"), now, &zone),
            "on 10 Mar 05:10"
        );
    }

    #[test]
    fn counts_and_lengths_read_well() {
        assert_eq!(people(1), "1 person");
        assert_eq!(people(1001), "1,001 people");
        assert_eq!(elapsed(Duration::from_secs(761)), "00:12:41");
    }
}
