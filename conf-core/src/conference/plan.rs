//! Reads off a description what joining it means: groups, formats, bandwidth; or why it cannot be joined.
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use directory::description::{Activity, BandwidthKind, Direction, Medium};
use directory::{Description, Scope};
use media::engine::EngineConfig;
use media::payload::h264::H264Format;
use media::payload::{AudioEncoding, AudioFormat};
use media::rtp_time::ClockRate;
use media::video::Layer;

use super::JoinError;
use crate::session::{RtcpBandwidth, RtcpPace};

/// Where one medium of a conference goes, and by which rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Transport {
    /// Where RTP goes.
    pub rtp: SocketAddr,
    /// Where RTCP goes, where it has a port of its own.
    pub rtcp: Option<SocketAddr>,
    /// Whose packets alone to receive (RFC 4570); nobody named means everybody's.
    pub sources: Vec<IpAddr>,
    /// Time to live of what we send.
    pub ttl: u8,
    /// Whether we may send.
    pub may_send: bool,
    /// The share of RTCP (RFC 3550 section 6.2, RFC 3556).
    pub bandwidth: RtcpBandwidth,
    /// When reports are due (RFC 4585 where the profile is AVPF).
    pub pace: RtcpPace,
    /// Whether RTCP need not always be compound (RFC 5506).
    pub is_reduced_size_allowed: bool,
}

/// How to take part in the audio of one conference.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioPlan {
    /// Where it goes.
    pub transport: Transport,
    /// What we can decode, in the description's order.
    pub receive: Vec<AudioFormat>,
    /// What we send: the first format of the description that we know; nothing where we are only to listen.
    pub send: Option<AudioFormat>,
}

/// How to take part in the video of one conference: its streams, at most one of each layer.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoPlan {
    /// Thumbnails and full size, or one stream for everything (then as [`Layer::Full`]); and shared screens.
    pub streams: Vec<StreamPlan>,
}

/// How to take part in one stream of pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamPlan {
    /// What it carries.
    pub layer: Layer,
    /// Where it goes.
    pub transport: Transport,
    /// The groups that its senders are spread over, where that is so: each is joined only while somebody who sends to it
    /// is shown large.
    pub range: Vec<SocketAddr>,
    /// What we can decode, in the description's order.
    pub receive: Vec<H264Format>,
    /// What we send: the first format of the description that we know; nothing where we are only to watch.
    pub send: Option<H264Format>,
    /// What the description grants one sender (`b=AS`), in bits per second.
    pub bit_rate: Option<u32>,
    /// Whether senders stop while nobody watches (RFC 7728).
    pub can_pause: bool,
    /// Whether lost packets may be asked for (RFC 4585, `nack`).
    pub can_repair: bool,
    /// The payload type of packets that repair others (FlexFEC, RFC 8627), where there are such.
    pub repair_type: Option<u8>,
}

impl AudioPlan {
    pub(super) fn engine_config(&self, is_muted: bool) -> EngineConfig {
        EngineConfig {
            send: self.send,
            is_muted,
            ..EngineConfig::new(self.receive.clone())
        }
    }
}

/// Finds out how to take part, or why not. `wall` decides whether the conference is over.
///
/// # Errors
/// One for each reason that a user can do something else about.
pub fn plan(description: &Description, wall: SystemTime) -> Result<AudioPlan, JoinError> {
    if let Some(encryption) = description.encryption() {
        return Err(JoinError::Encrypted(encryption));
    }
    if description.activity(wall) == Activity::Past {
        return Err(JoinError::Over);
    }
    let audio = description
        .mediums()
        .find(is_usable)
        .ok_or(JoinError::NoAudio)?;
    let receive = formats(&audio);
    if receive.is_empty() {
        return Err(JoinError::NoCommonCodec {
            offered: audio.media.format_names(),
        });
    }
    plan_audio(&audio, receive)
}

fn is_usable(medium: &Medium<'_>) -> bool {
    medium.media.is_audio() && medium.media.is_rtp() && medium.media.port != 0
}

fn plan_audio(audio: &Medium<'_>, receive: Vec<AudioFormat>) -> Result<AudioPlan, JoinError> {
    let transport = transport(audio, speaker_bits(&receive))?;
    let send = receive.first().copied().filter(|_| transport.may_send);
    Ok(AudioPlan {
        transport,
        receive,
        send,
    })
}

