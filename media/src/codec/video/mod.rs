//! The H.264 coder: pictures into access units of slices that fit packets, and back without ever showing rubbish.
mod continuity;
mod decoder;
mod encoder;
mod options;
#[cfg(test)]
mod tests;

pub use continuity::Skip;
pub use decoder::{DecodedPicture, H264Decoder};
pub use encoder::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
