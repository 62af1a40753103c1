//! RTCP control packets (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3, RFC 7728 §8), one type a file, read and written.
mod app;
mod bye;
mod compound;
mod feedback;
mod fir;
mod header;
mod nack;
mod pause;
mod pli;
mod report_block;
mod rr;
mod sdes;
mod sr;
mod writer;

pub use app::App;
pub use bye::Bye;
pub use compound::{Compound, CompoundError, Form, MalformedRtcp, RtcpPacket};
pub use feedback::{Feedback, FeedbackMessage};
pub use fir::FullIntraRequest;
pub use header::is_rtcp;
pub use nack::Nack;
pub use pause::{PauseEntry, PauseKind};
pub use report_block::{MAX_BLOCKS, ReportBlock, ReportBlocks};
pub use rr::ReceiverReport;
pub use sdes::{Sdes, SdesChunk, SdesItem};
pub use sr::{SenderInfo, SenderReport};
pub use writer::CompoundWriter;
