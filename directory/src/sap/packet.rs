//! The SAP packet, read and written (RFC 2974 section 6).

use std::borrow::Cow;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::wire::Reader;

/// What a packet says about the session that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// The session exists.
    Announcement,
    /// The session is withdrawn.
    Deletion,
}

/// One SAP packet.
///
/// A parsed one has been checked: its version is 0 or 1, its lengths fit, an unencrypted payload is inflated
/// and has a payload type. What the payload says has not been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Announcement or deletion (the T bit).
    pub kind: MessageKind,
    /// With `origin`, names this version of this announcement. 0 comes from SAPv0 senders and names nothing.
    pub hash: u16,
    /// The originating source: the host that announces, also behind a proxy.
    pub origin: IpAddr,
    /// Whether the payload is encrypted (the E bit); it is then as received and has no payload type.
    pub is_encrypted: bool,
    /// Authentication data, unread; a multiple of four bytes, at most 1,020.
    pub authentication: &'a [u8],
    /// MIME type of the payload; empty if the payload is encrypted.
    pub payload_type: Cow<'a, str>,
    /// The session description, deletion message or whatever the type says.
    pub payload: Cow<'a, [u8]>,
}

/// Why bytes are not a SAP packet that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PacketError {
    /// The header or the authentication data end early.
    #[error("the packet ends inside its header, after {0} bytes")]
    Truncated(usize),
    /// A version that nobody has defined.
    #[error("SAP version {0} is unknown")]
    UnknownVersion(u8),
    /// No payload type, and not SDP either.
    #[error("the payload type is missing or is not text")]
    NoPayloadType,
    /// The zlib stream is broken.
    #[error("the compressed payload is damaged")]
    Damaged,
    /// The payload inflates to more than [`MAX_INFLATED`].
    #[error("the compressed payload inflates to more than {MAX_INFLATED} bytes")]
    TooLong,
}

impl<'a> Packet<'a> {
    /// An announcement or deletion in the clear.
    pub fn new(
        kind: MessageKind,
        hash: u16,
        origin: IpAddr,
        payload_type: &'a str,
        payload: &'a [u8],
    ) -> Self {
        Self {
            kind,
            hash,
            origin,
            is_encrypted: false,
            authentication: &[],
            payload_type: Cow::Borrowed(payload_type),
            payload: Cow::Borrowed(payload),
        }
    }

    /// Reads one datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let header = Header::parse(bytes)?;
        let mut packet = Self {
            kind: header.kind,
            hash: header.hash,
            origin: header.origin,
            is_encrypted: header.flags & ENCRYPTED != 0,
            authentication: header.authentication,
            payload_type: Cow::Borrowed(""),
            payload: Cow::Borrowed(header.body),
        };
        if packet.is_encrypted {
            return Ok(packet);
        }
        // The payload type is compressed along with the payload: sdr wrote it so, VLC reads it so.
        (packet.payload_type, packet.payload) = if header.flags & COMPRESSED == 0 {
            let (payload_type, payload) = split_payload(header.body, header.kind)?;
            (Cow::Borrowed(payload_type), Cow::Borrowed(payload))
        } else {
            let inflated = inflate(header.body)?;
            let (payload_type, payload) = split_payload(&inflated, header.kind)?;
            (
                Cow::Owned(payload_type.to_owned()),
                Cow::Owned(payload.to_owned()),
            )
        };
        Ok(packet)
    }

    /// Writes the packet, uncompressed: RFC 2974 section 6 discourages compression, and some listeners lack it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut flags = VERSION_1;
        if self.kind == MessageKind::Deletion {
            flags |= DELETION;
        }
        if self.is_encrypted {
            flags |= ENCRYPTED;
        }
        let words = u8::try_from(self.authentication.len() / 4).unwrap_or(u8::MAX);
        let authentication = self.authentication.get(..usize::from(words) * 4);
        let authentication = authentication.unwrap_or_default();
        let mut bytes = Vec::with_capacity(64 + authentication.len() + self.payload.len());
        match self.origin {
            IpAddr::V4(origin) => {
                bytes.extend([flags, words]);
                bytes.extend(self.hash.to_be_bytes());
                bytes.extend(origin.octets());
            }
            IpAddr::V6(origin) => {
                bytes.extend([flags | ADDRESS_IS_V6, words]);
                bytes.extend(self.hash.to_be_bytes());
                bytes.extend(origin.octets());
            }
        }
        bytes.extend(authentication);
        if !self.is_encrypted {
            bytes.extend(self.payload_type.as_bytes());
            bytes.push(0);
        }
        bytes.extend(self.payload.as_ref());
        bytes
    }

    /// Whether the payload is a session description, or a deletion message that names one.
    pub fn is_sdp(&self) -> bool {
        self.payload_type.eq_ignore_ascii_case(SDP)
    }
}

