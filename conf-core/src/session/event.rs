//! What the session tells about its members (T-64, T-66, T-67).
use std::net::SocketAddr;

use media::rtp_time::Ssrc;

use crate::rtcp::FeedbackMessage;

/// Something that happened in the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A source is valid: its CNAME is known, or its RTP has come in sequence. Said once, before all others of it.
    Joined(Ssrc),
    /// Some SDES item of a member changed.
    InformationChanged(Ssrc),
    /// A member is gone for good; nothing more will be said of it.
    Left {
        /// Who.
        ssrc: Ssrc,
        /// How.
        reason: LeaveReason,
    },
    /// Nothing was heard of a member for long. It is kept for a while.
    TimedOut(Ssrc),
    /// A member who had timed out is heard again.
    Recovered(Ssrc),
    /// A member began to send RTP.
    Active(Ssrc),
    /// A member ceased to send RTP.
    Silent(Ssrc),
    /// Somebody used our SSRC; ours has changed.
    Collision {
        /// The SSRC we had.
        old: Ssrc,
        /// The SSRC we have now.
        new: Ssrc,
        /// Who used it.
        from: SocketAddr,
    },
    /// Two others use one SSRC (RFC 3550 §8.2); the one heard first is kept. Not repeated within ten seconds.
    ThirdPartyCollision {
        /// Which.
        ssrc: Ssrc,
        /// The one not listened to.
        from: SocketAddr,
    },
    /// Packets come a second time from another address (RFC 3550 §8.2). Not repeated within ten seconds.
    LoopDetected {
        /// Whose; it may be ours.
        ssrc: Ssrc,
        /// Who repeats them.
        from: SocketAddr,
    },
    /// A member asks something of us.
    FeedbackReceived {
        /// Who asks.
        from: Ssrc,
        /// What.
        message: FeedbackMessage,
    },
    /// A member sent an application-defined packet (RFC 3550 §6.7).
    ApplicationReceived {
        /// Who.
        from: Ssrc,
        /// Whose packet it is.
        name: [u8; 4],
        /// Five bits whose meaning the name gives.
        subtype: u8,
        /// The rest.
        data: Vec<u8>,
    },
}

/// How a member left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// It said goodbye, perhaps in words.
    Goodbye(Option<String>),
    /// It timed out and did not return in time, or had to make room.
    Forgotten,
}
