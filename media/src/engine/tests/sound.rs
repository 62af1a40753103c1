//! Sounds to send, and ways to tell what became of them.
use std::f64::consts::TAU;

/// A sine wave at -13 dBFS.
pub(super) fn tone(hz: f64) -> impl Fn(usize) -> f32 {
    move |n| (0.3 * (n as f64 * hz * TAU / 48_000.0).sin()) as f32
}

/// A voice that glides and articulates, and never repeats within a minute.
pub(super) fn voice() -> impl Fn(usize) -> f32 {
    let mut phase = 0.0;
    let samples: Vec<f32> = (0..960_000)
        .map(|n| {
            let time = n as f64 / 48_000.0;
            let pitch_hz =
                120.0 + 30.0 * (time * 0.71 * TAU).sin() + 11.0 * (time * 0.37 * TAU).sin();
            phase += pitch_hz / 48_000.0;
            let syllable = (time * 3.5 * TAU).sin().max(0.0);
            let formant_hz = 700.0 + 400.0 * (time * 1.3 * TAU).sin();
            let harmonic = |k: u8| {
                let off = (f64::from(k) * pitch_hz - formant_hz) / 300.0;
                (f64::from(k) * phase * TAU).sin() / (1.0 + off * off)
            };
            (0.08 * syllable * (1..24).map(harmonic).sum::<f64>()) as f32
        })
        .collect();
    move |n| samples[n % samples.len()]
}

pub(super) fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-12)
}

/// The largest step between neighbours: a click shows here.
pub(super) fn max_step(samples: &[f32]) -> f32 {
    samples
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max)
}

pub(super) fn rms(samples: &[f32]) -> f32 {
    crate::dsp::level::power(samples).sqrt()
}

/// The power that a tone of `hz` explains, in dB against the rest.
pub(super) fn tone_to_rest_db(samples: &[f32], hz: f64) -> f64 {
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (n as f64 * hz * TAU / 48_000.0).sin_cos();
        let sample = f64::from(*sample);
        re += sample * cos;
        im += sample * sin;
        all += sample * sample;
    }
    let tone = 2.0 * (re * re + im * im) / samples.len() as f64;
    10.0 * (tone / (all - tone).max(1e-9)).log10()
}

/// How alike each second of speech is to what was heard, every half second; each finds its own lag of up to 100 ms.
pub(super) fn second_by_second(said: &[f32], heard: &[f32]) -> Vec<f64> {
    let thin = |samples: &[f32]| samples.iter().step_by(6).copied().collect::<Vec<_>>();
    let (thin_said, thin_heard) = (thin(said), thin(heard));
    let window = |start: usize| {
        let rough_said = &thin_said[start / 6..][..8_000];
        let rough = |lag: usize| correlation(rough_said, &thin_heard[start / 6 + lag..][..8_000]);
        let near = (0..800).max_by(|a, b| rough(*a).total_cmp(&rough(*b)));
        let near = 6 * near.unwrap_or(0);
        let exact =
            |lag: usize| correlation(&said[start..][..48_000], &heard[start + lag..][..48_000]);
        (near.saturating_sub(6)..near + 6)
            .map(exact)
            .fold(0.0, f64::max)
    };
    (0..=said.len() - 48_000)
        .step_by(24_000)
        .map(window)
        .collect()
}
