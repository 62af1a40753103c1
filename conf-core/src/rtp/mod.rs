//! RTP data packets (RFC 3550 §5) and their header extensions (RFC 8285), read and written.
mod extension;
mod header;
mod packet;

pub use extension::{Element, Elements, Extension};
pub use header::{HEADER_BYTES, RtpHeader};
pub use packet::{RtpError, RtpPacket};
