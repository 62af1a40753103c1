//! What a description says of H.264 (RFC 6184 §8.1): profile, level, packetization mode, parameter sets.
use std::fmt::Write as _;

use super::packetize::PacketizationMode;

/// `profile-level-id`: profile_idc, the constraint flags and level_idc of a sequence parameter set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileLevel(pub [u8; 3]);

impl ProfileLevel {
    /// Constrained baseline, level 3.1: 1280x720 at 30 frames a second.
    pub const CONSTRAINED_BASELINE_3_1: Self = Self([0x42, 0xE0, 0x1F]);
}

impl Default for ProfileLevel {
    /// Baseline, level 1, which holds where nothing is said.
    fn default() -> Self {
        Self([0x42, 0, 0x0A])
    }
}

/// One payload type with H.264.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct H264Format {
    /// 0 to 127.
    pub payload_type: u8,
    /// What the sender keeps to.
    pub profile_level: ProfileLevel,
    /// How it fills packets.
    pub mode: PacketizationMode,
    /// `sprop-parameter-sets`: NAL units that hold until others come in band.
    pub parameter_sets: Vec<Vec<u8>>,
}

impl H264Format {
    /// What this program offers.
    #[must_use]
    pub const fn new(payload_type: u8) -> Self {
        Self {
            payload_type,
            profile_level: ProfileLevel::CONSTRAINED_BASELINE_3_1,
            mode: PacketizationMode::NonInterleaved,
            parameter_sets: Vec::new(),
        }
    }

    /// What a description says: `rtpmap` is (encoding, clock), `fmtp` the text after the payload type.
    ///
    /// `None` where it is not H.264 at 90 kHz, or needs the interleaved mode (2).
    #[must_use]
    pub fn from_sdp(payload_type: u8, rtpmap: (&str, u32), fmtp: Option<&str>) -> Option<Self> {
        let (name, clock) = rtpmap;
        if !name.eq_ignore_ascii_case(Self::NAME) || clock != 90_000 || payload_type > 127 {
            return None;
        }
        let mut found = Self {
            profile_level: ProfileLevel::default(),
            mode: PacketizationMode::SingleNal,
            ..Self::new(payload_type)
        };
        let items = fmtp.unwrap_or_default().split(';');
        for (name, value) in items.filter_map(|item| item.split_once('=')) {
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "profile-level-id" => {
                    found.profile_level = hex(value).map_or(found.profile_level, ProfileLevel);
                }
                "packetization-mode" => {
                    found.mode = match value {
                        "0" => PacketizationMode::SingleNal,
                        "1" => PacketizationMode::NonInterleaved,
                        _ => return None,
                    };
                }
                "sprop-parameter-sets" => {
                    let units = value.split(',').take(MAX_PARAMETER_SETS);
                    found.parameter_sets = units.filter_map(from_base64).collect();
                }
                _ => {}
            }
        }
        Some(found)
    }

    /// The text of `a=fmtp` after the payload type.
    #[must_use]
    pub fn fmtp(&self) -> String {
        let ProfileLevel([profile, constraints, level]) = self.profile_level;
        let mode = match self.mode {
            PacketizationMode::SingleNal => 0,
            PacketizationMode::NonInterleaved => 1,
        };
        let mut text = format!(
            "profile-level-id={profile:02x}{constraints:02x}{level:02x};packetization-mode={mode}"
        );
        for (number, unit) in self.parameter_sets.iter().enumerate() {
            text += if number == 0 {
                ";sprop-parameter-sets="
            } else {
                ","
            };
            text += &to_base64(unit);
        }
        text
    }

    /// The encoding's name in `a=rtpmap`.
    pub const NAME: &str = "H264";
}

fn hex(text: &str) -> Option<[u8; 3]> {
    let number = u32::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() == 6)?;
    let [_, bytes @ ..] = number.to_be_bytes();
    Some(bytes)
}

/// RFC 4648 §4.
fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .zip([16, 8, 0])
            .fold(0, |bits, (byte, shift)| bits | u32::from(*byte) << shift);
        for place in 0..4 {
            let digit = bits >> (18 - 6 * place) & 63;
            let letter = BASE64.chars().nth(digit as usize).unwrap_or('=');
            // Writing to a string cannot fail.
            text.write_char(if place <= chunk.len() { letter } else { '=' })
                .ok();
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    if text.is_empty() || text.len() > MAX_PARAMETER_SET_TEXT {
        return None;
    }
    let (mut bits, mut count) = (0_u32, 0);
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for letter in text.chars() {
        let digit = BASE64.find(letter)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    Some(bytes)
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// One sequence and one picture parameter set are usual.
const MAX_PARAMETER_SETS: usize = 16;
/// They are tens of bytes; scaling lists make hundreds.
const MAX_PARAMETER_SET_TEXT: usize = 4_096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 6184 §8.3, with a parameter set of RFC 6184 §8.2.2's form.
    #[test]
    fn a_description_is_read_and_written() {
        let fmtp = "profile-level-id=42e01f;packetization-mode=1;sprop-parameter-sets=Z0LgH9oCgL/l,aM48gA==";
        let format = H264Format::from_sdp(98, ("h264", 90_000), Some(fmtp)).unwrap();
        let sets = [
            vec![0x67, 0x42, 0xE0, 0x1F, 0xDA, 0x02, 0x80, 0xBF, 0xE5],
            vec![0x68, 0xCE, 0x3C, 0x80],
        ];
        assert_eq!(format.parameter_sets, sets);
        assert_eq!(format.profile_level, ProfileLevel::CONSTRAINED_BASELINE_3_1);
        assert_eq!(format.mode, PacketizationMode::NonInterleaved);
        assert_eq!(format.fmtp(), fmtp);
    }

    #[test]
    fn nothing_said_means_baseline_level_one_and_single_units() {
        let format = H264Format::from_sdp(98, ("H264", 90_000), None).unwrap();
        assert_eq!(format.profile_level, ProfileLevel([0x42, 0, 0x0A]));
        assert_eq!(format.mode, PacketizationMode::SingleNal);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let read = |name, clock, fmtp| H264Format::from_sdp(98, (name, clock), fmtp);
        assert_eq!(read("H265", 90_000, None), None);
        assert_eq!(read("H264", 8_000, None), None);
        assert_eq!(read("H264", 90_000, Some("packetization-mode=2")), None);
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        // §10: the RFC's test vectors.
        let table = [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in table {
            assert_eq!(to_base64(bytes.as_bytes()), text);
            assert_eq!(from_base64(text).unwrap(), bytes.as_bytes());
        }
        assert_eq!(from_base64("a b"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,80}") {
            drop(H264Format::from_sdp(98, ("H264", 90_000), Some(&text)));
        }

        #[test]
        fn parameter_sets_come_back(sets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..4)) {
            let format = H264Format { parameter_sets: sets, ..H264Format::new(96) };
            let back = H264Format::from_sdp(96, ("H264", 90_000), Some(&format.fmtp()));
            prop_assert_eq!(back, Some(format));
        }
    }
}
