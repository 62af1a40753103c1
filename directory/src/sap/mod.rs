//! Announcing and hearing of conferences by the Session Announcement Protocol (RFC 2974).
//!
//! An [`Agent`] does both, as a state machine without sockets or clock. Where it departs from the RFC:
//!
//! * **Intervals** are shorter at the start and within a room or site, see `schedule.rs`.
//! * **Queries.** A newcomer may ask the announcers of its room and site to repeat themselves: an announcement packet
//!   whose payload type is [`QUERY`] and whose payload is empty. Other listeners ignore payload types that they do not know
//!   (RFC 2974 section 6). Whoever announces there does so once more after a random time of up to 0.5 s,
//!   unless it did within the last second, at most once in 2 s, and only while at most 50 announcements are made in that scope.
//!
//! What a hostile host can do is bounded, see [`Limits`]; what was refused is counted, see [`Counters`].

use std::net::{IpAddr, SocketAddr};
use std::time::{Instant, SystemTime};

use thiserror::Error;

use crate::description::{ConferenceId, Description};

mod agent;
mod announcer;
mod counters;
mod farewell;
mod hash;
mod heard;
mod listener;
mod packet;
mod schedule;
mod table;
mod target;

pub use agent::Agent;
pub use counters::Counters;
pub use heard::{Announcer, Heard, Restored};
pub use packet::{MAX_INFLATED, MessageKind, Packet, PacketError, SDP};
pub use table::Limits;
pub use target::end;

/// What the shell feeds in; every input carries the time at which it happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The time that [`Output::Timeout`] asked for has come, or passed.
    Timeout,
    /// A datagram arrived for a group that we asked to join.
    Datagram(Datagram<'a>),
    /// Where our datagrams come from, first after opening and again after each change.
    LocalAddresses(&'a [IpAddr]),
    /// What the wall clock shows, after it was set or the computer slept.
    WallClock(SystemTime),
    /// Announce this from now on; a new version replaces an older one.
    Publish(&'a Description),
    /// Announce this no longer, and say so.
    Withdraw(ConferenceId),
    /// Ask the announcers of room and site to repeat themselves.
    Query,
    /// This was heard before the program started.
    Restore(&'a [Restored]),
}

/// A datagram as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The group that it was sent to.
    pub group: IpAddr,
    /// The host that sent it.
    pub from: IpAddr,
    /// The SAP packet.
    pub bytes: &'a [u8],
}

/// What the shell must do next; [`Output::Timeout`] always comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Become a member of this group, where the address family is available.
    Join(SocketAddr),
    /// Send this datagram.
    Transmit(Transmit),
    /// Tell the user.
    Event(Event),
    /// Nothing more to do until then, or for ever.
    Timeout(Option<Instant>),
}

/// A datagram to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Group and port.
    pub to: SocketAddr,
    /// Hops that it may make.
    pub ttl: u8,
    /// The SAP packet.
    pub payload: Vec<u8>,
}

/// What the user would want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A conference was heard of for the first time.
    Found(ConferenceId),
    /// A conference has another description, or another set of announcers.
    Changed(ConferenceId),
    /// A conference was heard of again, unchanged.
    Repeated(ConferenceId),
    /// A conference is announced by nobody any more.
    Gone(ConferenceId, Reason),
    /// One of ours is over and has been withdrawn.
    Ended(ConferenceId),
    /// One of ours cannot be announced, as it now stands.
    NotAnnounced(ConferenceId, Unannounced),
}

/// Why a conference is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its last announcer withdrew it.
    Withdrawn,
    /// It has not been heard of for an hour, or ten times its interval (RFC 2974 section 4).
    TimedOut,
    /// Its time is over.
    Over,
    /// It was heard once only, and others needed its place.
    Crowded,
}

/// Why a description is not announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unannounced {
    /// It uses no multicast group, which would tell where to announce it.
    #[error("it uses no multicast address")]
    NoGroup,
    /// It does not fit a datagram that is likely to arrive.
    #[error("its description is too long to be announced: {0} bytes")]
    TooLong(usize),
    /// It is over already.
    #[error("it is over")]
    Over,
    /// Too many are announced already.
    #[error("too many conferences are announced from here")]
    TooMany,
}

/// Where SAP packets go (RFC 2974 section 3).
pub const PORT: u16 = 9875;

/// Payload type of a query; see the module.
pub const QUERY: &str = "application/x-rendezvous-query";

#[cfg(test)]
mod tests;

#[cfg(test)]
mod test_vectors {
    /// Bytes of a vector file: hex digits on one line.
    pub(crate) fn bytes_from_hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .trim()
            .bytes()
            .map(|digit| (digit as char).to_digit(16).unwrap() as u8)
            .collect();
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    }
}
