//! The measure of the project: correlation of speech sent and speech heard, a second at a time.

use super::band::telephone;
use crate::sound::{RATE, Sound};

/// How alike speech sent and speech heard are: the correlation of each window of voiced reference.
#[derive(Clone, Debug)]
pub struct Likeness(pub Vec<f32>);

impl Likeness {
    /// The share of windows that correlate at least so much.
    pub fn share_above(&self, correlation: f32) -> f32 {
        let good = self.0.iter().filter(|window| **window >= correlation);
        good.count() as f32 / self.0.len().max(1) as f32
    }

    /// The later half of the windows.
    #[must_use]
    pub fn second_half(&self) -> Self {
        Self(self.0.get(self.0.len() / 2..).unwrap_or_default().to_vec())
    }

    /// The middle one of the windows.
    pub fn median(&self) -> f32 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f32::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    /// Whether the speech came through: 95 % of the windows at 0.8 or more, their median at 0.9 or more.
    pub fn is_same_speech(&self) -> bool {
        self.share_above(0.8) >= 0.95 && self.median() >= 0.9
    }

    /// The same but for one accident, which two windows see because they overlap: where the speech is short, and
    /// processors paint a screen or run another program's coders beside the sound.
    pub fn is_same_speech_but_for_an_accident(&self) -> bool {
        let bad = self.0.iter().filter(|window| **window < 0.8).count();
        bad <= 2 && self.median() >= 0.9
    }

    /// Whether this speech is not to be heard at all: what chance gives, and no more.
    pub fn is_absent(&self) -> bool {
        self.share_above(0.6) <= 0.05 && self.median() < 0.5
    }
}

/// Compares in the band of speech; the recording may begin long before or after the reference.
///
/// The two are first aligned as wholes by their loudness; then each window finds its own lag within
/// ±150 ms, because a jitter buffer may move it. Reference beyond the recording's end counts as not heard.
pub fn compare(reference: &Sound, heard: &Sound) -> Likeness {
    let (reference, heard) = (telephone(reference), telephone(heard));
    let lag = coarse_lag(&envelope(&reference), &envelope(&heard));
    let few = [decimate(&reference), decimate(&heard)];
    let threshold = 0.1 * rms(&reference.0);
    let starts = (0..)
        .step_by(HOP)
        .take_while(|n| n + WINDOW <= reference.0.len());
    let is_voiced = |start: &usize| {
        let frames = reference.0[*start..start + WINDOW].chunks(FRAME);
        let loud = frames.filter(|frame| rms(frame) > threshold).count();
        2 * loud * FRAME >= WINDOW
    };
    let windows = starts.filter(is_voiced).map(|start| {
        let rough = best_lag(
            &few[0],
            &few[1],
            start / STEP,
            WINDOW / STEP,
            lag / STEP as isize,
            FREE / STEP,
        );
        let near = rough.0 * STEP as isize;
        best_lag(&reference.0, &heard.0, start, WINDOW, near, STEP).1
    });
    Likeness(windows.collect())
}

/// Lag and correlation of the window's best match within `free` samples of `around`.
fn best_lag(
    reference: &[f32],
    heard: &[f32],
    start: usize,
    length: usize,
    around: isize,
    free: usize,
) -> (isize, f32) {
    let window = &reference[start..start + length];
    let free = free as isize;
    let lags = around - free..=around + free;
    let found = lags.filter_map(|lag| {
        let at = start.checked_add_signed(lag)?;
        Some((lag, correlation(window, heard.get(at..at + length)?)))
    });
    let best = found.max_by(|a, b| a.1.total_cmp(&b.1));
    best.unwrap_or((around, 0.0))
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let product = |(x, y): (&f32, &f32)| x * y;
    let both: f32 = a.iter().zip(b).map(product).sum();
    let each = |s: &[f32]| s.iter().map(|x| x * x).sum::<f32>();
    both / (each(a) * each(b)).sqrt().max(1e-9)
}

