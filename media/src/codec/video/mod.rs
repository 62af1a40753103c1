//! The H.264 coder: pictures into access units of slices that fit packets, and back without ever showing rubbish.
mod continuity;
mod decoder;
mod encoder;
mod options;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod two_layers;

pub use continuity::Skip;
pub use decoder::{DecodedPicture, H264Decoder};
pub use encoder::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
#[cfg(test)]
pub(crate) use two_layers::two_layers;
