//! Lost packets are asked for (RFC 4585 §6.2.1) and sent again, where few listen.
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use media::rtp_time::{SeqNo, Ssrc};

use crate::rtcp::Nack;

/// What is missing of each source.
#[derive(Debug, Default)]
pub(super) struct Missing {
    sources: BTreeMap<Ssrc, Gaps>,
}

#[derive(Debug)]
struct Gaps {
    highest: SeqNo,
    lost: VecDeque<Lost>,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    seq: SeqNo,
    due: Instant,
    asked: u8,
}

impl Missing {
    /// A packet came.
    ///
    /// What is missing before it is asked for after `patience`, as it may have been overtaken, or be repaired.
    pub(super) fn note(&mut self, now: Instant, ssrc: Ssrc, seq: SeqNo, patience: Duration) {
        if self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&ssrc) {
            return;
        }
        let gaps = self.sources.entry(ssrc).or_insert(Gaps {
            highest: seq,
            lost: VecDeque::new(),
        });
        let ahead = seq.delta(gaps.highest);
        if ahead <= 0 && ahead > -MAX_GAP {
            gaps.lost.retain(|lost| lost.seq != seq);
            return;
        }
        // So many are not lost one by one, or it is another beginning.
        if !(0..=MAX_GAP).contains(&ahead) {
            gaps.lost.clear();
        } else {
            let mut next = gaps.highest.next();
            while next != seq && gaps.lost.len() < MAX_LOST {
                let due = now + patience;
                gaps.lost.push_back(Lost {
                    seq: next,
                    due,
                    asked: 0,
                });
                next = next.next();
            }
        }
        gaps.highest = seq;
    }

    /// Nothing of a source is missed any more.
    pub(super) fn forget(&mut self, ssrc: Ssrc) {
        self.sources.remove(&ssrc);
    }

    /// What to ask a source for.
    pub(super) fn poll(&mut self, now: Instant) -> Option<(Ssrc, Vec<Nack>)> {
        self.sources.iter_mut().find_map(|(ssrc, gaps)| {
            gaps.lost
                .retain(|lost| lost.due > now || lost.asked < ATTEMPTS);
            let due = gaps.lost.iter_mut().filter(|lost| lost.due <= now);
            let asked: Vec<SeqNo> = due
                .map(|lost| {
                    lost.due = now + AGAIN;
                    lost.asked += 1;
                    lost.seq
                })
                .collect();
            (!asked.is_empty()).then(|| (*ssrc, Nack::cover(&asked)))
        })
    }

    /// When to call [`Self::poll`].
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let lost = self.sources.values().flat_map(|gaps| &gaps.lost);
        lost.map(|lost| lost.due).min()
    }
}

/// What was sent lately, to be sent again.
#[derive(Debug, Default)]
pub(in crate::conference) struct Sent {
    packets: VecDeque<Packet>,
    /// Bytes that may be sent again: no more than half of what is sent, however many ask.
    allowance: usize,
}

#[derive(Debug)]
struct Packet {
    seq: SeqNo,
    bytes: Vec<u8>,
    again: Option<Instant>,
}

impl Sent {
    /// Keeps a packet that goes out.
    pub(in crate::conference) fn keep(&mut self, seq: SeqNo, bytes: &[u8]) {
        if self.packets.len() >= MAX_KEPT {
            self.packets.pop_front();
        }
        self.allowance = (self.allowance + bytes.len() / 2).min(MAX_ALLOWANCE);
        self.packets.push_back(Packet {
            seq,
            bytes: bytes.to_vec(),
            again: None,
        });
    }

    /// The packet, if it is to be sent again: what several ask for at once goes out once.
    pub(in crate::conference) fn again(&mut self, now: Instant, seq: SeqNo) -> Option<Vec<u8>> {
        let packet = self.packets.iter_mut().find(|packet| packet.seq == seq)?;
        let is_early = packet.again.is_some_and(|last| now < last + HELD_BACK);
        if is_early || packet.bytes.len() > self.allowance {
            return None;
        }
        packet.again = Some(now);
        self.allowance -= packet.bytes.len();
        Some(packet.bytes.clone())
    }
}

const MAX_SOURCES: usize = 256;
/// A tenth of a second of a large picture; more at once is no chance loss.
const MAX_GAP: i16 = 64;
const MAX_LOST: usize = 128;
/// Packets of a local network overtake each other by a few milliseconds at most.
pub(super) const OVERTAKEN: Duration = Duration::from_millis(3);
/// The rest of a picture, after which its repair packets come.
pub(super) const PROTECTED: Duration = Duration::from_millis(30);
/// The random wait among a few, and the way there and back.
const AGAIN: Duration = Duration::from_millis(60);
/// After that the picture is given up ([`PATIENCE`]).
const ATTEMPTS: u8 = 3;
/// How long a decoder waits for a missing packet where it is asked for.
pub(in crate::conference) const PATIENCE: Duration = Duration::from_millis(200);
/// The same where repair packets come, with the third picture after at the latest.
pub(in crate::conference) const PROTECTED_PATIENCE: Duration = Duration::from_millis(120);
/// A second of a large stream.
const MAX_KEPT: usize = 256;
/// A keyframe.
const MAX_ALLOWANCE: usize = 100_000;
const HELD_BACK: Duration = Duration::from_millis(30);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const SENDER: Ssrc = Ssrc(7);

    fn asked(missing: &mut Missing, now: Instant) -> Vec<u16> {
        let polled = missing
            .poll(now)
            .map(|(_, nacks)| nacks)
            .unwrap_or_default();
        let lost = polled.iter().flat_map(|nack| nack.lost());
        lost.map(|seq| seq.0).collect()
    }

    #[test]
    fn what_is_lost_is_asked_for_until_it_comes_or_is_too_late() {
        let start = Instant::now();
        let mut missing = Missing::default();
        for seq in [65_534, 1, 4] {
            missing.note(start, SENDER, SeqNo(seq), OVERTAKEN);
        }
        assert!(asked(&mut missing, start).is_empty());
        assert_eq!(asked(&mut missing, start + OVERTAKEN), [65_535, 0, 2, 3]);
        missing.note(start, SENDER, SeqNo(0), OVERTAKEN);
        for _ in 1..ATTEMPTS {
            let due = missing.next_timeout().unwrap();
            assert_eq!(asked(&mut missing, due), [65_535, 2, 3]);
        }
        let due = missing.next_timeout().unwrap();
        assert!(asked(&mut missing, due).is_empty());
        assert_eq!(missing.next_timeout(), None);
    }

    #[test]
    fn a_new_beginning_is_no_loss() {
        let now = Instant::now();
        let mut missing = Missing::default();
        missing.note(now, SENDER, SeqNo(5), OVERTAKEN);
        missing.note(now, SENDER, SeqNo(7), OVERTAKEN);
        missing.note(now, SENDER, SeqNo(40_000), OVERTAKEN);
        assert_eq!(missing.next_timeout(), None);
    }

    #[test]
    fn a_packet_is_sent_again_once_however_many_ask_and_never_more_than_half() {
        let start = Instant::now();
        let mut sent = Sent::default();
        for seq in 0..10 {
            sent.keep(SeqNo(seq), &[0; 1_000]);
        }
        assert!(sent.again(start, SeqNo(3)).is_some());
        assert!(sent.again(start, SeqNo(3)).is_none());
        assert!(sent.again(start, SeqNo(99)).is_none());
        let again = (4..10).filter(|seq| sent.again(start, SeqNo(*seq)).is_some());
        assert_eq!(again.count(), 4);
    }
}
