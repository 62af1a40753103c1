//! What a session is told when it begins.
use std::time::Duration;

use media::rtp_time::{ClockRate, Ssrc};

use super::ntp::WallClock;
use crate::rtcp::SdesItem;

/// Everything a session needs to know; [`SessionConfig::new`] fills in what is usual.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Canonical name (RFC 7022); fixed while the session lasts.
    pub cname: String,
    /// The other items, as far as they are set.
    pub information: Vec<(SdesItem, String)>,
    /// Payload types of the description, and their clocks. Packets of others are counted and not delivered.
    pub payload_types: Vec<(u8, ClockRate)>,
    /// What RTCP may cost.
    pub bandwidth: RtcpBandwidth,
    /// How often RTCP may be sent at most.
    pub pace: RtcpPace,
    /// Whether single packets may be sent without a report (RFC 5506, `a=rtcp-rsize`).
    pub is_reduced_size_allowed: bool,
    /// Whether RTCP also comes to the RTP port (RFC 5761, `a=rtcp-mux`).
    pub is_rtcp_mux: bool,
    /// Whether our own packets, come back to us, are delivered as media (loopback mode "full").
    pub is_own_media_delivered: bool,
    /// After how long without RTP a source counts as [`Silent`](super::SessionEvent::Silent).
    pub silent_after: Duration,
    /// How long a member who timed out is kept, to be recognised on return.
    pub forget_after: Duration,
    /// How many sources are kept at most.
    pub limits: SourceLimits,
    /// Longest RTCP datagram in bytes.
    pub max_rtcp_bytes: usize,
    /// One moment on both clocks.
    pub wall_clock: WallClock,
    /// The SSRC to begin with; chosen at random where none is given.
    pub ssrc: Option<Ssrc>,
    /// Where SSRC, offsets and intervals come from.
    pub seed: u64,
}

impl SessionConfig {
    /// The usual session of this name: 64 kbit/s, five seconds, nothing described.
    #[must_use]
    pub fn new(cname: impl Into<String>, wall_clock: WallClock, seed: u64) -> Self {
        Self {
            cname: cname.into(),
            information: Vec::new(),
            payload_types: Vec::new(),
            bandwidth: RtcpBandwidth::of_session(64_000),
            pace: RtcpPace::Fixed,
            is_reduced_size_allowed: false,
            is_rtcp_mux: false,
            is_own_media_delivered: false,
            silent_after: Duration::from_secs(2),
            forget_after: Duration::from_secs(600),
            limits: SourceLimits::default(),
            max_rtcp_bytes: 1200,
            wall_clock,
            ssrc: None,
            seed,
        }
    }
}

/// What RTCP may cost in bits per second: `b=RS` and `b=RR` (RFC 3556). With both zero none is sent; with `receivers`
/// zero only senders send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtcpBandwidth {
    /// Kept for those who send media.
    pub senders: u32,
    /// For those who only listen.
    pub receivers: u32,
}

impl RtcpBandwidth {
    /// Five per cent of the session bandwidth (`b=AS`, here in bit/s), a quarter of it for senders (RFC 3550 §6.2).
    #[must_use]
    pub const fn of_session(bits_per_second: u32) -> Self {
        Self {
            senders: bits_per_second / 80,
            receivers: bits_per_second / 80 * 3,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.senders.saturating_add(self.receivers)
    }
}

/// The lower bound of the report interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RtcpPace {
    /// Five seconds (RFC 3550 §6.2).
    Fixed,
    /// 360 s divided by the session bandwidth in kbit/s, for senders (RFC 3550 §6.2).
    Reduced {
        /// Session bandwidth in bit/s.
        session_bandwidth: u32,
    },
    /// None, and feedback is sent early (RFC 4585 §3).
    Feedback {
        /// `a=rtcp-fb:* trr-int`: regular reports are at least this far apart.
        regular_interval: Duration,
    },
}

/// How many sources are kept, whoever invents them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLimits {
    /// Members. Further ones are refused and counted, unless one who timed out or left makes room.
    pub members: usize,
    /// Sources not yet valid. The oldest makes room for the next.
    pub probation: usize,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self {
            members: 4096,
            probation: 1024,
        }
    }
}
