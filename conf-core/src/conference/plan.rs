//! Reads off a description what joining it means: groups, formats, bandwidth; or why it cannot be joined.
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use directory::description::{Activity, BandwidthKind, Direction, Medium};
use directory::{Description, Scope};
use media::engine::EngineConfig;
use media::payload::{AudioEncoding, AudioFormat};

use super::JoinError;
use crate::session::{RtcpBandwidth, RtcpPace};

/// How to take part in the audio of one conference.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioPlan {
    /// Where RTP goes.
    pub rtp: SocketAddr,
    /// Where RTCP goes, where it has a port of its own.
    pub rtcp: Option<SocketAddr>,
    /// Whose packets alone to receive (RFC 4570); nobody named means everybody's.
    pub sources: Vec<IpAddr>,
    /// Time to live of what we send.
    pub ttl: u8,
    /// What we can decode, in the description's order.
    pub receive: Vec<AudioFormat>,
    /// What we send: the first format of the description that we know; nothing where we are only to listen.
    pub send: Option<AudioFormat>,
    /// The share of RTCP (RFC 3550 section 6.2, RFC 3556).
    pub bandwidth: RtcpBandwidth,
    /// When reports are due (RFC 4585 where the profile is AVPF).
    pub pace: RtcpPace,
    /// Whether RTCP need not always be compound (RFC 5506).
    pub is_reduced_size_allowed: bool,
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
    let destination = audio
        .destinations()
        .into_iter()
        .next()
        .ok_or(JoinError::NoAddress)?;
    let group = destination.rtp.ip();
    if !group.is_multicast() {
        return Err(JoinError::NotMulticast(group));
    }
    let may_send = matches!(
        audio.direction(),
        Direction::SendReceive | Direction::SendOnly
    );
    let is_feedback = audio.media.protocol.eq_ignore_ascii_case("RTP/AVPF");
    Ok(AudioPlan {
        rtp: destination.rtp,
        rtcp: Some(destination.rtcp).filter(|rtcp| *rtcp != destination.rtp),
        sources: audio.sources(group),
        ttl: ttl(audio, group),
        send: receive.first().copied().filter(|_| may_send),
        bandwidth: rtcp_bandwidth(audio, &receive),
        pace: if is_feedback {
            FEEDBACK_PACE
        } else {
            RtcpPace::Fixed
        },
        is_reduced_size_allowed: audio.media.attributes.has("rtcp-rsize"),
        receive,
    })
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
fn ttl(audio: &Medium<'_>, group: IpAddr) -> u8 {
    let of_scope = || Scope::from_group(group, None).map_or(Scope::Site.ttl(), Scope::ttl);
    audio.ttl().unwrap_or_else(of_scope)
}

/// `b=RS` and `b=RR` where given, each on its own; else shares of 5 % of `b=AS`, or of what one speaker takes.
fn rtcp_bandwidth(audio: &Medium<'_>, formats: &[AudioFormat]) -> RtcpBandwidth {
    let bits = |kind| {
        audio
            .bandwidth(&kind)
            .and_then(|value| u32::try_from(value).ok())
    };
    let session = bits(BandwidthKind::ApplicationSpecific)
        .map(|kilobits| kilobits.saturating_mul(1000))
        .filter(|bits| *bits > 0);
    let share = RtcpBandwidth::of_session(session.unwrap_or_else(|| speaker_bits(formats)));
    RtcpBandwidth {
        senders: bits(BandwidthKind::RtcpSenders).unwrap_or(share.senders),
        receivers: bits(BandwidthKind::RtcpReceivers).unwrap_or(share.receivers),
    }
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
        assert_eq!(plan.rtp, "239.255.1.2:5004".parse().unwrap());
        assert_eq!(plan.rtcp, Some("239.255.1.2:5005".parse().unwrap()));
        assert_eq!(
            (plan.ttl, plan.receive.len(), plan.send.is_some()),
            (15, 1, true)
        );
        // b=RS as given; RR is what remains of 5 % of b=AS: 80,000 × 0.05 × 3/4.
        assert_eq!(
            (plan.bandwidth.senders, plan.bandwidth.receivers),
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
        assert_eq!((plan.rtcp, plan.send), (None, None));
        assert_eq!(plan.sources, ["192.0.2.9".parse::<IpAddr>().unwrap()]);
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
