//! The audio path: packets in, mixed sound out; the microphone in, packets out.
pub mod callback;
mod config;
mod core;
pub mod desk;
mod drift;
mod handle;
mod pace;
mod packet;
mod queue;
mod receiver;
pub mod ring;
mod sender;
mod snapshot;
mod source;
#[cfg(test)]
mod tests;
mod worker;

pub use self::core::{AudioEngine, STEP, STEP_SAMPLES};
pub use config::{EngineCommand, EngineConfig};
pub use handle::{AudioCommand, AudioHandle};
pub use packet::{AudioPacket, EncodedPacket, MAX_PAYLOAD};
pub use snapshot::{
    AudioCounters, AudioSnapshot, HeardTime, MicrophoneStatus, SILENCE_DBFS, SinkStatus,
    SourceCounters, SourceStatus,
};
pub use worker::{AudioOptions, AudioStartError, AudioWorker};
