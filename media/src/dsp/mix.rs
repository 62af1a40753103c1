//! Adding one source into the stereo sum, with its gain and its place between left and right.

/// Factors for left and right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StereoGain {
    /// Into the left speaker.
    pub left: f32,
    /// Into the right speaker.
    pub right: f32,
}

impl StereoGain {
    /// For one channel placed between left (-1) and right (1) at equal power; in the middle both have `gain`.
    #[must_use]
    pub fn panned(gain: f32, pan: f32) -> Self {
        let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
        let (sin, cos) = angle.sin_cos();
        Self {
            left: gain * cos * std::f32::consts::SQRT_2,
            right: gain * sin * std::f32::consts::SQRT_2,
        }
    }

    /// For two channels: one side is turned down, none is turned up.
    #[must_use]
    pub fn balanced(gain: f32, pan: f32) -> Self {
        let pan = pan.clamp(-1.0, 1.0);
        Self {
            left: gain * (1.0 - pan).min(1.0),
            right: gain * (1.0 + pan).min(1.0),
        }
    }
}

/// Adds `samples` (of `channels`, 1 or 2 in turn) to `sum` (left and right in turn), going from one gain to the other
/// over the block so that no change clicks.
pub fn add(sum: &mut [f32], samples: &[f32], channels: usize, from: StereoGain, to: StereoGain) {
    let (pairs, _) = sum.as_chunks_mut::<2>();
    if channels == 2 {
        let (frames, _) = samples.as_chunks::<2>();
        add_frames(pairs, frames.iter().copied(), from, to);
    } else if from == to {
        for (pair, sample) in pairs.iter_mut().zip(samples) {
            pair[0] += sample * to.left;
            pair[1] += sample * to.right;
        }
    } else {
        add_frames(
            pairs,
            samples.iter().map(|sample| [*sample, *sample]),
            from,
            to,
        );
    }
}

fn add_frames(
    pairs: &mut [[f32; 2]],
    frames: impl Iterator<Item = [f32; 2]>,
    from: StereoGain,
    to: StereoGain,
) {
    let step = 1.0 / ratio(pairs.len());
    let slope = [(to.left - from.left) * step, (to.right - from.right) * step];
    let [mut left, mut right] = [from.left, from.right];
    for (pair, frame) in pairs.iter_mut().zip(frames) {
        left += slope[0];
        right += slope[1];
        pair[0] += frame[0] * left;
        pair[1] += frame[1] * right;
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "blocks are far shorter than 2^24 samples"
)]
fn ratio(frames: usize) -> f32 {
    frames.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panning_keeps_the_power() {
        for step in -10..=10_i16 {
            let gain = StereoGain::panned(1.0, f32::from(step) / 10.0);
            let power = gain.left * gain.left + gain.right * gain.right;
            assert!((power - 2.0).abs() < 1e-5, "{step}: {power}");
        }
        let middle = StereoGain::panned(0.5, 0.0);
        assert!((middle.left - 0.5).abs() < 1e-6 && (middle.right - 0.5).abs() < 1e-6);
        assert!(StereoGain::panned(1.0, 1.0).left.abs() < 1e-6);
    }

    #[test]
    fn balance_turns_one_side_down() {
        let right = StereoGain::balanced(2.0, 1.0);
        assert_eq!((right.left, right.right), (0.0, 2.0));
    }

    #[test]
    fn sources_add_up_in_both_channels() {
        let (unity, half) = (
            StereoGain {
                left: 1.0,
                right: 1.0,
            },
            StereoGain {
                left: 0.5,
                right: 0.0,
            },
        );
        let mut sum = [0.0; 4];
        add(&mut sum, &[0.25, 0.5], 1, unity, unity);
        add(&mut sum, &[1.0, 1.0, -1.0, -1.0], 2, half, half);
        assert_eq!(sum, [0.75, 0.25, 0.0, 0.5]);
    }

    #[test]
    fn a_change_of_gain_is_a_straight_line_that_arrives() {
        let mut sum = [0.0; 960];
        add(
            &mut sum,
            &[1.0; 480],
            1,
            StereoGain::default(),
            StereoGain {
                left: 1.0,
                right: 0.5,
            },
        );
        let left: Vec<f32> = sum.iter().step_by(2).copied().collect();
        assert!(
            left.windows(2)
                .all(|pair| (pair[1] - pair[0] - 1.0 / 480.0).abs() < 1e-5)
        );
        assert!((sum[958] - 1.0).abs() < 1e-4 && (sum[959] - 0.5).abs() < 1e-4);
    }
}
