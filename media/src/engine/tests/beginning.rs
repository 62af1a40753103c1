//! The first words of a talk are heard as they were said.
use std::rc::Rc;
use std::time::Duration;

use super::line::{Line, ms};
use super::sound::{second_by_second, voice};

/// Four seconds of talk that begin after a silence, over a network whose packets come after `least` and up to `spread`
/// more; how alike each second of it is to what was heard.
fn talk(
    voice: &Rc<dyn Fn(usize) -> f32>,
    silence: Duration,
    least: Duration,
    spread: Duration,
    seed: u64,
) -> (Line, Vec<f64>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let spread_us = u64::try_from(spread.as_micros()).unwrap();
    let first = usize::try_from(silence.as_millis()).unwrap() * 48;
    let voice = Rc::clone(voice);
    let mut line = Line::opus();
    line.microphone = Box::new(move |n| n.checked_sub(first).map_or(0.0, &*voice));
    line.fate = Box::new(move |_| vec![least + Duration::from_micros(rng.u64(0..=spread_us))]);
    line.run(silence + ms(4_500));
    let said: Vec<f32> = (first..first + 192_000).map(&line.microphone).collect();
    let alike = second_by_second(&said, &line.heard[first..]);
    (line, alike)
}

fn is_same_speech(alike: &[f64]) -> bool {
    let good = alike.iter().filter(|window| **window >= 0.8).count();
    let mut sorted = alike.to_vec();
    sorted.sort_by(f64::total_cmp);
    good * 20 >= alike.len() * 19 && sorted[alike.len() / 2] >= 0.9
}

#[test]
fn on_a_wire_the_first_word_is_whole_and_nothing_is_stretched() {
    let voice: Rc<dyn Fn(usize) -> f32> = Rc::new(voice());
    for least in [0, 1, 5, 9] {
        for silence in [0, 1_000] {
            let (line, alike) = talk(&voice, ms(silence), ms(least), ms(0), 1);
            let counters = line.counters();
            assert!(
                alike.iter().all(|window| *window >= 0.9),
                "{least} {silence}: {alike:?} {counters:?}"
            );
            let changed = counters.accelerated_ms + counters.expanded_ms;
            assert_eq!((changed, counters.late), (0, 0), "{least}: {counters:?}");
            // With 20 ms of packet and 6.5 ms of Opus, at most 44 ms, and 39 ms on average.
            assert!(line.status().delay_ms < 17.6, "{:?}", line.status());
        }
    }
}

#[test]
fn with_a_little_jitter_the_first_word_is_whole() {
    let voice: Rc<dyn Fn(usize) -> f32> = Rc::new(voice());
    for spread in [5, 10, 15] {
        for silence in [0, 1_000] {
            let mut all = Vec::new();
            for seed in 0..5 {
                let (line, alike) = talk(&voice, ms(silence), ms(seed), ms(spread), seed);
                all.extend(alike);
                assert!(line.status().delay_ms < 40.0, "{:?}", line.status());
            }
            assert!(is_same_speech(&all), "{spread} {silence}: {all:?}");
        }
    }
}
