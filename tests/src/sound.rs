//! One channel of sound in memory, and WAV files.

use std::path::Path;

/// The rate at which everything here is measured.
pub const RATE: u32 = 48_000;

/// Samples of one channel at [`RATE`], full scale ±1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sound(pub Vec<f32>);

impl Sound {
    /// Silence of so many seconds.
    pub fn silence(seconds: f32) -> Self {
        Self(vec![0.0; (seconds * RATE as f32) as usize])
    }

    /// A sine of this frequency; `level` is its amplitude.
    pub fn sine(hz: f32, level: f32, seconds: f32) -> Self {
        let step = std::f32::consts::TAU * hz / RATE as f32;
        let samples =
            (0..(seconds * RATE as f32) as usize).map(|n| level * (n as f32 * step).sin());
        Self(samples.collect())
    }

    /// Reads a WAV file at [`RATE`], all channels averaged into one.
    pub fn read(path: &Path) -> Result<Self, hound::Error> {
        let mut reader = hound::WavReader::open(path)?;
        let spec = reader.spec();
        assert_eq!(spec.sample_rate, RATE, "{}", path.display());
        let samples: Vec<f32> = match spec.sample_format {
            hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
            hound::SampleFormat::Int => {
                let scale = 1.0 / (1u64 << (spec.bits_per_sample - 1)) as f32;
                let scaled = reader.samples::<i32>().map(|s| Ok(s? as f32 * scale));
                scaled.collect::<Result<_, hound::Error>>()?
            }
        };
        let frames = samples.chunks_exact(usize::from(spec.channels));
        let mixed = frames.map(|frame| frame.iter().sum::<f32>() / frame.len() as f32);
        Ok(Self(mixed.collect()))
    }

    /// Writes a 16-bit WAV file.
    pub fn write(&self, path: &Path) -> Result<(), hound::Error> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec)?;
        for sample in &self.0 {
            writer.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
        }
        writer.finalize()
    }

    /// This sound with the other after it.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The part between two times in seconds, as far as it exists.
    #[must_use]
    pub fn between(&self, from: f32, to: f32) -> Self {
        let at = |seconds: f32| ((seconds * RATE as f32) as usize).min(self.0.len());
        Self(self.0[at(from)..at(to)].to_vec())
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f32 {
        self.0.len() as f32 / RATE as f32
    }

    /// Mean level in dB below full scale (a full-scale square wave is 0); silence is −120.
    pub fn level_dbfs(&self) -> f32 {
        let power = self.0.iter().map(|s| s * s).sum::<f32>() / self.0.len().max(1) as f32;
        10.0 * power.max(1e-12).log10()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wav_file_keeps_what_it_was_given() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sine.wav");
        let sine = Sound::sine(440.0, 0.5, 0.1);
        sine.write(&path).unwrap();
        let read = Sound::read(&path).unwrap();
        assert_eq!(read.0.len(), 4800);
        assert!((read.level_dbfs() - -9.03).abs() < 0.01);
    }

    #[test]
    fn silence_is_far_down() {
        assert_eq!(Sound::silence(1.0).level_dbfs(), -120.0);
    }
}
