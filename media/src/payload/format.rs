//! What a payload type means: encoding, clock, channels and parameters, as a session description gives them.
use std::time::Duration;

use super::opus::OpusParameters;
use crate::rtp_time::ClockRate;

/// How sound is coded in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioEncoding {
    /// RFC 6716, RFC 7587.
    Opus,
    /// ITU-T G.711 µ-law (RFC 3551 §4.5.14).
    Pcmu,
    /// ITU-T G.711 A-law (RFC 3551 §4.5.14).
    Pcma,
    /// 16-bit linear, in network order (RFC 3551 §4.5.11).
    L16,
}

impl AudioEncoding {
    /// The name used in `a=rtpmap` (without its clock and channels).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::L16 => "L16",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Opus, Self::Pcmu, Self::Pcma, Self::L16]
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }
}

/// One payload type that can be received or sent.
///
/// What holds of one made by [`AudioFormat::from_sdp`]: the payload type is below 128, the clock is one that the
/// encoding allows and that is supported here, and there are one or two channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AudioFormat {
    /// 0 to 127 (RFC 3550 §5.1).
    pub payload_type: u8,
    /// How sound is coded.
    pub encoding: AudioEncoding,
    /// Rate of the RTP timestamps and, except for Opus, of the samples.
    pub clock_rate: ClockRate,
    /// 1 or 2: how many channels are sent. What is received may differ with Opus, where each packet says it.
    pub channels: u8,
    /// Sound in each packet sent; packets received may differ.
    pub ptime: Duration,
    /// `a=fmtp` of Opus; the defaults of RFC 7587 for the others.
    pub opus: OpusParameters,
}

impl AudioFormat {
    /// Opus at 48 kHz, mono, 20 ms, as this program offers it.
    #[must_use]
    pub fn opus(payload_type: u8) -> Self {
        Self {
            payload_type,
            encoding: AudioEncoding::Opus,
            clock_rate: ClockRate::HZ_48000,
            channels: 1,
            ptime: DEFAULT_PTIME,
            opus: OpusParameters::default(),
        }
    }

    /// What a description says of `payload_type`: `rtpmap` is (encoding, clock, channels), `fmtp` the text after the
    /// payload type. Without `rtpmap` the static table of RFC 3551 §6 holds (0, 8, 10, 11).
    ///
    /// `None` where this encoding, clock or number of channels is not supported.
    #[must_use]
    pub fn from_sdp(
        payload_type: u8,
        rtpmap: Option<(&str, u32, Option<u8>)>,
        fmtp: Option<&str>,
        ptime_ms: Option<f64>,
    ) -> Option<Self> {
        let (encoding, hz, channels) = match rtpmap {
            Some((name, hz, channels)) => {
                let encoding = AudioEncoding::from_name(name)?;
                (encoding, hz, channels.unwrap_or(1))
            }
            None => static_payload_type(payload_type)?,
        };
        let opus = match encoding {
            AudioEncoding::Opus => OpusParameters::from_fmtp(fmtp.unwrap_or_default()),
            _ => OpusParameters::default(),
        };
        let (clocks, channels): (&[u32], u8) = match encoding {
            // Its rtpmap always says 48000/2 (RFC 7587 §7); some senders leave the 2 out.
            AudioEncoding::Opus => (&[48_000], if opus.stereo { 2 } else { 1 }),
            AudioEncoding::Pcmu | AudioEncoding::Pcma => (&[8_000], channels),
            AudioEncoding::L16 => (&L16_CLOCKS, channels),
        };
        let is_supported = payload_type < 128 && clocks.contains(&hz) && matches!(channels, 1 | 2);
        is_supported.then_some(Self {
            payload_type,
            encoding,
            clock_rate: ClockRate::new(hz)?,
            channels,
            ptime: ptime_from_ms(ptime_ms),
            opus,
        })
    }
}

