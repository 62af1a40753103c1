//! A received RTCP datagram: checked once, then gone through without doubt (RFC 3550 §6.1, A.2; RFC 5506).
use media::rtp_time::Ssrc;
use thiserror::Error;

use super::app::App;
use super::bye::Bye;
use super::feedback::Feedback;
use super::header::{self, RawPacket};
use super::rr::ReceiverReport;
use super::sdes::Sdes;
use super::sr::SenderReport;
use crate::wire::Reader;

/// A view of a datagram of which these have been checked: it is not empty; every packet has version 2; their lengths
/// add up to the datagram's; only the last has padding, of a lawful count; the first is a report, unless the reduced
/// size is allowed. That the SDES is missing is let pass: ffmpeg sends none.
#[derive(Clone, Copy, Debug)]
pub struct Compound<'a> {
    bytes: &'a [u8],
}

/// Which datagrams are lawful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The first packet is a sender or receiver report (RFC 3550 §6.1).
    Full,
    /// Any packet may be the first (RFC 5506).
    ReducedSize,
}

/// Why a datagram is not RTCP.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CompoundError {
    /// A packet does not end within the datagram, or the datagram is empty.
    #[error("RTCP packet at byte {offset} is cut short")]
    Truncated {
        /// Where the packet begins.
        offset: usize,
    },
    /// A packet is not of version 2.
    #[error("RTCP packet at byte {offset} has version {version}")]
    Version {
        /// Where the packet begins.
        offset: usize,
        /// The version it claims.
        version: u8,
    },
    /// Padding before the last packet, or of an unlawful count.
    #[error("RTCP packet at byte {offset} has wrong padding")]
    Padding {
        /// Where the packet begins.
        offset: usize,
    },
    /// The first packet is no report.
    #[error("first RTCP packet has type {kind}, which is no report")]
    NoReport {
        /// Its packet type.
        kind: u8,
    },
}