/// The lag in samples, to the frame, at which the loudness of both goes up and down together.
fn coarse_lag(reference: &[f32], heard: &[f32]) -> isize {
    let (first, last) = (-(reference.len() as isize), heard.len() as isize);
    let score = |lag: isize| -> f32 {
        let pairs = reference.iter().enumerate().filter_map(|(n, r)| {
            let h = heard.get(n.checked_add_signed(lag)?)?;
            Some(r * h)
        });
        pairs.sum()
    };
    let scored = (first..last).map(|lag| (lag, score(lag)));
    let best = scored.max_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or(0, |(lag, _)| lag) * FRAME as isize
}

/// Loudness by frame, about its mean.
fn envelope(sound: &Sound) -> Vec<f32> {
    let levels: Vec<f32> = sound.0.chunks_exact(FRAME).map(rms).collect();
    let mean = levels.iter().sum::<f32>() / levels.len().max(1) as f32;
    levels.into_iter().map(|level| level - mean).collect()
}

fn decimate(sound: &Sound) -> Vec<f32> {
    sound.0.iter().step_by(STEP).copied().collect()
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

const WINDOW: usize = RATE as usize;
const HOP: usize = WINDOW / 2;
/// 20 ms.
const FRAME: usize = RATE as usize / 50;
/// ±150 ms.
const FREE: usize = RATE as usize * 150 / 1000;
/// From 48 to 8 kHz, enough for the band.
const STEP: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    /// Syllables of noise that rise and fall at uneven intervals.
    fn babble(seed: u64, seconds: usize) -> Sound {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut samples = Vec::new();
        let mut low = 0.0;
        while samples.len() < seconds * RATE as usize {
            let length = rng.usize(5_000..15_000);
            for n in 0..length {
                low += 0.2 * (rng.f32() - 0.5 - low);
                samples.push(low * (std::f32::consts::PI * n as f32 / length as f32).sin());
            }
            samples.extend(vec![0.0; rng.usize(500..5_000)]);
        }
        Sound(samples)
    }

    #[test]
    fn the_same_speech_later_and_softer_is_the_same_speech() {
        let said = babble(1, 6);
        let softer = Sound(said.0.iter().map(|s| 0.3 * s).collect());
        let likeness = compare(&said, &Sound::silence(1.2345).then(&softer));
        assert!(likeness.is_same_speech(), "{likeness:?}");
        assert!(likeness.0.len() >= 8);
        assert!(!likeness.is_absent());
    }

    #[test]
    fn a_recording_that_starts_late_is_aligned_but_misses_its_beginning() {
        let said = babble(2, 8);
        let likeness = compare(&said, &said.between(2.0, 8.0));
        assert!(likeness.median() > 0.9, "{likeness:?}");
        assert!(!likeness.is_same_speech());
    }

    #[test]
    fn other_speech_is_absent() {
        let likeness = compare(&babble(3, 6), &babble(4, 8));
        assert!(likeness.is_absent(), "{likeness:?}");
    }

    #[test]
    fn silence_is_absent() {
        let likeness = compare(&babble(3, 6), &Sound::silence(6.0));
        assert!(likeness.is_absent(), "{likeness:?}");
    }

    #[test]
    fn a_tenth_of_a_second_missing_now_and_then_spoils_it() {
        let said = babble(5, 6);
        let broken = said.0.iter().enumerate();
        let broken = broken.map(|(n, s)| if n % 24_000 < 12_000 { 0.0 } else { *s });
        let likeness = compare(&said, &Sound(broken.collect()));
        assert!(!likeness.is_same_speech(), "{likeness:?}");
    }

    #[test]
    fn a_lag_that_wanders_is_followed() {
        let said = babble(6, 8);
        let (first, second) = (said.between(0.0, 4.0), said.between(4.0, 8.0));
        let moved = first.then(&Sound::silence(0.06)).then(&second);
        assert!(compare(&said, &moved).median() > 0.95);
    }
}
