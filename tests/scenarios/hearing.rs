//! People in a whole conference hear each other, whatever the weather.

use std::time::Duration;

use conf_core::{ConferenceEvent, Departure, Description};
use conf_tests::lan::{Lan, Weather};
use conf_tests::meeting::{Attendee, hold};
use conf_tests::sound::Sound;
use conf_tests::{noticeboard, speech, tone};

fn description() -> Description {
    noticeboard::described(7, "10.0.0.1".parse().unwrap())
}

/// Vowels of changing pitch and length with pauses between: no recording is needed, and no two seeds say the same.
fn chatter(seed: u64, seconds: f32) -> Sound {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut sound = Sound::default();
    while sound.seconds() < seconds {
        let (pitch, length) = (90.0 + 130.0 * rng.f32(), 0.1 + 0.25 * rng.f32());
        let bright = 400.0 + 1200.0 * rng.f32();
        let harmonics = (1..16).map(|n| pitch * n as f32);
        let mut vowel = Sound::silence(length);
        for hz in harmonics {
            let level = 0.15 / (1.0 + ((hz - bright) / 300.0).powi(2));
            let partial = Sound::sine(hz, level, length);
            vowel
                .0
                .iter_mut()
                .zip(&partial.0)
                .for_each(|(sum, sample)| *sum += sample);
        }
        let count = vowel.0.len() as f32;
        let shape = |n: usize| (std::f32::consts::PI * n as f32 / count).sin();
        vowel
            .0
            .iter_mut()
            .enumerate()
            .for_each(|(n, sample)| *sample *= shape(n));
        let pause = Sound::silence(0.02 + 0.15 * rng.f32());
        sound = sound.then(&vowel).then(&pause);
    }
    sound
}

/// Two who talk at once for ten seconds; gives how each heard the other, and himself.
fn talk(weather: Weather) -> [[speech::Likeness; 2]; 2] {
    let mut lan = Lan::new(weather);
    let said = [1, 2].map(|seed| Sound::silence(1.0).then(&chatter(seed, 10.0)));
    let names = ["Alice", "Bob"].into_iter().zip(&said);
    let join =
        |(name, said): (&str, &Sound)| Attendee::join(&mut lan, &description(), name, said.clone());
    let mut attendees: Vec<_> = names.map(join).collect();
    hold(&mut lan, &mut attendees, Duration::from_secs(12));
    [[1, 0], [0, 1]].map(|[other, own]| {
        [other, own].map(|person| speech::compare(&said[person], &attendees[own].heard))
    })
}

#[test]
fn two_who_talk_at_once_hear_each_other_and_not_themselves() {
    for [other, own] in talk(Weather::FAIR) {
        assert!(other.0.len() >= 15, "{other:?}");
        assert!(other.is_same_speech(), "{other:?}");
        assert!(own.is_absent(), "{own:?}");
    }
}

#[test]
fn packets_that_overtake_each_other_and_come_twice_do_no_harm() {
    let weather = Weather {
        loss_percent: 0,
        jitter: Duration::from_millis(40),
        ..Weather::STORM
    };
    for [other, _] in talk(weather) {
        assert!(other.is_same_speech(), "{other:?}");
    }
}

#[test]
fn at_five_percent_loss_most_is_still_understood() {
    let weather = Weather {
        loss_percent: 5,
        ..Weather::FAIR
    };
    for [other, _] in talk(weather) {
        let (share, median) = (other.share_above(0.8), other.median());
        assert!(
            share >= 0.8 && median >= 0.85,
            "{share} {median}: {other:?}"
        );
    }
}

#[test]
fn five_people_hear_the_four_others_mixed() {
    let mut lan = Lan::new(Weather::FAIR);
    let tones = [400.0, 600.0, 900.0, 1300.0, 1900.0];
    let join = |hz: f32| {
        let said = Sound::sine(hz, 0.1, 5.0);
        Attendee::join(&mut lan, &description(), &format!("{hz} Hz"), said)
    };
    let mut attendees: Vec<_> = tones.into_iter().map(join).collect();
    hold(&mut lan, &mut attendees, Duration::from_secs(5));
    for (attendee, own) in attendees.iter().zip(tones) {
        let heard = attendee.heard.between(2.0, 4.0);
        for hz in tones {
            let level = tone::level_dbfs(&heard, hz);
            let is_right = if hz == own {
                level < -60.0
            } else {
                level > -26.0
            };
            assert!(is_right, "{own} Hz hears {hz} Hz at {level} dB");
        }
        let joined =
            |event: &&ConferenceEvent| matches!(event, ConferenceEvent::PersonJoined { .. });
        assert_eq!(attendee.events.iter().filter(joined).count(), 4);
    }
}

#[test]
fn who_joins_while_somebody_talks_hears_it_within_150_milliseconds() {
    let mut lan = Lan::new(Weather::FAIR);
    let talk = Sound::sine(500.0, 0.3, 5.0);
    let mut attendees = vec![Attendee::join(&mut lan, &description(), "Alice", talk)];
    hold(&mut lan, &mut attendees, Duration::from_secs(2));
    let late = Attendee::join(&mut lan, &description(), "Bob", Sound::default());
    attendees.push(late);
    hold(&mut lan, &mut attendees, Duration::from_secs(1));
    let heard = &attendees[1].heard;
    let first = heard.0.iter().position(|sample| sample.abs() > 0.05);
    let after = first.map(|sample| sample as f32 / 48_000.0);
    assert!(after.is_some_and(|after| after <= 0.150), "{after:?} s");
}

#[test]
fn who_leaves_a_conference_has_left_within_a_moment_and_the_other_sees_the_goodbye() {
    let mut lan = Lan::new(Weather::FAIR);
    let join = |name| Attendee::join(&mut lan, &description(), name, Sound::default());
    let mut attendees: Vec<_> = ["Alice", "Bob"].map(join).into();
    hold(&mut lan, &mut attendees, Duration::from_secs(10));
    attendees[1].control.leave();
    hold(&mut lan, &mut attendees, Duration::from_millis(100));
    assert!(lan.is_finished(attendees[1].host));
    assert_eq!(attendees[1].events.last(), Some(&ConferenceEvent::Left));
    let goodbye = |event: &ConferenceEvent| {
        matches!(
            event,
            ConferenceEvent::PersonLeft {
                departure: Departure::Goodbye(_),
                ..
            }
        )
    };
    assert!(
        attendees[0].events.iter().any(goodbye),
        "{:?}",
        attendees[0].events
    );
}