/// One packet of a compound.
#[derive(Clone, Debug)]
pub enum RtcpPacket<'a> {
    /// SR, 200.
    SenderReport(SenderReport<'a>),
    /// RR, 201.
    ReceiverReport(ReceiverReport<'a>),
    /// SDES, 202.
    Sdes(Sdes<'a>),
    /// BYE, 203.
    Bye(Bye<'a>),
    /// APP, 204.
    App(App<'a>),
    /// RTPFB and PSFB, 205 and 206.
    Feedback(Feedback),
    /// A type not known here, such as XR (207).
    Unknown {
        /// Its packet type.
        kind: u8,
    },
}

/// A packet whose inside contradicts its length; the others of its compound still count.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("RTCP packet of type {kind} contradicts its length")]
pub struct MalformedRtcp {
    /// Its packet type.
    pub kind: u8,
}

impl<'a> Compound<'a> {
    /// Checks a datagram.
    pub fn parse(bytes: &'a [u8], form: Form) -> Result<Self, CompoundError> {
        let mut reader = Reader::new(bytes);
        let mut offset = 0;
        loop {
            let raw = RawPacket::read(&mut reader).ok_or(CompoundError::Truncated { offset })?;
            let (version, kind) = (raw.version, raw.kind);
            if version != 2 {
                return Err(CompoundError::Version { offset, version });
            }
            if offset == 0 && form == Form::Full && !matches!(kind, header::SR | header::RR) {
                return Err(CompoundError::NoReport { kind });
            }
            let is_padding_lawful = !raw.is_padded || reader.is_empty();
            if !is_padding_lawful || raw.without_padding().is_none() {
                return Err(CompoundError::Padding { offset });
            }
            if reader.is_empty() {
                return Ok(Self { bytes });
            }
            offset = bytes.len() - reader.remaining();
        }
    }

    /// The source that its first packet names: whose datagram it is, unless a translator put several together.
    #[must_use]
    pub fn first_source(&self) -> Option<Ssrc> {
        let raw = RawPacket::read(&mut Reader::new(self.bytes))?;
        Reader::new(raw.body).u32().map(Ssrc)
    }

    /// Its packets, in order.
    pub fn packets(&self) -> impl Iterator<Item = Result<RtcpPacket<'a>, MalformedRtcp>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        std::iter::from_fn(move || RawPacket::read(&mut reader)?.without_padding()).map(open)
    }
}

fn open(raw: RawPacket<'_>) -> Result<RtcpPacket<'_>, MalformedRtcp> {
    let kind = raw.kind;
    let packet = match kind {
        header::SR => SenderReport::read(raw).map(RtcpPacket::SenderReport),
        header::RR => ReceiverReport::read(raw).map(RtcpPacket::ReceiverReport),
        header::SDES => Sdes::read(raw).map(RtcpPacket::Sdes),
        header::BYE => Bye::read(raw).map(RtcpPacket::Bye),
        header::APP => App::read(raw).map(RtcpPacket::App),
        header::RTPFB | header::PSFB => Feedback::read(raw).map(RtcpPacket::Feedback),
        kind => Some(RtcpPacket::Unknown { kind }),
    };
    packet.ok_or(MalformedRtcp { kind })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RR: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 1];
    const BYE: [u8; 8] = [0x81, 203, 0, 1, 0, 0, 0, 1];

    fn check(bytes: &[u8], form: Form) -> Result<usize, CompoundError> {
        Compound::parse(bytes, form).map(|compound| compound.packets().count())
    }

    #[test]
    fn report_comes_first_unless_the_size_may_be_reduced() {
        let both = [RR, BYE].concat();
        assert_eq!(check(&both, Form::Full), Ok(2));
        assert_eq!(
            check(&BYE, Form::Full),
            Err(CompoundError::NoReport { kind: 203 })
        );
        assert_eq!(check(&BYE, Form::ReducedSize), Ok(1));
    }

    #[test]
    fn lengths_add_up_to_the_datagram() {
        let both = [RR, BYE].concat();
        for length in (0..16).filter(|length| *length != 8) {
            let offset = if length < 8 { 0 } else { 8 };
            assert_eq!(
                check(&both[..length], Form::Full),
                Err(CompoundError::Truncated { offset })
            );
        }
    }

    #[test]
    fn only_the_last_packet_is_padded() {
        let padded = [0xA0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4];
        assert_eq!(check(&padded, Form::Full), Ok(1));
        assert_eq!(
            check(&[&padded[..], &BYE].concat(), Form::Full),
            Err(CompoundError::Padding { offset: 0 })
        );
    }

    #[test]
    fn every_packet_has_version_two() {
        let mut both = [RR, BYE].concat();
        both[8] = 0x41;
        assert_eq!(
            check(&both, Form::Full),
            Err(CompoundError::Version {
                offset: 8,
                version: 1
            })
        );
    }

    #[test]
    fn one_malformed_packet_leaves_the_others() {
        let lying_report = [0x81, 201, 0, 1, 0, 0, 0, 1];
        let bytes = [lying_report, BYE].concat();
        let compound = Compound::parse(&bytes, Form::Full).unwrap();
        let packets: Vec<_> = compound.packets().collect();
        assert_eq!(
            packets[0].as_ref().unwrap_err(),
            &MalformedRtcp { kind: 201 }
        );
        assert!(matches!(packets[1], Ok(RtcpPacket::Bye(_))));
    }

    /// Bytes that have the shape of a compound, so that the insides are reached.
    fn shaped() -> impl Strategy<Value = Vec<u8>> {
        let body = proptest::collection::vec(any::<u8>(), 0..12).prop_map(|b| b.repeat(4));
        let packet = (0u8..64, 198u8..210, body).prop_map(|(flags, kind, body)| {
            let words = u8::try_from(body.len() / 4).unwrap();
            [&[0x80 | flags, kind, 0, words][..], &body].concat()
        });
        proptest::collection::vec(packet, 0..5).prop_map(|packets| packets.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused(bytes in prop_oneof![any::<Vec<u8>>(), shaped()]) {
            let Ok(compound) = Compound::parse(&bytes, Form::ReducedSize) else {
                return Ok(());
            };
            for packet in compound.packets() {
                match packet {
                    Ok(RtcpPacket::SenderReport(report)) => prop_assert!(report.blocks.count() <= 31),
                    Ok(RtcpPacket::Sdes(sdes)) => {
                        let texts = sdes.chunks().flat_map(|chunk| chunk.items());
                        prop_assert!(texts.count() * 2 <= bytes.len());
                    }
                    Ok(RtcpPacket::Bye(bye)) => prop_assert!(bye.sources().count() <= 31),
                    _ => {}
                }
            }
        }
    }
}
