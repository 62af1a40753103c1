//! A received RTP packet: checked once, then read without doubt (RFC 3550 §5.1, A.1).
use std::ops::Range;

use media::rtp_time::{RtpTime, SeqNo, Ssrc};
use thiserror::Error;

use super::extension::Extension;
use crate::wire::Reader;

/// A view of a datagram of which these have been checked: version 2; room for the fixed header, the contributing
/// sources and the extension; padding, if any, of at least one byte and no more than what follows the header.
#[derive(Clone, Copy, Debug)]
pub struct RtpPacket<'a> {
    marker: bool,
    payload_type: u8,
    seq: SeqNo,
    time: RtpTime,
    ssrc: Ssrc,
    csrcs: &'a [u8],
    extension: Option<Extension<'a>>,
    payload: &'a [u8],
    payload_start: usize,
}

/// Why a datagram is not an RTP packet.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RtpError {
    /// It ends within its header.
    #[error("RTP packet of {length} bytes ends within its header")]
    Truncated {
        /// Bytes of the datagram.
        length: usize,
    },
    /// Not version 2: STUN, DTLS, vat's version 0 or noise.
    #[error("RTP version {version}, not 2")]
    Version {
        /// The version it claims.
        version: u8,
    },
    /// The count of padding bytes is zero or more than there are.
    #[error("{padding} bytes of padding in {available}")]
    Padding {
        /// What the last byte says.
        padding: u8,
        /// Bytes after the header.
        available: usize,
    },
}

impl<'a> RtpPacket<'a> {
    /// Checks and opens a datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtpError> {
        let truncated = || RtpError::Truncated {
            length: bytes.len(),
        };
        let mut reader = Reader::new(bytes);
        let flags = reader.u8().ok_or_else(truncated)?;
        let version = flags >> 6;
        if version != 2 {
            return Err(RtpError::Version { version });
        }
        let mut open = || {
            let marker_and_type = reader.u8()?;
            let seq = SeqNo(reader.u16()?);
            let time = RtpTime(reader.u32()?);
            let ssrc = Ssrc(reader.u32()?);
            let csrcs = reader.take(4 * usize::from(flags & 0x0F))?;
            let extension = match flags & 0x10 {
                0 => None,
                _ => Some(Extension::read(&mut reader)?),
            };
            Some(Self {
                marker: marker_and_type & 0x80 != 0,
                payload_type: marker_and_type & 0x7F,
                seq,
                time,
                ssrc,
                csrcs,
                extension,
                payload: reader.rest(),
                payload_start: bytes.len() - reader.remaining(),
            })
        };
        let mut packet = open().ok_or_else(truncated)?;
        if flags & 0x20 != 0 {
            packet.payload = without_padding(packet.payload)?;
        }
        Ok(packet)
    }

    /// Marker bit; what it means depends on the payload (talk spurt, last of a frame).
    #[must_use]
    pub const fn marker(&self) -> bool {
        self.marker
    }

    /// Payload type, 0 to 127.
    #[must_use]
    pub const fn payload_type(&self) -> u8 {
        self.payload_type
    }

    /// Sequence number.
    #[must_use]
    pub const fn seq(&self) -> SeqNo {
        self.seq
    }

    /// Media time of the first sample, with the sender's random offset.
    #[must_use]
    pub const fn time(&self) -> RtpTime {
        self.time
    }

    /// Who sent it.
    #[must_use]
    pub const fn ssrc(&self) -> Ssrc {
        self.ssrc
    }

    /// Who a mixer says is in it; at most 15.
    pub fn csrcs(&self) -> impl Iterator<Item = Ssrc> + 'a {
        let mut reader = Reader::new(self.csrcs);
        std::iter::from_fn(move || reader.u32().map(Ssrc))
    }

    /// Header extension, if there is one.
    #[must_use]
    pub const fn extension(&self) -> Option<Extension<'a>> {
        self.extension
    }

    /// What is carried, without padding; may be empty.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Where in the datagram the payload lies.
    #[must_use]
    pub const fn payload_range(&self) -> Range<usize> {
        self.payload_start..self.payload_start + self.payload.len()
    }
}

fn without_padding(payload: &[u8]) -> Result<&[u8], RtpError> {
    let padding = payload.last().copied().unwrap_or(0);
    let available = payload.len();
    let kept = available
        .checked_sub(usize::from(padding))
        .filter(|_| padding != 0)
        .ok_or(RtpError::Padding { padding, available })?;
    Ok(payload.split_at(kept).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By hand from RFC 3550 §5.1: marker, type 96, two contributors, a one-byte extension, three bytes of padding.
    const EVERYTHING: [u8; 36] = [
        0xB2, 0xE0, 0x12, 0x34, 0, 0, 3, 0xC0, 0xCA, 0xFE, 0xBA, 0xBE, // fixed header
        0, 0, 0, 1, 0, 0, 0, 2, // contributors
        0xBE, 0xDE, 0, 1, 0x10, 0x85, 0, 0, // extension: id 1, one byte 0x85
        0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0, 0, 3, // payload and padding
    ];

    #[test]
    fn every_field_is_where_the_rfc_draws_it() {
        let packet = RtpPacket::parse(&EVERYTHING).unwrap();
        assert!(packet.marker());
        assert_eq!(packet.payload_type(), 96);
        assert_eq!(packet.seq(), SeqNo(0x1234));
        assert_eq!(packet.time(), RtpTime(960));
        assert_eq!(packet.ssrc(), Ssrc(0xCAFE_BABE));
        assert_eq!(packet.csrcs().collect::<Vec<_>>(), [Ssrc(1), Ssrc(2)]);
        let extension = packet.extension().unwrap();
        let elements: Vec<_> = extension.elements().map(|e| (e.id, e.data)).collect();
        assert_eq!(elements, [(1, &[0x85][..])]);
        assert_eq!(packet.payload(), [0xAA, 0xBB, 0xCC, 0xDD, 0xEE]);
        assert_eq!(packet.payload_range(), 28..33);
    }

    #[test]
    fn every_shorter_datagram_is_refused_or_still_sound() {
        for length in 0..28 {
            assert!(
                RtpPacket::parse(&EVERYTHING[..length]).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn padding_may_not_be_nothing_or_more_than_there_is() {
        let mut bytes = EVERYTHING;
        bytes[35] = 0;
        assert_eq!(
            RtpPacket::parse(&bytes).unwrap_err(),
            RtpError::Padding {
                padding: 0,
                available: 8
            }
        );
        bytes[35] = 9;
        assert!(RtpPacket::parse(&bytes).is_err());
        bytes[35] = 8;
        assert!(RtpPacket::parse(&bytes).unwrap().payload().is_empty());
    }

    #[test]
    fn other_versions_are_refused() {
        let mut bytes = EVERYTHING;
        bytes[0] = 0x12;
        assert_eq!(
            RtpPacket::parse(&bytes).unwrap_err(),
            RtpError::Version { version: 0 }
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused(mut bytes: Vec<u8>) {
            if let Some(first) = bytes.first_mut() {
                *first = *first & 0x3F | 0x80;
            }
            if let Ok(packet) = RtpPacket::parse(&bytes) {
                prop_assert_eq!(&bytes[packet.payload_range()], packet.payload());
                prop_assert!(packet.csrcs().count() <= 15);
                for element in packet.extension().iter().flat_map(Extension::elements) {
                    prop_assert!(element.data.len() <= 255);
                }
            }
        }
    }
}
