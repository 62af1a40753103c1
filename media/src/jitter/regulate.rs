//! Brings the delay of a playing source back to its target, where it is heard least.
//!
//! Every change of length moves the words that follow against those before, and what is changed in sound can be heard.
//! So sound begins with the delay it needs, and little is worth a change: a few milliseconds in a long pause, a packet
//! between words, and in the midst of sound only what makes people interrupt each other, or what no pause has mended.
use super::buffer::Waiting;
use super::playout::{Playout, STEP_FRAMES, millis};
use super::stretch;
use crate::dsp::level;

/// What may be done now, by what is heard now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing has been said for long: whatever changes goes unnoticed.
    LongPause,
    /// Between words, or nearly.
    Quiet,
    Sound,
}

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
        let place = self.listen(now);
        let unchanged = now - self.stretched;
        if unchanged < PAUSE {
            return false;
        }
        let is_quiet = place != Place::Sound;
        let (below, above) = match place {
            Place::LongPause => (BELOW, ABOVE_IN_LONG_PAUSE),
            Place::Quiet => (BELOW_IN_TALK, ABOVE),
            Place::Sound if unchanged > PATIENCE => (BELOW_IN_TALK, ABOVE),
            Place::Sound => (BELOW_IN_TALK, URGENT),
        };
        if margin < -below {
            self.lengthen(now, is_quiet);
        } else if excess > above {
            return self.shorten(now, excess, is_quiet || excess > URGENT);
        }
        false
    }

    /// How long the first packet after a pause must wait: after a short one as long as before, if that is not much too
    /// long, so that words keep their distance.
    pub(super) fn first_delay(&self, now: i64, packet: &Waiting) -> i64 {
        let samples = i64::from(packet.info.samples).max(1);
        let fits = samples % STEP == 0 || STEP % samples == 0;
        // Else some packets end, and the next are needed, just after a step begins.
        let uneven = if fits { 0 } else { STEP };
        let target = self.target(now) + self.estimator.unseen() + uneven;
        let before = self.delay - STEP / 2;
        let is_kept = before < target + ABOVE && now - self.last_loud < LONG_PAUSE;
        if is_kept { target.max(before) } else { target }
    }

    /// Listens to what waits.
    fn listen(&mut self, now: i64) -> Place {
        let power = level::power(self.fifo.waiting_mut());
        self.loudness = power.max(self.loudness * LOUDNESS_DECAY);
        if power >= QUIET.max(self.loudness * MUCH_SOFTER) {
            self.last_loud = now;
            Place::Sound
        } else if now - self.last_loud < LONG_PAUSE {
            Place::Quiet
        } else {
            Place::LongPause
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
        self.stretched = now;
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
        self.stretched = now;
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
/// A little more than the least change of length.
const ABOVE_IN_LONG_PAUSE: i64 = 3 * MS;
/// Sound begins up to a step above its target, and a target learnt since may be somewhat lower. With this, a packet of
/// 20 ms and Opus, a wire still stays below 60 ms.
const ABOVE: i64 = 15 * MS;
/// Shorten even where it can be heard: with the ways of the sound before and after, that comes near the
/// 150 ms of ITU-T G.114.
const URGENT: i64 = 100 * MS;
/// More than a third of a second beyond what is needed makes people interrupt each other (ITU-T G.114).
const FAR_ABOVE: i64 = 350 * MS;
/// Half of the least margin is used up.
const BELOW: i64 = 5 * MS;
/// A late packet moves sound by a step; in a talk, less is not worth a change before it happens.
const BELOW_IN_TALK: i64 = STEP;
/// -50 dBFS: between words.
const QUIET: f32 = 1e-5;
/// -25 dB: between words where the room is not quiet.
const MUCH_SOFTER: f32 = 3e-3;
/// With each step: 2 dB a second, so that a pause does not become the measure of itself.
const LOUDNESS_DECAY: f32 = 0.995;
/// Between changes of length, so that one cannot be heard after another.
const PAUSE: i64 = 100 * MS;
/// So long a pause parts two utterances.
const LONG_PAUSE: i64 = 1_000 * MS;
/// Sound without pauses is mended so often: clocks that differ by 300 ppm move by 1.5 ms in this time.
const PATIENCE: i64 = 5_000 * MS;
