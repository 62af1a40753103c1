//! Whoever speaks is seen to speak: flash and beep of the test sources reach the others together.

use std::time::{Duration, Instant, SystemTime};

use conf_core::{Description, Draft, DraftVideo, Size, View};
use conf_tests::cinema::Cinema;
use conf_tests::lan::{Lan, Weather};
use conf_tests::meeting::{Attendee, hold};
use conf_tests::sound::{RATE, Sound};

fn description() -> Description {
    let mut draft = Draft::new("Lips", "10.0.0.1".parse().unwrap());
    draft.group = "239.255.3.1:5004".parse().ok();
    draft.video = Some(DraftVideo::plain("239.255.3.2:5006".parse().unwrap()));
    let mut rng = fastrand::Rng::with_seed(1);
    draft.describe(SystemTime::UNIX_EPOCH, &mut rng).unwrap()
}

/// Beeps of 100 ms at each full second; the first step takes the 10 ms before the beginning.
fn beeps(seconds: usize) -> Sound {
    let second = Sound::sine(1_000.0, 0.25, 0.1).then(&Sound::silence(0.9));
    (0..seconds).fold(Sound::silence(0.01), |before, _| before.then(&second))
}

/// Milliseconds by which beeps are heard after they were made, in the median.
fn beep_delay(heard: &Sound, from: usize) -> f64 {
    let second = RATE as usize;
    let seconds = heard.0.chunks_exact(second).skip(from);
    let mut delays: Vec<f64> = seconds
        .filter_map(|second| second.iter().position(|sample| sample.abs() > 0.02))
        .map(|begin| begin as f64 * 1_000.0 / f64::from(RATE))
        .collect();
    assert!(delays.len() > 10, "{}", delays.len());
    delays.sort_by(f64::total_cmp);
    delays[delays.len() / 2]
}

/// By how many milliseconds each picture is shown after it was taken.
fn picture_delays(cinema: &Cinema, start: Instant, from: u32) -> Vec<f64> {
    let shown = cinema.shown().into_iter();
    let late = shown.filter(|shown| shown.at > start + Duration::from_secs(from.into()));
    let delays = late.map(|shown| {
        let stamp = shown.stamp.unwrap();
        (shown.at - start).as_secs_f64() * 1_000.0 - f64::from(stamp.clock_ms)
    });
    delays.collect()
}

struct Measured {
    voice: f64,
    /// Sorted.
    behind: Vec<f64>,
    told: f32,
}

/// Ana is seen and heard by Bo; how pictures stand to the voice after `settle` seconds.
fn measure(weather: Weather, latency: Duration, settle: u32) -> Measured {
    let mut lan = Lan::new(weather);
    let start = lan.now();
    let cinema = Cinema::camera(start, Size::new(320, 180), latency);
    let audience = Cinema::audience(start);
    let seconds = settle + 20;
    let (description, beeps) = (description(), beeps(seconds as usize));
    let eyes = |cinema: &Cinema| Some((View::Large, Box::new(cinema.clone()) as _));
    let ana = Attendee::join_with(&mut lan, &description, "Ana", beeps, eyes(&cinema));
    let silence = Sound::default();
    let bo = Attendee::join_with(&mut lan, &description, "Bo", silence, eyes(&audience));
    let mut both = [ana, bo];
    hold(&mut lan, &mut both, Duration::from_secs(seconds.into()));
    let voice = beep_delay(&both[1].heard, settle as usize);
    let delays = picture_delays(&audience, start, settle);
    let mut behind: Vec<f64> = delays.into_iter().map(|delay| delay - voice).collect();
    behind.sort_by(f64::total_cmp);
    let snapshot = both[1].control.snapshot();
    let video = snapshot.people[0].video.unwrap();
    Measured {
        voice,
        behind,
        told: video.statistics.lip_sync.unwrap().shown_ms,
    }
}

fn assert_together(what: &str, weather: Weather, latency: Duration, settle: u32) {
    let Measured {
        voice,
        behind,
        told,
    } = measure(weather, latency, settle);
    let at = |share: f64| behind[(behind.len() as f64 * share) as usize];
    let (least, median, most) = (at(0.02), at(0.5), at(0.98));
    eprintln!(
        "{what}: voice after {voice:.1} ms, pictures {least:.1} to {most:.1} ms behind it, {median:.1} in the median, told {told:.1}"
    );
    assert!(behind.len() > 400, "{}", behind.len());
    assert!(least >= -45.0 && most <= 45.0, "{least} to {most}");
    assert!((f64::from(told) - median).abs() <= 15.0, "{told} {median}");
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn flash_and_beep_come_together_on_a_quiet_network() {
    assert_together("quiet", Weather::FAIR, 10 * MS, 10);
}

#[test]
fn flash_and_beep_come_together_where_packets_sway_and_are_lost() {
    let weather = Weather {
        latency: 30 * MS,
        jitter: 60 * MS,
        loss_percent: 2,
        ..Weather::FAIR
    };
    assert_together("swaying", weather, 10 * MS, 20);
}

#[test]
fn a_voice_waits_for_pictures_that_take_longer() {
    assert_together("slow camera", Weather::FAIR, 110 * MS, 30);
}

#[test]
fn nobody_waits_for_a_camera_that_is_too_slow_for_a_conversation() {
    let measured = measure(Weather::FAIR, 400 * MS, 30);
    assert!(measured.voice <= 170.0, "{}", measured.voice);
}
