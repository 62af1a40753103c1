//! WAV files as mono at 48 kHz.
use std::io::Read;

use hound::{SampleFormat, WavReader};

use crate::dsp::resample::Resampler;

/// A WAV file that is being read.
pub(super) struct Wav<R: Read = std::io::BufReader<std::fs::File>> {
    reader: WavReader<R>,
    channels: usize,
    /// What an integer sample is multiplied with; `None` where samples are floats.
    scale: Option<f32>,
    resampler: Option<Resampler>,
    has_ended: bool,
}

impl<R: Read> Wav<R> {
    /// Reads the header.
    pub(super) fn new(reader: R) -> Result<Self, String> {
        let reader = WavReader::new(reader).map_err(|error| error.to_string())?;
        let spec = reader.spec();
        if spec.channels == 0 || !RATES.contains(&spec.sample_rate) {
            return Err(format!(
                "{} channels at {} Hz",
                spec.channels, spec.sample_rate
            ));
        }
        let scale = match spec.sample_format {
            SampleFormat::Int => Some(2f32.powi(1 - i32::from(spec.bits_per_sample))),
            SampleFormat::Float => None,
        };
        let resampler = (spec.sample_rate != 48_000)
            .then(|| Resampler::new(spec.sample_rate, 48_000, 1, 2 * BLOCK));
        Ok(Self {
            reader,
            channels: usize::from(spec.channels),
            scale,
            resampler,
            has_ended: false,
        })
    }

    /// Appends some samples; `false` is the end.
    pub(super) fn read(&mut self, out: &mut Vec<f32>) -> bool {
        if self.has_ended {
            return false;
        }
        let mut mono: Vec<f32> = Vec::with_capacity(BLOCK);
        while mono.len() < BLOCK && !self.has_ended {
            match self.frame() {
                Some(sample) => mono.push(sample),
                None => self.has_ended = true,
            }
        }
        let Some(resampler) = &mut self.resampler else {
            out.append(&mut mono);
            return true;
        };
        if self.has_ended {
            // Silence pushes the last samples out of the filter.
            mono.resize(mono.len() + resampler.delay(), 0.0);
        }
        let begin = out.len();
        out.resize(begin + resampler.max_output(mono.len()), 0.0);
        let written = resampler.process(&mono, out.get_mut(begin..).unwrap_or_default());
        out.truncate(begin + written);
        true
    }

    fn frame(&mut self) -> Option<f32> {
        let sum = match self.scale {
            Some(scale) => {
                let sum = sum(self.reader.samples::<i32>(), self.channels, |s| s as f32)?;
                sum * scale
            }
            None => sum(self.reader.samples::<f32>(), self.channels, |s| s)?,
        };
        Some((sum / self.channels as f32).clamp(-1.0, 1.0))
    }
}

/// The sum of one frame, or `None` where the file ends or breaks off.
fn sum<S>(
    samples: impl Iterator<Item = hound::Result<S>>,
    channels: usize,
    convert: impl Fn(S) -> f32,
) -> Option<f32> {
    let mut sum = 0.0;
    let mut count = 0;
    for sample in samples.take(channels) {
        sum += convert(sample.ok()?);
        count += 1;
    }
    (count == channels).then_some(sum)
}

/// Frames of a read.
const BLOCK: usize = 4_096;
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hound::{WavSpec, WavWriter};
    use proptest::prelude::*;

    use super::*;

    fn wav(rate: u32, bits: u16, channels: u16, frames: usize) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: bits,
            sample_format: if bits == 32 {
                SampleFormat::Float
            } else {
                SampleFormat::Int
            },
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for _ in 0..frames {
            for channel in 0..channels {
                // The first channel carries everything, so that the mean shows the mixing down.
                let value = if channel == 0 { 0.5 } else { 0.0 };
                if bits == 32 {
                    writer.write_sample(value).unwrap();
                } else {
                    let full = 2f32.powi(i32::from(bits) - 1);
                    writer.write_sample((value * full) as i32).unwrap();
                }
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    fn all(bytes: Vec<u8>) -> Vec<f32> {
        let mut wav = Wav::new(Cursor::new(bytes)).unwrap();
        let mut out = Vec::new();
        while wav.read(&mut out) {}
        out
    }

    #[test]
    fn every_rate_depth_and_number_of_channels_is_read() {
        for rate in [8_000, 11_025, 44_100, 48_000, 96_000] {
            for bits in [8, 16, 24, 32] {
                for channels in [1, 2, 6] {
                    let out = all(wav(rate, bits, channels, rate as usize / 2));
                    let middle = out[12_000];
                    let expected = 0.5 / f32::from(channels);
                    assert!((24_000..=24_010).contains(&out.len()), "{rate}");
                    assert!((middle - expected).abs() < 0.01, "{rate} {bits} {channels}");
                }
            }
        }
    }

    #[test]
    fn a_truncated_file_is_played_as_far_as_it_goes() {
        let mut bytes = wav(48_000, 16, 1, 1_000);
        bytes.truncate(44 + 2 * 300);
        assert_eq!(all(bytes).len(), 300);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(
            bytes in prop::collection::vec(any::<u8>(), 0..200), head in 0usize..60,
        ) {
            let mut file = wav(8_000, 16, 2, 10);
            file.truncate(head);
            file.extend_from_slice(&bytes);
            if let Ok(mut wav) = Wav::new(Cursor::new(file)) {
                let mut out = Vec::new();
                while wav.read(&mut out) && out.len() < 1_000_000 {}
            }
        }
    }
}
