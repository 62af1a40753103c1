//! Keeps the sum of many voices below full scale without distorting one that is already there.
//!
//! Sound is delayed by one block of 1 ms, so that the gain can fall in a straight line *before* a peak comes.
use std::mem;

/// A stereo limiter with 1 ms of look-ahead; bit-exact while nothing exceeds its threshold.
#[derive(Clone, Debug)]
pub struct Limiter {
    held: [f32; BLOCK],
    /// The gain that the held block allows.
    held_gain: f32,
    /// The gain at the point between what went out and what is held.
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            held: [0.0; BLOCK],
            held_gain: 1.0,
            gain: 1.0,
        }
    }
}

impl Limiter {
    /// Limits interleaved stereo in place, delayed by 1 ms; its length is a multiple of 1 ms (48 frames), and what is
    /// beyond one is silenced. Tells whether anything had to be turned down.
    pub fn process(&mut self, samples: &mut [f32]) -> bool {
        let (blocks, rest) = samples.as_chunks_mut::<BLOCK>();
        rest.fill(0.0);
        let mut has_limited = false;
        for block in blocks {
            has_limited |= self.process_block(block);
        }
        has_limited
    }

    fn process_block(&mut self, block: &mut [f32; BLOCK]) -> bool {
        let next_gain = allowed_gain(block);
        mem::swap(&mut self.held, block);
        let end = self.held_gain.min(next_gain).min(self.gain + RELEASE);
        let start = mem::replace(&mut self.gain, end);
        self.held_gain = next_gain;
        if start >= 1.0 && end >= 1.0 {
            return false;
        }
        let slope = (end - start) / FRAMES;
        let mut gain = start;
        for frame in block.as_chunks_mut::<2>().0 {
            gain += slope;
            frame[0] = (frame[0] * gain).clamp(-1.0, 1.0);
            frame[1] = (frame[1] * gain).clamp(-1.0, 1.0);
        }
        true
    }
}

fn allowed_gain(block: &mut [f32; BLOCK]) -> f32 {
    let peak = block
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak <= THRESHOLD {
        return 1.0;
    }
    if !peak.is_finite() {
        // One broken decoder must not silence the others for ever.
        block.fill(0.0);
        return 1.0;
    }
    THRESHOLD / peak
}

/// 48 frames of two channels: 1 ms.
const BLOCK: usize = 96;
const FRAMES: f32 = 48.0;
/// 0.4 dB below full scale.
const THRESHOLD: f32 = 0.95;
/// Back to full gain within 200 ms at most: slow enough not to be heard as distortion.
const RELEASE: f32 = 0.005;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn below_the_threshold_it_only_delays() {
        let mut rng = fastrand::Rng::with_seed(1);
        let sound: Vec<f32> = (0..9_600).map(|_| rng.f32() * 1.8 - 0.9).collect();
        let mut out = sound.clone();
        assert!(!Limiter::default().process(&mut out));
        assert_eq!(out[BLOCK..], sound[..sound.len() - BLOCK]);
        assert_eq!(out[..BLOCK], [0.0; BLOCK]);
    }

    #[test]
    fn a_loud_tone_keeps_its_shape() {
        let tone = |frame: usize| 3.0 * (frame as f32 * 0.06).sin();
        let mut out: Vec<f32> = (0..48_000).flat_map(|frame| [tone(frame); 2]).collect();
        assert!(Limiter::default().process(&mut out));
        let (mut dot, mut ours, mut theirs) = (0.0, 0.0, 0.0);
        for frame in 4_800..47_000 {
            let (x, y) = (tone(frame - BLOCK / 2), out[2 * frame]);
            (dot, ours, theirs) = (dot + x * y, ours + y * y, theirs + x * x);
        }
        assert!(dot / (ours * theirs).sqrt() > 0.999);
    }

    #[test]
    fn quiet_sound_comes_back_after_a_bang() {
        let mut limiter = Limiter::default();
        limiter.process(&mut [20.0; 960]);
        limiter.process(&mut vec![0.1; 24_000]);
        let mut out = [0.1; 960];
        assert!(!limiter.process(&mut out));
        assert_eq!(out, [0.1; 960]);
    }

    #[test]
    fn broken_samples_do_not_stay() {
        let mut limiter = Limiter::default();
        limiter.process(&mut [f32::INFINITY; 960]);
        let mut out = [0.5; 960];
        limiter.process(&mut out);
        assert!(out[BLOCK..].iter().all(|sample| *sample == 0.5));
    }

    proptest! {
        #[test]
        fn nothing_ever_exceeds_full_scale(seed: u64, scale in 0.0_f32..40.0) {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut limiter = Limiter::default();
            for _ in 0..50 {
                let burst = scale * rng.f32();
                let mut block: [f32; 960] = std::array::from_fn(|_| burst * (rng.f32() * 2.0 - 1.0));
                limiter.process(&mut block);
                prop_assert!(block.iter().all(|sample| sample.abs() <= 1.0));
            }
        }
    }
}
