//! One RTP session (RFC 3550): members, reports, intervals, collisions; sans-I/O. A file for each concept of the RFC.
mod config;
mod event;
mod io;
#[allow(dead_code, reason = "the reports, which follow, use the rest")]
mod ntp;
mod rtp_session;

pub use config::{RtcpBandwidth, RtcpPace, SessionConfig, SourceLimits};
pub use event::{LeaveReason, SessionEvent};
pub use io::{MediaPacket, SessionInput, SessionOutput};
pub use ntp::{NtpTime, WallClock};
pub use rtp_session::RtpSession;
