//! Ogg Opus files (RFC 7845) as mono at 48 kHz.
use std::io::{Read, Seek};

use ogg::PacketReader;
use opus::{Channels, Decoder};

/// An Ogg Opus file that is being read.
pub(super) struct OggOpus<R: Read + Seek = std::io::BufReader<std::fs::File>> {
    packets: PacketReader<R>,
    decoder: Decoder,
    serial: u32,
    /// Samples at the start that only prepare the decoder (RFC 7845 §4.2).
    to_skip: usize,
    pre_skip: u64,
    /// Samples given, the skipped ones too: what granule positions count (§4).
    given: u64,
}

impl<R: Read + Seek> OggOpus<R> {
    /// Reads the headers.
    pub(super) fn new(reader: R) -> Result<Self, String> {
        let mut packets = PacketReader::new(reader);
        let head = packets
            .read_packet_expected()
            .map_err(|error| error.to_string())?;
        let Some(Head { pre_skip, gain }) = Head::parse(&head.data) else {
            return Err("it holds no Opus sound of one or two channels".into());
        };
        packets
            .read_packet_expected()
            .map_err(|error| error.to_string())?;
        // The decoder mixes two channels down by itself.
        let mut decoder =
            Decoder::new(48_000, Channels::Mono).map_err(|error| error.to_string())?;
        decoder
            .set_gain(i32::from(gain))
            .map_err(|error| error.to_string())?;
        Ok(Self {
            packets,
            decoder,
            serial: head.stream_serial(),
            to_skip: usize::from(pre_skip),
            pre_skip: u64::from(pre_skip),
            given: 0,
        })
    }

    /// Appends the samples of a packet; `false` is the end, or a place that cannot be read.
    pub(super) fn read(&mut self, out: &mut Vec<f32>) -> bool {
        let Ok(Some(packet)) = self.packets.read_packet() else {
            return false;
        };
        if packet.stream_serial() != self.serial {
            return true;
        }
        let begin = out.len();
        out.resize(begin + LONGEST_PACKET, 0.0);
        let space = out.get_mut(begin..).unwrap_or_default();
        // A packet that is no Opus is left out, as a lost one would be.
        let decoded = self
            .decoder
            .decode_float(&packet.data, space, false)
            .unwrap_or(0);
        out.truncate(begin + decoded);
        self.given += decoded as u64;
        if packet.last_in_stream() {
            self.trim_end(out, begin, packet.absgp_page());
        }
        let skipped = self.to_skip.min(out.len() - begin);
        out.drain(begin..begin + skipped);
        self.to_skip -= skipped;
        true
    }

    /// The last page's position may end the sound in the middle of a packet (RFC 7845 §4.4).
    fn trim_end(&self, out: &mut Vec<f32>, begin: usize, position: u64) {
        let excess = self.given.saturating_sub(position.max(self.pre_skip));
        let excess = usize::try_from(excess).unwrap_or(usize::MAX);
        out.truncate(out.len().saturating_sub(excess).max(begin));
    }
}

/// The identification header (RFC 7845 §5.1).
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// In samples at 48 kHz.
    pre_skip: u16,
    /// In dB, with 8 bits after the point.
    gain: i16,
}

impl Head {
    /// Versions 0 to 15 are compatible; mapping family 0 is mono or stereo.
    fn parse(bytes: &[u8]) -> Option<Self> {
        match *bytes.strip_prefix(b"OpusHead")? {
            [
                version,
                1 | 2,
                skip_low,
                skip_high,
                _,
                _,
                _,
                _,
                gain_low,
                gain_high,
                0,
                ..,
            ] if version < 16 => Some(Self {
                pre_skip: u16::from_le_bytes([skip_low, skip_high]),
                gain: i16::from_le_bytes([gain_low, gain_high]),
            }),
            _ => None,
        }
    }
}

/// 120 ms.
const LONGEST_PACKET: usize = 5_760;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use ogg::{PacketWriteEndInfo, PacketWriter};
    use opus::{Application, Encoder};
    use proptest::prelude::*;

    use super::*;

    /// A 500 Hz tone of 50 packets of 20 ms, whose end the last page cuts by 100 samples.
    fn file() -> Vec<u8> {
        let mut encoder = Encoder::new(48_000, Channels::Stereo, Application::Audio).unwrap();
        let mut bytes = Vec::new();
        let mut writer = PacketWriter::new(&mut bytes);
        let mut head = b"OpusHead\x01\x02".to_vec();
        head.extend_from_slice(&312u16.to_le_bytes());
        head.extend_from_slice(&48_000u32.to_le_bytes());
        head.extend_from_slice(&[0, 0, 0]);
        let page = PacketWriteEndInfo::EndPage;
        writer.write_packet(head, 9, page, 0).unwrap();
        let tags = b"OpusTags\0\0\0\0\0\0\0\0".to_vec();
        writer.write_packet(tags, 9, page, 0).unwrap();
        for n in 0..50u64 {
            let wave = |i: u64| {
                0.5 * ((n * 960 + i / 2) as f32 * 500.0 / 48_000.0 * std::f32::consts::TAU).sin()
            };
            let frames: Vec<f32> = (0..1_920).map(wave).collect();
            let coded = encoder.encode_vec_float(&frames, 1_400).unwrap();
            let (info, position) = if n == 49 {
                (PacketWriteEndInfo::EndStream, 48_000 - 100)
            } else {
                (PacketWriteEndInfo::NormalPacket, (n + 1) * 960)
            };
            writer.write_packet(coded, 9, info, position).unwrap();
        }
        drop(writer);
        bytes
    }

    #[test]
    fn a_tone_comes_out_with_its_length() {
        let mut ogg = OggOpus::new(Cursor::new(file())).unwrap();
        let mut out = Vec::new();
        while ogg.read(&mut out) {}
        assert_eq!(out.len(), 48_000 - 100 - 312);
        let crossings = out.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0);
        assert!((493..=498).contains(&crossings.count()));
        let peak = out[1_000..].iter().fold(0.0f32, |a, b| a.max(b.abs()));
        assert!((0.45..0.55).contains(&peak), "{peak}");
    }

    #[test]
    fn the_header_is_read_as_rfc_7845_draws_it() {
        let head = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\xff\x00";
        let expected = Head {
            pre_skip: 312,
            gain: -256,
        };
        assert_eq!(Head::parse(head), Some(expected));
        assert_eq!(Head::parse(b"OpusHead\x01\x06\0\0\0\0\0\0\0\0\x01"), None);
        assert_eq!(Head::parse(b"OpusHead\x10\x01\0\0\0\0\0\0\0\0\0"), None);
        assert_eq!(Head::parse(b"OpusHead\x01"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(
            at in 0usize..3_000, bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut file = file();
            let at = at.min(file.len());
            let end = (at + bytes.len()).min(file.len());
            file.splice(at..end, bytes);
            if let Ok(mut ogg) = OggOpus::new(Cursor::new(file)) {
                let mut out = Vec::new();
                while ogg.read(&mut out) && out.len() < 1_000_000 {}
            }
        }
    }
}
