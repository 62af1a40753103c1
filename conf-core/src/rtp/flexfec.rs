//! Packets that repair others by exclusive or (FlexFEC, RFC 8627): a stream of its own, which names what it protects.
use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use super::{HEADER_BYTES, RtpPacket};
use crate::wire::{Put as _, Reader};

/// A repair packet: any one of the packets that it protects can be had from it and all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlexFec<'a> {
    /// Whose packets it protects.
    pub protected: Ssrc,
    seqs: Vec<SeqNo>,
    sum: Head,
    bytes: &'a [u8],
}

/// How a repair packet of ours goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepairHeader {
    /// Payload type of repair packets.
    pub payload_type: u8,
    /// Its place among them.
    pub seq: SeqNo,
    /// Media time at which it goes out.
    pub time: RtpTime,
    /// The stream of repair packets.
    pub ssrc: Ssrc,
}

/// What is summed up of a packet besides its bytes after the fixed header (§6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Head {
    flags: [u8; 2],
    /// Of what follows the fixed header.
    length: u16,
    time: [u8; 4],
}

/// The packets that one of ours can protect, counted from the first: what the first two masks hold.
pub const SPAN: u16 = 46;

impl<'a> FlexFec<'a> {
    /// Reads it; `None` where it protects nothing, or packets of several streams, or is a packet sent again.
    #[must_use]
    pub fn parse(packet: &RtpPacket<'a>) -> Option<Self> {
        let mut csrcs = packet.csrcs();
        let (protected, None) = (csrcs.next()?, csrcs.next()) else {
            return None;
        };
        let mut reader = Reader::new(packet.payload());
        let flags = reader.array::<2>()?;
        let sum = Head {
            flags,
            length: reader.u16()?,
            time: reader.array()?,
        };
        let base = SeqNo(reader.u16()?);
        let seqs = match flags.first()? & VERSION {
            FLEXIBLE => masked(&mut reader, base)?,
            FIXED => rows(&mut reader, base)?,
            _ => return None,
        };
        (!seqs.is_empty()).then_some(Self {
            protected,
            seqs,
            sum,
            bytes: reader.rest(),
        })
    }

    /// The numbers of the packets that it protects.
    #[must_use]
    pub fn protects(&self) -> &[SeqNo] {
        &self.seqs
    }

    /// The packet `lost`, given all others that are protected; `None` where they do not belong together.
    #[must_use]
    pub fn recover<'p>(
        &self,
        lost: SeqNo,
        others: impl Iterator<Item = &'p [u8]>,
    ) -> Option<Vec<u8>> {
        let mut sum = Sum {
            head: self.sum,
            bytes: self.bytes.to_vec(),
        };
        for packet in others {
            sum.add(packet)?;
        }
        let [first, second] = sum.head.flags;
        let length = usize::from(sum.head.length);
        let mut packet = Vec::with_capacity(HEADER_BYTES + length);
        packet.put_u8(VERSION_2 | first & !VERSION);
        packet.put_u8(second);
        packet.put_u16(lost.0);
        packet.extend_from_slice(&sum.head.time);
        packet.put_u32(self.protected.0);
        packet.extend_from_slice(sum.bytes.get(..length)?);
        Some(packet)
    }
}

/// A packet that repairs any one of these, which are in order and of one stream; `None` where they are none or span too
/// much.
#[must_use]
pub fn protect<'p>(
    header: &RepairHeader,
    packets: impl Iterator<Item = &'p [u8]>,
) -> Option<Vec<u8>> {
    let mut sum = Sum::default();
    let mut base = None;
    let mut mask = 0_u64;
    let mut protected = None;
    for packet in packets {
        let (seq, ssrc) = names_of(packet)?;
        protected = Some(ssrc);
        let place = seq.0.wrapping_sub(base.get_or_insert(seq).0);
        mask |= 1 << SPAN.checked_sub(place.checked_add(1)?)?;
        sum.add(packet)?;
    }
    let [first, second] = sum.head.flags;
    let mut packet = Vec::with_capacity(HEADER_BYTES + OVERHEAD + sum.bytes.len());
    packet.put_u8(VERSION_2 | ONE_CONTRIBUTOR);
    packet.put_u8(header.payload_type & 0x7F);
    packet.put_u16(header.seq.0);
    packet.put_u32(header.time.0);
    packet.put_u32(header.ssrc.0);
    packet.put_u32(protected?.0);
    packet.put_u8(FLEXIBLE | first & !VERSION);
    packet.put_u8(second);
    packet.put_u16(sum.head.length);
    packet.extend_from_slice(&sum.head.time);
    packet.put_u16(base?.0);
    // Fifteen places with the first mask, 31 with the second.
    let (short, long) = (mask >> LONG_PLACES, mask & LONG_MASK);
    let short = u16::try_from(short).ok()?;
    packet.put_u16(if long == 0 { short } else { MORE | short });
    if long != 0 {
        packet.put_u32(u32::try_from(long).ok()?);
    }
    packet.extend_from_slice(&sum.bytes);
    Some(packet)
}

