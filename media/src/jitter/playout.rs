//! Plays one source: decodes what is there in time, makes up what is not, keeps the delay near its target.
use super::SourceCounters;
use super::buffer::{Insert, PacketBuffer, Waiting};
use super::delay::DelayEstimator;
use super::fifo::Fifo;
use super::timeline::Timeline;
use crate::codec::{self, AudioDecoder, PayloadInfo, UnsupportedFormat};
use crate::payload::AudioFormat;
use crate::rtp_time::{RtpTime, SeqNo};

/// One source from packets to sound.
pub struct Playout {
    pub(super) buffer: PacketBuffer,
    pub(super) estimator: DelayEstimator,
    pub(super) fifo: Fifo,
    pub(super) counters: SourceCounters,
    /// Where the sound ends that is in `fifo` or was played; `None` before the first packet.
    pub(super) expected: Option<i64>,
    /// How long sound waits here, smoothed.
    pub(super) delay: i64,
    /// How much of `delay` was already decoded when the last packet was needed: a packet must come that much earlier.
    pub(super) ahead: i64,
    /// What the last packet held.
    pub(super) packet_samples: i64,
    /// When the length was last changed, or play began.
    pub(super) stretched: i64,
    /// When there was last something to be heard, and how loud it has been, as a power.
    pub(super) last_loud: i64,
    pub(super) loudness: f32,
    format: AudioFormat,
    timeline: Timeline,
    pub(super) decoder: Box<dyn AudioDecoder>,
    is_playing: bool,
    /// For so many steps yet, after time that passed without any, packets may be late because of that; 0 once one plays.
    behind_steps: u8,
    /// Where the block given last begins; `None` where it is not sound of the source.
    played: Option<i64>,
    fades_in: bool,
    pub(super) hole: Hole,
    fec_seen: i64,
    /// Until then it pays to wait for the packet after a lost one.
    fec_until: i64,
}

/// What was filled in since `expected`, where packets are missing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hole {
    pub(super) filled: i64,
    /// Of that, what was made up; the rest was recovered.
    pub(super) concealed: i64,
    recovered: u64,
    /// It stands for sound that came too late, and time goes on after it.
    pub(super) is_overtaken: bool,
}

impl Playout {
    /// Waits so many ticks longer than the network asks for.
    pub fn spare_delay(&mut self, spare: i64) {
        self.estimator.spare = spare;
    }

    /// Plays `format` in `channels` (1 or 2). Allocates all that it will ever need.
    pub fn new(format: &AudioFormat, channels: u8) -> Result<Self, UnsupportedFormat> {
        let decoder = codec::decoder(format, channels)?;
        Ok(Self {
            buffer: PacketBuffer::new(),
            estimator: DelayEstimator::default(),
            fifo: Fifo::new(FIFO_FRAMES, decoder.channels()),
            counters: SourceCounters::default(),
            expected: None,
            delay: 0,
            ahead: 0,
            packet_samples: PACKET,
            stretched: 0,
            last_loud: i64::MIN / 2,
            loudness: 0.0,
            format: *format,
            timeline: Timeline::new(format.clock_rate),
            decoder,
            is_playing: false,
            behind_steps: 0,
            played: None,
            fades_in: false,
            hole: Hole::default(),
            fec_seen: i64::MIN / 2,
            fec_until: i64::MIN,
        })
    }

    /// A playout for the same source in another format, with the same counters.
    pub fn successor(&self, format: &AudioFormat, channels: u8) -> Result<Self, UnsupportedFormat> {
        let mut successor = Self::new(format, channels)?;
        successor.counters = self.counters;
        Ok(successor)
    }

    /// Takes a packet of this format that came at `arrival`.
    pub fn push(&mut self, seq: SeqNo, time: RtpTime, arrival: i64, payload: &[u8]) {
        self.counters.received += 1;
        let Some(info) = PayloadInfo::of(&self.format, payload) else {
            self.counters.discarded += 1;
            return;
        };
        let ticks = self.timeline.place(time);
        let inserted = self.buffer.insert(seq, ticks, arrival, info, payload);
        match inserted {
            Insert::Duplicate => self.counters.duplicated += 1,
            Insert::Suspect => self.counters.discarded += 1,
            Insert::Late => self.counters.late += 1,
            Insert::Restarted { dropped } => self.restart(dropped),
            Insert::Stored => {}
        }
        if !matches!(inserted, Insert::Duplicate | Insert::Suspect) {
            self.timeline.advance_to(time);
            if self.behind_steps == 0 {
                self.learn(arrival, ticks, inserted == Insert::Late);
            }
            if info.has_fec {
                self.fec_seen = arrival;
            }
        }
    }

