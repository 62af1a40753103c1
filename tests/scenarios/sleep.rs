//! A computer that has slept, or whose clock was set, knows what time it is.

use std::time::{Duration, SystemTime};

use conf_core::{Description, Problem};
use conf_tests::lan::{Lan, Weather};
use conf_tests::meeting::{Attendee, hold};
use conf_tests::noticeboard;
use conf_tests::sound::Sound;
use directory::description::{NtpTime, Time};

const HOUR: Duration = Duration::from_secs(3600);

/// When people of [`conf_tests::meeting`] join.
fn joined() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A conference that began an hour before, and ends an hour after people join.
fn two_hours() -> Description {
    let mut description = noticeboard::described(7, "10.0.0.1".parse().unwrap());

    description.times = vec![Time {
        start: NtpTime::from_system(joined() - HOUR),
        stop: NtpTime::from_system(joined() + HOUR),
        ..Time::permanent()
    }];
    description
}

#[test]
fn a_conference_that_ended_during_sleep_is_over() {
    let mut lan = Lan::new(Weather::FAIR);
    let mut people = [Attendee::join(
        &mut lan,
        &two_hours(),
        "Alice",
        Sound::default(),
    )];
    let is_over = |person: &Attendee| {
        let problems = &person.control.snapshot().problems;
        problems.contains(&Problem::ConferenceOver)
    };
    let moment = Duration::from_secs(1);
    hold(&mut lan, &mut people, moment);
    assert!(!is_over(&people[0]), "before sleeping");
    lan.set_clock(people[0].host, joined() + 2 * HOUR);
    hold(&mut lan, &mut people, moment);
    assert!(is_over(&people[0]), "after two hours of sleep");
    lan.set_clock(people[0].host, joined());
    hold(&mut lan, &mut people, moment);
    assert!(!is_over(&people[0]), "once the clock is set right");
}
