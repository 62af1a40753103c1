//! The `m=` sections of a draft's video: H.264 (RFC 6184) with feedback (RFC 4585, RFC 5104), in several sizes.
use std::net::{IpAddr, SocketAddr};

use super::{Draft, DraftError};
use crate::description::bandwidth::{Bandwidth, BandwidthKind};
use crate::description::{Connection, Description, Media};

/// Where the pictures of a conference go.
///
/// Everybody sends small pictures to `first`, and large ones to one of the groups of `full`, which others join only while
/// they show that person large. Where `full` is empty there is one stream, and nothing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftVideo {
    /// Group and RTP port of the first stream, which is all that other people's programs need to know.
    pub first: SocketAddr,
    /// The groups of large pictures.
    pub full: Vec<IpAddr>,
    /// Their RTP port.
    pub full_port: u16,
    /// Group and RTP port of shared screens.
    pub screen: Option<SocketAddr>,
    /// Whether everybody sends packets that repair lost ones beside their pictures (FlexFEC, RFC 8627).
    pub has_repair: bool,
}

impl DraftVideo {
    /// One stream, in one group.
    #[must_use]
    pub const fn plain(group: SocketAddr) -> Self {
        Self {
            first: group,
            full: Vec::new(),
            full_port: 0,
            screen: None,
            has_repair: false,
        }
    }

    /// Out of one group for thumbnails, one for screens, and the rest for large pictures; one alone is plain.
    #[must_use]
    pub fn of_groups(groups: &[SocketAddr]) -> Option<Self> {
        let (first, rest) = groups.split_first()?;
        let Some((screen, full)) = rest.split_first() else {
            return Some(Self::plain(*first));
        };
        let mut addresses: Vec<IpAddr> = full.iter().map(SocketAddr::ip).collect();
        addresses.sort_unstable();
        Some(Self {
            first: *first,
            full_port: full.first().map_or(0, SocketAddr::port),
            full: addresses,
            screen: Some(*screen),
            has_repair: false,
        })
    }

    /// What a description says of it.
    pub(super) fn of(description: &Description) -> Option<Self> {
        let mut video = None;
        for medium in description.mediums().filter(|one| is_ours(one.media)) {
            let groups = medium.groups();
            let first = *groups.first()?;
            let video = video.get_or_insert_with(|| Self::plain(first));
            video.has_repair |= has_repair(medium.media);
            if is_screen(medium.media) {
                video.screen = Some(first);
            } else if groups.len() > 1 {
                video.full = groups.iter().map(SocketAddr::ip).collect();
                video.full_port = first.port();
            }
        }
        video
    }

    fn check(&self) -> Result<(), DraftError> {
        let full = self.full.iter();
        let full = full.map(|group| SocketAddr::new(*group, self.full_port));
        let mut all = [Some(self.first), self.screen]
            .into_iter()
            .flatten()
            .chain(full);
        let wrong = all.find(|group| !group.ip().is_multicast() || group.port() == 0);
        wrong.map_or(Ok(()), |group| Err(DraftError::NotAGroup(group)))
    }

    /// The sections in the order in which others read them: whoever understands only one takes the first.
    fn sections(&self, ttl: u8) -> Vec<Media> {
        let is_layered = !self.full.is_empty();
        let (first, name) = if is_layered {
            (THUMBNAILS, Some("Thumbnails"))
        } else {
            (FULL, None)
        };
        let mut first = self.section(&first, self.first.port());
        first.title = name.map(str::to_owned);
        first.connections = vec![Connection::new(self.first.ip(), ttl)];
        let mut sections = vec![first];
        if is_layered {
            sections.push(self.full(ttl));
        }
        sections.extend(self.screen.map(|screen| {
            let mut media = self.section(&SCREEN, screen.port());
            media.title = Some("Shared screens".to_owned());
            media.connections = vec![Connection::new(screen.ip(), ttl)];
            media.attributes.push("content", Some("slides"));
            media
        }));
        sections
    }

    fn section(&self, kind: &Kind, port: u16) -> Media {
        if !self.has_repair {
            return section(kind, port, &[PAYLOAD_TYPE]);
        }
        // Half as much goes out besides.
        let kind = Kind {
            kbps: kind.kbps * 3 / 2,
            ..*kind
        };
        let mut media = section(&kind, port, &[PAYLOAD_TYPE, REPAIR_TYPE]);
        let map = format!("{REPAIR_TYPE} flexfec/90000");
        media.attributes.push("rtpmap", Some(&map));
        let window = format!("{REPAIR_TYPE} repair-window={REPAIR_WINDOW_MICROS}");
        media.attributes.push("fmtp", Some(&window));
        media
    }

