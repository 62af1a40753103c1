//! Received packets on their way to the audio worker: a bounded queue that owns its payloads inline.
use std::time::Instant;

use super::AudioPacket;
use crate::rtp_time::{RtpTime, SeqNo, Ssrc};

/// A ring of packet slots, all allocated at the start; when it is full the oldest packet goes.
pub(super) struct PacketQueue {
    slots: Box<[Slot]>,
    first: usize,
    len: usize,
    dropped: u64,
}

impl PacketQueue {
    /// An empty queue; `epoch` is any moment.
    pub(super) fn new(epoch: Instant) -> Self {
        let empty = Slot {
            ssrc: Ssrc(0),
            payload_type: 0,
            seq: SeqNo(0),
            time: RtpTime(0),
            marker: false,
            arrival: epoch,
            len: 0,
            bytes: [0; MAX_RECEIVED],
        };
        Self {
            slots: vec![empty; RECEIVED_QUEUE].into(),
            first: 0,
            len: 0,
            dropped: 0,
        }
    }

    /// Copies a packet in.
    pub(super) fn push(&mut self, packet: &AudioPacket<'_>) {
        if packet.payload.len() > MAX_RECEIVED {
            self.dropped += 1;
            return;
        }
        if self.len == self.slots.len() {
            self.first = (self.first + 1) % self.slots.len();
            self.len -= 1;
            self.dropped += 1;
        }
        let last = (self.first + self.len) % self.slots.len();
        if let Some(slot) = self.slots.get_mut(last) {
            slot.fill(packet);
            self.len += 1;
        }
    }

    /// Shows every packet to `take`, oldest first, and forgets them.
    pub(super) fn drain(&mut self, mut take: impl FnMut(&AudioPacket<'_>)) {
        let (wrapped, front) = self.slots.split_at(self.first);
        for slot in front.iter().chain(wrapped).take(self.len) {
            take(&slot.packet());
        }
        self.first = 0;
        self.len = 0;
    }

    /// How many packets were dropped since the last call.
    pub(super) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

#[derive(Clone)]
struct Slot {
    ssrc: Ssrc,
    payload_type: u8,
    seq: SeqNo,
    time: RtpTime,
    marker: bool,
    arrival: Instant,
    len: usize,
    bytes: [u8; MAX_RECEIVED],
}

impl Slot {
    fn fill(&mut self, packet: &AudioPacket<'_>) {
        self.ssrc = packet.ssrc;
        self.payload_type = packet.payload_type;
        self.seq = packet.seq;
        self.time = packet.time;
        self.marker = packet.marker;
        self.arrival = packet.arrival;
        self.len = packet.payload.len();
        if let Some(bytes) = self.bytes.get_mut(..self.len) {
            bytes.copy_from_slice(packet.payload);
        }
    }

    fn packet(&self) -> AudioPacket<'_> {
        AudioPacket {
            ssrc: self.ssrc,
            payload_type: self.payload_type,
            seq: self.seq,
            time: self.time,
            marker: self.marker,
            arrival: self.arrival,
            payload: self.bytes.get(..self.len).unwrap_or_default(),
        }
    }
}

/// 80 ms of 64 people speaking in packets of 20 ms; the worker comes every 10 ms.
const RECEIVED_QUEUE: usize = 256;
/// An Ethernet frame; what is larger came in fragments and is no sound.
const MAX_RECEIVED: usize = 1_500;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    fn packet(seq: u16, payload: &[u8]) -> AudioPacket<'_> {
        AudioPacket {
            ssrc: Ssrc(7),
            payload_type: 96,
            seq: SeqNo(seq),
            time: RtpTime(u32::from(seq) * 960),
            marker: seq == 0,
            arrival: Instant::now(),
            payload,
        }
    }

    fn drained(queue: &mut PacketQueue) -> Vec<(u16, Vec<u8>)> {
        let mut out = Vec::new();
        queue.drain(|packet| out.push((packet.seq.0, packet.payload.to_vec())));
        out
    }

    #[test]
    fn packets_come_out_as_they_went_in() {
        let mut queue = PacketQueue::new(Instant::now());
        queue.push(&packet(1, b"one"));
        queue.push(&packet(2, b""));
        let expected = vec![(1, b"one".to_vec()), (2, Vec::new())];
        assert_eq!(drained(&mut queue), expected);
        assert_eq!(drained(&mut queue), []);
    }

    #[test]
    fn the_oldest_goes_when_it_is_full() {
        let mut queue = PacketQueue::new(Instant::now());
        for seq in 0..RECEIVED_QUEUE as u16 + 3 {
            queue.push(&packet(seq, &[1]));
        }
        assert_eq!(queue.take_dropped(), 3);
        let seqs: Vec<u16> = drained(&mut queue).iter().map(|(seq, _)| *seq).collect();
        assert!(seqs.iter().copied().eq(3..RECEIVED_QUEUE as u16 + 3));
    }

    #[test]
    fn what_is_too_large_is_dropped() {
        let mut queue = PacketQueue::new(Instant::now());
        queue.push(&packet(1, &[0; MAX_RECEIVED + 1]));
        assert_eq!(drained(&mut queue), []);
        assert_eq!(queue.take_dropped(), 1);
    }
}
