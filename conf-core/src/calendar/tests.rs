//! Who meets when, and who is in whose way.
use std::time::{Duration, UNIX_EPOCH};

use directory::catalogue::Catalogue;
use directory::description::NtpTime;
use proptest::prelude::*;

use super::*;

fn at(minute: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_507_200 + 60 * minute)
}

fn ntp(minute: u64) -> u64 {
    NtpTime::from_system(at(minute)).0
}

fn describe(id: u64, group: &str, kbit_per_s: u64, times: &str) -> Description {
    let text = format!(
        "v=0\r\no=- {id} 1 IN IP4 192.0.2.1\r\ns=Talk {id}\r\nc=IN IP4 {group}\r\nb=AS:{kbit_per_s}\r\n\
         {times}\r\nm=audio 5004 RTP/AVP 0\r\n"
    );
    Description::parse(text.as_bytes()).unwrap()
}

fn held(id: u64, kbit_per_s: u64, minutes: Range<u64>) -> Description {
    let times = format!("t={} {}", ntp(minutes.start), ntp(minutes.end));
    describe(id, "239.255.7.7/15", kbit_per_s, &times)
}

fn listed(descriptions: impl IntoIterator<Item = Description>) -> Arc<Vec<Arc<Entry>>> {
    let mut catalogue = Catalogue::new();
    for description in descriptions {
        catalogue.set_own(Arc::new(description));
    }
    catalogue.snapshot(at(0))
}

fn minutes(range: &Range<SystemTime>) -> Range<u64> {
    let minute = |time: SystemTime| time.duration_since(at(0)).unwrap().as_secs() / 60;
    minute(range.start)..minute(range.end)
}

const HOUR: Range<u64> = 0..60;

fn span(minutes: Range<u64>) -> Range<SystemTime> {
    at(minutes.start)..at(minutes.end)
}

#[test]
fn repeated_conference_is_in_the_agenda_each_time() {
    let daily = format!("t={} {}\r\nr=1d 30m 0", ntp(10), ntp(10 * 1_440));
    let entries = listed([
        describe(1, "239.255.7.7/15", 64, &daily),
        describe(2, "239.255.7.8/15", 64, "t=0 0"),
    ]);
    let agenda = agenda(&entries, &span(0..2 * 1_440));
    let times: Vec<_> = agenda
        .iter()
        .map(|booking| (booking.name.as_str(), minutes(&booking.time)))
        .collect();
    assert_eq!(
        times,
        [
            ("Talk 2", 0..2_880),
            ("Talk 1", 10..40),
            ("Talk 1", 1_450..1_480)
        ]
    );
}

#[test]
fn load_rises_and_falls_with_what_is_held() {
    let entries = listed([
        held(1, 100, 0..20),
        held(2, 200, 10..30),
        held(3, 400, 30..40),
        describe(4, "239.192.1.1/63", 800, "t=0 0"),
    ]);
    let agenda = agenda(&entries, &span(HOUR));
    let site: Vec<_> = load(&agenda, Scope::Site)
        .iter()
        .map(|load| (minutes(&load.time), load.kbit_per_s))
        .collect();
    assert_eq!(
        site,
        [(0..10, 100), (10..20, 300), (20..30, 200), (30..40, 400)]
    );
    let wide = load(&agenda, Scope::Organisation);
    assert_eq!((minutes(&wide[0].time), wide[0].kbit_per_s), (HOUR, 800));
    assert!(load(&agenda, Scope::Room).is_empty());
}

#[test]
fn clash_names_who_is_in_the_way_and_when() {
    let entries = listed([
        held(1, 600, 0..20),
        held(2, 600, 30..50),
        describe(3, "239.192.1.1/63", 9_000, "t=0 0"),
    ]);
    let budget = Budget::default().with(Scope::Site, 1_000);
    let wanted = held(9, 500, 10..40);
    let found: Vec<_> = clashes(&wanted, &entries, &budget, &span(HOUR))
        .into_iter()
        .map(|clash| {
            (
                minutes(&clash.time),
                clash.kbit_per_s,
                clash.with[0].1.clone(),
            )
        })
        .collect();
    let expected = [
        (10..20, 1_100, "Talk 1".to_owned()),
        (30..40, 1_100, "Talk 2".to_owned()),
    ];
    assert_eq!(found, expected);
    assert!(clashes(&held(9, 400, 10..40), &entries, &budget, &span(HOUR)).is_empty());
}

#[test]
fn conference_does_not_clash_with_its_own_older_version() {
    let entries = listed([held(1, 600, 0..20)]);
    let budget = Budget::default().with(Scope::Site, 1_000);
    assert!(clashes(&held(1, 700, 0..20), &entries, &budget, &span(HOUR)).is_empty());
    let alone = clashes(&held(2, 1_100, 0..20), &[], &budget, &span(HOUR));
    assert_eq!(
        (alone.len(), alone[0].with.len()),
        (1, 0),
        "too much by itself"
    );
}

#[test]
fn hostile_repetition_is_bounded() {
    let entries = listed([describe(
        1,
        "239.255.7.7/15",
        64,
        &format!("t={} 0\r\nr=1 1 0", ntp(0)),
    )]);
    assert_eq!(agenda(&entries, &span(0..100_000)).len(), MAX_OCCURRENCES);
}

proptest! {
    #[test]
    fn load_at_any_minute_is_the_sum_of_what_is_held_then(
        talks in prop::collection::vec((0..50u64, 1..20u64, 1..1_000u64), 0..12),
        minute in 0..60u64,
    ) {
        let entries = listed(talks.iter().enumerate().map(|(id, (start, length, kbit_per_s))| {
            held(id as u64, *kbit_per_s, *start..start + length)
        }));
        let loads = load(&agenda(&entries, &span(HOUR)), Scope::Site);
        let here = loads.iter().find(|load| load.time.contains(&at(minute)));
        let is_on = |(start, length, _): &&(u64, u64, u64)| (*start..start + length).contains(&minute);
        let expected: u64 = talks.iter().filter(is_on).map(|(_, _, kbit_per_s)| kbit_per_s).sum();
        prop_assert_eq!(here.map_or(0, |load| load.kbit_per_s), expected);
        prop_assert!(loads.windows(2).all(|pair| pair[0].time.end <= pair[1].time.start));
    }
}
