//! Repair packets beside the pictures (FlexFEC, RFC 8627), where the description has them: what many miss need not be sent
//! to each again.
use std::collections::{BTreeMap, VecDeque};

use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use crate::rtp::{FEC_OVERHEAD, FEC_SPAN, FlexFec, RepairHeader, RtpPacket, protect};

/// What is sent to repair our own packets.
#[derive(Debug)]
pub(super) struct Protection {
    payload_type: u8,
    /// Its own numbers: who does not know repair packets misses nothing.
    seq: SeqNo,
    /// Packets that nothing protects yet.
    packets: Vec<Vec<u8>>,
    /// Bytes that repair packets may take.
    allowance: usize,
    pictures: u8,
}

/// A packet of ours that went out.
#[derive(Debug)]
pub(super) struct SentPacket {
    pub(super) ssrc: Ssrc,
    pub(super) time: RtpTime,
    /// Whether it is the last of its picture.
    pub(super) is_last: bool,
    pub(super) bytes: Vec<u8>,
}

impl Protection {
    /// Sends repair packets of this payload type.
    pub(super) const fn new(payload_type: u8) -> Self {
        Self {
            payload_type,
            seq: SeqNo(0),
            packets: Vec::new(),
            allowance: 0,
            pictures: 0,
        }
    }

    /// The payload type of repair packets.
    pub(super) const fn payload_type(&self) -> u8 {
        self.payload_type
    }

    /// Takes a packet that was sent; at the end of a picture gives the packets that repair it.
    pub(super) fn push(&mut self, sent: SentPacket) -> Vec<Vec<u8>> {
        let spare = (sent.bytes.len() + NETWORK_HEADERS) * SHARE_PERCENT / 100;
        self.allowance = (self.allowance + spare).min(MAX_ALLOWANCE);
        self.packets.push(sent.bytes);
        self.pictures += u8::from(sent.is_last);
        if sent.is_last || self.packets.len() >= usize::from(FEC_SPAN) {
            self.repairs(sent.ssrc, sent.time)
        } else {
            Vec::new()
        }
    }

    /// As many repair packets as their share of the bytes sent allows, each for every n-th packet, so that losses in a row hit
    /// different ones. Where a picture is too small for one, the next is repaired with it.
    fn repairs(&mut self, ssrc: Ssrc, time: RtpTime) -> Vec<Vec<u8>> {
        let largest = self.packets.iter().map(Vec::len).max().unwrap_or(0);
        let largest = largest + FEC_OVERHEAD + NETWORK_HEADERS;
        let count = (self.allowance / largest).min(self.packets.len().div_ceil(2));
        if count == 0 {
            if self.pictures >= MAX_PICTURES {
                self.clear();
            }
            return Vec::new();
        }
        let packets = std::mem::take(&mut self.packets);
        let mut repairs = Vec::with_capacity(count);
        for first in 0..count {
            let group = packets.iter().skip(first).step_by(count);
            let header = RepairHeader {
                payload_type: self.payload_type,
                seq: self.seq,
                time,
                ssrc: Ssrc(ssrc.0 ^ OTHER_STREAM),
            };
            if let Some(repair) = protect(&header, group.map(Vec::as_slice)) {
                self.seq = self.seq.next();
                let spent = repair.len() + NETWORK_HEADERS;
                self.allowance = self.allowance.saturating_sub(spent);
                repairs.push(repair);
            }
        }
        self.clear();
        repairs
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.pictures = 0;
    }
}

/// What repairs the packets of others.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    sources: BTreeMap<Ssrc, Kept>,
}

/// What there is of one source.
#[derive(Debug, Default)]
struct Kept {
    packets: VecDeque<(SeqNo, Vec<u8>)>,
    /// Repair packets that may still be of use.
    repairs: VecDeque<Vec<u8>>,
}

