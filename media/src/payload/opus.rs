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