/// RFC 3551 §6, table 4, as far as it is supported.
const fn static_payload_type(payload_type: u8) -> Option<(AudioEncoding, u32, u8)> {
    match payload_type {
        0 => Some((AudioEncoding::Pcmu, 8_000, 1)),
        8 => Some((AudioEncoding::Pcma, 8_000, 1)),
        10 => Some((AudioEncoding::L16, 44_100, 2)),
        11 => Some((AudioEncoding::L16, 44_100, 1)),
        _ => None,
    }
}

fn ptime_from_ms(ptime_ms: Option<f64>) -> Duration {
    ptime_ms
        .filter(|ms| (MIN_PTIME_MS..=MAX_PTIME_MS).contains(ms))
        .map_or(DEFAULT_PTIME, |ms| Duration::from_secs_f64(ms / 1000.0))
}

/// RFC 3551 §4.2 and RFC 7587 §6.1 agree.
const DEFAULT_PTIME: Duration = Duration::from_millis(20);
/// Sound is sent in steps of the engine or more; AES67 senders go down to 0.125 ms, which is only received.
const MIN_PTIME_MS: f64 = 2.5;
/// The longest Opus packet (RFC 6716 §2.1.4).
const MAX_PTIME_MS: f64 = 120.0;
/// Clocks of L16 that are resampled to the 48 kHz of the mix.
const L16_CLOCKS: [u32; 5] = [8_000, 16_000, 32_000, 44_100, 48_000];

#[cfg(test)]
mod tests {
    use super::*;

    fn format(
        payload_type: u8,
        rtpmap: Option<(&str, u32, Option<u8>)>,
        fmtp: Option<&str>,
    ) -> Option<AudioFormat> {
        AudioFormat::from_sdp(payload_type, rtpmap, fmtp, None)
    }

    #[test]
    fn static_payload_types_are_those_of_rfc_3551() {
        // Copied from the RFC's table 4, in its own notation.
        let table = "0 PCMU A 8,000 1\n8 PCMA A 8,000 1\n10 L16 A 44,100 2\n11 L16 A 44,100 1";
        for row in table.lines() {
            let cells: Vec<&str> = row.split(' ').collect();
            let found = format(cells[0].parse().unwrap(), None, None).unwrap();
            assert_eq!(found.encoding.name(), cells[1]);
            let hz: u32 = cells[3].replace(',', "").parse().unwrap();
            assert_eq!(found.clock_rate.hz(), hz);
            assert_eq!(found.channels.to_string(), cells[4]);
        }
        assert_eq!(format(3, None, None), None);
        assert_eq!(format(96, None, None), None);
    }

    #[test]
    fn opus_is_mono_unless_stereo_is_asked_for() {
        let mono = format(96, Some(("OPUS", 48_000, Some(2))), None).unwrap();
        assert_eq!(mono, AudioFormat::opus(96));
        let stereo = format(96, Some(("opus", 48_000, Some(2))), Some("stereo=1")).unwrap();
        assert_eq!(stereo.channels, 2);
        assert_eq!(format(96, Some(("opus", 16_000, Some(2))), None), None);
    }

    #[test]
    fn dynamic_l16_takes_common_clocks_and_channels() {
        for hz in [8_000, 16_000, 32_000, 44_100, 48_000] {
            let found = format(97, Some(("L16", hz, Some(2))), None).unwrap();
            assert_eq!((found.clock_rate.hz(), found.channels), (hz, 2));
        }
        assert_eq!(format(97, Some(("L16", 96_000, Some(2))), None), None);
        assert_eq!(format(97, Some(("L16", 48_000, Some(8))), None), None);
        assert_eq!(format(97, Some(("G722", 8_000, None)), None), None);
        assert_eq!(format(200, Some(("PCMU", 8_000, None)), None), None);
    }

    #[test]
    fn absurd_packet_times_fall_back_to_twenty_milliseconds() {
        for ms in [f64::NAN, -1.0, 0.0, 1e300, f64::INFINITY] {
            let found = AudioFormat::from_sdp(0, None, None, Some(ms)).unwrap();
            assert_eq!(found.ptime, Duration::from_millis(20));
        }
        let found = AudioFormat::from_sdp(0, None, None, Some(2.5)).unwrap();
        assert_eq!(found.ptime, Duration::from_micros(2_500));
    }
}