impl Repairs {
    /// A packet of media came; gives the packets that can be restored now.
    pub(super) fn note_media(&mut self, ssrc: Ssrc, seq: SeqNo, packet: &[u8]) -> Vec<Vec<u8>> {
        // Of a source that repairs nothing, nothing is kept.
        let Some(kept) = self.sources.get_mut(&ssrc) else {
            return Vec::new();
        };
        kept.keep(seq, packet.to_vec());
        kept.restore()
    }

    /// A repair packet came for this source; gives the packets that can be restored now.
    pub(super) fn note_repair(&mut self, ssrc: Ssrc, repair: &[u8]) -> Vec<Vec<u8>> {
        if self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&ssrc) {
            return Vec::new();
        }
        let kept = self.sources.entry(ssrc).or_default();
        if kept.repairs.len() >= MAX_REPAIRS {
            kept.repairs.pop_front();
        }
        kept.repairs.push_back(repair.to_vec());
        kept.restore()
    }

    /// Nothing of a source is repaired any more.
    pub(super) fn forget(&mut self, ssrc: Ssrc) {
        self.sources.remove(&ssrc);
    }

    /// Whether a source sends repair packets.
    pub(super) fn is_protected(&self, ssrc: Ssrc) -> bool {
        self.sources.contains_key(&ssrc)
    }
}

impl Kept {
    fn keep(&mut self, seq: SeqNo, packet: Vec<u8>) {
        if self.packets.len() >= MAX_PACKETS {
            self.packets.pop_front();
        }
        self.packets.push_back((seq, packet));
    }

    fn find(&self, seq: SeqNo) -> Option<&[u8]> {
        let mut packets = self.packets.iter().rev();
        packets.find_map(|(other, packet)| (*other == seq).then_some(packet.as_slice()))
    }

    /// Restores what can be restored, which may help to restore more.
    fn restore(&mut self) -> Vec<Vec<u8>> {
        let mut restored = Vec::new();
        let mut at = 0;
        while let Some(repair) = self.repairs.get(at) {
            match self.attempt(repair) {
                Attempt::Waits => at += 1,
                Attempt::Useless => drop(self.repairs.remove(at)),
                Attempt::Restored(seq, packet) => {
                    self.repairs.remove(at);
                    self.keep(seq, packet.clone());
                    restored.push(packet);
                    at = 0;
                }
            }
        }
        restored
    }

    fn attempt(&self, repair: &[u8]) -> Attempt {
        let Some(fec) = repair_of(repair) else {
            return Attempt::Useless;
        };
        let protects = fec.protects().iter();
        let mut missing = protects.filter(|seq| self.find(**seq).is_none());
        let Some(lost) = missing.next().copied() else {
            return Attempt::Useless;
        };
        if missing.next().is_some() {
            return Attempt::Waits;
        }
        let others = fec.protects().iter().filter_map(|seq| self.find(*seq));
        fec.recover(lost, others)
            .map_or(Attempt::Useless, |packet| Attempt::Restored(lost, packet))
    }
}

/// The repair packet in a datagram.
fn repair_of(datagram: &[u8]) -> Option<FlexFec<'_>> {
    let packet = RtpPacket::parse(datagram).ok()?;
    FlexFec::parse(&packet)
}

/// What a repair packet is good for now.
enum Attempt {
    /// Too much is missing yet.
    Waits,
    /// Nothing is missing, or nothing can be done.
    Useless,
    /// This one was missing.
    Restored(SeqNo, Vec<u8>),
}

