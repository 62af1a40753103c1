//! How the audio path is doing, as a plain copy for meters, lights and diagnostics.
use std::time::Instant;

use crate::device::{DeviceState, Terminal};
pub use crate::dsp::level::SILENCE_DBFS;
pub use crate::jitter::SourceCounters;
use crate::rtp_time::{ClockRate, RtpTime, Ssrc};

/// The audio path at one moment. The engine fills what it knows; the worker adds the state of its devices.
#[derive(Clone, Debug, Default)]
pub struct AudioSnapshot {
    /// One's own voice.
    pub microphone: MicrophoneStatus,
    /// Every speaker, in the order in which they were given.
    pub speakers: Vec<SinkStatus>,
    /// Everybody whose sound came, by [`Ssrc`].
    pub sources: Vec<SourceStatus>,
    /// What was thrown away, and why.
    pub counters: AudioCounters,
}

/// One's own voice.
#[derive(Clone, Debug)]
pub struct MicrophoneStatus {
    /// Level of the microphone before muting: peak of the last moments, [`SILENCE_DBFS`] to 0.
    pub level_dbfs: f32,
    /// Whether there is speech at the microphone, also while muted.
    pub is_talking: bool,
    /// Whether nothing is sent because the user wants it so.
    pub is_muted: bool,
    /// How the device is doing.
    pub state: DeviceState,
}

impl Default for MicrophoneStatus {
    fn default() -> Self {
        Self {
            level_dbfs: SILENCE_DBFS,
            is_talking: false,
            is_muted: false,
            state: DeviceState::default(),
        }
    }
}

/// One speaker, or the file or nothing in its place.
#[derive(Clone, Debug, Default)]
pub struct SinkStatus {
    /// Which one.
    pub terminal: Terminal,
    /// How it is doing.
    pub state: DeviceState,
}

/// One source of sound, as it is received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceStatus {
    /// Who.
    pub ssrc: Ssrc,
    /// Peak of the last moments before gain, [`SILENCE_DBFS`] to 0.
    pub level_dbfs: f32,
    /// Whether there is speech.
    pub is_talking: bool,
    /// Whether it is muted here.
    pub is_muted: bool,
    /// How long sound waits here before it is played, beyond the fastest packet, in milliseconds.
    pub delay_ms: f32,
    /// How long it should wait.
    pub target_delay_ms: f32,
    /// Which moment of it was heard last, and when: what pictures wait for.
    pub heard: Option<HeardTime>,
    /// What became of its packets.
    pub counters: SourceCounters,
}

/// A moment of somebody's sound, and when it is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardTime {
    /// Media time of the sample.
    pub time: RtpTime,
    /// Ticks of it per second.
    pub clock_rate: ClockRate,
    /// When the sample leaves the first loudspeaker.
    pub at: Instant,
}

/// What the audio path threw away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AudioCounters {
    /// Packets of a payload type that the description does not have.
    pub unknown_payload_type: u64,
    /// Sources that made room for others.
    pub sources_evicted: u64,
    /// Packets not decoded because enough louder people spoke.
    pub over_cap: u64,
    /// Steps whose sum had to be limited.
    pub limited_steps: u64,
    /// Encoded packets that nobody fetched in time.
    pub encoded_dropped: u64,
    /// Frames that the encoder refused.
    pub encode_errors: u64,
    /// Received packets dropped on the way to the engine because it was behind.
    pub received_dropped: u64,
    /// Samples that a speaker wanted and did not get in time.
    pub playback_underrun_samples: u64,
    /// Samples of the microphone that found no room.
    pub capture_overrun_samples: u64,
    /// Samples of the microphone that did not come in time.
    pub capture_underrun_samples: u64,
    /// Steps of 10 ms left out because the computer was too busy.
    pub skipped_steps: u64,
}
