//! H.264 in RTP (RFC 6184): NAL units, the packets that carry them, and the parameters of `a=fmtp`.
mod bits;
mod depacketize;
mod nal;
mod packetize;
mod parameters;
mod slice;
mod sps;
#[cfg(test)]
mod tests;

pub use depacketize::{AccessUnit, Depacketizer, H264Packet};
pub use nal::{NalType, NalUnit, nal_units};
pub use packetize::{PacketizationMode, Packetizer};
pub use parameters::{H264Format, ProfileLevel};
pub use slice::{SliceHeader, SliceType};
pub use sps::{ParameterSets, Pps, Sps};
