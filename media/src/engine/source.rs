//! One person's sound: received, played, placed in the mix, and measured.
use std::time::Instant;

use super::snapshot::{HeardTime, SourceStatus};
use crate::codec::{PayloadInfo, UnsupportedFormat};
use crate::dsp::activity::Activity;
use crate::dsp::level::{self, Meter, SILENCE_DBFS};
use crate::dsp::mix::{self, StereoGain};
use crate::jitter::Playout;
use crate::payload::{AudioEncoding, AudioFormat};
use crate::rtp_time::{ClockRate, RtpTime, Ssrc};

use super::packet::AudioPacket;

/// How somebody is to be heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) gain_db: f32,
    pub(super) pan: f32,
    pub(super) is_muted: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gain_db: 0.0,
            pan: 0.0,
            is_muted: false,
        }
    }
}

/// One source of sound.
pub(super) struct Source {
    pub(super) ssrc: Ssrc,
    /// When its last packet came, in ticks.
    pub(super) last_heard: i64,
    playout: Playout,
    payload_type: u8,
    clock_rate: ClockRate,
    settings: Settings,
    wanted: StereoGain,
    gain: StereoGain,
    meter: Meter,
    activity: Activity,
    /// For how many steps it was not decoded though it could have been.
    waited_steps: u32,
    /// Which media time began to be played, and in which step.
    played: Option<(RtpTime, i64)>,
    /// Ticks that everybody waits longer than the network asks for, and that this one does beside.
    spare: i64,
    extra: i64,
}

impl Source {
    /// A source whose first packet is of `format`. Allocates.
    pub(super) fn new(
        ssrc: Ssrc,
        format: &AudioFormat,
        payload: &[u8],
        settings: Settings,
    ) -> Result<Self, UnsupportedFormat> {
        let mut source = Self {
            ssrc,
            last_heard: 0,
            playout: Playout::new(format, channels_of(format, payload))?,
            payload_type: format.payload_type,
            settings,
            wanted: StereoGain::default(),
            gain: StereoGain::default(),
            meter: Meter::default(),
            activity: Activity::default(),
            waited_steps: 0,
            clock_rate: format.clock_rate,
            played: None,
            spare: 0,
            extra: 0,
        };
        source.set(settings);
        source.gain = source.wanted;
        Ok(source)
    }

    /// Takes a packet that came at `arrival` ticks. One of another format, or the first in stereo, is a new beginning and
    /// allocates.
    pub(super) fn push(
        &mut self,
        format: &AudioFormat,
        packet: &AudioPacket<'_>,
        arrival: i64,
    ) -> Result<(), UnsupportedFormat> {
        let channels = usize::from(channels_of(format, packet.payload));
        let is_other = format.payload_type != self.payload_type;
        if is_other || channels > self.playout.channels() {
            self.playout = self
                .playout
                .successor(format, channels_of(format, packet.payload))?;
            self.payload_type = format.payload_type;
            self.clock_rate = format.clock_rate;
            self.played = None;
            self.set(self.settings);
        }
        self.last_heard = arrival;
        self.playout
            .push(packet.seq, packet.time, arrival, packet.payload);
        Ok(())
    }

    /// Waits so many ticks longer than the network asks for, as everybody does.
    pub(super) fn set_spare(&mut self, spare: i64) {
        self.spare = spare;
        self.playout.spare_delay(self.spare + self.extra);
    }

    /// Waits so many ticks longer than everybody.
    pub(super) fn delay(&mut self, extra: i64) {
        self.extra = extra;
        self.playout.spare_delay(self.spare + self.extra);
    }

    /// Changes how it is heard, from the next step on without a click.
    pub(super) fn set(&mut self, settings: Settings) {
        self.settings = settings;
        let factor = match settings {
            Settings { is_muted: true, .. } => 0.0,
            Settings { gain_db, .. } if gain_db.is_nan() => 1.0,
            Settings { gain_db, .. } => level::factor_from_db(gain_db.min(MAX_GAIN_DB)),
        };
        let pan = if settings.pan.is_nan() {
            0.0
        } else {
            settings.pan
        };
        self.wanted = match self.playout.channels() {
            1 => StereoGain::panned(factor, pan),
            _ => StereoGain::balanced(factor, pan),
        };
    }

    /// Adds the next 10 ms to `sum`.
    pub(super) fn play(&mut self, now: i64, sum: &mut [f32]) {
        if self.settings.is_muted && self.gain == self.wanted {
            self.rest();
            return;
        }
        let from = self.gain;
        self.gain = self.wanted;
        let channels = self.playout.channels();
        let level_dbfs = match self.playout.next_block(now) {
            None => SILENCE_DBFS,
            Some(block) => {
                self.waited_steps = 0;
                mix::add(sum, block, channels, from, self.gain);
                level::dbfs_from_power(level::power(block))
            }
        };
        if let Some(time) = self.playout.played() {
            self.played = Some((time, now));
        }
        self.measure(level_dbfs);
    }

    /// Time passed without steps; what was due then is not played later.
    pub(super) fn pass_over(&mut self) {
        self.playout.pass_over();
    }

    /// Lets 10 ms pass unheard and undecoded.
    pub(super) fn rest(&mut self) {
        if self.playout.is_active() {
            self.playout.skip();
            self.waited_steps = self.waited_steps.saturating_add(1);
        }
        self.measure(SILENCE_DBFS);
        // It fades in when its turn comes.
        self.gain = if self.settings.is_muted {
            self.wanted
        } else {
            StereoGain::default()
        };
    }

    /// Whether it needs decoding now.
    pub(super) fn is_active(&self) -> bool {
        self.playout.is_active() && !self.settings.is_muted
    }

    /// How loud it was of late, in dBFS.
    pub(super) fn level_dbfs(&self) -> f32 {
        self.meter.level_dbfs()
    }

    /// For how many steps it was not decoded though it could have been.
    pub(super) fn waited_steps(&self) -> u32 {
        self.waited_steps
    }

    pub(super) fn status(
        &self,
        now: i64,
        instant: impl Fn(i64) -> Option<Instant>,
    ) -> SourceStatus {
        let played = self.played.and_then(|(time, step)| {
            Some(HeardTime {
                time,
                clock_rate: self.clock_rate,
                at: instant(step)?,
            })
        });
        SourceStatus {
            ssrc: self.ssrc,
            level_dbfs: self.meter.level_dbfs(),
            is_talking: self.activity.is_talking(),
            is_muted: self.settings.is_muted,
            delay_ms: millis(self.playout.delay()),
            target_delay_ms: millis(self.playout.target(now)),
            heard: played,
            counters: *self.playout.counters(),
        }
    }

    fn measure(&mut self, level_dbfs: f32) {
        self.meter.update(level_dbfs);
        self.activity.update(level_dbfs);
    }
}

/// Opus says it in each packet, whatever the description says (RFC 7587 §3.4).
fn channels_of(format: &AudioFormat, payload: &[u8]) -> u8 {
    match format.encoding {
        AudioEncoding::Opus => PayloadInfo::of(format, payload).map_or(1, |info| info.channels),
        _ => format.channels,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "delays are far below 2^24 ticks"
)]
fn millis(ticks: i64) -> f32 {
    ticks as f32 / 48.0
}

/// More would only bring up the noise.
const MAX_GAIN_DB: f32 = 20.0;