struct Header<'a> {
    flags: u8,
    kind: MessageKind,
    hash: u16,
    origin: IpAddr,
    authentication: &'a [u8],
    body: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let truncated = PacketError::Truncated(bytes.len());
        let mut reader = Reader::new(bytes);
        let flags = reader.u8().ok_or(truncated)?;
        let version = flags >> 5;
        if version > 1 {
            return Err(PacketError::UnknownVersion(version));
        }
        let words = reader.u8().ok_or(truncated)?;
        let hash = reader.u16().ok_or(truncated)?;
        let origin = if flags & ADDRESS_IS_V6 == 0 {
            let octets: [u8; 4] = reader.array().ok_or(truncated)?;
            IpAddr::V4(Ipv4Addr::from(octets))
        } else {
            let octets: [u8; 16] = reader.array().ok_or(truncated)?;
            IpAddr::V6(Ipv6Addr::from(octets))
        };
        let authentication = reader.take(usize::from(words) * 4).ok_or(truncated)?;
        Ok(Self {
            flags,
            kind: if flags & DELETION == 0 {
                MessageKind::Announcement
            } else {
                MessageKind::Deletion
            },
            hash,
            origin,
            authentication,
            body: reader.rest(),
        })
    }
}

/// Splits off the payload type; it may be absent before SDP (RFC 2974 section 6), and sdr leaves it out
/// before the `o=` line of a deletion too.
fn split_payload(body: &[u8], kind: MessageKind) -> Result<(&str, &[u8]), PacketError> {
    let is_origin_line = kind == MessageKind::Deletion && body.starts_with(b"o=");
    if body.starts_with(b"v=0") || is_origin_line {
        return Ok((SDP, body));
    }
    let mut parts = body.splitn(2, |byte| *byte == 0);
    let (Some(payload_type), Some(payload)) = (parts.next(), parts.next()) else {
        return Err(PacketError::NoPayloadType);
    };
    let is_text = payload_type.iter().all(u8::is_ascii_graphic);
    match std::str::from_utf8(payload_type) {
        Ok(payload_type) if is_text && !payload_type.is_empty() => Ok((payload_type, payload)),
        _ => Err(PacketError::NoPayloadType),
    }
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, PacketError> {
    let limit = u64::try_from(MAX_INFLATED).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    flate2::read::ZlibDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut inflated)
        .map_err(|_| PacketError::Damaged)?;
    if inflated.len() > MAX_INFLATED {
        return Err(PacketError::TooLong);
    }
    Ok(inflated)
}

/// Payload type of a session description.
pub const SDP: &str = "application/sdp";

/// What a compressed payload may inflate to, in bytes: what an uncompressed datagram could carry.
pub const MAX_INFLATED: usize = 65_536;

