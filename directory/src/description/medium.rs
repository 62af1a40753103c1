//! One medium as a receiver needs it: its own lines, and the session's where it has none.
use std::net::{IpAddr, SocketAddr};

use super::attribute::{Direction, FilterMode, SourceFilter};
use super::bandwidth::BandwidthKind;
use super::connection::Connection;
use super::{Description, Media};
use crate::address::Scope;

/// A medium together with the description it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Medium<'a> {
    session: &'a Description,
    /// Its own lines.
    pub media: &'a Media,
}

/// Where RTP and the RTCP that belongs to it go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Destination {
    /// Address and port of RTP.
    pub rtp: SocketAddr,
    /// Address and port of RTCP; the same where both share a port.
    pub rtcp: SocketAddr,
}

impl<'a> Medium<'a> {
    pub(super) const fn new(session: &'a Description, media: &'a Media) -> Self {
        Self { session, media }
    }

    /// Its `c=` lines, or the session's.
    pub fn connections(&self) -> &'a [Connection] {
        if self.media.connections.is_empty() {
            self.session.connection.as_slice()
        } else {
            &self.media.connections
        }
    }

    /// RTP addresses, layers in order; see [`Medium::destinations`].
    pub fn groups(&self) -> Vec<SocketAddr> {
        self.destinations().iter().map(|to| to.rtp).collect()
    }

    /// RTP and RTCP addresses, layers in order; none for port 0.
    ///
    /// Several addresses share the port; one address has several ports, two apart; of both, each address gets the
    /// next port (RFC 8866 section 5.14, which leaves unequal numbers open: then the shorter list ends it).
    pub fn destinations(&self) -> Vec<Destination> {
        if self.media.port == 0 {
            return Vec::new();
        }
        let addresses: Vec<IpAddr> = self
            .connections()
            .iter()
            .flat_map(Connection::addresses)
            .collect();
        let ports = (0..self.media.port_count)
            .map_while(|n| self.media.port.checked_add(n.checked_mul(2)?));
        let pairs: Vec<SocketAddr> = match (addresses.as_slice(), self.media.port_count) {
            ([address], _) => ports.map(|port| (*address, port).into()).collect(),
            (many, 1) => many
                .iter()
                .map(|address| (*address, self.media.port).into())
                .collect(),
            (many, _) => many
                .iter()
                .zip(ports)
                .map(|(a, port)| (*a, port).into())
                .collect(),
        };
        pairs.into_iter().map(|rtp| self.destination(rtp)).collect()
    }

    /// Hops that its packets may make, where the `c=` line says so; IPv6 does not.
    pub fn ttl(&self) -> Option<u8> {
        self.connections()
            .first()
            .and_then(|connection| connection.ttl)
    }

    /// Hops to send with: the TTL of `c=`; for IPv6, which has none there, that of the group's scope.
    pub fn hop_limit(&self) -> Option<u8> {
        let group = self.groups().first()?.ip();
        let of_scope = || Some(Scope::from_group(group, None)?.ttl());
        self.ttl().or_else(of_scope)
    }

    /// Who sends; everybody where nothing is said.
    pub fn direction(&self) -> Direction {
        let own = self.media.attributes.direction();
        own.or_else(|| self.session.attributes.direction())
            .unwrap_or_default()
    }

    /// Milliseconds of media in a packet, its own or the session's.
    pub fn ptime_ms(&self) -> Option<f64> {
        let own = self.media.attributes.ptime_ms();
        own.or_else(|| self.session.attributes.ptime_ms())
    }

    /// `b=` of this kind, its own or the session's; for the unit see [`BandwidthKind`].
    pub fn bandwidth(&self, kind: &BandwidthKind) -> Option<u64> {
        let lines = self.media.bandwidths.iter().chain(&self.session.bandwidths);
        let mut values = lines
            .filter(|line| line.kind == *kind)
            .map(|line| line.value);
        values.next()
    }

    /// `a=source-filter` lines, its own or the session's (RFC 4570 section 3).
    pub fn source_filters(&self) -> Vec<SourceFilter> {
        let own: Vec<SourceFilter> = self.media.attributes.source_filters().collect();
        if own.is_empty() {
            return self.session.attributes.source_filters().collect();
        }
        own
    }

    /// The only sources to be heard in a group; empty where anybody may be.
    pub fn sources(&self, group: IpAddr) -> Vec<IpAddr> {
        let filters = self.source_filters().into_iter();
        let including =
            filters.filter(|filter| filter.mode == FilterMode::Include && filter.covers(group));
        including.flat_map(|filter| filter.sources).collect()
    }

    /// RTCP: the same port where shared, `a=rtcp` where given, else the next higher port (RFC 3550 section 11);
    /// from port 65535, which has none above it, the next lower.
    fn destination(&self, rtp: SocketAddr) -> Destination {
        let attributes = &self.media.attributes;
        let next = rtp.port().checked_add(1).unwrap_or(u16::MAX - 1);
        let rtcp = match attributes.rtcp() {
            _ if attributes.is_rtcp_muxed() => rtp,
            Some(own) if own.port != 0 => {
                (own.address.unwrap_or_else(|| rtp.ip()), own.port).into()
            }
            _ => (rtp.ip(), next).into(),
        };
        Destination { rtp, rtcp }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destinations(connection: &str, media: &str) -> Vec<String> {
        let text = format!(
            "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nc=IN IP4 224.2.9.9/1\nt=0 0\nm={media}\n{connection}\n"
        );
        let description = Description::parse(text.as_bytes()).unwrap();
        let destinations = description.medium(0).unwrap().destinations();
        destinations
            .iter()
            .map(|to| format!("{} {}", to.rtp, to.rtcp))
            .collect()
    }

    #[test]
    fn layers_of_rfc_8866_section_5_14() {
        assert_eq!(
            destinations("c=IN IP4 233.252.0.1/127/2", "video 49170/2 RTP/AVP 31"),
            [
                "233.252.0.1:49170 233.252.0.1:49171",
                "233.252.0.2:49172 233.252.0.2:49173"
            ]
        );
        assert_eq!(
            destinations("", "video 49170/2 RTP/AVP 31"),
            [
                "224.2.9.9:49170 224.2.9.9:49171",
                "224.2.9.9:49172 224.2.9.9:49173"
            ]
        );
        assert_eq!(
            destinations(
                "c=IN IP4 224.2.1.1/1\nc=IN IP4 224.2.1.5/1",
                "video 4000 RTP/AVP 31"
            ),
            [
                "224.2.1.1:4000 224.2.1.1:4001",
                "224.2.1.5:4000 224.2.1.5:4001"
            ]
        );
    }

    #[test]
    fn rtcp_goes_where_it_is_told() {
        let rtcp = |line: &str| destinations(line, "audio 5004 RTP/AVP 0");
        assert_eq!(rtcp("a=rtcp:53020"), ["224.2.9.9:5004 224.2.9.9:53020"]);
        assert_eq!(
            rtcp("a=rtcp:53020 IN IP4 224.2.9.8/1"),
            ["224.2.9.9:5004 224.2.9.8:53020"]
        );
        assert_eq!(
            rtcp("a=rtcp-mux\na=rtcp:9"),
            ["224.2.9.9:5004 224.2.9.9:5004"]
        );
        assert_eq!(
            destinations("", "audio 65535 RTP/AVP 0"),
            ["224.2.9.9:65535 224.2.9.9:65534"]
        );
        assert!(destinations("", "audio 0 RTP/AVP 0").is_empty());
    }

    #[test]
    fn hop_limit_is_given_or_follows_from_the_scope() {
        let hop_limit = |connection: &str| {
            let text = format!(
                "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\nm=audio 5004 RTP/AVP 0\nc=IN {connection}\n"
            );
            let description = Description::parse(text.as_bytes()).unwrap();
            description.medium(0).unwrap().hop_limit()
        };
        assert_eq!(hop_limit("IP4 239.255.1.1/3"), Some(3));
        assert_eq!(hop_limit("IP6 ff15::1"), Some(15));
        assert_eq!(hop_limit("IP6 2001:db8::1"), None);
    }

    #[test]
    fn session_level_is_inherited() {
        let text = "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nc=IN IP4 232.1.1.1/9\nb=RR:7\nt=0 0\na=recvonly\na=ptime:10\n\
            a=source-filter: incl IN IP4 232.1.1.1 10.0.0.1\nm=audio 5004 RTP/AVP 0\nm=video 5006 RTP/AVP 31\n\
            a=sendonly\nb=RR:8\na=source-filter: excl IN IP4 * 10.0.0.2\n";
        let description = Description::parse(text.as_bytes()).unwrap();
        let [audio, video] = [0, 1].map(|index| description.medium(index).unwrap());
        let group = "232.1.1.1".parse().unwrap();
        assert_eq!(
            (audio.direction(), video.direction()),
            (Direction::ReceiveOnly, Direction::SendOnly)
        );
        assert_eq!(audio.bandwidth(&BandwidthKind::RtcpReceivers), Some(7));
        assert_eq!(video.bandwidth(&BandwidthKind::RtcpReceivers), Some(8));
        assert_eq!((audio.ttl(), audio.ptime_ms()), (Some(9), Some(10.0)));
        assert_eq!(
            audio.sources(group),
            ["10.0.0.1".parse::<IpAddr>().unwrap()]
        );
        assert!(video.sources(group).is_empty());
    }
}
