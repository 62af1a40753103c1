//! Everything between a device or file and a coded RTP payload, both ways.
pub mod codec;
pub mod device;
pub mod dsp;
pub mod engine;
pub mod jitter;
pub mod payload;
pub mod render;
pub mod rtp_time;
pub mod urgency;
pub mod video;
