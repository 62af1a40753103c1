//! PCMU, PCMA and L16 (RFC 3551): every sample for itself, at the rate of the format.
use super::conceal::Concealer;
use super::{
    AudioDecoder, AudioEncoder, DecodeError, EncodeError, EncoderOptions, MAX_PAYLOAD_SAMPLES,
    PayloadInfo,
};
use crate::dsp::polyphase::Polyphase;
use crate::payload::{AudioEncoding, AudioFormat, g711, l16};

pub(super) fn payload_info(format: &AudioFormat, payload: &[u8]) -> Option<PayloadInfo> {
    let frame_bytes = bytes_per_sample(format.encoding) * usize::from(format.channels);
    let frames = u64::try_from(payload.len() / frame_bytes).ok()?;
    let samples =
        u32::try_from(frames * u64::from(SAMPLE_RATE) / u64::from(format.clock_rate.hz())).ok()?;
    (1..=MAX_PAYLOAD_SAMPLES.try_into().ok()?)
        .contains(&samples)
        .then_some(PayloadInfo {
            samples,
            channels: format.channels,
            has_fec: false,
        })
}

pub(super) struct PcmDecoder {
    encoding: AudioEncoding,
    channels: usize,
    /// One for each channel, where the rate is not 48 kHz.
    converters: Vec<Polyphase>,
    /// One channel, converted.
    scratch: Vec<f32>,
    concealer: Concealer,
}

impl PcmDecoder {
    pub(super) fn new(format: &AudioFormat) -> Option<Self> {
        let channels = usize::from(format.channels);
        Some(Self {
            encoding: format.encoding,
            channels,
            converters: converters(
                format.clock_rate.hz(),
                SAMPLE_RATE,
                channels,
                MAX_PAYLOAD_SAMPLES,
            )?,
            scratch: Vec::with_capacity(MAX_PAYLOAD_SAMPLES + 1),
            concealer: Concealer::new(channels),
        })
    }

    fn expand(&mut self, payload: &[u8], out: &mut [f32]) -> usize {
        match self.encoding {
            AudioEncoding::Pcmu => self.convert(
                payload
                    .iter()
                    .map(|byte| from_i16(g711::sample_from_ulaw(*byte))),
                out,
            ),
            AudioEncoding::Pcma => self.convert(
                payload
                    .iter()
                    .map(|byte| from_i16(g711::sample_from_alaw(*byte))),
                out,
            ),
            AudioEncoding::L16 | AudioEncoding::Opus => self.convert(l16::samples(payload), out),
        }
    }

    fn convert(&mut self, samples: impl Iterator<Item = f32> + Clone, out: &mut [f32]) -> usize {
        if self.converters.is_empty() {
            let mut count = 0;
            for (to, from) in out.iter_mut().zip(samples) {
                *to = from;
                count += 1;
            }
            return count / self.channels;
        }
        let mut frames = 0;
        for (channel, converter) in self.converters.iter_mut().enumerate() {
            self.scratch.clear();
            converter.process(
                samples.clone().skip(channel).step_by(self.channels),
                &mut self.scratch,
            );
            let places = out.iter_mut().skip(channel).step_by(self.channels);
            frames = self.scratch.len();
            for (to, from) in places.zip(&self.scratch) {
                *to = *from;
            }
        }
        frames
    }
}

impl AudioDecoder for PcmDecoder {
    fn channels(&self) -> usize {
        self.channels
    }

    fn decode(&mut self, payload: &[u8], out: &mut [f32]) -> Result<usize, DecodeError> {
        let most = out.len().min(MAX_PAYLOAD_SAMPLES * self.channels);
        // A telephone payload of 1460 bytes holds 182 ms.
        let wanted = payload.len() / bytes_per_sample(self.encoding);
        let ratio = self.converters.first().map_or(1, Polyphase::most_per_input);
        if wanted * ratio > most {
            return Err(DecodeError::TooLong);
        }
        let frames = self.expand(payload, out);
        let made = out
            .get_mut(..frames * self.channels)
            .ok_or(DecodeError::TooLong)?;
        self.concealer.feed(made);
        Ok(frames)
    }

    fn conceal(&mut self, out: &mut [f32]) -> Result<(), DecodeError> {
        self.concealer.extend(out);
        Ok(())
    }

