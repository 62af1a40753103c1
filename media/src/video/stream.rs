//! One source as it is received: packets in, pictures out, and what became of both.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::VideoPacket;
use super::reorder::{Placed, Reorder, Waiting};
use super::statistics::{StreamStatistics, Tally};
use crate::codec::UnsupportedFormat;
use crate::codec::video::{DecodedPicture, H264Decoder, Skip};
use crate::payload::h264::{AccessUnit, Depacketizer, H264Format, H264Packet, NalType, nal_units};

/// A coded picture that waits to be decoded.
#[derive(Debug)]
pub struct WaitingUnit {
    /// When its last packet came.
    pub arrival: Instant,
    unit: AccessUnit,
}

impl WaitingUnit {
    /// How long it has waited.
    #[must_use]
    pub fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.arrival)
    }

    /// Whether decoding can begin with it.
    #[must_use]
    pub fn is_keyframe(&self) -> bool {
        nal_units(&self.unit.stream).any(|nal| nal.nal_type() == NalType::IdrSlice)
    }

    /// Whether no other picture refers to it, and no parameter sets come with it, whose nal_ref_idc is not 0 (H.264 §7.4.1).
    #[must_use]
    pub fn is_disposable(&self) -> bool {
        nal_units(&self.unit.stream).all(|nal| nal.reference_idc() == 0)
    }
}

/// Receives one source of H.264. It asks for no time: everything comes with it.
pub struct VideoStream {
    format: H264Format,
    reorder: Reorder,
    depacketizer: Depacketizer,
    decoder: H264Decoder,
    waiting: VecDeque<WaitingUnit>,
    tally: Tally,
}

impl VideoStream {
    /// A source in this format; missing packets are waited for as long as `patience`.
    pub fn new(format: H264Format, patience: Duration) -> Result<Self, UnsupportedFormat> {
        Ok(Self {
            decoder: H264Decoder::new(&format)?,
            format,
            reorder: Reorder::new(patience),
            depacketizer: Depacketizer::default(),
            waiting: VecDeque::new(),
            tally: Tally::default(),
        })
    }

    /// Takes one packet.
    pub fn push(&mut self, packet: &VideoPacket<'_>) {
        self.tally.note_packet(packet.arrival, packet.payload.len());
        if let Placed::Now { follows } = self.reorder.push(packet) {
            let marker = packet.marker;
            if packet.payload_type == self.format.payload_type {
                self.depacketizer.push(&H264Packet {
                    time: packet.time,
                    marker,
                    follows,
                    payload: packet.payload,
                });
            }
            self.collect(packet.arrival);
        }
        self.handle_timeout(packet.arrival);
    }

