//! Sound as numbers: levels, speech, panning, mixing, rates. It knows nothing of packets and devices.
pub mod activity;
pub mod level;
pub mod limiter;
pub mod mix;
pub mod polyphase;
pub mod resample;
