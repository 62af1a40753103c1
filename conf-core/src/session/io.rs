//! What goes into a session, and what comes out of it.
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use super::event::SessionEvent;
use super::ntp::WallClock;
use crate::rtcp::{FeedbackMessage, SdesItem};

/// What the caller feeds in. After each input, outputs are polled until [`SessionOutput::Timeout`] or
/// [`SessionOutput::Finished`].
#[derive(Debug)]
pub enum SessionInput<'a> {
    /// The time asked for has come.
    Timeout,
    /// A datagram came to the RTP port.
    Rtp {
        /// Who sent it.
        from: SocketAddr,
        /// How long ago it came: to be read late is no jitter of the network.
        waited: Duration,
        /// The datagram.
        bytes: &'a [u8],
    },
    /// A datagram came to the RTCP port.
    Rtcp {
        /// Who sent it.
        from: SocketAddr,
        /// The datagram.
        bytes: &'a [u8],
    },
    /// Where our packets come from as others see it: by these we know our own when they come back. Earlier ones are
    /// remembered for a while.
    LocalAddresses(&'a [SocketAddr]),
    /// Media to be sent.
    Send {
        /// Payload type.
        payload_type: u8,
        /// Media time, counted from zero; the session adds its random offset.
        time: RtpTime,
        /// When that was: reports tell how media time stands against the wall clock.
        captured: Instant,
        /// Marker bit.
        marker: bool,
        /// Payload.
        payload: &'a [u8],
    },
    /// Changes what others are told about us; an empty text withdraws the item. The CNAME does not change.
    Describe(SdesItem, String),
    /// Asks something of a member. Sent early where the profile is AVPF, else with the next report.
    Feedback {
        /// Who is asked.
        to: Ssrc,
        /// What.
        message: FeedbackMessage,
    },
    /// Sends an application-defined packet with the next report.
    Application {
        /// Whose packet it is.
        name: [u8; 4],
        /// Five bits whose meaning the name gives.
        subtype: u8,
        /// The rest.
        data: &'a [u8],
    },
    /// Groups of others are listened to again: what they sent meanwhile is not lost.
    CameBack,
    /// The wall clock was set.
    WallClock(WallClock),
    /// Says goodbye; in a large session this takes some seconds (RFC 3550 §6.3.7).
    Leave,
}

/// What the caller must do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOutput {
    /// Send this to the RTP port of the group.
    Rtp(Vec<u8>),
    /// Send this to the RTCP port of the group.
    Rtcp(Vec<u8>),
    /// Hand this to the decoder.
    Media(MediaPacket),
    /// Tell the user.
    Event(SessionEvent),
    /// Nothing more to do until then, or until there is input.
    Timeout(Option<Instant>),
    /// Goodbye is said; the session is over.
    Finished,
}

/// A received packet of a payload type that we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaPacket {
    /// Who sent it.
    pub ssrc: Ssrc,
    /// Payload type.
    pub payload_type: u8,
    /// Sequence number.
    pub seq: SeqNo,
    /// Media time, with the sender's offset.
    pub time: RtpTime,
    /// Marker bit.
    pub marker: bool,
    /// Where the payload lies in the datagram that was given last.
    pub payload: Range<usize>,
}
