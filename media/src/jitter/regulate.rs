//! Brings the delay of a playing source back to its target, where it is heard least.
use super::playout::{Playout, STEP_FRAMES, millis};
use super::stretch;
use crate::dsp::level;

impl Playout {
    /// Shortens or lengthens the sound that waits, if the delay asks for it; tells whether sound was taken away.
    pub(super) fn stretch(&mut self, now: i64) -> bool {
        let excess = self.delay - self.target(now);
        if excess > FAR_ABOVE {
            self.drop_packets(excess);
        }
        let is_calm = (-BELOW..=ABOVE_IN_QUIET).contains(&excess);
        if is_calm || (now < self.stretch_again && excess < URGENT) {
            return false;
        }
        let is_quiet = level::power(self.fifo.waiting_mut()) < QUIET;
        if excess > 0 && (is_quiet || excess > ABOVE) {
            self.shorten(now, excess, is_quiet || excess > URGENT)
        } else {
            if excess < 0 {
                self.lengthen(now, is_quiet);
            }
            false
        }
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
/// A source starts up to one step of 10 ms above its target; that much is not worth a change even in silence.
const ABOVE_IN_QUIET: i64 = 12 * MS;
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
