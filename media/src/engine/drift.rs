//! Keeps a ring at its level although the clocks at its two ends differ.

/// A proportional-integral controller; call [`Drift::update`] once a step.
///
/// A ring integrates the difference of the two clocks, so a proportional part alone would leave
/// an offset; with `INTEGRAL = PROPORTIONAL² / 4` the loop is critically damped. It is slow and gentle: what a busy
/// computer makes of the level is no clock, and sound that is bent by turns is worse than a level that is off.
/// A difference of 200 ppm moves the level by about 5 ms and is gone after some minutes.
#[derive(Debug, Default)]
pub(super) struct Drift {
    smooth_secs: f64,
    integral: f64,
}

impl Drift {
    /// Takes by how much the ring is too full, in seconds; gives by what part to read faster or write slower.
    pub(super) fn update(&mut self, error_secs: f64) -> f64 {
        self.smooth_secs += (error_secs - self.smooth_secs) * SMOOTHING;
        let change = self.smooth_secs * INTEGRAL * STEP_SECS;
        self.integral = (self.integral + change).clamp(-MAX_INTEGRAL, MAX_INTEGRAL);
        (self.smooth_secs * PROPORTIONAL + self.integral).clamp(-MAX_DRIFT, MAX_DRIFT)
    }

    /// By how much the ring is too full, in seconds, over the last half second.
    pub(super) fn level_secs(&self) -> f64 {
        self.smooth_secs
    }

    /// The level has been changed by so many seconds.
    pub(super) fn shift_level(&mut self, secs: f64) {
        self.smooth_secs += secs;
    }

    /// The level has been set by force: what is known of the clocks stays.
    pub(super) fn forget_level(&mut self) {
        self.smooth_secs = 0.0;
    }
}

const STEP_SECS: f64 = 0.01;
/// Over half a second, so that the bursts of a device do not show as changes of pitch.
const SMOOTHING: f64 = 0.02;
/// 1 ms too much is worth 30 ppm.
const PROPORTIONAL: f64 = 0.03;
const INTEGRAL: f64 = PROPORTIONAL * PROPORTIONAL / 4.0;
/// Two bad crystals, each off by 100 ppm, and as much again.
const MAX_INTEGRAL: f64 = 4e-4;
/// Half a millisecond in a second: within a word the sound keeps its shape.
const MAX_DRIFT: f64 = 5e-4;

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten minutes of a ring whose writer is faster than its reader by `ppm`; gives the largest and the last error.
    fn run(ppm: f64, start_secs: f64) -> (f64, f64) {
        let mut drift = Drift::default();
        let mut error = start_secs;
        let mut largest = 0.0f64;
        for _ in 0..60_000 {
            let correction = drift.update(error);
            error += STEP_SECS * (ppm * 1e-6 - correction);
            largest = largest.max(error.abs());
        }
        (largest, error.abs())
    }

    #[test]
    fn clocks_200_ppm_apart_stay_together() {
        for ppm in [-200.0, 200.0] {
            let (largest, last) = run(ppm, 0.0);
            assert!(largest < 6e-3, "{largest}");
            assert!(last < 1e-4, "{last}");
        }
    }

    #[test]
    fn a_wrong_level_is_brought_back() {
        let (largest, last) = run(0.0, 0.030);
        assert!(largest < 0.031, "{largest}");
        assert!(last < 1e-4, "{last}");
    }
}