/// How to take part in the video of a conference: the first lines of it that we understand, if there are any.
///
/// A line with a range of groups has large pictures, and the one with a single group small ones; `a=content:slides`
/// (RFC 4796) shared screens.
pub fn plan_video(description: &Description) -> Option<VideoPlan> {
    let mediums = description.mediums();
    let usable: Vec<(bool, StreamPlan)> = mediums.filter_map(|video| plan_stream(&video)).collect();
    let find = |is_screen: bool, is_range: bool| {
        let is_it = |(screen, plan): &&(bool, StreamPlan)| {
            *screen == is_screen && plan.range.is_empty() != is_range
        };
        usable.iter().find(is_it).map(|(_, plan)| plan.clone())
    };
    let of = |layer, plan| StreamPlan { layer, ..plan };
    let mut streams = match (find(false, false), find(false, true)) {
        (Some(small), Some(full)) => vec![of(Layer::Thumbnail, small), of(Layer::Full, full)],
        (Some(plain), None) => vec![of(Layer::Full, plain)],
        // Without small pictures all of a range would be wanted at once; only one group of it can be meant for all.
        (None, full) => full
            .into_iter()
            .map(|full| StreamPlan {
                range: Vec::new(),
                can_pause: false,
                ..full
            })
            .collect(),
    };
    let screen = find(true, false).or_else(|| find(true, true));
    streams.extend(screen.map(|plan| StreamPlan {
        range: Vec::new(),
        can_pause: false,
        ..of(Layer::Screen, plan)
    }));
    (!streams.is_empty()).then_some(VideoPlan { streams })
}

/// One line of video, and whether it is for shared screens.
fn plan_stream(video: &Medium<'_>) -> Option<(bool, StreamPlan)> {
    let is_usable = video.media.kind == "video" && video.media.is_rtp() && video.media.port != 0;
    let receive = if is_usable {
        video_formats(video)
    } else {
        Vec::new()
    };
    let send = receive.first().cloned()?;
    let transport = transport(video, VIDEO_BITS).ok()?;
    let groups = video.groups();
    let content = video.media.attributes.value("content").unwrap_or_default();
    let is_feedback = transport.pace != RtcpPace::Fixed;
    let has = |words: &str| is_feedback && has_feedback(video, words);
    let is_range = groups.len() > 1;
    let plan = StreamPlan {
        layer: Layer::Full,
        // In one group for everybody there may be programs that do not know how to ask for what they need.
        can_pause: is_range && has("ccm pause"),
        can_repair: has("nack"),
        repair_type: repair_type(video),
        send: Some(send).filter(|_| transport.may_send),
        transport,
        range: if is_range { groups } else { Vec::new() },
        receive,
        bit_rate: session_bits(video),
    };
    Some((content.split(',').any(|word| word.trim() == "slides"), plan))
}

fn transport(medium: &Medium<'_>, usual_bits: u32) -> Result<Transport, JoinError> {
    let destination = medium
        .destinations()
        .into_iter()
        .next()
        .ok_or(JoinError::NoAddress)?;
    let group = destination.rtp.ip();
    if !group.is_multicast() {
        return Err(JoinError::NotMulticast(group));
    }
    let is_feedback = medium.media.protocol.eq_ignore_ascii_case("RTP/AVPF");
    Ok(Transport {
        rtp: destination.rtp,
        rtcp: Some(destination.rtcp).filter(|rtcp| *rtcp != destination.rtp),
        sources: medium.sources(group),
        ttl: ttl(medium, group),
        may_send: matches!(
            medium.direction(),
            Direction::SendReceive | Direction::SendOnly
        ),
        bandwidth: rtcp_bandwidth(medium, usual_bits),
        pace: if is_feedback {
            FEEDBACK_PACE
        } else {
            RtcpPace::Fixed
        },
        is_reduced_size_allowed: medium.media.attributes.has("rtcp-rsize"),
    })
}

/// Whether the description allows this feedback (RFC 4585 section 4.2), for whatever format.
fn has_feedback(video: &Medium<'_>, words: &str) -> bool {
    let mut lines = video.media.attributes.values("rtcp-fb");
    lines.any(|line| {
        let (_, what) = line.trim().split_once(' ').unwrap_or_default();
        what.trim() == words
    })
}

fn video_formats(video: &Medium<'_>) -> Vec<H264Format> {
    let attributes = &video.media.attributes;
    let format = |payload_type| {
        let map = attributes.rtpmap(payload_type)?;
        let parameters = attributes.fmtp(payload_type).map(|parameters| parameters.0);
        H264Format::from_sdp(payload_type, (&map.encoding, map.clock_rate), parameters)
    };
    video.media.payload_types().filter_map(format).collect()
}

/// RFC 8627 section 5: `flexfec` with the clock of what it protects.
fn repair_type(video: &Medium<'_>) -> Option<u8> {
    let is_repair = |payload_type: &u8| {
        let map = video.media.attributes.rtpmap(*payload_type);
        map.is_some_and(|map| {
            map.encoding.eq_ignore_ascii_case("flexfec")
                && map.clock_rate == ClockRate::HZ_90000.hz()
        })
    };
    video.media.payload_types().find(is_repair)
}

