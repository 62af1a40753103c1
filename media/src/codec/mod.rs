//! Audio coders behind two small traits: payloads in and 48 kHz sound out, and back.
mod conceal;
mod opus;
mod pcm;
#[cfg(test)]
mod tests;
pub mod video;

use crate::payload::{AudioEncoding, AudioFormat};

/// Turns payloads of one format into sound at 48 kHz, interleaved in [`AudioDecoder::channels`].
///
/// After any error the decoder can be used on: what is missing is concealed by the caller.
pub trait AudioDecoder: Send {
    /// 1 or 2; it never changes.
    fn channels(&self) -> usize;

    /// Decodes a payload to the front of `out`; gives the samples per channel.
    fn decode(&mut self, payload: &[u8], out: &mut [f32]) -> Result<usize, DecodeError>;

    /// Makes up sound for what is missing now: all of `out`, whole multiples of 2.5 ms.
    fn conceal(&mut self, out: &mut [f32]) -> Result<(), DecodeError>;

    /// Restores the packet that came before `payload` from what `payload` repeats of it: all of `out`, whole multiples
    /// of 2.5 ms. Only called where [`PayloadInfo::has_fec`] said that there is something.
    fn recover(&mut self, _payload: &[u8], out: &mut [f32]) -> Result<(), DecodeError> {
        self.conceal(out)
    }

    /// Forgets the sound before: what comes next does not follow it.
    fn reset(&mut self);
}

/// Turns sound at 48 kHz, interleaved in the channels of the format, into payloads.
pub trait AudioEncoder: Send {
    /// Samples per channel, at 48 kHz, that each call of [`AudioEncoder::encode`] takes.
    fn frame_samples(&self) -> usize;

    /// Encodes one frame; gives the bytes written, or `None` where silence need not be sent.
    ///
    /// After an error the encoder can be used on; the frame is lost.
    fn encode(&mut self, samples: &[f32], payload: &mut [u8])
    -> Result<Option<usize>, EncodeError>;

    /// The share of packets that receivers miss, in percent: 0 turns protection off, which costs quality otherwise.
    fn set_expected_loss(&mut self, _percent: u8) {}

    /// Forgets the sound before: what comes next does not follow it.
    fn reset(&mut self);
}

/// A payload that cannot be decoded; it is treated as lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It breaks the rules of its format.
    #[error("the payload breaks the rules of its format")]
    Malformed,
    /// It holds more sound than fits: more than 120 ms.
    #[error("the payload holds more than 120 ms of sound")]
    TooLong,
}

/// A frame that could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame could not be encoded")]
pub struct EncodeError;

/// A format whose coder cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no coder for payload type {payload_type}")]
pub struct UnsupportedFormat {
    /// Which one.
    pub payload_type: u8,
}

/// What a payload holds, known without decoding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadInfo {
    /// Samples per channel at 48 kHz.
    pub samples: u32,
    /// 1 or 2.
    pub channels: u8,
    /// Whether it repeats the packet before it.
    pub has_fec: bool,
}

impl PayloadInfo {
    /// Looks at a payload; `None` where it cannot be one of this format.
    #[must_use]
    pub fn of(format: &AudioFormat, payload: &[u8]) -> Option<Self> {
        match format.encoding {
            AudioEncoding::Opus => opus::payload_info(payload),
            _ => pcm::payload_info(format, payload),
        }
    }
}

/// A decoder of `format` that gives `channels` channels (1 or 2). Allocates.
pub fn decoder(
    format: &AudioFormat,
    channels: u8,
) -> Result<Box<dyn AudioDecoder>, UnsupportedFormat> {
    let unsupported = UnsupportedFormat {
        payload_type: format.payload_type,
    };
    match format.encoding {
        AudioEncoding::Opus => Ok(Box::new(
            opus::OpusDecoder::new(channels).ok_or(unsupported)?,
        )),
        _ => Ok(Box::new(pcm::PcmDecoder::new(format).ok_or(unsupported)?)),
    }
}

/// How to encode, beyond what the format says.
#[derive(Clone, Copy, Debug)]
pub struct EncoderOptions {
    /// Bit rate in bit/s (Opus); `None` chooses.
    pub bit_rate: Option<u32>,
    /// Whether silence is not sent (Opus).
    pub is_dtx_enabled: bool,
    /// The most bytes of a payload.
    pub max_payload: usize,
}

/// An encoder of `format`. Allocates.
pub fn encoder(
    format: &AudioFormat,
    options: &EncoderOptions,
) -> Result<Box<dyn AudioEncoder>, UnsupportedFormat> {
    let unsupported = UnsupportedFormat {
        payload_type: format.payload_type,
    };
    match format.encoding {
        AudioEncoding::Opus => Ok(Box::new(
            opus::OpusEncoder::new(format, options).ok_or(unsupported)?,
        )),
        _ => Ok(Box::new(
            pcm::PcmEncoder::new(format, options).ok_or(unsupported)?,
        )),
    }
}

/// The most sound of one payload, in samples per channel at 48 kHz: 120 ms, as RFC 6716 has it, for every format.
pub const MAX_PAYLOAD_SAMPLES: usize = 5_760;
