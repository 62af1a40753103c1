//! The audio engine: one step makes 10 ms of sound. It has no thread, device or clock of its own.
use std::time::{Duration, Instant};

use super::config::{EngineCommand, EngineConfig};
use super::packet::{AudioPacket, EncodedPacket, MAX_PAYLOAD};
use super::receiver::Receiver;
use super::sender::Sender;
use super::snapshot::{AudioCounters, AudioSnapshot};
use super::source::Settings;
use crate::codec::EncoderOptions;
use crate::dsp::activity::Activity;
use crate::dsp::level::{self, Meter};
use crate::rtp_time::ClockRate;

/// How long a step is.
pub const STEP: Duration = Duration::from_millis(10);
/// Samples of one channel in a step, at 48 kHz.
pub const STEP_SAMPLES: usize = 480;

/// The audio path of one conference.
///
/// [`AudioEngine::step`] is called once in 10 ms, by whatever clock; packets and commands go in between. After a source
/// has begun, and while its format stays the same, nothing allocates.
pub struct AudioEngine {
    receiver: Receiver,
    sender: Option<Sender>,
    is_muted: bool,
    meter: Meter,
    activity: Activity,
    counters: AudioCounters,
    /// Ticks are counted from here: the first time the engine is told.
    origin: Option<Instant>,
    now: i64,
}

impl AudioEngine {
    /// An engine that knows nobody yet. A format to send that has no encoder is as if there were none.
    pub fn new(config: EngineConfig) -> Self {
        let options = EncoderOptions {
            bit_rate: config.bit_rate,
            is_dtx_enabled: config.is_dtx_enabled,
            max_payload: MAX_PAYLOAD,
        };
        let sender = config.send.and_then(|format| {
            Sender::new(&format, options, config.is_muted)
                .inspect_err(|error| tracing::warn!(%error, "nothing can be sent"))
                .ok()
        });
        Self {
            receiver: Receiver::new(&config),
            sender,
            is_muted: config.is_muted,
            meter: Meter::default(),
            activity: Activity::default(),
            counters: AudioCounters::default(),
            origin: None,
            now: 0,
        }
    }

    /// Takes a packet that came for this conference.
    pub fn push_packet(&mut self, packet: &AudioPacket<'_>) {
        let arrival = self.ticks(packet.arrival);
        self.receiver.push(packet, arrival, &mut self.counters);
    }

    /// Does what is asked, with the next step.
    pub fn apply(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::SetSource {
                ssrc,
                gain_db,
                pan,
                muted,
            } => {
                self.receiver.set(
                    ssrc,
                    Settings {
                        gain_db,
                        pan,
                        is_muted: muted,
                    },
                );
            }
            EngineCommand::DelaySource { ssrc, delay } => {
                self.receiver.delay(ssrc, ticks_of(delay));
            }
            EngineCommand::RemoveSource(ssrc) => self.receiver.remove(ssrc),
            EngineCommand::MuteMicrophone(is_muted) => self.mute(is_muted),
            EngineCommand::ExpectedLoss(percent) => {
                if let Some(sender) = &mut self.sender {
                    sender.set_expected_loss(percent);
                }
            }
        }
    }

    /// One step of 10 ms: takes `capture` (480 samples, mono) and fills `playback` (960, left and right in turn).
    /// Missing samples of `capture` count as silence; if there are none at all there is no microphone, and nothing is sent.
    pub fn step(&mut self, now: Instant, capture: &[f32], playback: &mut [f32]) {
        self.now = self.ticks(now);
        self.receiver.step(self.now, playback, &mut self.counters);
        let mut block = [0.0; STEP_SAMPLES];
        for (to, from) in block.iter_mut().zip(capture) {
            *to = *from;
        }
        let mut power = level::power(&block);
        if !power.is_finite() {
            (block, power) = ([0.0; STEP_SAMPLES], 0.0);
        }
        let level_dbfs = level::dbfs_from_power(power);
        self.meter.update(level_dbfs);
        self.activity.update(level_dbfs);
        if let Some(sender) = &mut self.sender {
            sender.step(now, &block, !capture.is_empty(), &mut self.counters);
        }
    }

    /// Steps were left out: their time has passed all the same, for what is sent and for what is heard.
    pub fn skip(&mut self, steps: u64) {
        self.receiver.pass_over();
        if let Some(sender) = &mut self.sender {
            sender.skip(steps, &mut self.counters);
        }
    }

    /// The next packet to be sent.
    pub fn poll_encoded(&mut self) -> Option<EncodedPacket> {
        self.sender.as_mut()?.poll()
    }

    /// Writes how everything is doing into `out`, reusing its memory; what concerns devices is left as it is.
    pub fn snapshot(&self, out: &mut AudioSnapshot) {
        out.microphone.level_dbfs = self.meter.level_dbfs();
        out.microphone.is_talking = self.activity.is_talking();
        out.microphone.is_muted = self.is_muted;
        out.sources.clear();
        let instant = |ticks: i64| self.instant(ticks);
        out.sources.extend(self.receiver.status(self.now, instant));
        out.counters = self.counters;
    }

    fn mute(&mut self, is_muted: bool) {
        self.is_muted = is_muted;
        if let Some(sender) = &mut self.sender {
            sender.mute(is_muted);
        }
    }

    /// The inverse of [`Self::ticks`].
    fn instant(&self, ticks: i64) -> Option<Instant> {
        let distance = ClockRate::HZ_48000.duration(ticks.unsigned_abs());
        match ticks {
            0.. => self.origin?.checked_add(distance),
            _ => self.origin?.checked_sub(distance),
        }
    }

    /// Samples at 48 kHz from the origin to `at`.
    fn ticks(&mut self, at: Instant) -> i64 {
        let origin = *self.origin.get_or_insert(at);
        match at.checked_duration_since(origin) {
            Some(after) => ticks_of(after),
            None => -ticks_of(origin.saturating_duration_since(at)),
        }
    }
}

fn ticks_of(duration: Duration) -> i64 {
    i64::try_from(ClockRate::HZ_48000.ticks(duration)).unwrap_or(i64::MAX)
}
