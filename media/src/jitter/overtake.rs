//! A packet that comes after its turn, once: time goes on, and it is played from where it should be by now.
//!
//! To wait for it would move all that follows, and to move back later would be heard again. That pays only where packets
//! are late time and again.
use super::buffer::Waiting;
use super::playout::{Hole, Playout, UNIT, millis};
use super::stretch;

impl Playout {
    /// Whether time goes on past `packet`: because it is late by accident, and what came along outlasts the hole.
    pub(super) fn overtakes(&mut self, now: i64, packet: &Waiting) -> bool {
        let is_late = self
            .expected
            .is_some_and(|expected| packet.time <= expected);
        if self.hole.is_overtaken || self.hole.filled == 0 || !is_late {
            return self.hole.is_overtaken;
        }
        let packets = i64::try_from(self.buffer.len()).unwrap_or(0);
        if packets * i64::from(packet.info.samples) <= self.hole.filled + BLEND {
            return false;
        }
        let lateness = packet.arrival - packet.time - self.estimator.base();
        if self.estimator.note_late(now, lateness) {
            return false;
        }
        self.hole.is_overtaken = true;
        self.counters.late += 1;
        self.counters.concealed_ms += millis(self.hole.concealed);
        // Made up before anything late is decoded, so that it goes on from what was heard.
        self.conceal(UNIT);
        true
    }

    /// Plays what is left of an overtaken packet.
    pub(super) fn rejoin(&mut self, packet: &Waiting) {
        let samples = i64::from(packet.info.samples);
        let stale = self.hole.filled.min(samples);
        self.hole.filled -= stale;
        if stale < samples {
            self.hole = Hole::default();
        }
        self.expected = Some(packet.time + samples);
        self.append_rest(packet, usize::try_from(stale).unwrap_or(0));
        self.buffer.pass(packet);
    }

    /// Appends `packet` without its first `stale` frames; what was made up for the last of them fades into them.
    fn append_rest(&mut self, packet: &Waiting, stale: usize) {
        let channels = self.decoder.channels();
        let before = self.fifo.frames();
        let payload = self.buffer.payload(packet);
        let decoded = self.fifo.append(|room| self.decoder.decode(payload, room));
        let Ok(fresh) = decoded.map(|decoded| decoded.saturating_sub(stale)) else {
            self.counters.decode_errors += 1;
            return;
        };
        if fresh > 0 {
            let blended = stale.min(UNIT).min(before);
            let waiting = self.fifo.waiting_mut();
            let (played, decoded) = waiting.split_at_mut(before * channels);
            let made_up = played.iter_mut().skip((before - blended) * channels);
            let true_sound = decoded.iter().skip((stale - blended) * channels);
            let weights = stretch::fade(blended, channels);
            for ((sample, sound), weight) in made_up.zip(true_sound).zip(weights) {
                *sample += (sound - *sample) * weight;
            }
            decoded.copy_within(stale * channels.., 0);
        }
        self.fifo.truncate(before + fresh);
    }
}

/// In ticks, which are frames.
const BLEND: i64 = UNIT as i64;
