//! What the net thread, or the simulated network, drives: datagrams and time go in, joins and sends come out.
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use crate::net::Interface;

/// A state machine that takes part in groups.
///
/// After every input (of datagrams that came together, after the last) the driver calls
/// [`poll_output`](Self::poll_output) until it gives [`EndpointOutput::Timeout`] or [`EndpointOutput::Finished`], and
/// does what each output asks for.
/// What cannot be done comes back as [`EndpointInput::Failed`]; an endpoint itself never fails.
pub trait Endpoint: Send {
    /// Takes one input, at the time it happened.
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>);

    /// Gives the next thing to do.
    fn poll_output(&mut self) -> EndpointOutput;

    /// How long what comes to this group may wait to be read together with what comes after it: where very many datagrams
    /// are in no hurry, waking up for each costs more than all that is done with them. Asked when the group is joined.
    fn patience(&self, _group: SocketAddr) -> Duration {
        Duration::ZERO
    }
}

/// What the driver feeds in.
#[derive(Debug)]
pub enum EndpointInput<'a> {
    /// The time that [`EndpointOutput::Timeout`] asked for has come, or passed.
    Timeout,
    /// The endpoint's own command queue has something.
    Woken,
    /// The endpoint's handle is gone, or the program ends: say goodbye and finish. Comes once; what
    /// has not finished two seconds later is dropped.
    Closing,
    /// A datagram arrived for a joined group.
    Datagram(Datagram<'a>),
    /// Where this endpoint's datagrams come from, one address per socket: given after each change, before
    /// any datagram from a new address can come back.
    LocalAddresses(&'a [SocketAddr]),
    /// The state of the network: given first of all, and again after each change.
    Network(NetworkChange),
    /// What the wall clock shows now: it no longer follows from what it showed at the start, because the
    /// computer slept or somebody set it.
    WallClock(SystemTime),
    /// Something that was asked for cannot be done; told once, not for every attempt.
    Failed(NetFailure),
    /// What [`EndpointInput::Failed`] told of works again.
    Recovered(NetRecovery),
}

/// A datagram as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The membership's group and port (not the header's destination, where these differ).
    pub group: SocketAddr,
    /// Who sent it.
    pub from: SocketAddr,
    /// Index of the interface it came in by, where the system tells.
    pub interface: Option<u32>,
    /// When it was read.
    pub arrival: Instant,
    /// The UDP payload.
    pub bytes: &'a [u8],
}

/// What the driver must do next; [`Timeout`](Self::Timeout) or [`Finished`](Self::Finished) comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointOutput {
    /// Become a member; to join what is joined already changes nothing.
    Join(Membership),
    /// Cease to be a member.
    Leave(Membership),
    /// Send this datagram.
    Transmit(Transmit),
    /// Send this datagram from the sockets of the membership with this group or address and port, so that answers come
    /// back to them. What cannot be sent is only counted.
    TransmitFrom(SocketAddr, Transmit),
    /// Nothing more to do until then, or until there is input.
    Timeout(Option<Instant>),
    /// The endpoint's work is done: the driver drops it.
    Finished,
}

/// A group to take part in. Interface and loopback are options of the endpoint's registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Membership {
    /// Group and port; with a unicast address, the port alone counts and datagrams to this host are meant (to that
    /// address only, if it is this host's). Port 0 with such an address is any free one.
    pub group: SocketAddr,
    /// Hear this sender only (source-specific multicast, RFC 4607).
    pub source: Option<IpAddr>,
}

/// A datagram to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Group (or host) and port; a group is sent to by every chosen interface.
    pub to: SocketAddr,
    /// Time to live, or IPv6 hop limit.
    pub ttl: u8,
    /// Differentiated services code point, 0 to 63 (RFC 2474).
    pub dscp: u8,
    /// The UDP payload.
    pub payload: Vec<u8>,
}

/// The state of the network, as far as the chosen interface is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkChange {
    /// These interfaces are in use from now on; never empty. Groups have been joined on them.
    Using(Vec<Interface>),
    /// No interface fits the choice. Groups are joined again when one returns.
    Lost,
    /// Nobody chose loopback, and nothing better is up: only other programs on this computer are reached.
    LoopbackOnly(Interface),
}

/// What cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetFailure {
    /// The group cannot be joined; the driver goes on trying, once a second.
    Join {
        /// What was to be joined.
        membership: Membership,
        /// Why it cannot be.
        error: JoinFailure,
    },
    /// Datagrams cannot be sent; told when the kind changes, not for each datagram.
    Send {
        /// Where the first of them was to go.
        to: SocketAddr,
        /// What the system said.
        kind: io::ErrorKind,
    },
}

/// Why a group cannot be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinFailure {
    /// Another program holds the port and does not share it.
    PortTaken,
    /// No chosen interface is up and speaks this address family.
    NoInterface,
    /// What else the system said.
    Other(io::ErrorKind),
}

/// What works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetRecovery {
    /// The group is joined after all.
    Join(Membership),
    /// Datagrams are being sent again.
    Send,
}