    fn learn(&mut self, arrival: i64, ticks: i64, is_late: bool) {
        let lateness = self.estimator.observe(arrival, ticks);
        if is_late {
            self.estimator.note_late(arrival, lateness);
        }
    }

    /// The next 10 ms: 480 frames of [`Playout::channels`], or `None` while there is nothing to be heard.
    pub fn next_block(&mut self, now: i64) -> Option<&[f32]> {
        self.played = None;
        if !self.is_playing && !self.begin(now) && self.fifo.frames() == 0 {
            return None;
        }
        self.fill(now);
        if self.is_playing && self.stretch(now) {
            self.fill(now);
        }
        if std::mem::take(&mut self.fades_in) {
            fade_in(self.fifo.waiting_mut(), self.decoder.channels());
        }
        let waiting = i64::try_from(self.fifo.frames()).unwrap_or(0);
        let end = self.expected.filter(|_| self.is_playing);
        self.played = end.map(|end| end + self.hole.filled - waiting);
        let short = STEP_FRAMES.saturating_sub(self.fifo.frames());
        if short > 0 {
            self.append_silence(short);
        }
        Some(self.fifo.take(STEP_FRAMES))
    }

    /// Passes over everything that waits: nobody listens now.
    pub fn skip(&mut self) {
        if self.is_playing {
            self.is_playing = false;
            self.decoder.reset();
        }
        self.fifo.clear();
        self.hole = Hole::default();
        while let Some(packet) = self.buffer.first() {
            self.counters.lost += self.buffer.missing_before(packet.seq);
            self.buffer.pass(&packet);
            self.expected = Some(packet.time + i64::from(packet.info.samples));
        }
    }

    /// Time passed without steps. What was due then is left out, so that what follows is heard no later than what came
    /// before; and how late packets are until then says something of this computer, and nothing of the network.
    pub fn pass_over(&mut self) {
        if self.is_playing {
            self.is_playing = false;
            self.behind_steps = BEHIND_STEPS;
            self.fifo.clear();
            self.hole = Hole::default();
            self.decoder.reset();
        }
    }

