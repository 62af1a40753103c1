//! RTP payload formats: what a description says of a payload type, and the bytes of each format.
pub mod format;
pub mod g711;
pub mod h264;
pub mod l16;
pub mod opus;

pub use format::{AudioEncoding, AudioFormat};
pub use opus::OpusParameters;
