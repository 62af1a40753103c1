//! Puts packets of one source back into the order of sending, and gives up on those that do not come.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::VideoPacket;
use crate::rtp_time::{RtpTime, SeqNo};

/// A packet that waits for those before it.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) seq: SeqNo,
    pub(super) payload_type: u8,
    pub(super) time: RtpTime,
    pub(super) marker: bool,
    pub(super) arrival: Instant,
    pub(super) payload: Vec<u8>,
}

/// What is to be done with a packet that has just come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is next; `follows` says whether the one before it has been given out.
    Now {
        /// Nothing is missing before it.
        follows: bool,
    },
    /// It waits here, as those before it are missing still.
    Waits,
    /// It comes too late, or for the second time.
    Useless,
}

/// Order of one source.
#[derive(Debug)]
pub(super) struct Reorder {
    next: Option<SeqNo>,
    /// By sequence number, all after `next`.
    waiting: VecDeque<Waiting>,
    patience: Duration,
    lost: u64,
    useless: u64,
}

impl Reorder {
    /// Waits for a missing packet for as long as `patience`.
    pub(super) const fn new(patience: Duration) -> Self {
        Self {
            next: None,
            waiting: VecDeque::new(),
            patience,
            lost: 0,
            useless: 0,
        }
    }

    /// Packets have been left out on purpose: the next one begins anew, and nothing counts as lost.
    pub(super) fn restart(&mut self) {
        self.next = None;
        self.waiting.clear();
    }

    /// Finds the place of a packet; after [`Placed::Now`], others may be due: see [`Self::poll`].
    pub(super) fn push(&mut self, packet: &VideoPacket<'_>) -> Placed {
        let Some(next) = self.next else {
            self.next = Some(packet.seq.next());
            return Placed::Now { follows: false };
        };
        let ahead = packet.seq.delta(next);
        if ahead.unsigned_abs() > RESTART {
            // The sender began anew, or was away for long.
            self.waiting.clear();
            self.next = Some(packet.seq.next());
            return Placed::Now { follows: false };
        }
        if ahead == 0 {
            self.next = Some(packet.seq.next());
            return Placed::Now { follows: true };
        }
        let place = self
            .waiting
            .partition_point(|other| packet.seq.is_after(other.seq));
        let is_known = self
            .waiting
            .get(place)
            .is_some_and(|other| other.seq == packet.seq);
        if ahead < 0 || is_known {
            self.useless += 1;
            return Placed::Useless;
        }
        let waiting = Waiting {
            seq: packet.seq,
            payload_type: packet.payload_type,
            time: packet.time,
            marker: packet.marker,
            arrival: packet.arrival,
            payload: packet.payload.to_vec(),
        };
        self.waiting.insert(place, waiting);
        Placed::Waits
    }

    /// The next packet that need not or will not wait any longer, and whether nothing is missing before it.
    pub(super) fn poll(&mut self, now: Instant) -> Option<(Waiting, bool)> {
        let next = self.next?;
        let missing = self.waiting.front()?.seq.delta(next);
        let is_overdue = self.next_timeout().is_some_and(|due| due <= now);
        if missing > 0 && !is_overdue && self.waiting.len() <= MAX_WAITING {
            return None;
        }
        let first = self.waiting.pop_front()?;
        self.lost += u64::from(missing.unsigned_abs());
        self.next = Some(first.seq.next());
        Some((first, missing == 0))
    }

    /// When the patience with what is missing ends.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let earliest = self.waiting.iter().map(|packet| packet.arrival).min()?;
        Some(earliest + self.patience)
    }

    /// Packets that never came, or too late.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Packets that came too late or twice.
    pub(super) const fn useless(&self) -> u64 {
        self.useless
    }
}

/// As many packets as RFC 3550 §A.1 takes for a jump (MAX_DROPOUT).
const RESTART: u16 = 3_000;
/// Packets of a few large pictures.
const MAX_WAITING: usize = 256;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp_time::Ssrc;
    use crate::video::{Layer, SourceId};

    const PATIENCE: Duration = Duration::from_millis(50);

    /// Sequence numbers in the order in which they are given out; negative after a gap.
    fn ordered(reorder: &mut Reorder, seqs: &[u16], now: Instant) -> Vec<i32> {
        let signed = |seq: SeqNo, follows| i32::from(seq.0) * if follows { 1 } else { -1 };
        let mut out = Vec::new();
        for seq in seqs {
            let packet = VideoPacket {
                source: SourceId::new(Layer::Full, Ssrc(1)),
                payload_type: 96,
                seq: SeqNo(*seq),
                time: RtpTime(0),
                marker: false,
                arrival: now,
                payload: &[],
            };
            if let Placed::Now { follows } = reorder.push(&packet) {
                out.push(signed(packet.seq, follows));
            }
            while let Some((packet, follows)) = reorder.poll(now) {
                out.push(signed(packet.seq, follows));
            }
        }
        out
    }

    #[test]
    fn swapped_packets_come_in_order_and_doubles_go() {
        let mut reorder = Reorder::new(PATIENCE);
        let out = ordered(&mut reorder, &[7, 9, 9, 8, 8, 10], Instant::now());
        assert_eq!(out, [-7, 8, 9, 10]);
        assert_eq!((reorder.lost(), reorder.useless()), (0, 2));
    }

    #[test]
    fn what_does_not_come_is_given_up_after_a_while() {
        let start = Instant::now();
        let mut reorder = Reorder::new(PATIENCE);
        assert_eq!(ordered(&mut reorder, &[1, 4, 5], start), [-1]);
        assert_eq!(reorder.next_timeout(), Some(start + PATIENCE));
        assert_eq!(ordered(&mut reorder, &[6], start + PATIENCE), [-4, 5, 6]);
        assert_eq!((reorder.lost(), reorder.next_timeout()), (2, None));
        assert_eq!(ordered(&mut reorder, &[2], start + PATIENCE), []);
    }

    #[test]
    fn a_sender_that_begins_anew_is_followed() {
        let mut reorder = Reorder::new(PATIENCE);
        let out = ordered(&mut reorder, &[50_000, 7, 8], Instant::now());
        assert_eq!(out, [-50_000, -7, 8]);
    }

    proptest! {
        #[test]
        fn numbers_only_grow_and_none_comes_twice(swaps in prop::collection::vec((0..60_usize, 0..6_usize), 0..30), lost in prop::collection::vec(0..60_usize, 0..8)) {
            let mut seqs: Vec<u16> = (0..60).collect();
            for (at, by) in swaps {
                let other = (at + by).min(59);
                seqs.swap(at, other);
            }
            seqs.retain(|seq| !lost.contains(&usize::from(*seq)));
            let start = Instant::now();
            let mut reorder = Reorder::new(PATIENCE);
            let mut out = ordered(&mut reorder, &seqs, start);
            while let Some((packet, _)) = reorder.poll(start + PATIENCE) {
                out.push(i32::from(packet.seq.0));
            }
            let numbers: Vec<i32> = out.iter().map(|seq| seq.abs()).collect();
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