    /// RTCP of all the range goes where everybody is: to the group of the thumbnails (RFC 3605).
    fn full(&self, ttl: u8) -> Media {
        let mut media = self.section(&FULL, self.full_port);
        media.title = Some("Full size, a group for each sender".to_owned());
        media.connections = ranges(&self.full, ttl);
        let version = if self.first.is_ipv4() { "IP4" } else { "IP6" };
        let rtcp = format!(
            "{} IN {version} {}",
            self.full_port.saturating_add(1),
            self.first.ip()
        );
        media.attributes.push("rtcp", Some(&rtcp));
        // A layer that nobody watches is not sent (RFC 7728).
        let pause = format!("{PAYLOAD_TYPE} ccm pause");
        media.attributes.push("rtcp-fb", Some(&pause));
        media
    }
}

impl Draft {
    /// Adds the sections, or moves those that are there.
    pub(super) fn write_video(
        &self,
        description: &mut Description,
        before: Option<&Self>,
    ) -> Result<(), DraftError> {
        let place = |draft: &Self| (draft.video.clone(), draft.ttl, draft.scope);
        let Some(video) = &self.video else {
            return Ok(());
        };
        if before.is_some_and(|before| place(before) == place(self)) {
            return Ok(());
        }
        video.check()?;
        let sections = video.sections(self.ttl.unwrap_or_else(|| self.scope.ttl()));
        let mut old: Vec<Media> = Vec::new();
        description.media.retain(|media| {
            let is_old = is_ours(media);
            if is_old {
                old.push(media.clone());
            }
            !is_old
        });
        // A section that only moves keeps all that it says besides.
        for (number, new) in sections.into_iter().enumerate() {
            let moved = old.get(number).map(|old| Media {
                port: new.port,
                port_count: 1,
                connections: new.connections.clone(),
                ..old.clone()
            });
            let is_other = moved.as_ref().is_none_or(|old| {
                old.attributes.rtcp() != new.attributes.rtcp()
                    || has_repair(old) != has_repair(&new)
            });
            description
                .media
                .push(moved.filter(|_| !is_other).unwrap_or(new));
        }
        Ok(())
    }
}

/// Whether it is a section such as a draft adds.
fn is_ours(media: &Media) -> bool {
    let is_h264 = |payload_type| {
        let map = media.attributes.rtpmap(payload_type);
        map.is_some_and(|map| map.encoding.eq_ignore_ascii_case("H264"))
    };
    media.kind == "video" && media.payload_types().any(is_h264)
}

/// Whether it carries shared screens (RFC 4796).
fn is_screen(media: &Media) -> bool {
    let content = media.attributes.value("content").unwrap_or_default();
    content.split(',').any(|word| word.trim() == "slides")
}

/// Whether packets that repair others are sent with its pictures.
fn has_repair(media: &Media) -> bool {
    let is_repair = |payload_type| {
        let map = media.attributes.rtpmap(payload_type);
        map.is_some_and(|map| map.encoding.eq_ignore_ascii_case("flexfec"))
    };
    media.payload_types().any(is_repair)
}

/// `c=` lines of these groups, one for each run of consecutive addresses (RFC 8866 section 5.7).
fn ranges(groups: &[IpAddr], ttl: u8) -> Vec<Connection> {
    let mut lines: Vec<Connection> = Vec::new();
    for group in groups {
        let last = lines.last_mut();
        match last.filter(|last| last.next() == Some(*group) && last.count < Connection::MAX_COUNT)
        {
            Some(last) => last.count += 1,
            None => lines.push(Connection::new(*group, ttl)),
        }
    }
    lines
}

/// What tells the streams apart.
struct Kind {
    /// RFC 6184 §8.1: constrained baseline, and the level.
    profile: &'static str,
    /// One sender, with all headers.
    kbps: u64,
    rtcp_bps: u64,
}

fn section(kind: &Kind, port: u16, payload_types: &[u8]) -> Media {
    use BandwidthKind::{ApplicationSpecific, RtcpReceivers, RtcpSenders};
    let mut media = Media::new("video", port, "RTP/AVPF", payload_types);
    media.bandwidths = vec![
        Bandwidth::new(ApplicationSpecific, kind.kbps),
        Bandwidth::new(RtcpSenders, kind.rtcp_bps / 4),
        Bandwidth::new(RtcpReceivers, kind.rtcp_bps / 4 * 3),
    ];
    let profile = kind.profile;
    let lines = [
        ("rtpmap", format!("{PAYLOAD_TYPE} H264/90000")),
        (
            "fmtp",
            format!("{PAYLOAD_TYPE} profile-level-id={profile};packetization-mode=1"),
        ),
        ("rtcp-fb", format!("{PAYLOAD_TYPE} nack")),
        ("rtcp-fb", format!("{PAYLOAD_TYPE} nack pli")),
        ("rtcp-fb", format!("{PAYLOAD_TYPE} ccm fir")),
    ];
    for (name, value) in lines {
        media.attributes.push(name, Some(&value));
    }
    media.attributes.push("rtcp-rsize", None);
    media
}