fn formats(audio: &Medium<'_>) -> Vec<AudioFormat> {
    let attributes = &audio.media.attributes;
    let format = |payload_type| {
        let map = attributes.rtpmap(payload_type);
        let map = map
            .as_ref()
            .map(|map| (map.encoding.as_str(), map.clock_rate, map.channels));
        let parameters = attributes.fmtp(payload_type).map(|parameters| parameters.0);
        AudioFormat::from_sdp(payload_type, map, parameters, audio.ptime_ms())
    };
    audio.media.payload_types().filter_map(format).collect()
}

/// A description that names no TTL (as IPv6 ones cannot) has the one of its group's scope (RFC 8866 section 5.7).
fn ttl(medium: &Medium<'_>, group: IpAddr) -> u8 {
    let of_scope = || Scope::from_group(group, None).map_or(Scope::Site.ttl(), Scope::ttl);
    medium.ttl().unwrap_or_else(of_scope)
}

/// `b=RS` and `b=RR` where given, each on its own; else shares of 5 % of `b=AS`, or of what one sender takes.
fn rtcp_bandwidth(medium: &Medium<'_>, usual_bits: u32) -> RtcpBandwidth {
    let bits = |kind| {
        medium
            .bandwidth(&kind)
            .and_then(|value| u32::try_from(value).ok())
    };
    let share = RtcpBandwidth::of_session(session_bits(medium).unwrap_or(usual_bits));
    RtcpBandwidth {
        senders: bits(BandwidthKind::RtcpSenders).unwrap_or(share.senders),
        receivers: bits(BandwidthKind::RtcpReceivers).unwrap_or(share.receivers),
    }
}

/// `b=AS` in bits per second.
fn session_bits(medium: &Medium<'_>) -> Option<u32> {
    let kilobits = medium.bandwidth(&BandwidthKind::ApplicationSpecific)?;
    let bits = u32::try_from(kilobits).ok()?.saturating_mul(1000);
    Some(bits).filter(|bits| *bits > 0)
}

/// Bits per second of one speaker on the wire, with the headers of IP, UDP and RTP.
fn speaker_bits(formats: &[AudioFormat]) -> u32 {
    let Some(format) = formats.first() else {
        return OPUS_BITS;
    };
    let samples = format
        .clock_rate
        .hz()
        .saturating_mul(u32::from(format.channels));
    match format.encoding {
        AudioEncoding::Opus => OPUS_BITS,
        AudioEncoding::Pcmu | AudioEncoding::Pcma => samples * 8 + HEADER_BITS,
        AudioEncoding::L16 => samples * 16 + HEADER_BITS,
    }
}

