//! The codings of sound that a draft can choose, and the lines that describe them.
use std::fmt;
use std::str::FromStr;

use crate::description::Media;

/// How sound is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DraftAudio {
    /// Opus at 48 kHz (RFC 7587), with in-band FEC and silent pauses.
    #[default]
    Opus,
    /// G.711 µ-law at 8 kHz, which everything understands.
    Pcmu,
    /// Uncompressed 16-bit sound at 48 kHz, mono.
    L16,
    /// Uncompressed 16-bit sound at 48 kHz, stereo.
    L16Stereo,
}

impl DraftAudio {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Opus, Self::Pcmu, Self::L16, Self::L16Stereo];

    /// The name that people read and type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Pcmu => "pcmu",
            Self::L16 => "l16",
            Self::L16Stereo => "l16-stereo",
        }
    }

    /// Milliseconds of sound in a packet, where the maker does not say.
    pub const fn ptime_ms(self) -> u16 {
        match self {
            Self::Opus | Self::Pcmu => 20,
            Self::L16 => 10,
            Self::L16Stereo => 5,
        }
    }

    /// The coding of an `m=` section, by its first payload type.
    pub(super) fn of(media: &Media) -> Option<Self> {
        let payload_type = media.payload_types().next()?;
        let Some(map) = media.attributes.rtpmap(payload_type) else {
            return (payload_type == 0).then_some(Self::Pcmu);
        };
        let encoding = map.encoding.to_ascii_lowercase();
        match (encoding.as_str(), map.clock_rate, map.channels.unwrap_or(1)) {
            ("opus", ..) => Some(Self::Opus),
            ("pcmu", 8000, 1) => Some(Self::Pcmu),
            ("l16", 48000, 1) => Some(Self::L16),
            ("l16", 48000, 2) => Some(Self::L16Stereo),
            _ => None,
        }
    }

    /// Longest packet that stays within 1,472 bytes of UDP on Ethernet; Opus goes to 120 ms (RFC 7587 section 6.1).
    pub(super) const fn max_ptime_ms(self) -> u16 {
        match self {
            Self::Opus => 120,
            Self::Pcmu => 180,
            Self::L16 => 15,
            Self::L16Stereo => 7,
        }
    }

    pub(super) const fn payload_type(self) -> u8 {
        match self {
            Self::Opus => 96,
            Self::Pcmu => 0,
            Self::L16 | Self::L16Stereo => 97,
        }
    }

    pub(super) const fn rtpmap(self) -> &'static str {
        match self {
            Self::Opus => "opus/48000/2",
            Self::Pcmu => "PCMU/8000",
            Self::L16 => "L16/48000/1",
            Self::L16Stereo => "L16/48000/2",
        }
    }

    /// FEC that the sender sets by what receivers lose, and nothing sent in pauses (RFC 7587 section 6.1).
    pub(super) const fn parameters(self) -> Option<&'static str> {
        match self {
            Self::Opus => Some("useinbandfec=1;usedtx=1"),
            Self::Pcmu | Self::L16 | Self::L16Stereo => None,
        }
    }

    /// kbit/s of one speaker with RTP, UDP and IP headers; Opus is given 64 for music, speech takes half.
    pub(super) fn kbps(self, ptime_ms: u16, is_v6: bool) -> u64 {
        let payload = match self {
            Self::Opus | Self::Pcmu => 64,
            Self::L16 => 768,
            Self::L16Stereo => 1536,
        };
        let header_bits = if is_v6 { 8 * 60 } else { 8 * 40 };
        payload + u64::div_ceil(header_bits, u64::from(ptime_ms.max(1)))
    }
}

impl fmt::Display for DraftAudio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DraftAudio {
    type Err = NotACoding;

    fn from_str(text: &str) -> Result<Self, NotACoding> {
        let mut codings = Self::ALL.into_iter();
        codings
            .find(|coding| coding.name() == text)
            .ok_or(NotACoding)
    }
}

/// The text names no coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sound is coded as opus, pcmu, l16 or l16-stereo")]
pub struct NotACoding;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_agrees_with_its_second_listing() {
        let listing = "opus 96 opus/48000/2 20 ms of 120, 80 and 88 kbit/s\n\
            pcmu 0 PCMU/8000 20 ms of 180, 80 and 88 kbit/s\n\
            l16 97 L16/48000/1 10 ms of 15, 800 and 816 kbit/s\n\
            l16-stereo 97 L16/48000/2 5 ms of 7, 1600 and 1632 kbit/s";
        let rows = DraftAudio::ALL.map(|audio| {
            let (payload_type, rtpmap) = (audio.payload_type(), audio.rtpmap());
            let (ms, max_ms) = (audio.ptime_ms(), audio.max_ptime_ms());
            let (v4, v6) = (audio.kbps(ms, false), audio.kbps(ms, true));
            format!("{audio} {payload_type} {rtpmap} {ms} ms of {max_ms}, {v4} and {v6} kbit/s")
        });
        assert_eq!(rows.join("\n"), listing);
    }

    #[test]
    fn names_both_ways() {
        for audio in DraftAudio::ALL {
            assert_eq!(audio.to_string().parse(), Ok(audio));
        }
        assert_eq!("mp3".parse::<DraftAudio>(), Err(NotACoding));
    }
}