    fn reset(&mut self) {
        self.converters.iter_mut().for_each(Polyphase::reset);
        self.concealer.reset();
    }
}

pub(super) struct PcmEncoder {
    encoding: AudioEncoding,
    channels: usize,
    frame_samples: usize,
    converters: Vec<Polyphase>,
    /// One channel, converted.
    scratch: Vec<f32>,
    /// All channels in turn, at the rate of the format.
    converted: Vec<f32>,
}

impl PcmEncoder {
    pub(super) fn new(format: &AudioFormat, options: &EncoderOptions) -> Option<Self> {
        let channels = usize::from(format.channels);
        let frame_samples = frame_samples(format, options.max_payload);
        Some(Self {
            encoding: format.encoding,
            channels,
            frame_samples,
            converters: converters(SAMPLE_RATE, format.clock_rate.hz(), channels, frame_samples)?,
            scratch: Vec::with_capacity(frame_samples + 1),
            converted: Vec::with_capacity((frame_samples + 1) * channels),
        })
    }

    fn convert(&mut self, samples: &[f32]) {
        self.converted.clear();
        if self.converters.is_empty() {
            self.converted.extend_from_slice(samples);
            return;
        }
        for (channel, converter) in self.converters.iter_mut().enumerate() {
            self.scratch.clear();
            let input = samples.iter().skip(channel).step_by(self.channels).copied();
            converter.process(input, &mut self.scratch);
            self.converted
                .resize(self.scratch.len() * self.channels, 0.0);
            let places = self
                .converted
                .iter_mut()
                .skip(channel)
                .step_by(self.channels);
            for (to, from) in places.zip(&self.scratch) {
                *to = *from;
            }
        }
    }
}

impl AudioEncoder for PcmEncoder {
    fn frame_samples(&self) -> usize {
        self.frame_samples
    }

    fn encode(
        &mut self,
        samples: &[f32],
        payload: &mut [u8],
    ) -> Result<Option<usize>, EncodeError> {
        self.convert(samples);
        let compress = match self.encoding {
            AudioEncoding::Pcmu => g711::ulaw_from_sample,
            AudioEncoding::Pcma => g711::alaw_from_sample,
            AudioEncoding::L16 | AudioEncoding::Opus => {
                return Ok(Some(l16::write(&self.converted, payload)));
            }
        };
        for (byte, sample) in payload.iter_mut().zip(&self.converted) {
            *byte = compress(l16::i16_from_f32(*sample));
        }
        Ok(Some(self.converted.len().min(payload.len())))
    }

    fn reset(&mut self) {
        self.converters.iter_mut().for_each(Polyphase::reset);
    }
}

fn converters(
    from_hz: u32,
    to_hz: u32,
    channels: usize,
    max_input: usize,
) -> Option<Vec<Polyphase>> {
    if from_hz == to_hz {
        return Some(Vec::new());
    }
    (0..channels)
        .map(|_| Polyphase::new(from_hz, to_hz, max_input))
        .collect()
}

/// Whole steps of 10 ms where the payload has room for one (every rate has whole samples then), else of 2.5 ms or 1 ms.
fn frame_samples(format: &AudioFormat, max_payload: usize) -> usize {
    let wanted = crate::rtp_time::ClockRate::HZ_48000.ticks(format.ptime);
    let wanted = usize::try_from(wanted)
        .unwrap_or(usize::MAX)
        .min(MAX_PAYLOAD_SAMPLES);
    let rate = usize::try_from(format.clock_rate.hz()).unwrap_or(usize::MAX);
    let bytes = |samples: usize| {
        (samples * rate).div_ceil(48_000)
            * bytes_per_sample(format.encoding)
            * usize::from(format.channels)
    };
    let fits = |step: usize| {
        let steps = (1..=wanted / step).rfind(|steps| bytes(steps * step) <= max_payload)?;
        Some(steps * step)
    };
    fits(480)
        .or_else(|| fits(120))
        .or_else(|| fits(48))
        .unwrap_or(48)
}

const fn bytes_per_sample(encoding: AudioEncoding) -> usize {
    match encoding {
        AudioEncoding::Pcmu | AudioEncoding::Pcma => 1,
        AudioEncoding::L16 | AudioEncoding::Opus => 2,
    }
}

fn from_i16(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

const SAMPLE_RATE: u32 = 48_000;
