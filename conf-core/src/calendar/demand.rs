//! How much bandwidth a conference takes while one person sends each medium.
use directory::Description;
use directory::description::{Bandwidth, BandwidthKind, Medium};

/// How much a conference takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// In kbit/s.
    pub kbit_per_s: u64,
    /// Its description does not say; this is what its kinds of media usually take.
    pub is_estimate: bool,
}

/// By `b=` of the conference, or else of its media, or else by what such media usually take.
pub fn demand(description: &Description) -> Demand {
    if let Some(kbit_per_s) = stated(&description.bandwidths) {
        return Demand {
            kbit_per_s,
            is_estimate: false,
        };
    }
    let mut total = Demand {
        kbit_per_s: 0,
        is_estimate: false,
    };
    for medium in description.mediums().filter(|medium| medium.media.port > 0) {
        let stated = stated(&medium.media.bandwidths);
        total.is_estimate |= stated.is_none();
        let kbit_per_s = stated.unwrap_or_else(|| usual(&medium));
        total.kbit_per_s = total.kbit_per_s.saturating_add(kbit_per_s);
    }
    total
}

/// What `b=` says (RFC 8866 section 5.8, RFC 3890): the total, or what one sender needs.
fn stated(lines: &[Bandwidth]) -> Option<u64> {
    let of = |kind: BandwidthKind| {
        let line = lines.iter().find(|line| line.kind == kind);
        line.map(|line| line.value)
    };
    of(BandwidthKind::ConferenceTotal)
        .or_else(|| of(BandwidthKind::ApplicationSpecific))
        .or_else(|| of(BandwidthKind::TransportIndependent).map(|bits| bits.div_ceil(1_000)))
}

/// With IP, UDP and RTP headers of packets of 20 ms: 16 kbit/s.
fn usual(medium: &Medium<'_>) -> u64 {
    let media = medium.media;
    let first = media.payload_types().next();
    let map = first.and_then(|payload_type| media.attributes.rtpmap(payload_type));
    let coding = map.as_ref().map(|map| map.encoding.to_ascii_uppercase());
    let samples_per_s = map.map_or(0, |map| {
        u64::from(map.clock_rate) * u64::from(map.channels.unwrap_or(1))
    });
    match (media.kind.as_str(), coding.as_deref()) {
        ("audio", Some("L16")) => samples_per_s * 16 / 1_000 + 16,
        ("audio", Some("L24")) => samples_per_s * 24 / 1_000 + 16,
        ("audio", Some("OPUS")) => 64,
        ("audio", _) => 80,
        ("video", _) => 1_000,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> (u64, bool) {
        let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=x\r\n{lines}");
        let description = Description::parse(text.as_bytes()).unwrap();
        let demand = demand(&description);
        (demand.kbit_per_s, demand.is_estimate)
    }

    #[test]
    fn total_counts_before_media_and_these_before_habit() {
        let media =
            "m=audio 5004 RTP/AVP 0\r\nb=AS:64\r\nm=video 5006 RTP/AVP 31\r\nb=TIAS:500001\r\n";
        assert_eq!(of(&format!("b=CT:100\r\nt=0 0\r\n{media}")), (100, false));
        assert_eq!(of(&format!("t=0 0\r\n{media}")), (565, false));
        assert_eq!(
            of(&format!(
                "b=RS:800\r\nt=0 0\r\n{media}m=text 5008 RTP/AVP 96\r\n"
            )),
            (581, true)
        );
    }

    #[test]
    fn what_media_usually_take() {
        let opus = "t=0 0\r\nm=audio 5004 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
        let l16 = "t=0 0\r\nm=audio 5004 RTP/AVP 96\r\na=rtpmap:96 L16/48000/2\r\n";
        assert_eq!(of(opus), (64, true));
        assert_eq!(of(l16), (1_552, true));
        assert_eq!(of("t=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"), (80, true));
        assert_eq!(of("t=0 0\r\nm=video 5004 RTP/AVP 31\r\n"), (1_000, true));
        assert_eq!(of("t=0 0\r\nm=video 0 RTP/AVP 31\r\n"), (0, false));
    }
}
