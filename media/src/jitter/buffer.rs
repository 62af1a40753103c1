//! The packets of one source in order of sequence, in memory taken once.
use crate::codec::PayloadInfo;
use crate::rtp_time::SeqNo;

/// What became of a packet that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insert {
    /// It waits for its turn.
    Stored,
    /// It came twice.
    Duplicate,
    /// Its turn is over.
    Late,
    /// It lies so far from what is expected that only a second one in a row would be believed
    /// (as RFC 3550 appendix A.1 does with sequence numbers).
    Suspect,
    /// The source has begun anew: everything held was dropped, and this packet is the first.
    Restarted {
        /// How many packets were dropped.
        dropped: u64,
    },
}

/// A packet that waits; its payload is had by [`PacketBuffer::payload`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Place in the sequence, extended to 64 bits.
    pub seq: i64,
    /// When its first sample was taken, in ticks.
    pub time: i64,
    /// When it came, in ticks.
    pub arrival: i64,
    /// What it holds.
    pub info: PayloadInfo,
    len: usize,
}

/// The packets of one source. Every payload has its own place, so nothing is allocated after `new`.
#[derive(Debug)]
pub struct PacketBuffer {
    slots: Vec<Option<Waiting>>,
    payloads: Vec<u8>,
    waiting: usize,
    /// The extended sequence number whose turn is next; `None` before the first packet.
    next: Option<i64>,
    /// Bit n: packet `next - 1 - n` was played.
    played: u64,
    suspect: Option<SeqNo>,
}

impl PacketBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: vec![None; SLOTS],
            payloads: vec![0; SLOTS * MAX_PAYLOAD],
            waiting: 0,
            next: None,
            played: 0,
            suspect: None,
        }
    }

    /// Offers a packet; a payload of more than [`MAX_PAYLOAD`] bytes must not get here and is taken as suspect.
    pub fn insert(
        &mut self,
        seq: SeqNo,
        time: i64,
        arrival: i64,
        info: PayloadInfo,
        payload: &[u8],
    ) -> Insert {
        let Some(next) = self.next else {
            return self.restart(seq, time, arrival, info, payload);
        };
        let ahead = i64::from(seq.delta(seq_no(next)));
        let place = next + ahead;
        if !(-REMEMBERED..LIMIT).contains(&ahead) {
            // An empty buffer has nothing to lose by believing it.
            let is_confirmed = self.suspect == Some(seq) || (self.waiting == 0 && ahead > 0);
            self.suspect = Some(seq.next());
            return if is_confirmed {
                self.restart(seq, time, arrival, info, payload)
            } else {
                Insert::Suspect
            };
        }
        self.suspect = None;
        if ahead < 0 {
            let was_played = self.played >> (-ahead - 1) & 1 == 1;
            return if was_played {
                Insert::Duplicate
            } else {
                Insert::Late
            };
        }
        if self.slot(place).is_some() {
            return Insert::Duplicate;
        }
        self.store(place, time, arrival, info, payload)
    }

    /// The waiting packet that comes first in the sequence.
    #[must_use]
    pub fn first(&self) -> Option<Waiting> {
        let next = self.next.filter(|_| self.waiting > 0)?;
        (next..next + LIMIT).find_map(|seq| self.slot(seq))
    }

    /// How many packets are missing between the one whose turn it is and `seq`.
    #[must_use]
    pub fn missing_before(&self, seq: i64) -> u64 {
        self.next
            .map_or(0, |next| u64::try_from(seq - next).unwrap_or(0))
    }

    /// The payload of a waiting packet.
    #[must_use]
    pub fn payload(&self, packet: &Waiting) -> &[u8] {
        let start = slot_index(packet.seq) * MAX_PAYLOAD;
        self.payloads
            .get(start..start + packet.len)
            .unwrap_or_default()
    }

    /// Takes `packet` away as played, and gives up what is missing before it.
    pub fn pass(&mut self, packet: &Waiting) {
        let missing = u32::try_from(self.missing_before(packet.seq)).unwrap_or(u32::MAX);
        // The shift moves the missing ones in as not played.
        self.played = self.played.checked_shl(missing).unwrap_or(0) << 1 | 1;
        self.next = Some(packet.seq + 1);
        if let Some(slot) = self.slots.get_mut(slot_index(packet.seq)) {
            self.waiting -= usize::from(slot.take().is_some());
        }
    }

    /// How many packets wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.waiting
    }

    /// Whether none waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    fn restart(
        &mut self,
        seq: SeqNo,
        time: i64,
        arrival: i64,
        info: PayloadInfo,
        payload: &[u8],
    ) -> Insert {
        let dropped = u64::try_from(self.waiting).unwrap_or(u64::MAX);
        let is_first = self.next.is_none();
        self.slots.fill(None);
        (self.waiting, self.played, self.suspect) = (0, 0, None);
        // Packets just before this one may have been overtaken by it.
        let next = i64::from(seq.0) + (1 << 16);
        self.next = Some(next);
        match self.store(next, time, arrival, info, payload) {
            Insert::Stored if !is_first => Insert::Restarted { dropped },
            other => other,
        }
    }

    fn store(
        &mut self,
        seq: i64,
        time: i64,
        arrival: i64,
        info: PayloadInfo,
        payload: &[u8],
    ) -> Insert {
        let index = slot_index(seq);
        let room = self
            .payloads
            .get_mut(index * MAX_PAYLOAD..(index + 1) * MAX_PAYLOAD);
        let place = room.and_then(|room| room.get_mut(..payload.len()));
        let (Some(place), Some(slot)) = (place, self.slots.get_mut(index)) else {
            return Insert::Suspect;
        };
        place.copy_from_slice(payload);
        *slot = Some(Waiting {
            seq,
            time,
            arrival,
            info,
            len: payload.len(),
        });
        self.waiting += 1;
        Insert::Stored
    }

    fn slot(&self, seq: i64) -> Option<Waiting> {
        self.slots
            .get(slot_index(seq))
            .copied()
            .flatten()
            .filter(|waiting| waiting.seq == seq)
    }
}

