//! Brings the delay of a playing source back to its target, where it is heard least.
use super::playout::{Playout, STEP_FRAMES, millis};
use super::stretch;
use crate::dsp::level;

impl Playout {
    /// Shortens or lengthens the sound that waits, if the delay asks for it; tells whether sound was taken away.
    pub(super) fn stretch(&mut self, now: i64) -> bool {
        let margin = self.delay - self.ahead - self.target(now);
        // Sound that is decoded ahead waits for nothing; of the rest, whole steps (or packets) can be spared.
        let step = self.packet_samples.clamp(1, STEP);
        let excess = margin.div_euclid(step) * step + self.ahead % step;
        if excess > FAR_ABOVE {
            self.drop_packets(excess);
        }
        if now < self.stretch_again && excess < URGENT {
            return false;
        }
        if margin < -BELOW {
            let is_quiet = self.is_quiet();
            self.lengthen(now, is_quiet);
        } else if excess > ABOVE || (excess > ABOVE_IN_QUIET && self.is_quiet()) {
            let must = excess > URGENT || self.is_quiet();
            return self.shorten(now, excess, must);
        }
        false
    }

    fn is_quiet(&mut self) -> bool {
        level::power(self.fifo.waiting_mut()) < QUIET
    }

    fn shorten(&mut self, now: i64, excess: i64, must: bool) -> bool {
        let before = self.fifo.frames();
        let channels = self.channels();
        let most = usize::try_from(excess).unwrap_or(0);
        let Some(after) = stretch::shorten(self.fifo.waiting_mut(), channels, most, must) else {
            return false;
        };
        self.fifo.truncate(after);
        let removed = i64::try_from(before - after).unwrap_or(0);
        self.delay -= removed;
        self.counters.accelerated_ms += millis(removed);
        self.stretch_again = now + PAUSE;
        true
    }

    fn lengthen(&mut self, now: i64, must: bool) {
        let before = self.fifo.frames();
        let channels = self.channels();
        let lengthened = self
            .fifo
            .append(|_| Ok::<_, std::convert::Infallible>(STEP_FRAMES));
        let room = lengthened.unwrap_or_default();
        let after = stretch::lengthen(self.fifo.waiting_mut(), channels, before, must);
        self.fifo.truncate(after.unwrap_or(before));
        let Some(added) = after.and_then(|after| i64::try_from(after - before).ok()) else {
            return;
        };
        debug_assert!(added <= i64::try_from(room).unwrap_or(0));
        self.delay += added;
        self.counters.expanded_ms += millis(added);
        self.stretch_again = now + PAUSE;
    }

    /// So much delay has gathered that leaving out whole packets is better than talking over each other.
    fn drop_packets(&mut self, mut excess: i64) {
        while let Some(packet) = self
            .buffer
            .first()
            .filter(|_| excess > ABOVE && self.buffer.len() > 1)
        {
            let end = packet.time + i64::from(packet.info.samples);
            let jump = end - self.expected.unwrap_or(packet.time);
            self.counters.discarded += 1;
            self.counters.lost += self.buffer.missing_before(packet.seq);
            self.buffer.pass(&packet);
            self.expected = Some(end);
            self.delay -= jump;
            excess -= jump.max(1);
        }
    }
}

/// Ticks in a millisecond.
const MS: i64 = 48;
/// 10 ms: sound is made in steps of it.
const STEP: i64 = 10 * MS;
/// A little more than the least change of length; in silence it is had back unheard.
const ABOVE_IN_QUIET: i64 = 3 * MS;
/// In speech the delay may be a packet too long.
const ABOVE: i64 = 22 * MS;
/// Sound is a packet and a half too late or more: shorten even where it can be heard.
const URGENT: i64 = 60 * MS;
/// More than a third of a second beyond what is needed makes people interrupt each other (ITU-T G.114).
const FAR_ABOVE: i64 = 350 * MS;
/// Half of the least margin is used up.
const BELOW: i64 = 5 * MS;
/// -50 dBFS: between words.
const QUIET: f32 = 1e-5;
/// Between changes of length.
const PAUSE: i64 = 100 * MS;
