//! One RTP session (RFC 3550): members, reports, intervals, collisions; sans-I/O. A file for each concept of the RFC.
//!
//! Limits against hostile hosts: 4096 members and 1024 sources in probation ([`SourceLimits`]), each at most a
//! kilobyte; four changes of our SSRC a minute; 32 waiting feedback messages, 16 application packets. What goes
//! beyond is counted in [`SessionStatistics`].
mod activity;
mod bye;
mod clock;
mod collision;
mod config;
mod description;
mod event;
mod feedback;
mod information;
mod interval;
mod io;
mod jitter;
mod member;
mod members;
mod ntp;
mod own;
mod receive_rtcp;
mod receive_rtp;
mod reception;
mod reconsideration;
mod report;
mod round_trip;
mod rtp_session;
mod sequence;
mod statistics;
#[cfg(test)]
mod tests;
mod timeout;

pub use clock::SenderClock;
pub use config::{RtcpBandwidth, RtcpPace, SessionConfig, SourceLimits};
pub use event::{LeaveReason, SessionEvent};
pub use io::{MediaPacket, SessionInput, SessionOutput};
pub use ntp::{NtpTime, WallClock};
pub use round_trip::AboutUs;
pub use rtp_session::RtpSession;
pub use statistics::{
    MemberView, Presence, ReceptionStatistics, SessionCounters, SessionStatistics,
};