impl Default for PacketBuffer {
    fn default() -> Self {
        Self::new()
    }
}

fn slot_index(seq: i64) -> usize {
    usize::try_from(seq.rem_euclid(LIMIT)).unwrap_or(0)
}

fn seq_no(extended: i64) -> SeqNo {
    let [low, high, ..] = extended.to_le_bytes();
    SeqNo(u16::from_le_bytes([low, high]))
}

/// The most bytes of a payload that is kept: an Ethernet frame.
pub const MAX_PAYLOAD: usize = 1_500;
/// 64 packets of 20 ms are 1.3 s: more delay than a conversation bears. Of 2.5 ms they are 160 ms.
const SLOTS: usize = 64;
const LIMIT: i64 = 64;
/// How far back duplicates and late packets are told apart: the bits of a word.
const REMEMBERED: i64 = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INFO: PayloadInfo = PayloadInfo {
        samples: 960,
        channels: 1,
        has_fec: false,
    };

    fn insert(buffer: &mut PacketBuffer, seq: u16) -> Insert {
        buffer.insert(
            SeqNo(seq),
            i64::from(seq) * 960,
            0,
            INFO,
            &seq.to_be_bytes(),
        )
    }

    fn play(buffer: &mut PacketBuffer) -> Option<u16> {
        let first = buffer.first()?;
        let payload = buffer.payload(&first).try_into().unwrap();
        buffer.pass(&first);
        Some(u16::from_be_bytes(payload))
    }

    #[test]
    fn packets_come_out_in_order_across_the_wrap() {
        let mut buffer = PacketBuffer::new();
        for seq in [65_534, 1, 65_535, 0, 2] {
            assert_eq!(insert(&mut buffer, seq), Insert::Stored);
        }
        let played: Vec<u16> = std::iter::from_fn(|| play(&mut buffer)).collect();
        assert_eq!(played, [65_534, 65_535, 0, 1, 2]);
        assert!(buffer.is_empty());
    }

    #[test]
    fn duplicates_and_late_packets_are_told_apart() {
        let mut buffer = PacketBuffer::new();
        for seq in [10, 11, 13] {
            insert(&mut buffer, seq);
        }
        assert_eq!(insert(&mut buffer, 13), Insert::Duplicate);
        while play(&mut buffer).is_some() {}
        assert_eq!(insert(&mut buffer, 11), Insert::Duplicate);
        assert_eq!(insert(&mut buffer, 12), Insert::Late);
        assert_eq!(insert(&mut buffer, 14), Insert::Stored);
    }

    #[test]
    fn one_stray_packet_changes_nothing_and_two_in_a_row_restart() {
        let mut buffer = PacketBuffer::new();
        insert(&mut buffer, 100);
        assert_eq!(insert(&mut buffer, 40_000), Insert::Suspect);
        assert_eq!(insert(&mut buffer, 101), Insert::Stored);
        assert_eq!(insert(&mut buffer, 40_001), Insert::Suspect);
        assert_eq!(
            insert(&mut buffer, 40_002),
            Insert::Restarted { dropped: 2 }
        );
        assert_eq!(play(&mut buffer), Some(40_002));
    }

    #[test]
    fn after_a_long_outage_the_first_packet_counts() {
        let mut buffer = PacketBuffer::new();
        insert(&mut buffer, 100);
        play(&mut buffer);
        assert_eq!(insert(&mut buffer, 1_100), Insert::Restarted { dropped: 0 });
    }

    #[test]
    fn oversized_payloads_are_not_stored() {
        let mut buffer = PacketBuffer::new();
        assert_eq!(
            buffer.insert(SeqNo(1), 0, 0, INFO, &[0; MAX_PAYLOAD + 1]),
            Insert::Suspect
        );
        assert!(buffer.is_empty());
    }

    proptest! {
        /// Whatever is inserted and played, in whatever order: the count is right, no packet is played twice or out of
        /// order, and every payload is its own.
        #[test]
        fn order_holds_under_any_operations(operations in prop::collection::vec((0u8..4, 0u16..200), 1..400)) {
            let mut buffer = PacketBuffer::new();
            let mut last_played: Option<u16> = None;
            for (kind, seq) in operations {
                if kind == 0 {
                    if let Some(played) = play(&mut buffer) {
                        prop_assert!(last_played.is_none_or(|last| played > last));
                        last_played = Some(played);
                    }
                } else if matches!(insert(&mut buffer, seq), Insert::Restarted { .. }) {
                    last_played = None;
                }
                let held = buffer.slots.iter().flatten().count();
                prop_assert_eq!(held, buffer.len());
                for packet in buffer.slots.iter().flatten() {
                    prop_assert_eq!(buffer.payload(packet), seq_no(packet.seq).0.to_be_bytes());
                }
            }
        }
    }
}