/// How many groups large pictures are spread over: with 25 people, whoever is looked at shares a group with one or two.
pub const FULL_GROUPS: u16 = 16;
/// The first after that of the sound.
const PAYLOAD_TYPE: u8 = 97;
const REPAIR_TYPE: u8 = 98;
/// Three pictures at 15 a second, and the time they take to go out.
const REPAIR_WINDOW_MICROS: u32 = 250_000;
/// 320x180 at 15 frames a second: level 1.3.
const THUMBNAILS: Kind = Kind {
    profile: "42e00d",
    kbps: 250,
    rtcp_bps: 32_000,
};
/// 1280x720 at 30 frames a second: level 3.1. A keyframe can be asked for within a fifth of a second while fifty are
/// there (RFC 4585 §3.4).
const FULL: Kind = Kind {
    profile: "42e01f",
    kbps: 1_500,
    rtcp_bps: 64_000,
};
/// 1920x1080 at 15 frames a second: level 4.
const SCREEN: Kind = Kind {
    profile: "42e028",
    kbps: 2_500,
    rtcp_bps: 64_000,
};

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::SystemTime;

    use super::*;

    fn describe(draft: &Draft) -> Description {
        let mut rng = fastrand::Rng::with_seed(1);
        draft.describe(SystemTime::UNIX_EPOCH, &mut rng).unwrap()
    }

    fn draft(groups: &[&str]) -> Draft {
        let groups: Vec<SocketAddr> = groups.iter().map(|group| group.parse().unwrap()).collect();
        let mut draft = Draft::new("Seen", IpAddr::V4(Ipv4Addr::LOCALHOST));
        draft.group = "239.255.1.2:5004".parse().ok();
        draft.video = DraftVideo::of_groups(&groups);
        draft
    }

    #[test]
    fn plain_video_is_a_section_of_its_own_and_can_move() {
        let draft = draft(&["239.255.1.3:5006"]);
        let description = describe(&draft);
        let section = description
            .to_string()
            .split_once("m=video ")
            .unwrap()
            .1
            .to_owned();
        let expected = "5006 RTP/AVPF 97\r\nc=IN IP4 239.255.1.3/15\r\nb=AS:1500\r\nb=RS:16000\r\nb=RR:48000\r\n\
            a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\n\
            a=rtcp-fb:97 nack\r\na=rtcp-fb:97 nack pli\r\na=rtcp-fb:97 ccm fir\r\na=rtcp-rsize\r\n";
        assert_eq!(section, expected);
        let mut change = Draft::from_description(&description);
        assert_eq!(change.video, draft.video);
        change.video = Some(DraftVideo::plain("239.255.1.9:5006".parse().unwrap()));
        let moved = describe(&change).to_string();
        assert_eq!(moved.matches("m=video").count(), 1);
        assert!(moved.contains("c=IN IP4 239.255.1.9/15"));
        change.video = Some(DraftVideo::plain((Ipv4Addr::LOCALHOST, 5006).into()));
        let mut rng = fastrand::Rng::with_seed(1);
        assert!(change.describe(SystemTime::UNIX_EPOCH, &mut rng).is_err());
    }

    #[test]
    fn layers_are_three_sections_of_which_the_first_is_for_everybody() {
        let draft = draft(&[
            "239.255.1.3:5006",
            "239.255.1.4:5010",
            "239.255.2.1:5008",
            "239.255.2.2:5008",
            "239.255.9.9:5008",
        ]);
        let description = describe(&draft);
        let text = description.to_string();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| {
                ["m=video", "c=", "a=rtcp:", "a=content", "b=AS"]
                    .iter()
                    .any(|start| line.starts_with(start))
            })
            .collect();
        let expected = [
            "m=video 5006 RTP/AVPF 97",
            "c=IN IP4 239.255.1.3/15",
            "b=AS:250",
            "m=video 5008 RTP/AVPF 97",
            "c=IN IP4 239.255.2.1/15/2",
            "c=IN IP4 239.255.9.9/15",
            "b=AS:1500",
            "a=rtcp:5009 IN IP4 239.255.1.3",
            "m=video 5010 RTP/AVPF 97",
            "c=IN IP4 239.255.1.4/15",
            "b=AS:2500",
            "a=content:slides",
        ];
        assert_eq!(&lines[lines.len() - expected.len()..], expected);
        assert_eq!(Draft::from_description(&description).video, draft.video);
    }

    #[test]
    fn repair_packets_are_described_and_found_again() {
        let mut asked = draft(&["239.255.1.1:5004"]);
        let video = asked.video.as_mut().unwrap();
        video.has_repair = true;
        let described = describe(&asked);
        let text = described.to_string();
        for line in [
            "RTP/AVPF 97 98\r\n",
            "b=AS:2250\r\n",
            "a=rtpmap:98 flexfec/90000\r\n",
            "a=fmtp:98 repair-window=250000\r\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(DraftVideo::of(&described), asked.video);
    }
}