/// Bytes that a repair packet has beyond the longest packet that it protects, at most.
pub const OVERHEAD: usize = 4 + 16;

/// The numbers that flexible masks name (§4.2.2.1).
fn masked(reader: &mut Reader<'_>, base: SeqNo) -> Option<Vec<SeqNo>> {
    let short = reader.u16()?;
    let mut mask = u128::from(short & !MORE) << 95;
    if short & MORE != 0 {
        let long = u128::from(reader.u32()?);
        mask |= (long & u128::from(LONG_MASK)) << 64;
        if long > u128::from(LONG_MASK) {
            mask |= u128::from(reader.u64()?);
        }
    }
    let places = (0..110_u16).filter(|place| mask >> (109 - place) & 1 == 1);
    Some(
        places
            .map(|place| SeqNo(base.0.wrapping_add(place)))
            .collect(),
    )
}

/// The numbers of a row, or of a column, of L columns and D rows (§4.2.2.2).
fn rows(reader: &mut Reader<'_>, base: SeqNo) -> Option<Vec<SeqNo>> {
    let (columns, rows) = (u16::from(reader.u8()?), u16::from(reader.u8()?));
    let (count, step) = if rows > 1 {
        (rows, columns)
    } else {
        (columns, 1)
    };
    let places = (0..count).map(|place| place * step);
    Some(
        places
            .map(|place| SeqNo(base.0.wrapping_add(place)))
            .collect(),
    )
}

/// Number and source of a packet.
fn names_of(packet: &[u8]) -> Option<(SeqNo, Ssrc)> {
    let mut reader = Reader::new(packet);
    reader.u16()?;
    let seq = SeqNo(reader.u16()?);
    reader.u32()?;
    Some((seq, Ssrc(reader.u32()?)))
}

#[derive(Debug, Default)]
struct Sum {
    head: Head,
    bytes: Vec<u8>,
}

impl Sum {
    /// Adds a packet, or takes it away, which is the same.
    fn add(&mut self, packet: &[u8]) -> Option<()> {
        let mut reader = Reader::new(packet);
        let flags = reader.array::<2>()?;
        reader.u16()?;
        let time = reader.array::<4>()?;
        reader.u32()?;
        let rest = reader.rest();
        xor(&mut self.head.flags, &flags);
        xor(&mut self.head.time, &time);
        self.head.length ^= u16::try_from(rest.len()).ok()?;
        if self.bytes.len() < rest.len() {
            self.bytes.resize(rest.len(), 0);
        }
        xor(&mut self.bytes, rest);
        Some(())
    }
}

fn xor(sum: &mut [u8], bytes: &[u8]) {
    for (to, from) in sum.iter_mut().zip(bytes) {
        *to ^= from;
    }
}

