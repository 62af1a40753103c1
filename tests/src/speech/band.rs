//! The telephone band, 300 to 3400 Hz, in which speech is compared.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::sound::{RATE, Sound};

/// One second-order section (RBJ's cookbook), transposed direct form II.
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Section {
    /// Butterworth high-pass.
    fn high_pass(hz: f64) -> Self {
        let (cos, alpha) = angle(hz);
        let b = (1.0 + cos) / 2.0;
        Self::new([b, -(1.0 + cos), b], cos, alpha)
    }

    /// Butterworth low-pass.
    fn low_pass(hz: f64) -> Self {
        let (cos, alpha) = angle(hz);
        let b = (1.0 - cos) / 2.0;
        Self::new([b, 1.0 - cos, b], cos, alpha)
    }

    fn new(b: [f64; 3], cos: f64, alpha: f64) -> Self {
        let a0 = 1.0 + alpha;
        Self {
            b: b.map(|b| b / a0),
            a: [-2.0 * cos / a0, (1.0 - alpha) / a0],
            state: [0.0; 2],
        }
    }

    fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// The sound without what lies outside 300–3400 Hz (twice 12 dB per octave on each side).
pub(super) fn telephone(sound: &Sound) -> Sound {
    let mut sections = [
        Section::high_pass(300.0),
        Section::high_pass(300.0),
        Section::low_pass(3400.0),
        Section::low_pass(3400.0),
    ];
    let filter = |sample: &f32| {
        let start = f64::from(*sample);
        sections
            .iter_mut()
            .fold(start, |x, section| section.step(x)) as f32
    };
    Sound(sound.0.iter().map(filter).collect())
}

fn angle(hz: f64) -> (f64, f64) {
    let omega = TAU * hz / f64::from(RATE);
    (omega.cos(), omega.sin() * FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_the_voice_and_stops_hum_and_hiss() {
        let level = |hz| telephone(&Sound::sine(hz, 1.0, 1.0)).level_dbfs() + 3.0;
        assert!(level(1000.0).abs() < 0.5);
        assert!(level(50.0) < -50.0);
        assert!(level(12_000.0) < -40.0);
    }
}