const VERSION_1: u8 = 0b0010_0000;
const ADDRESS_IS_V6: u8 = 0b0001_0000;
const DELETION: u8 = 0b0000_0100;
const ENCRYPTED: u8 = 0b0000_0010;
const COMPRESSED: u8 = 0b0000_0001;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::sap::test_vectors::bytes_from_hex;

    const ANNOUNCE_FFMPEG: &str = include_str!("../../../tests/vectors/sap/announce_ffmpeg.hex");
    const DELETE_FFMPEG: &str = include_str!("../../../tests/vectors/sap/delete_ffmpeg.hex");
    const ANNOUNCE_ZLIB: &str = include_str!("../../../tests/vectors/sap/announce_zlib_python.hex");

    #[test]
    fn announce_ffmpeg_both_ways() {
        let bytes = bytes_from_hex(ANNOUNCE_FFMPEG);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.kind, MessageKind::Announcement);
        assert_eq!(packet.hash, 0xac6f);
        assert_eq!(packet.origin, IpAddr::from([10, 10, 1, 2]));
        assert!(packet.is_sdp());
        assert!(
            packet
                .payload
                .starts_with(b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n")
        );
        assert!(packet.payload.ends_with(b"a=rtpmap:96 opus/48000/2\r\n"));
        assert_eq!(packet.to_bytes(), bytes);
    }

    #[test]
    fn delete_ffmpeg_both_ways() {
        let bytes = bytes_from_hex(DELETE_FFMPEG);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.kind, MessageKind::Deletion);
        assert_eq!(packet.hash, 0xac6f);
        assert_eq!(packet.to_bytes(), bytes);
    }

    #[test]
    fn announce_zlib_python_is_inflated() {
        let bytes = bytes_from_hex(ANNOUNCE_ZLIB);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.hash, 0x1234);
        assert!(packet.is_sdp());
        assert!(
            packet
                .payload
                .starts_with(b"v=0\r\no=- 5 1 IN IP4 192.0.2.7\r\n")
        );
        assert!(packet.payload.ends_with(b"m=audio 5004 RTP/AVP 0\r\n"));
    }

    #[test]
    fn ipv6_origin_and_authentication_both_ways() {
        let bytes = [
            &[0x30, 1, 0xbe, 0xef][..],
            &[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9],
            &[1, 2, 3, 4],
            b"text/plain\0hello",
        ]
        .concat();
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.origin, "fe80::9".parse::<IpAddr>().unwrap());
        assert_eq!(packet.authentication, [1, 2, 3, 4]);
        assert_eq!(packet.payload_type, "text/plain");
        assert_eq!(*packet.payload, *b"hello");
        assert!(!packet.is_sdp());
        assert_eq!(packet.to_bytes(), bytes);
    }

    #[test]
    fn payload_type_may_be_left_out_before_sdp() {
        let announcement = [&[0, 0, 0, 0, 192, 0, 2, 1][..], b"v=0\r\n"].concat();
        assert!(Packet::parse(&announcement).unwrap().is_sdp(), "and SAPv0");
        let deletion = [&[0x24, 0, 0, 7, 192, 0, 2, 1][..], b"o=- 1 1 IN IP4 h\r\n"].concat();
        assert!(Packet::parse(&deletion).unwrap().is_sdp());
    }

    #[test]
    fn encrypted_payload_is_left_alone() {
        let bytes = [0x23, 0, 0, 7, 192, 0, 2, 1, 0xff, 0, 0xfe];
        let packet = Packet::parse(&bytes).unwrap();
        assert!(packet.is_encrypted);
        assert_eq!(*packet.payload, [0xff, 0, 0xfe]);
        assert!(!packet.is_sdp());
    }

    #[test]
    fn faults_are_told_apart() {
        let head = [0x20, 0, 0, 7, 192, 0, 2, 1];
        assert_eq!(Packet::parse(&head[..7]), Err(PacketError::Truncated(7)));
        assert_eq!(
            Packet::parse(&[0x20, 9, 0, 7, 1, 2, 3, 4]),
            Err(PacketError::Truncated(8))
        );
        assert_eq!(
            Packet::parse(&[0x40; 8]),
            Err(PacketError::UnknownVersion(2))
        );
        let untyped = [&head[..], b"hello"].concat();
        assert_eq!(Packet::parse(&untyped), Err(PacketError::NoPayloadType));
        let damaged = [&[0x21, 0, 0, 7, 192, 0, 2, 1][..], b"hello"].concat();
        assert_eq!(Packet::parse(&damaged), Err(PacketError::Damaged));
    }

    #[test]
    fn zip_bomb_is_refused() {
        let compress = |size: usize| {
            let mut bytes = vec![0x21, 0, 0, 7, 192, 0, 2, 1];
            let mut encoder =
                flate2::write::ZlibEncoder::new(&mut bytes, flate2::Compression::best());
            encoder.write_all(b"a/b\0").unwrap();
            encoder.write_all(&vec![0; size]).unwrap();
            encoder.finish().unwrap();
            bytes
        };
        assert_eq!(
            Packet::parse(&compress(100_000_000)),
            Err(PacketError::TooLong)
        );
        assert_eq!(
            Packet::parse(&compress(MAX_INFLATED - 3)),
            Err(PacketError::TooLong)
        );
        assert!(Packet::parse(&compress(MAX_INFLATED - 4)).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(flags in 0u8..64, rest in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&[flags][..], &rest].concat();
            if let Ok(packet) = Packet::parse(&bytes) {
                let again = packet.to_bytes();
                prop_assert_eq!(Packet::parse(&again), Ok(packet));
            }
        }
    }
}