    /// 1 or 2, the same for ever.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.decoder.channels()
    }

    /// The media time at which the block given last begins, where it is sound of the source.
    #[must_use]
    pub fn played(&self) -> Option<RtpTime> {
        self.timeline.time_at(self.played?)
    }

    /// Whether there is something to play, now or soon.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.is_playing || !self.buffer.is_empty() || self.fifo.frames() > 0
    }

    /// How long sound waits here beyond the fastest packet, in ticks; 0 while nothing plays.
    #[must_use]
    pub fn delay(&self) -> i64 {
        if self.is_playing { self.delay } else { 0 }
    }

    /// How long it should wait, in ticks.
    #[must_use]
    pub fn target(&self, now: i64) -> i64 {
        let wait_for_fec = if now < self.fec_until { FEC_DELAY } else { 0 };
        self.estimator.target(now) + wait_for_fec
    }

    /// What became of the packets.
    #[must_use]
    pub fn counters(&self) -> &SourceCounters {
        &self.counters
    }

    /// Starts to play once the first packet has waited long enough.
    fn begin(&mut self, now: i64) -> bool {
        if self.behind_steps > 0 {
            self.behind_steps -= 1;
            self.drop_stale(now);
        }
        let Some(first) = self.buffer.first().filter(|first| self.is_ripe(now, first)) else {
            return false;
        };
        self.close_hole(now, &first);
        self.expected = Some(first.time);
        self.delay = now - first.time - self.estimator.base();
        self.stretched = now;
        self.is_playing = true;
        self.behind_steps = 0;
        self.fades_in = true;
        true
    }

    /// Leaves out packets that were due before the one that is due now.
    fn drop_stale(&mut self, now: i64) {
        while let Some(packet) = self.buffer.first() {
            let samples = i64::from(packet.info.samples);
            let waited = now - packet.time - self.estimator.base();
            if waited < self.first_delay(now, &packet) + samples {
                return;
            }
            self.counters.discarded += 1;
            self.counters.lost += self.buffer.missing_before(packet.seq);
            self.buffer.pass(&packet);
            self.expected = Some(packet.time + samples);
        }
    }

    fn is_ripe(&self, now: i64, packet: &Waiting) -> bool {
        let waited = now - packet.time - self.estimator.base();
        waited >= self.first_delay(now, packet) || now - packet.arrival >= LONGEST_WAIT
    }

    fn fill(&mut self, now: i64) {
        while self.is_playing && self.fifo.frames() < STEP_FRAMES {
            match self.buffer.first() {
                None => self.bridge(),
                Some(packet) => self.proceed(now, &packet),
            }
        }
    }

    /// Nothing is there: the next packet is late, or the source fell silent. Time stands still until it is known.
    fn bridge(&mut self) {
        if self.hole.filled >= LONGEST_BRIDGE {
            self.fall_silent();
        } else {
            self.conceal(STEP_FRAMES);
        }
    }

    /// A packet is there; is it what comes next?
    fn proceed(&mut self, now: i64, packet: &Waiting) {
        let samples = i64::from(packet.info.samples);
        let missing = i64::try_from(self.buffer.missing_before(packet.seq)).unwrap_or(i64::MAX);
        let gap = packet.time - self.expected.unwrap_or(packet.time);
        let is_pause = gap > missing.saturating_mul(samples.max(PACKET)) + TOLERANCE;
        let left = gap - self.hole.filled;
        if is_pause && !self.is_ripe(now, packet) {
            self.fall_silent();
        } else if !is_pause && missing == 0 && self.overtakes(now, packet) {
            self.rejoin(packet);
        } else if is_pause || missing == 0 || left < TOLERANCE {
            self.close_hole(now, packet);
            self.play(now, packet);
        } else if packet.info.has_fec && left < samples + TOLERANCE {
            self.recover(packet, left);
        } else {
            let before_fec = if packet.info.has_fec {
                left - samples
            } else {
                left
            };
            self.conceal(usize::try_from(before_fec).unwrap_or(0).min(STEP_FRAMES));
        }
    }

    fn play(&mut self, now: i64, packet: &Waiting) {
        self.follow_delay(now, packet);
        let payload = self.buffer.payload(packet);
        let decoded = self.fifo.append(|room| self.decoder.decode(payload, room));
        self.expected = Some(packet.time + i64::from(packet.info.samples));
        self.buffer.pass(packet);
        if decoded.is_err() {
            self.counters.decode_errors += 1;
            self.conceal(STEP_FRAMES);
            self.hole = Hole::default();
        }
    }

    fn recover(&mut self, packet: &Waiting, left: i64) {
        let frames = whole_units(usize::try_from(left).unwrap_or(0));
        let channels = self.decoder.channels();
        let payload = self.buffer.payload(packet);
        let recovered = self.fifo.append(|room| {
            let out = room.get_mut(..frames * channels).unwrap_or_default();
            self.decoder.recover(payload, out).map(|()| frames)
        });
        if recovered.is_err() {
            self.conceal(frames);
            return;
        }
        self.hole.filled += left;
        self.hole.recovered += 1;
    }

    /// Makes up `frames`, in whole units of 2.5 ms and at least one.
    pub(super) fn conceal(&mut self, frames: usize) {
        let frames = whole_units(frames);
        let channels = self.decoder.channels();
        let made = self.fifo.append(|room| {
            let out = room.get_mut(..frames * channels).unwrap_or_default();
            self.decoder.conceal(out).map(|()| frames)
        });
        if made.is_err() {
            self.append_silence(frames);
        }
        let made = i64::try_from(frames).unwrap_or(0);
        self.hole.filled += made;
        self.hole.concealed += made;
    }

    /// Ends with a fade instead of a click, and waits for the next packet to ripen.
    fn fall_silent(&mut self) {
        let hole = self.hole;
        self.conceal(STEP_FRAMES);
        self.hole = Hole {
            is_overtaken: false,
            ..hole
        };
        self.is_playing = false;
        fade_out(self.fifo.waiting_mut(), self.decoder.channels());
    }

    /// `packet` plays now: tells what the hole before it was.
    fn close_hole(&mut self, now: i64, packet: &Waiting) {
        let hole = std::mem::take(&mut self.hole);
        let missing = self.buffer.missing_before(packet.seq);
        let is_late = missing == 0
            && self
                .expected
                .is_some_and(|expected| packet.time - expected < TOLERANCE);
        if missing > 0 {
            self.counters.lost += missing;
            self.counters.fec_recovered += hole.recovered;
            if now - self.fec_seen < FEC_MEMORY {
                self.fec_until = now + FEC_WAIT;
            }
        }
        if is_late && hole.filled > 0 {
            self.counters.late += 1;
            let lateness = packet.arrival - packet.time - self.estimator.base();
            self.estimator.note_late(now, lateness);
            self.delay = now - packet.time - self.estimator.base();
        }
        if missing > 0 || is_late {
            self.counters.concealed_ms += millis(hole.concealed);
        }
    }

    fn follow_delay(&mut self, now: i64, packet: &Waiting) {
        self.packet_samples = i64::from(packet.info.samples);
        self.ahead = i64::try_from(self.fifo.frames()).unwrap_or(0);
        let delay = now - packet.time - self.estimator.base() + self.ahead;
        self.delay += (delay - self.delay) / DELAY_SMOOTHING;
    }

    fn restart(&mut self, dropped: u64) {
        self.counters.discarded += dropped;
        if self.is_playing {
            self.fall_silent();
        }
        self.hole = Hole::default();
        self.expected = None;
    }

    fn append_silence(&mut self, frames: usize) {
        let count = frames * self.decoder.channels();
        let appended: Result<usize, std::convert::Infallible> = self.fifo.append(|room| {
            room.iter_mut().take(count).for_each(|sample| *sample = 0.0);
            Ok(frames)
        });
        appended.map_or_else(|never| match never {}, drop);
    }
}

