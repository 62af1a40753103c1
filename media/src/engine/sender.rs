//! One's own voice: mute, measure, gather into frames, encode.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::core::{self, STEP_SAMPLES};
use super::packet::{EncodedPacket, MAX_PAYLOAD};
use super::snapshot::AudioCounters;
use crate::codec::{self, AudioEncoder, EncoderOptions, UnsupportedFormat};
use crate::payload::{AudioEncoding, AudioFormat};
use crate::rtp_time::RtpTime;

/// The coding half of sending; `None` in the engine that only listens.
pub(super) struct Sender {
    format: AudioFormat,
    encoder: Box<dyn AudioEncoder>,
    channels: usize,
    /// The frame being gathered, interleaved; never longer than a frame.
    frame: Vec<f32>,
    /// Samples at 48 kHz since the engine began, sent or not.
    clock: u64,
    /// What `clock` was, and when, at the first sample of the newest step.
    step_began: Option<(u64, Instant)>,
    is_muted: bool,
    gain: f32,
    /// Nothing was sent just before.
    is_after_silence: bool,
    encoded: VecDeque<EncodedPacket>,
}

impl Sender {
    pub(super) fn new(
        format: &AudioFormat,
        mut options: EncoderOptions,
        is_muted: bool,
    ) -> Result<Self, UnsupportedFormat> {
        let mut format = *format;
        if format.encoding == AudioEncoding::Opus {
            // The microphone has one channel, and stereo is what each packet says, not what was agreed.
            format.channels = 1;
        }
        options.max_payload = options.max_payload.min(MAX_PAYLOAD);
        let encoder = codec::encoder(&format, &options)?;
        let channels = usize::from(format.channels);
        Ok(Self {
            frame: Vec::with_capacity(encoder.frame_samples() * channels),
            format,
            encoder,
            channels,
            clock: 0,
            step_began: None,
            is_muted,
            gain: 0.0,
            is_after_silence: true,
            encoded: VecDeque::with_capacity(MAX_WAITING),
        })
    }

    pub(super) fn mute(&mut self, is_muted: bool) {
        self.is_muted = is_muted;
    }

    pub(super) fn set_expected_loss(&mut self, percent: u8) {
        self.encoder.set_expected_loss(percent);
    }

    pub(super) fn poll(&mut self) -> Option<EncodedPacket> {
        self.encoded.pop_front()
    }

    /// Takes the 10 ms of the microphone that end now; where there is none it is as if muted.
    pub(super) fn step(
        &mut self,
        now: Instant,
        capture: &[f32; STEP_SAMPLES],
        has_microphone: bool,
        counters: &mut AudioCounters,
    ) {
        self.step_began = now.checked_sub(core::STEP).map(|began| (self.clock, began));
        let is_silent = self.is_muted || !has_microphone;
        let target = if is_silent { 0.0 } else { 1.0 };
        if self.gain == 0.0 && target == 0.0 {
            self.clock += STEP;
            return;
        }
        let slope = (target - self.gain) / STEP_SAMPLES_F32;
        let mut gain = self.gain;
        for sample in capture {
            gain += slope;
            self.gather(sample * gain, counters);
        }
        self.gain = target;
        if target == 0.0 {
            self.finish(counters);
        }
    }

    /// Steps of the microphone are lost: what was said before ends, and what follows has its true time.
    pub(super) fn skip(&mut self, steps: u64, counters: &mut AudioCounters) {
        self.finish(counters);
        self.clock += steps * STEP;
    }

    fn gather(&mut self, sample: f32, counters: &mut AudioCounters) {
        for _ in 0..self.channels {
            self.frame.push(sample);
        }
        self.clock += 1;
        if self.frame.len() >= self.encoder.frame_samples() * self.channels {
            self.encode(counters);
        }
    }

    /// The last frame before a pause ends in silence; what comes after has nothing to do with it.
    fn finish(&mut self, counters: &mut AudioCounters) {
        let clock = self.clock;
        while !self.frame.is_empty() {
            self.gather(0.0, counters);
        }
        self.clock = clock;
        self.is_after_silence = true;
        self.encoder.reset();
    }

    fn encode(&mut self, counters: &mut AudioCounters) {
        let Some(captured) = self.frame_captured() else {
            return self.frame.clear();
        };
        let time = self.frame_time();
        let (encoder, frame) = (&mut self.encoder, &self.frame);
        let mut has_failed = false;
        let packet = EncodedPacket::build(
            self.format.payload_type,
            (time, captured),
            self.is_after_silence,
            |payload| {
                encoder.encode(frame, payload).unwrap_or_else(|_| {
                    has_failed = true;
                    None
                })
            },
        );
        self.frame.clear();
        counters.encode_errors += u64::from(has_failed);
        self.is_after_silence = packet.is_none();
        let Some(packet) = packet else { return };
        if self.encoded.len() >= MAX_WAITING {
            self.encoded.pop_front();
            counters.encoded_dropped += 1;
        }
        self.encoded.push_back(packet);
    }

    /// When the first sample of the frame was taken, in ticks of the format.
    fn frame_time(&self) -> RtpTime {
        let ticks =
            u128::from(self.frame_start()) * u128::from(self.format.clock_rate.hz()) / 48_000;
        // RTP time wraps (RFC 3550 §5.1).
        RtpTime(u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0))
    }

    /// When that was by the clock of this computer.
    fn frame_captured(&self) -> Option<Instant> {
        let (clock, began) = self.step_began?;
        let span = |samples: u64| Duration::from_nanos(samples * 1_000_000_000 / 48_000);
        match self.frame_start().checked_sub(clock) {
            Some(after) => began.checked_add(span(after)),
            None => began.checked_sub(span(clock - self.frame_start())),
        }
    }

    /// Samples at 48 kHz from the beginning of the engine to that of the frame.
    fn frame_start(&self) -> u64 {
        let gathered = u64::try_from(self.frame.len() / self.channels).unwrap_or(0);
        self.clock.saturating_sub(gathered)
    }
}

const STEP: u64 = 480;
const STEP_SAMPLES_F32: f32 = 480.0;
/// 80 ms of the shortest packets: the net thread polls each time it is woken.
const MAX_WAITING: usize = 32;
