//! How loud it is, in dB below full scale, and what a meter should show.

/// What a meter shows when there is no sound at all.
pub const SILENCE_DBFS: f32 = -100.0;

/// Mean power of samples; a full-scale square wave has 1.
#[must_use]
pub fn power(samples: &[f32]) -> f32 {
    // Eight sums side by side let the compiler use vector registers.
    let (chunks, rest) = samples.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for chunk in chunks {
        for (sum, sample) in sums.iter_mut().zip(chunk) {
            *sum += sample * sample;
        }
    }
    let rest: f32 = rest.iter().map(|sample| sample * sample).sum();
    (sums.iter().sum::<f32>() + rest) / count(samples).max(1.0)
}

/// Power in dB below full scale, from [`SILENCE_DBFS`] to 0.
#[must_use]
pub fn dbfs_from_power(power: f32) -> f32 {
    (10.0 * power.max(1e-10).log10()).clamp(SILENCE_DBFS, 0.0)
}

/// The factor of a gain in dB.
#[must_use]
pub fn factor_from_db(db: f32) -> f32 {
    10.0_f32.powf(db / 20.0)
}

/// A meter: rises at once, falls slowly enough to be seen.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    level_dbfs: f32,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            level_dbfs: SILENCE_DBFS,
        }
    }
}

impl Meter {
    /// Takes the level of the last 10 ms.
    pub fn update(&mut self, level_dbfs: f32) {
        self.level_dbfs = level_dbfs.max(self.level_dbfs - FALL_DB).max(SILENCE_DBFS);
    }

    /// What to show.
    #[must_use]
    pub fn level_dbfs(&self) -> f32 {
        self.level_dbfs
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "blocks are far shorter than 2^24 samples"
)]
fn count(samples: &[f32]) -> f32 {
    samples.len() as f32
}

/// 20 dB in 0.7 s, a little faster than the 1.5 s of a peak programme meter (IEC 60268-10 type I): talk is quick.
const FALL_DB: f32 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_square_is_zero_and_half_is_minus_six() {
        assert_eq!(dbfs_from_power(power(&[1.0, -1.0, 1.0])), 0.0);
        let half = dbfs_from_power(power(&[0.5; 481]));
        assert!((half + 6.02).abs() < 0.01, "{half}");
        assert_eq!(dbfs_from_power(power(&[])), SILENCE_DBFS);
    }

    #[test]
    fn meter_rises_at_once_and_falls_in_time() {
        let mut meter = Meter::default();
        meter.update(-10.0);
        assert_eq!(meter.level_dbfs(), -10.0);
        (0..67).for_each(|_| meter.update(SILENCE_DBFS));
        assert!((meter.level_dbfs() + 30.1).abs() < 0.1);
    }
}