const VERSION: u8 = 0xC0;
const VERSION_2: u8 = 0x80;
const ONE_CONTRIBUTOR: u8 = 1;
/// The bits R and F, where others have the version (§4.2.2).
const FLEXIBLE: u8 = 0;
const FIXED: u8 = 0x40;
/// The bit k: another mask follows.
const MORE: u16 = 0x8000;
const LONG_PLACES: u32 = 31;
const LONG_MASK: u64 = 0x7FFF_FFFF;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: RepairHeader = RepairHeader {
        payload_type: 98,
        seq: SeqNo(0x0102),
        time: RtpTime(0x0304_0506),
        ssrc: Ssrc(0x0708_090A),
    };

    /// A packet of the source 2 with so many bytes of the value of its number.
    fn packet(seq: u16, second: u8, time: u8, length: usize) -> Vec<u8> {
        let [high, low] = seq.to_be_bytes();
        let head = [0x80, second, high, low, 0, 0, 0, time, 0, 0, 0, 2];
        [&head[..], &vec![low; length]].concat()
    }

    fn protected(packets: &[Vec<u8>]) -> Option<Vec<u8>> {
        protect(&HEADER, packets.iter().map(Vec::as_slice))
    }

    /// By hand from the figures of RFC 8627 section 4.2.2.1.
    #[test]
    fn a_repair_packet_is_written_and_read_as_the_standard_has_it() {
        let packets = [
            packet(8, 0x80 | 97, 3, 3),
            packet(9, 97, 5, 1),
            packet(11, 96, 9, 2),
        ];
        let repair = protected(&packets).unwrap();
        let expected = [
            0x81,
            98,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            10,
            0,
            0,
            0,
            2, // RTP, one contributor
            0,
            0x80 | 96,
            0,
            0,
            0,
            0,
            0,
            15, // M, PT, length 3^1^2, time 3^5^9
            0,
            8,
            0b0110_1000,
            0, // from 8 on: 8, 9 and 11
            8 ^ 9 ^ 11,
            8 ^ 11,
            8,
        ];
        assert_eq!(repair, expected);
        let parsed = RtpPacket::parse(&repair).unwrap();
        let fec = FlexFec::parse(&parsed).unwrap();
        assert_eq!(fec.protected, Ssrc(2));
        assert_eq!(fec.protects(), [8, 9, 11].map(SeqNo));
        for (lost, other) in [(0, [1, 2]), (1, [0, 2]), (2, [0, 1])] {
            let others = other.iter().map(|at: &usize| packets[*at].as_slice());
            let restored = fec.recover(fec.protects()[lost], others);
            assert_eq!(restored.as_ref(), Some(&packets[lost]));
        }
    }

    #[test]
    fn masks_are_as_long_as_needed() {
        let packets = [0, 14, 15, 45].map(|seq| packet(seq, 97, 0, 1));
        let short = protected(&packets[..2]).unwrap();
        assert_eq!(short[26..28], [0x40, 0x01]);
        let long = protected(&packets).unwrap();
        assert_eq!(long[26..32], [0xC0, 0x01, 0x40, 0, 0, 0x01]);
        let parsed = RtpPacket::parse(&long).unwrap();
        let fec = FlexFec::parse(&parsed).unwrap();
        assert_eq!(fec.protects(), [0, 14, 15, 45].map(SeqNo));
        assert_eq!(protected(&[0, 46].map(|seq| packet(seq, 97, 0, 1))), None);
        assert_eq!(protected(&[]), None);
    }

    #[test]
    fn the_longest_mask_and_rows_and_columns_of_others_are_read() {
        let protects = |fec: &[u8]| {
            let head = [0x81, 98, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2];
            let bytes = [&head[..], fec].concat();
            let parsed = RtpPacket::parse(&bytes).unwrap();
            let fec = FlexFec::parse(&parsed)?;
            Some(fec.protects().iter().map(|seq| seq.0).collect::<Vec<_>>())
        };
        let longest = [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1,
        ];
        assert_eq!(protects(&longest), Some(vec![146, 209]));
        let fixed = |columns, rows| [0x40, 0, 0, 0, 0, 0, 0, 0, 255, 255, columns, rows];
        assert_eq!(protects(&fixed(3, 0)), Some(vec![65_535, 0, 1]));
        assert_eq!(protects(&fixed(4, 3)), Some(vec![65_535, 3, 7]));
        assert_eq!(protects(&fixed(0, 0)), None);
        // R: a packet sent again.
        assert_eq!(protects(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x40, 0]), None);
    }

    proptest! {
        #[test]
        fn any_one_of_any_packets_is_restored(
            packets in prop::collection::vec((1..4_u16, any::<u8>(), any::<u8>(), 0..60_usize), 1..12),
            start in any::<u16>(),
            lost in any::<prop::sample::Index>(),
        ) {
            let mut seq = start;
            let packets: Vec<Vec<u8>> = packets
                .into_iter()
                .map(|(step, second, time, length)| {
                    seq = seq.wrapping_add(step);
                    packet(seq, second, time, length)
                })
                .collect();
            let repair = protected(&packets).unwrap();
            let parsed = RtpPacket::parse(&repair).unwrap();
            let fec = FlexFec::parse(&parsed).unwrap();
            prop_assert_eq!(fec.protects().len(), packets.len());
            let lost = lost.index(packets.len());
            let others = packets.iter().enumerate().filter(|(at, _)| *at != lost);
            let restored = fec.recover(fec.protects()[lost], others.map(|(_, packet)| packet.as_slice()));
            prop_assert_eq!(restored.as_ref(), Some(&packets[lost]));
        }

        #[test]
        fn any_bytes_are_read_without_panic(
            fec in prop::collection::vec(any::<u8>(), 0..80),
            other in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let head = [0x81, 98, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2];
            let bytes = [&head[..], &fec].concat();
            if let Some(fec) = RtpPacket::parse(&bytes).ok().as_ref().and_then(FlexFec::parse) {
                prop_assert!(fec.protects().len() <= 255);
                let restored = fec.recover(SeqNo(1), std::iter::once(other.as_slice()));
                prop_assert!(restored.is_none_or(|packet| packet.len() < 65_536 + 12));
            }
        }
    }
}
