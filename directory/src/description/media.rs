//! The `m=` line and the lines of its section (RFC 8866 section 5.14).
use std::fmt;

use super::attribute::Attributes;
use super::bandwidth::Bandwidth;
use super::connection::Connection;
use super::encryption::Key;
use super::error::{Reason, number, word};

/// One medium: an `m=` line with all that follows it.
///
/// What it inherits from session level is not here but in [`super::Medium`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `text`, `application`, …
    pub kind: String,
    /// Port of RTP; 0 for a medium that is refused or whose port is agreed elsewhere (RTSP).
    pub port: u16,
    /// Number of port pairs, 1 to [`Media::MAX_PORTS`].
    pub port_count: u16,
    /// `RTP/AVP`, `RTP/SAVP`, `udp`, `VAT`, …
    pub protocol: String,
    /// Payload types of RTP; whatever else elsewhere. May be empty.
    pub formats: Vec<String>,
    /// `i=`: title of the medium.
    pub title: Option<String>,
    /// `c=` lines, each a group or a range.
    pub connections: Vec<Connection>,
    /// `b=` lines.
    pub bandwidths: Vec<Bandwidth>,
    /// `k=`: read, never written.
    pub key: Option<Key>,
    /// `a=` lines, in order.
    pub attributes: Attributes,
}

impl Media {
    /// Most port pairs that are read.
    pub const MAX_PORTS: u16 = 256;

    /// A medium on one port, with nothing but its formats.
    pub fn new(kind: &str, port: u16, protocol: &str, formats: &[u8]) -> Self {
        Self {
            kind: kind.to_owned(),
            port,
            port_count: 1,
            protocol: protocol.to_owned(),
            formats: formats.iter().map(u8::to_string).collect(),
            title: None,
            connections: Vec::new(),
            bandwidths: Vec::new(),
            key: None,
            attributes: Attributes::default(),
        }
    }

    /// Whether this is sound.
    pub fn is_audio(&self) -> bool {
        self.kind.eq_ignore_ascii_case("audio")
    }

    /// Whether this is RTP of any profile.
    pub fn is_rtp(&self) -> bool {
        self.protocol
            .split('/')
            .any(|part| part.eq_ignore_ascii_case("RTP"))
    }

    /// RTP payload types, in order of preference.
    pub fn payload_types(&self) -> impl Iterator<Item = u8> {
        let is_rtp = self.is_rtp();
        let numbers = self.formats.iter().filter_map(|format| format.parse().ok());
        numbers.filter(move |payload_type| is_rtp && *payload_type < 128)
    }

    /// Its formats as one would name them: `opus/48000` where `a=rtpmap` tells, else as they stand.
    pub fn format_names(&self) -> Vec<String> {
        let name = |format: &String| {
            let map = format
                .parse()
                .ok()
                .and_then(|number| self.attributes.rtpmap(number));
            map.map_or_else(
                || format.clone(),
                |map| format!("{}/{}", map.encoding, map.clock_rate),
            )
        };
        self.formats.iter().map(name).collect()
    }

    pub(super) fn parse(value: &str) -> Result<Self, Reason> {
        let mut words = value.split_whitespace();
        let kind = word(&mut words, "kind of medium")?;
        if !is_known_kind(kind) {
            return Err(Reason::UnknownMedia { text: kind.into() });
        }
        let ports = word(&mut words, "port")?;
        let (port, count) = ports.split_once('/').unwrap_or((ports, "1"));
        let port = number(port, "port", 0, u16::MAX.into())?;
        let count = number(count, "number of ports", 1, Self::MAX_PORTS.into())?;
        let protocol = word(&mut words, "protocol")?;
        Ok(Self {
            port: u16::try_from(port).unwrap_or(0),
            port_count: u16::try_from(count).unwrap_or(1),
            formats: words.map(str::to_owned).collect(),
            ..Self::new(kind, 0, protocol, &[])
        })
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.port)?;
        if self.port_count > 1 {
            write!(f, "/{}", self.port_count)?;
        }
        write!(f, " {}", self.protocol)?;
        self.formats
            .iter()
            .try_for_each(|format| write!(f, " {format}"))
    }
}

/// Top-level media types, then those of RFC 2327 and of the Mbone tools that were never registered, then `x-…`.
fn is_known_kind(kind: &str) -> bool {
    const KINDS: [&str; 13] = [
        "audio",
        "video",
        "text",
        "application",
        "message",
        "image",
        "model",
        "font",
        "haptics",
        "control",
        "data",
        "whiteboard",
        "multipart",
    ];
    let kind = kind.split('/').next().unwrap_or(kind);
    let is_private = kind
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    is_private || KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_both_ways() {
        for text in [
            "audio 49170 RTP/AVP 0",
            "video 49170/2 RTP/AVP 31 34",
            "whiteboard 32416 udp wb",
            "audio 9 UDP/TLS/RTP/SAVPF",
            "application/TP-LINK 0 RTP/AVP smart/1/90000",
            "x-thing 5 udp *",
        ] {
            assert_eq!(Media::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refused_with_a_reason() {
        let reason = |value: &str| Media::parse(value).unwrap_err().to_string();
        assert_eq!(
            reason("foobar 0 RTP/AVP 0"),
            "`foobar` is no kind of medium"
        );
        assert_eq!(reason("audio 234"), "the protocol is missing");
        assert_eq!(
            reason("audio 123456 RTP/AVP 0"),
            "the port `123456` is not within 0 to 65535"
        );
        assert_eq!(
            reason("audio 5004/0 RTP/AVP 0"),
            "the number of ports `0` is not within 1 to 256"
        );
        assert_eq!(
            reason("audio -1 RTP/AVP 0"),
            "the port `-1` is not a number"
        );
    }

    #[test]
    fn payload_types_are_those_of_rtp() {
        let types = |text: &str| {
            Media::parse(text)
                .unwrap()
                .payload_types()
                .collect::<Vec<_>>()
        };
        assert_eq!(types("audio 5004 RTP/AVP 96 0 x 200"), [96, 0]);
        assert!(types("application 9 DTLS/SCTP 50").is_empty());
    }
}
