//! RTP data packets (RFC 3550 §5) and their header extensions (RFC 8285), read and written.
mod extension;
mod flexfec;
mod header;
mod packet;

pub use extension::{Element, Elements, Extension};
pub use flexfec::{FlexFec, OVERHEAD as FEC_OVERHEAD, RepairHeader, SPAN as FEC_SPAN, protect};
pub use header::{HEADER_BYTES, RtpHeader};
pub use packet::{RtpError, RtpPacket};
