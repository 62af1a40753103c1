//! The `m=` section of a draft's video: H.264 (RFC 6184) with feedback (RFC 4585, RFC 5104).
use super::{Draft, DraftError};
use crate::description::bandwidth::{Bandwidth, BandwidthKind};
use crate::description::{Connection, Description, Media};

impl Draft {
    /// Adds the section, or moves the one that is there.
    pub(super) fn write_video(
        &self,
        description: &mut Description,
        before: Option<&Self>,
    ) -> Result<(), DraftError> {
        let place = |draft: &Self| (draft.video, draft.ttl, draft.scope);
        let Some(group) = self.video else {
            return Ok(());
        };
        if before.is_some_and(|before| place(before) == place(self)) {
            return Ok(());
        }
        if !group.ip().is_multicast() || group.port() == 0 {
            return Err(DraftError::NotAGroup(group));
        }
        if !description.media.iter().any(is_ours) {
            description.media.push(section());
        }
        let ttl = self.ttl.unwrap_or_else(|| self.scope.ttl());
        for media in description
            .media
            .iter_mut()
            .filter(|media| is_ours(media))
            .take(1)
        {
            media.port = group.port();
            media.port_count = 1;
            media.connections = vec![Connection::new(group.ip(), ttl)];
        }
        Ok(())
    }
}

/// Whether it is a section such as a draft adds.
pub(super) fn is_ours(media: &Media) -> bool {
    let is_h264 = |payload_type| {
        let map = media.attributes.rtpmap(payload_type);
        map.is_some_and(|map| map.encoding.eq_ignore_ascii_case("H264"))
    };
    media.kind == "video" && media.payload_types().any(is_h264)
}

fn section() -> Media {
    use BandwidthKind::{ApplicationSpecific, RtcpReceivers, RtcpSenders};
    let mut media = Media::new("video", 0, "RTP/AVPF", &[PAYLOAD_TYPE]);
    media.bandwidths = vec![
        Bandwidth::new(ApplicationSpecific, SENDER_KBPS),
        Bandwidth::new(RtcpSenders, RTCP_BPS / 4),
        Bandwidth::new(RtcpReceivers, RTCP_BPS / 4 * 3),
    ];
    let lines = [
        ("rtpmap", format!("{PAYLOAD_TYPE} H264/90000")),
        (
            "fmtp",
            format!("{PAYLOAD_TYPE} profile-level-id=42e01f;packetization-mode=1"),
        ),
        ("rtcp-fb", format!("{PAYLOAD_TYPE} nack pli")),
        ("rtcp-fb", format!("{PAYLOAD_TYPE} ccm fir")),
    ];
    for (name, value) in lines {
        media.attributes.push(name, Some(&value));
    }
    media.attributes.push("rtcp-rsize", None);
    media
}

/// The first after that of the sound.
const PAYLOAD_TYPE: u8 = 97;
/// 1280x720 at 30 frames a second, one sender, with all headers.
const SENDER_KBPS: u64 = 1_500;
/// A keyframe can be asked for within a fifth of a second while fifty are there (RFC 4585 §3.4).
const RTCP_BPS: u64 = 64_000;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};
    use std::time::SystemTime;

    use super::*;

    fn describe(draft: &Draft) -> Description {
        let mut rng = fastrand::Rng::with_seed(1);
        draft.describe(SystemTime::UNIX_EPOCH, &mut rng).unwrap()
    }

    #[test]
    fn video_is_a_section_of_its_own_and_can_move() {
        let mut draft = Draft::new("Seen", IpAddr::V4(Ipv4Addr::LOCALHOST));
        draft.group = "239.255.1.2:5004".parse().ok();
        draft.video = "239.255.1.3:5006".parse().ok();
        let description = describe(&draft);
        let section = description
            .to_string()
            .split_once("m=video ")
            .unwrap()
            .1
            .to_owned();
        let expected = "5006 RTP/AVPF 97\r\nc=IN IP4 239.255.1.3/15\r\nb=AS:1500\r\nb=RS:16000\r\nb=RR:48000\r\n\
            a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\n\
            a=rtcp-fb:97 nack pli\r\na=rtcp-fb:97 ccm fir\r\na=rtcp-rsize\r\n";
        assert_eq!(section, expected);
        let mut change = Draft::from_description(&description);
        assert_eq!(change.video, draft.video);
        change.video = "239.255.1.9:5006".parse().ok();
        let moved = describe(&change).to_string();
        assert_eq!(moved.matches("m=video").count(), 1);
        assert!(moved.contains("c=IN IP4 239.255.1.9/15"));
        change.video = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 5006)));
        let mut rng = fastrand::Rng::with_seed(1);
        assert!(change.describe(SystemTime::UNIX_EPOCH, &mut rng).is_err());
    }
}