    /// Gives up on packets that have not come for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((packet, follows)) = self.reorder.poll(now) {
            self.put(&packet, follows);
            self.collect(now);
        }
    }

    /// When to call [`Self::handle_timeout`] if nothing comes before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.reorder.next_timeout()
    }

    /// The next coded picture.
    pub fn poll_unit(&mut self) -> Option<WaitingUnit> {
        self.waiting.pop_front()
    }

    /// Keeps what has come since the last keyframe, as a beginning for [`Self::resume`], and forgets the rest.
    pub fn keep_ready(&mut self) {
        let keyframe = self.waiting.iter().rposition(WaitingUnit::is_keyframe);
        let waiting = self.waiting.len();
        let is_long = waiting - keyframe.unwrap_or(0) > MAX_READY;
        let useless = if is_long {
            waiting
        } else {
            keyframe.unwrap_or(0)
        };
        for unit in self.waiting.drain(..useless) {
            self.decoder.skip_to_keyframe();
            self.depacketizer.recycle(unit.unit);
        }
    }

    /// What was kept comes now, and is not late.
    pub fn resume(&mut self, now: Instant) {
        for unit in &mut self.waiting {
            unit.arrival = now;
        }
    }

    /// Decodes it.
    pub fn decode(&mut self, waiting: WaitingUnit) -> Result<Option<DecodedPicture>, Skip> {
        let was_frozen = self.decoder.needs_keyframe();
        let result = self.decoder.decode(&waiting.unit, waiting.arrival);
        match &result {
            Ok(Some(decoded)) => self
                .tally
                .note_picture(waiting.arrival, decoded.picture.size()),
            Ok(None) => {}
            Err(_) => self.tally.note_skipped(),
        }
        if !was_frozen && self.decoder.needs_keyframe() {
            self.tally.note_freeze();
        }
        self.depacketizer.recycle(waiting.unit);
        result
    }

    /// Leaves out a coded picture to which no other refers because there is no time for it; the next is shown all the same.
    pub fn pass_over(&mut self, waiting: WaitingUnit) {
        let was_frozen = self.decoder.needs_keyframe();
        // It is still looked at: what is missing before it would not be found out after it.
        match self.decoder.pass_over(&waiting.unit) {
            Ok(()) => self.tally.note_shed(),
            Err(_) => self.tally.note_skipped(),
        }
        if !was_frozen && self.decoder.needs_keyframe() {
            self.tally.note_freeze();
        }
        self.depacketizer.recycle(waiting.unit);
    }

    /// Leaves a coded picture out because there is no time for it; nothing is shown until the next keyframe.
    pub fn shed(&mut self, waiting: WaitingUnit) {
        self.tally.note_shed();
        if !self.decoder.needs_keyframe() {
            self.tally.note_freeze();
        }
        self.decoder.skip_to_keyframe();
        self.depacketizer.recycle(waiting.unit);
    }

    /// Packets have been left out before they came here: the next picture shown is a keyframe.
    pub fn skip_to_keyframe(&mut self) {
        self.reorder.restart();
        self.depacketizer.reset();
        self.decoder.skip_to_keyframe();
    }

    /// Whether nothing can be shown before the next keyframe.
    #[must_use]
    pub const fn needs_keyframe(&self) -> bool {
        self.decoder.needs_keyframe()
    }

    /// Notes how long decoding took.
    pub fn note_decode_time(&mut self, took: Duration) {
        self.tally.note_decode_time(took);
    }

    /// How it is doing.
    pub fn statistics(&mut self, now: Instant) -> StreamStatistics {
        self.tally.note_lost(self.reorder.lost());
        let mut found = self.tally.statistics(now);
        found.useless = self.reorder.useless();
        found.malformed = self.depacketizer.malformed();
        found
    }

    fn put(&mut self, packet: &Waiting, follows: bool) {
        if packet.payload_type == self.format.payload_type {
            self.depacketizer.push(&H264Packet {
                time: packet.time,
                marker: packet.marker,
                follows,
                payload: &packet.payload,
            });
        }
    }

    fn collect(&mut self, arrival: Instant) {
        while let Some(unit) = self.depacketizer.poll_unit() {
            self.waiting.push_back(WaitingUnit { arrival, unit });
        }
        while self.waiting.len() > MAX_WAITING {
            if let Some(oldest) = self.waiting.pop_front() {
                self.shed(oldest);
            }
        }
    }
}

/// What can be decoded at once without a pause; people here send a keyframe each second.
const MAX_READY: usize = 32;
/// Two seconds at 30 pictures a second; the worker sheds long before.
const MAX_WAITING: usize = 64;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;
    use crate::codec::video::two_layers;
    use crate::payload::h264::Packetizer;
    use crate::rtp_time::{RtpTime, SeqNo, Ssrc};
    use crate::video::{Layer, SourceId};

    #[test]
    fn a_lost_picture_to_which_no_other_refers_freezes_nothing() {
        let mut stream = VideoStream::new(H264Format::new(96), Duration::ZERO).unwrap();
        let arrival = Instant::now();
        let packetizer = Packetizer::new(Default::default(), 100);
        let mut seq = SeqNo(0);
        for (number, units) in (0..).zip(two_layers()) {
            let mut payloads = Vec::new();
            packetizer.packetize(units.iter().map(Vec::as_slice), &mut payloads);
            let last = payloads.len() - 1;
            for (at, payload) in payloads.iter().enumerate() {
                seq = seq.next();
                // All of the second, the beginning of the sixth, the end of the tenth.
                if number == 1 || (number == 5 && at == 0) || (number == 9 && at == last) {
                    continue;
                }
                stream.push(&VideoPacket {
                    source: SourceId::new(Layer::Full, Ssrc(1)),
                    payload_type: 96,
                    seq,
                    time: RtpTime(number * 3_000),
                    marker: at == last,
                    arrival,
                    payload,
                });
                while let Some(unit) = stream.poll_unit() {
                    drop(stream.decode(unit));
                }
                assert!(!stream.needs_keyframe() || number == 0);
            }
        }
        let figures = stream.statistics(arrival);
        assert_eq!((figures.decoded, figures.freezes), (27, 0));
        assert!(figures.lost >= 3, "{figures:?}");
    }
}