/// Makes the number of the stream of repair packets out of that of the stream it repairs: as much by chance as that.
const OTHER_STREAM: u32 = 0x464C_4558;
/// Bytes of repair packets to a hundred of pictures: with all headers and reports, less than half of the pictures' own.
const SHARE_PERCENT: usize = 47;
/// IPv4 and UDP; what they are with IPv6 does not matter here.
const NETWORK_HEADERS: usize = 28;
/// A large keyframe's worth.
const MAX_ALLOWANCE: usize = 50_000;
/// A picture that waits longer to be repaired is not shown any more.
const MAX_PICTURES: u8 = 3;
const MAX_SOURCES: usize = 256;
/// Half a second of a large stream.
const MAX_PACKETS: usize = 128;
const MAX_REPAIRS: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp::RtpHeader;

    const SENDER: Ssrc = Ssrc(5);

    fn packet(seq: u16, bytes: usize) -> Vec<u8> {
        let header = RtpHeader {
            marker: false,
            payload_type: 97,
            seq: SeqNo(seq),
            time: RtpTime(seq.into()),
            ssrc: SENDER,
        };
        let mut packet = Vec::new();
        header.write(&mut packet);
        packet.resize(12 + bytes, seq as u8);
        packet
    }

    fn push(protection: &mut Protection, bytes: Vec<u8>, is_last: bool) -> Vec<Vec<u8>> {
        protection.push(SentPacket {
            ssrc: SENDER,
            time: RtpTime(0),
            is_last,
            bytes,
        })
    }

    #[test]
    fn repair_packets_take_less_than_half_of_what_is_sent_and_small_pictures_wait_for_each_other() {
        let mut protection = Protection::new(98);
        assert_eq!(push(&mut protection, packet(0, 100), true).len(), 0);
        assert_eq!(push(&mut protection, packet(1, 100), true).len(), 0);
        let repairs = push(&mut protection, packet(2, 100), true);
        assert_eq!(repair_of(&repairs[0]).unwrap().protects().len(), 3);
        let (mut sent, mut spent) = (0, 0);
        for seq in 0..1_000 {
            let packet = packet(seq, 1_000);
            sent += packet.len();
            let repairs = push(&mut protection, packet, seq % 4 == 3);
            spent += repairs.iter().map(Vec::len).sum::<usize>();
        }
        let share = spent as f64 / sent as f64;
        assert!((0.43..=0.47).contains(&share), "{share}");
    }

    proptest! {
        /// One of each group may be lost: all of four packets' two groups come back, in whatever order the rest comes.
        #[test]
        fn what_is_lost_comes_back_as_it_was(lost in (0..2_u16, 0..2_u16), start in any::<u16>(), is_first in any::<bool>()) {
            let mut protection = Protection { allowance: 10_000, ..Protection::new(98) };
            let packets: Vec<_> = (0..4).map(|n| packet(start.wrapping_add(n), 50 + usize::from(n))).collect();
            let mut repairs = Vec::new();
            for (at, packet) in packets.iter().enumerate() {
                repairs.extend(push(&mut protection, packet.clone(), at == 3));
            }
            prop_assert_eq!(repairs.len(), 2);
            let lost = [lost.0 * 2, lost.1 * 2 + 1];
            let mut receiver = Repairs::default();
            receiver.sources.insert(SENDER, Kept::default());
            let mut restored = Vec::new();
            if is_first {
                repairs.iter().for_each(|repair| restored.extend(receiver.note_repair(SENDER, repair)));
            }
            for (at, packet) in (0..).zip(&packets) {
                if !lost.contains(&at) {
                    restored.extend(receiver.note_media(SENDER, SeqNo(start.wrapping_add(at)), packet));
                }
            }
            if !is_first {
                repairs.iter().for_each(|repair| restored.extend(receiver.note_repair(SENDER, repair)));
            }
            restored.sort();
            let mut expected: Vec<_> = lost.iter().map(|at| packets[usize::from(*at)].clone()).collect();
            expected.sort();
            prop_assert_eq!(restored, expected);
        }

        #[test]
        fn any_bytes_in_any_order_restore_nothing_endlessly(steps in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..60)) {
            let mut receiver = Repairs::default();
            let head = [0x81, 98, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 5];
            for (seq, (is_repair, bytes)) in (0..).zip(&steps) {
                let restored = if *is_repair {
                    receiver.note_repair(SENDER, &[&head[..], bytes].concat())
                } else {
                    receiver.note_media(SENDER, SeqNo(seq), bytes)
                };
                prop_assert!(restored.len() <= MAX_REPAIRS);
            }
        }
    }
}