/// 40 bytes, 50 times a second.
const HEADER_BITS: u32 = 40 * 8 * 50;
/// H.264 of 640x360 at 30 frames a second, as this program sends it.
const VIDEO_BITS: u32 = 800_000;
/// Opus at 48 kbit/s.
const OPUS_BITS: u32 = 48_000 + HEADER_BITS;
/// RFC 4585 section 3.4: regular reports no more often than every 5 s; feedback may come early.
const FEEDBACK_PACE: RtcpPace = RtcpPace::Feedback {
    regular_interval: Duration::from_secs(5),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(media: &str) -> Result<AudioPlan, JoinError> {
        let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Test\r\nt=0 0\r\n{media}");
        plan(
            &Description::parse(text.as_bytes()).unwrap(),
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn opus_conference_is_joined_as_described() {
        let plan = planned(
            "m=audio 5004 RTP/AVP 96\r\nc=IN IP4 239.255.1.2/15\r\nb=AS:80\r\nb=RS:8000\r\na=rtpmap:96 opus/48000/2\r\n",
        )
        .unwrap();
        assert_eq!(plan.transport.rtp, "239.255.1.2:5004".parse().unwrap());
        assert_eq!(
            plan.transport.rtcp,
            Some("239.255.1.2:5005".parse().unwrap())
        );
        assert_eq!(
            (plan.transport.ttl, plan.receive.len(), plan.send.is_some()),
            (15, 1, true)
        );
        // b=RS as given; RR is what remains of 5 % of b=AS: 80,000 × 0.05 × 3/4.
        assert_eq!(
            (
                plan.transport.bandwidth.senders,
                plan.transport.bandwidth.receivers
            ),
            (8_000, 3_000)
        );
    }

    #[test]
    fn shared_port_listening_only_and_source_filter_are_respected() {
        let plan = planned(
            "m=audio 5004 RTP/AVP 0\r\nc=IN IP4 239.255.1.2/1\r\na=rtcp-mux\r\na=recvonly\r\n\
             a=source-filter: incl IN IP4 239.255.1.2 192.0.2.9\r\n",
        )
        .unwrap();
        assert_eq!((plan.transport.rtcp, plan.send), (None, None));
        assert_eq!(
            plan.transport.sources,
            ["192.0.2.9".parse::<IpAddr>().unwrap()]
        );
    }

    #[test]
    fn video_is_taken_part_in_where_it_is_understood() {
        let planned = |media: &str| {
            let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Test\r\nt=0 0\r\n{media}");
            plan_video(&Description::parse(text.as_bytes()).unwrap())
        };
        let audio = "m=audio 5004 RTP/AVP 0\r\nc=IN IP4 239.255.1.2/15\r\n";
        assert_eq!(planned(audio), None);
        let old = "m=video 5006 RTP/AVP 31\r\nc=IN IP4 239.255.1.3/15\r\n";
        assert_eq!(planned(&format!("{audio}{old}")), None);
        let h264 = "m=video 5008 RTP/AVPF 97\r\nc=IN IP4 239.255.1.4/15\r\nb=AS:1500\r\na=rtpmap:97 H264/90000\r\n\
                    a=fmtp:97 packetization-mode=1\r\na=recvonly\r\n";
        let plan = planned(&format!("{audio}{old}{h264}")).unwrap();
        assert_eq!(plan.streams.len(), 1);
        let plan = plan.streams[0].clone();
        assert_eq!((plan.layer, plan.range.len()), (Layer::Full, 0));
        assert_eq!(plan.transport.rtp, "239.255.1.4:5008".parse().unwrap());
        assert_eq!(plan.transport.pace, FEEDBACK_PACE);
        assert_eq!((plan.bit_rate, plan.send), (Some(1_500_000), None));
        assert_eq!((plan.receive.len(), plan.repair_type), (1, None));
        let h264 = h264.replace("AVPF 97", "AVPF 97 98");
        let repair = "a=rtpmap:98 flexfec/90000\r\n";
        let plan = planned(&format!("{audio}{h264}{repair}")).unwrap();
        assert_eq!(plan.streams[0].repair_type, Some(98));
    }

    #[test]
    fn layers_are_told_by_their_groups_and_screens_by_their_content() {
        let line = |port: u16, group: &str, more: &str| {
            format!(
                "m=video {port} RTP/AVPF 97\r\nc=IN IP4 {group}\r\na=rtpmap:97 H264/90000\r\n{more}"
            )
        };
        let rtcp = "a=rtcp:5009 IN IP4 239.255.1.3\r\n";
        let full = line(5008, "239.255.2.0/15/4", rtcp);
        let small = line(5006, "239.255.1.3/15", "");
        let screen = line(5010, "239.255.1.4/15", "a=content:slides\r\n");
        for lines in [
            format!("{small}{full}{screen}"),
            format!("{screen}{full}{small}"),
        ] {
            let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Test\r\nt=0 0\r\n{lines}");
            let plan = plan_video(&Description::parse(text.as_bytes()).unwrap()).unwrap();
            let [small, full, screen] = &plan.streams[..] else {
                panic!("{plan:?}")
            };
            assert_eq!(
                [small.layer, full.layer, screen.layer],
                [Layer::Thumbnail, Layer::Full, Layer::Screen]
            );
            assert_eq!((small.range.len(), full.range.len()), (0, 4));
            assert_eq!(full.range[3], "239.255.2.3:5008".parse().unwrap());
            assert_eq!(
                full.transport.rtcp,
                Some("239.255.1.3:5009".parse().unwrap())
            );
        }
    }

    #[test]
    fn each_obstacle_has_its_own_error() {
        let group = "c=IN IP4 239.255.1.2/15\r\n";
        let refused = |media: String| planned(&media).unwrap_err();
        let codec = refused(format!(
            "m=audio 5004 RTP/AVP 18\r\n{group}a=rtpmap:18 G729/8000\r\n"
        ));
        assert_eq!(
            codec,
            JoinError::NoCommonCodec {
                offered: vec!["G729/8000".to_owned()]
            }
        );
        assert_eq!(
            refused(format!("m=video 5004 RTP/AVP 96\r\n{group}")),
            JoinError::NoAudio
        );
        let unicast = "m=audio 5004 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n".to_owned();
        assert_eq!(
            refused(unicast),
            JoinError::NotMulticast("192.0.2.7".parse().unwrap())
        );
        let secure = refused(format!("m=audio 5004 RTP/SAVP 0\r\n{group}"));
        assert!(matches!(secure, JoinError::Encrypted(_)));
    }

    #[test]
    fn conference_that_ended_is_over() {
        let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Test\r\nt=2873397496 2873404696\r\n\
                    m=audio 5004 RTP/AVP 0\r\nc=IN IP4 239.255.1.2/15\r\n";
        let description = Description::parse(text.as_bytes()).unwrap();
        let after = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(plan(&description, after), Err(JoinError::Over));
    }
}
