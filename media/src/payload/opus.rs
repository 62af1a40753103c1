//! Opus in RTP (RFC 7587): the parameters of its `a=fmtp`, and what a packet says of itself (RFC 6716 §3.1).

/// `a=fmtp` of Opus, RFC 7587 §6.1. All say what the one who wrote the description *receives* well, except
/// `sprop_*`, which say what it sends; in a conference the description speaks for all members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct OpusParameters {
    /// `stereo=1`: stereo is preferred.
    pub stereo: bool,
    /// `sprop-stereo=1`: stereo is likely to be sent.
    pub sprop_stereo: bool,
    /// `useinbandfec=1`: in-band forward error correction is made use of.
    pub use_inband_fec: bool,
    /// `usedtx=1`: discontinuous transmission is preferred.
    pub use_dtx: bool,
    /// `cbr=1`: a constant bit rate is preferred.
    pub constant_bit_rate: bool,
    /// `maxaveragebitrate`, in bit/s.
    pub max_average_bit_rate: Option<u32>,
    /// `maxplaybackrate`, in Hz.
    pub max_playback_rate: Option<u32>,
}

impl OpusParameters {
    /// Reads `name=value;name=value`; what is unknown or broken is passed over, as RFC 7587 §7 asks.
    #[must_use]
    pub fn from_fmtp(fmtp: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in fmtp.split(';').filter_map(|item| item.split_once('=')) {
            let value = value.trim();
            let flag = value == "1";
            match name.trim().to_ascii_lowercase().as_str() {
                "stereo" => found.stereo = flag,
                "sprop-stereo" => found.sprop_stereo = flag,
                "useinbandfec" => found.use_inband_fec = flag,
                "usedtx" => found.use_dtx = flag,
                "cbr" => found.constant_bit_rate = flag,
                "maxaveragebitrate" => {
                    found.max_average_bit_rate = ranged(value, 6_000, 510_000);
                }
                "maxplaybackrate" => found.max_playback_rate = ranged(value, 8_000, 48_000),
                _ => {}
            }
        }
        found
    }
}

fn ranged(value: &str, low: u32, high: u32) -> Option<u32> {
    value
        .parse()
        .ok()
        .filter(|number| (low..=high).contains(number))
}

/// What the first bytes of a packet say (RFC 6716 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusToc {
    /// Samples at 48 kHz in each frame: 120 to 2880.
    pub frame_samples: u32,
    /// Frames in the packet: 1 to 48.
    pub frames: u32,
    /// Whether it is coded in stereo.
    pub is_stereo: bool,
    config: u8,
}

impl OpusToc {
    /// Reads it; `None` where the packet is empty, has no frame count, or lasts longer than the 120 ms of RFC 6716 §3.4.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let toc = *packet.first()?;
        let config = toc >> 3;
        let frames = match toc & 3 {
            0 => 1,
            1 | 2 => 2,
            _ => u32::from(packet.get(1)? & 63),
        };
        let found = Self {
            frame_samples: frame_samples(config),
            frames,
            is_stereo: toc & 4 != 0,
            config,
        };
        (1..=MAX_PACKET_SAMPLES)
            .contains(&found.samples())
            .then_some(found)
    }

    /// Samples at 48 kHz in the packet.
    #[must_use]
    pub const fn samples(self) -> u32 {
        self.frame_samples * self.frames
    }

    /// Whether the packet of one frame carries the frame before it once more (RFC 6716 §4.2.4).
    ///
    /// SILK begins with one voice bit per 20 ms and then the bit that is asked for, all uncompressed.
    #[must_use]
    pub fn has_fec(self, packet: &[u8]) -> bool {
        let is_silk = self.config < FIRST_CELT_CONFIG;
        let voice_bits = (self.frame_samples / 960).max(1);
        let Some(first) = packet.get(1).filter(|_| is_silk && self.frames == 1) else {
            return false;
        };
        let mid = first >> (7 - voice_bits) & 1;
        // The second channel's bits follow: 2 × (voice bits + 1) ≤ 8.
        let side = if self.is_stereo {
            first >> (6 - 2 * voice_bits) & 1
        } else {
            0
        };
        mid | side != 0
    }
}

/// RFC 6716 table 2: SILK, hybrid, CELT.
const fn frame_samples(config: u8) -> u32 {
    match (config, config & 3) {
        (0..=11, 3) => 2_880,
        (0..=11, 2) => 1_920,
        (0..=15, size) => 480 << (size & 1),
        (_, size) => 120 << size,
    }
}

const FIRST_CELT_CONFIG: u8 = 16;
/// 120 ms (RFC 6716 §2.1.4).
pub const MAX_PACKET_SAMPLES: u32 = 5_760;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_any_order_case_and_spacing() {
        let found = OpusParameters::from_fmtp(
            "Stereo=1; sprop-stereo=0 ;maxaveragebitrate=20000;useinbandfec=1;x=y;cbr",
        );
        let expected = OpusParameters {
            stereo: true,
            max_average_bit_rate: Some(20_000),
            use_inband_fec: true,
            ..OpusParameters::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn bit_rates_out_of_range_are_passed_over() {
        let found = OpusParameters::from_fmtp("maxaveragebitrate=1;maxplaybackrate=999999999999");
        assert_eq!(found, OpusParameters::default());
    }

    #[test]
    fn durations_agree_with_table_2_of_rfc_6716() {
        // The rows of the RFC: first configuration, and its frame sizes in milliseconds.
        let silk: [f64; 4] = [10.0, 20.0, 40.0, 60.0];
        let celt = [2.5, 5.0, 10.0, 20.0];
        let rows: [(u8, &[f64]); 10] = [
            (0, &silk),
            (4, &silk),
            (8, &silk),
            (12, &silk[..2]),
            (14, &silk[..2]),
            (16, &celt),
            (20, &celt),
            (24, &celt),
            (28, &celt),
            (32, &[]),
        ];
        for pair in rows.windows(2) {
            assert_eq!(usize::from(pair[1].0 - pair[0].0), pair[0].1.len());
            for (config, ms) in (pair[0].0..).zip(pair[0].1) {
                let toc = OpusToc::parse(&[config << 3]).unwrap();
                assert_eq!(
                    f64::from(toc.samples()),
                    ms * 48.0,
                    "configuration {config}"
                );
            }
        }
    }

    #[test]
    fn durations_and_channels_agree_with_libopus() {
        for toc in 0..=u8::MAX {
            for count in 0..64 {
                let packet = [toc, count];
                let ours = OpusToc::parse(&packet);
                let theirs = ::opus::packet::get_nb_samples(&packet, 48_000)
                    .ok()
                    .filter(|n| *n > 0);
                assert_eq!(ours.map(|toc| toc.samples() as usize), theirs, "{packet:?}");
                let stereo =
                    ::opus::packet::get_nb_channels(&packet).unwrap() == ::opus::Channels::Stereo;
                assert!(ours.is_none_or(|toc| toc.is_stereo == stereo));
            }
        }
    }
}
