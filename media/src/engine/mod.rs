//! The audio path: packets in, mixed sound out; the microphone in, packets out.
mod core;
mod handle;
mod pace;
mod packet;
mod queue;
mod snapshot;
mod worker;

pub use self::core::{AudioEngine, EngineCommand, EngineConfig, STEP, STEP_SAMPLES};
pub use handle::{AudioCommand, AudioHandle};
pub use packet::{AudioPacket, EncodedPacket, MAX_PAYLOAD};
pub use snapshot::{
    AudioCounters, AudioSnapshot, MicrophoneStatus, SILENCE_DBFS, SinkStatus, SourceCounters,
    SourceStatus,
};
pub use worker::{AudioOptions, AudioStartError, AudioWorker};
