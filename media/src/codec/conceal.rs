//! Makes up sound for what is missing where the coder itself cannot: the last pitch period, again and again, fading.

/// Remembers the last sound and continues it.
#[derive(Debug)]
pub(super) struct Concealer {
    channels: usize,
    /// The last [`HISTORY`] frames, then what was made up.
    history: Vec<f32>,
    made: usize,
    lag: usize,
}

impl Concealer {
    pub(super) fn new(channels: usize) -> Self {
        let mut history = Vec::with_capacity((2 * HISTORY + FADE_END + RESUME) * channels);
        history.resize(HISTORY * channels, 0.0);
        Self {
            channels,
            history,
            made: 0,
            lag: MIN_LAG,
        }
    }

    /// Takes sound that was decoded; after something made up, its beginning is blended with what would have followed.
    pub(super) fn feed(&mut self, samples: &mut [f32]) {
        if self.made > 0 {
            self.resume(samples);
        }
        let keep = HISTORY * self.channels;
        let newest = samples.len().saturating_sub(keep);
        self.history.extend(samples.iter().skip(newest));
        let old = self.history.len().saturating_sub(keep);
        self.history.drain(..old);
    }

    /// Fills `out` with what might have come.
    pub(super) fn extend(&mut self, out: &mut [f32]) {
        if self.made == 0 {
            self.lag = best_lag(&self.history, self.channels);
        }
        for frame in out.chunks_exact_mut(self.channels) {
            self.make_frame(frame);
        }
    }

    /// Silence before.
    pub(super) fn reset(&mut self) {
        self.history.clear();
        self.history.resize(HISTORY * self.channels, 0.0);
        self.made = 0;
    }

    fn make_frame(&mut self, frame: &mut [f32]) {
        let gain = fade(self.made);
        self.made += 1;
        if gain <= 0.0 {
            frame.fill(0.0);
            return;
        }
        let back = self.history.len().saturating_sub(self.lag * self.channels);
        for (offset, sample) in frame.iter_mut().enumerate() {
            let repeated = self.history.get(back + offset).copied().unwrap_or_default();
            self.history.push(repeated);
            *sample = repeated * gain;
        }
    }

    fn resume(&mut self, samples: &mut [f32]) {
        let so_far = self.history.len();
        let mut made = [0.0; 2];
        let made = made.get_mut(..self.channels).unwrap_or_default();
        for (index, frame) in samples
            .chunks_exact_mut(self.channels)
            .take(RESUME)
            .enumerate()
        {
            self.make_frame(made);
            let weight = ratio(index + 1, RESUME + 1);
            for (sample, made) in frame.iter_mut().zip(made.iter()) {
                *sample = *sample * weight + *made * (1.0 - weight);
            }
        }
        // What was made up stays, so that the history has no jump that a later repetition would bring back.
        self.history.truncate(so_far);
        self.made = 0;
    }
}

/// The distance at which the end of the sound looks most like what was before it: every fourth sample, then exactly.
fn best_lag(history: &[f32], channels: usize) -> usize {
    let coarse = (MIN_LAG..=MAX_LAG).step_by(4).max_by(|a, b| {
        similarity(history, channels, *a, 4).total_cmp(&similarity(history, channels, *b, 4))
    });
    let near = coarse.unwrap_or(MIN_LAG);
    (near.saturating_sub(3).max(MIN_LAG)..=(near + 3).min(MAX_LAG))
        .max_by(|a, b| {
            similarity(history, channels, *a, 1).total_cmp(&similarity(history, channels, *b, 1))
        })
        .unwrap_or(near)
}

/// Normalised correlation of the last [`COMPARED`] frames with those `lag` before them.
fn similarity(history: &[f32], channels: usize, lag: usize, every: usize) -> f32 {
    let newest = history
        .iter()
        .rev()
        .step_by(channels * every)
        .take(COMPARED / every);
    let older = history
        .iter()
        .rev()
        .skip(lag * channels)
        .step_by(channels * every);
    let (mut dot, mut energy) = (0.0, 1e-9);
    for (x, y) in newest.zip(older) {
        dot += x * y;
        energy += y * y;
    }
    dot / f32::sqrt(energy)
}

fn fade(made: usize) -> f32 {
    1.0 - ratio(made.saturating_sub(FADE_START), FADE_END - FADE_START)
}

#[expect(clippy::cast_precision_loss, reason = "both are far below 2^24")]
fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole as f32
}

/// 2.5 ms: voices above 400 Hz repeat a multiple of their period.
const MIN_LAG: usize = 120;
/// 15 ms: the deepest voices (ITU-T G.711 appendix I has the same).
const MAX_LAG: usize = 720;
/// 20 ms hold at least one period of every voice.
const COMPARED: usize = 960;
const HISTORY: usize = MAX_LAG + COMPARED;
/// As ITU-T G.711 appendix I: full for 10 ms, silent after 60 ms.
const FADE_START: usize = 480;
const FADE_END: usize = 2_880;
/// 4 ms of blending when sound is there again.
const RESUME: usize = 192;

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frames: usize, start: usize) -> Vec<f32> {
        (start..start + frames)
            .map(|n| (n as f32 * 0.0575).sin() * 0.5)
            .collect()
    }

    fn max_step(samples: &[f32]) -> f32 {
        samples
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_lost_packet_in_a_tone_does_not_click() {
        let mut concealer = Concealer::new(1);
        let mut sound = tone(4_800, 0);
        concealer.feed(&mut sound);
        let mut gap = vec![0.0; 960];
        concealer.extend(&mut gap);
        let mut after = tone(4_800, 5_760);
        concealer.feed(&mut after);
        let all = [sound, gap, after].concat();
        assert!(max_step(&all) < 0.05, "{}", max_step(&all));
        assert!(crate::dsp::level::power(&all[4_800..5_280]) > 0.11);
    }

    #[test]
    fn a_long_gap_ends_in_silence_without_growing() {
        let mut concealer = Concealer::new(2);
        let mut sound: Vec<f32> = tone(4_800, 0).into_iter().flat_map(|x| [x, -x]).collect();
        concealer.feed(&mut sound);
        let capacity = concealer.history.capacity();
        let mut gap = vec![1.0; 96_000];
        concealer.extend(&mut gap);
        assert!(gap[2 * FADE_END..].iter().all(|x| *x == 0.0));
        concealer.feed(&mut sound);
        assert_eq!(concealer.history.capacity(), capacity);
    }

    #[test]
    fn each_channel_continues_its_own_sound() {
        let mut concealer = Concealer::new(2);
        let mut sound: Vec<f32> = tone(4_800, 0).into_iter().flat_map(|x| [x, 0.0]).collect();
        concealer.feed(&mut sound);
        let mut gap = vec![1.0; 480];
        concealer.extend(&mut gap);
        assert!(gap.chunks(2).all(|frame| frame[1] == 0.0));
        assert!(crate::dsp::level::power(&gap) > 0.05);
    }
}