fn whole_units(frames: usize) -> usize {
    (frames / UNIT).max(1) * UNIT
}

fn fade_out(samples: &mut [f32], channels: usize) {
    let mut gain = 1.0;
    let from = samples.len().saturating_sub(STEP_FRAMES * channels);
    for frame in samples
        .get_mut(from..)
        .unwrap_or_default()
        .chunks_mut(channels)
    {
        gain = f32::max(gain - 1.0 / 480.0, 0.0);
        frame.iter_mut().for_each(|sample| *sample *= gain);
    }
}

/// 2.5 ms, so that sound that begins in the middle does not click.
fn fade_in(samples: &mut [f32], channels: usize) {
    let mut gain = 0.0;
    for frame in samples.chunks_mut(channels).take(UNIT) {
        gain += 1.0 / 120.0;
        frame.iter_mut().for_each(|sample| *sample *= gain);
    }
}

pub(super) fn millis(ticks: i64) -> u64 {
    u64::try_from(ticks / MS).unwrap_or(0)
}

/// Ticks in a millisecond.
const MS: i64 = 48;
/// 10 ms.
pub(super) const STEP_FRAMES: usize = 480;
/// 100 ms: what came meanwhile has been read by then. What is still late after that has a longer way than before.
const BEHIND_STEPS: u8 = 10;
/// The least that Opus conceals: 2.5 ms.
pub(super) const UNIT: usize = 120;
/// A gap below 2.5 ms is rounding, by senders and between clocks.
const TOLERANCE: i64 = 120;
/// The usual packet (RFC 3551 §4.2, RFC 7587 §6.1): 20 ms.
const PACKET: i64 = 20 * MS;
/// What is left of one step, the longest packet, and what lengthening adds.
const FIFO_FRAMES: usize = STEP_FRAMES + codec::MAX_PAYLOAD_SAMPLES + STEP_FRAMES;
/// After 60 ms made-up sound is no longer like the voice (ITU-T G.711 appendix I ends there).
const LONGEST_BRIDGE: i64 = 60 * MS;
/// A packet whose media time makes no sense is played after this.
const LONGEST_WAIT: i64 = 500 * MS;
/// Packets begin anywhere within a step; the delay is the mean of about this many.
const DELAY_SMOOTHING: i64 = 8;
/// Error correction that was seen this long ago is probably still sent.
const FEC_MEMORY: i64 = 2_000 * MS;
/// The packet after, and so much that what may be missing from the target without a change does not undo it.
const FEC_DELAY: i64 = PACKET + 5 * MS;
/// After a loss the next is expected within this time.
const FEC_WAIT: i64 = 10_000 * MS;
