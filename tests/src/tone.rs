//! Which tones a recording holds and how loud they are.

use crate::sound::{RATE, Sound};

/// Level of the tone at this frequency in dB, 0 for a sine that reaches full scale (Goertzel, Hann window).
pub fn level_dbfs(sound: &Sound, hz: f32) -> f32 {
    let count = sound.0.len().max(1) as f64;
    let turn = std::f64::consts::TAU;
    let coefficient = 2.0 * (turn * f64::from(hz) / f64::from(RATE)).cos();
    let (mut s1, mut s2) = (0.0f64, 0.0f64);
    for (n, sample) in sound.0.iter().enumerate() {
        let window = 1.0 - (turn * n as f64 / count).cos();
        let s0 = f64::from(*sample) * window + coefficient * s1 - s2;
        (s2, s1) = (s1, s0);
    }
    let power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
    let amplitude = 2.0 * power.max(0.0).sqrt() / count;
    20.0 * amplitude.max(1e-6).log10() as f32
}

/// The loudest of the frequencies 50, 55 … 4000 Hz.
pub fn loudest_hz(sound: &Sound) -> f32 {
    let middle = sound.seconds() / 2.0;
    let second = sound.between(middle - 0.5, middle + 0.5);
    let candidates = (10..=800).map(|n| 5.0 * n as f32);
    let levels = candidates.map(|hz| (hz, level_dbfs(&second, hz)));
    let loudest = levels.max_by(|a, b| a.1.total_cmp(&b.1));
    loudest.map_or(0.0, |(hz, _)| hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_measured_at_its_own_frequency_only() {
        let sound = Sound::sine(440.0, 0.1, 1.0);
        assert!((level_dbfs(&sound, 440.0) - -20.0).abs() < 0.1);
        assert!(level_dbfs(&sound, 660.0) < -80.0);
        assert_eq!(loudest_hz(&sound), 440.0);
    }

    #[test]
    fn two_tones_are_told_apart() {
        let low = Sound::sine(440.0, 0.5, 1.0);
        let high = Sound::sine(1000.0, 0.05, 1.0);
        let both = Sound(low.0.iter().zip(&high.0).map(|(a, b)| a + b).collect());
        assert!((level_dbfs(&both, 440.0) - -6.0).abs() < 0.1);
        assert!((level_dbfs(&both, 1000.0) - -26.0).abs() < 0.1);
    }
}
