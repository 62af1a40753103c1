//! The audio path: packets in, mixed sound out; the microphone in, packets out.
mod core;
mod packet;
mod snapshot;

pub use self::core::{AudioEngine, EngineCommand, EngineConfig, STEP, STEP_SAMPLES};
pub use packet::{AudioPacket, EncodedPacket, MAX_PAYLOAD};
pub use snapshot::{
    AudioCounters, AudioSnapshot, MicrophoneStatus, SILENCE_DBFS, SinkStatus, SourceCounters,
    SourceStatus,
};
