//! The client's side: finds a server, leases groups, keeps the lease as long as they are needed, gives them back.
//!
//! A [`Client`] is a state machine without sockets, clock or disk. For each [`Want`] it
//! * asks for the scopes (GETINFO), of the servers it was told or of all;
//! * asks the server that answered (REQUEST), or all servers (DISCOVER) and takes the best offer;
//! * renews half-way through a lease that ends before it is needed no longer, and at once when the need changes;
//! * goes on trying where no server answers, and asks for the same groups again where the server has forgotten.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;

use self::holding::Holding;
use self::look::Look;
use self::timers::Timers;
use super::lease_id::LeaseId;
use super::options::UnixTime;
use super::packet::{Family, Packet};
use super::refusal::Refusal;
use super::scope_list::MulticastScope;
use super::{PORT, TTL, servers};
use crate::address::IpVersion;
use crate::clock::Clock;

mod answers;
mod ask;
mod holding;
mod lease;
mod look;
mod timers;
mod transaction;

#[cfg(test)]
mod tests;

pub use lease::{Grant, Lease, Need, Want};

/// How a client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// Servers to ask, the first that answers; none means: whoever answers at the group of all servers.
    pub servers: Vec<SocketAddr>,
    /// How long to wait for an answer, with all repetitions (NO-RESPONSE-DELAY; the RFC recommends 60 s).
    pub patience: Duration,
    /// In which language scopes are named.
    pub language: Option<String>,
}

/// What the shell feeds in; every input carries the time at which it happened.
#[derive(Debug)]
pub enum ClientInput<'a> {
    /// The time that [`ClientOutput::Timeout`] asked for has come, or passed.
    Timeout,
    /// A message arrived.
    Datagram {
        /// Who sent it.
        from: SocketAddr,
        /// The message.
        bytes: &'a [u8],
    },
    /// What the wall clock shows, after it was set or the computer slept.
    WallClock(SystemTime),
    /// Over which protocol the group of all servers is reached.
    Transport(IpVersion),
    /// What scopes are there?
    Look(IpVersion),
    /// Lease this.
    Lease(Want),
    /// A lease is needed at another time.
    Change(LeaseId, Need),
    /// Give this back; or no longer ask for it.
    Release(LeaseId),
    /// These were held before the program started.
    Restore(Vec<Lease>),
}

/// What the shell must do next; [`ClientOutput::Timeout`] always comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOutput {
    /// Send this message, and hear what is sent back to where it came from.
    Transmit {
        /// A server, or the group of all.
        to: SocketAddr,
        /// Hops that it may make.
        ttl: u8,
        /// The message.
        payload: Vec<u8>,
    },
    /// Tell the user.
    Event(ClientEvent),
    /// Nothing more to do until then, or for ever.
    Timeout(Option<Instant>),
}

/// What the user would want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// A server answered: these are its scopes.
    Scopes {
        /// The server.
        server: SocketAddr,
        /// From the smallest to the largest; none if it does not say.
        scopes: Vec<MulticastScope>,
    },
    /// Nobody answered a question for scopes.
    NoServer(IpVersion),
    /// Groups were leased, or their lease now has other times. To be kept on disk.
    Leased(Lease),
    /// They were not, or its times stay as they are.
    Refused(LeaseId, Unleased),
    /// The server asks for patience until then; the question is then put again.
    Deferred(LeaseId, UnixTime),
    /// Renewing is overdue: nobody answers, and the lease has run out. It is tried on.
    Overdue(LeaseId),
    /// The server no longer grants a lease that was held. Others may get its groups.
    Lost(LeaseId, Unleased),
    /// A lease has been given back, or its time is over. To be forgotten.
    Released(LeaseId),
    /// The server's clock and ours differ by so many seconds: ours is ahead if positive.
    ClockSkew(SocketAddr, i64),
}

/// Why groups are not leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unleased {
    /// Nobody answers.
    NoServer,
    /// No server has a scope that reaches so far, and no farther.
    NoScope,
    /// The server says why.
    Refused(SocketAddr, Refusal),
}

/// A MADCAP client.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    transport: IpVersion,
    holdings: BTreeMap<LeaseId, Holding>,
    looks: BTreeMap<LeaseId, Look>,
    known: Vec<Known>,
    timers: Timers,
    clock: Clock,
    next_xid: u32,
    rng: Rng,
    outputs: VecDeque<ClientOutput>,
    /// Messages that answer nothing, or break the rules.
    ignored: u64,
}

/// A server that answered.
#[derive(Clone, Debug)]
struct Known {
    server: SocketAddr,
    family: Family,
    scopes: Option<Vec<MulticastScope>>,
    at: Instant,
}

impl Client {
    /// How long a server's word on its scopes is good.
    const SCOPES_KEPT: Duration = Duration::from_secs(600);
    /// More servers on one network than any administrator runs.
    const MAX_KNOWN: usize = 32;
    /// "Greater than a minute or two probably indicate clock skew" (RFC 2730 section 2.12).
    const SKEW_SECS: i64 = 120;

    /// A client without leases. `wall` is what the wall clock shows at `now`.
    pub fn new(options: ClientOptions, mut rng: Rng, now: Instant, wall: SystemTime) -> Self {
        Self {
            options,
            transport: IpVersion::V4,
            holdings: BTreeMap::new(),
            looks: BTreeMap::new(),
            known: Vec::new(),
            timers: Timers::default(),
            clock: Clock::new(now, wall),
            next_xid: rng.u32(..),
            rng,
            outputs: VecDeque::new(),
            ignored: 0,
        }
    }

    /// Takes one input, at the time it happened.
    pub fn handle_input(&mut self, now: Instant, input: ClientInput<'_>) {
        match input {
            ClientInput::Timeout => {}
            ClientInput::Datagram { from, bytes } => self.handle_datagram(now, from, bytes),
            ClientInput::WallClock(wall) => self.set_clock(now, wall),
            ClientInput::Transport(version) => self.transport = version,
            ClientInput::Look(version) => self.look(now, family_of(version)),
            ClientInput::Lease(want) => self.lease(now, want),
            ClientInput::Change(id, need) => self.change(now, &id, need),
            ClientInput::Release(id) => self.release(now, &id),
            ClientInput::Restore(leases) => {
                leases
                    .into_iter()
                    .for_each(|lease| self.restore(now, lease));
            }
        }
        while let Some(id) = self.timers.pop(now) {
            if self.looks.contains_key(&id) {
                self.wake_look(now, &id);
            } else {
                self.wake_holding(now, &id);
            }
        }
    }

    /// Gives the next thing to do; call until it gives [`ClientOutput::Timeout`].
    pub fn poll_output(&mut self) -> ClientOutput {
        let next = ClientOutput::Timeout(self.timers.next());
        self.outputs.pop_front().unwrap_or(next)
    }

    /// Leases held now.
    pub fn leases(&self) -> impl Iterator<Item = Lease> {
        self.holdings.values().filter_map(Holding::lease)
    }

    /// Whether nothing waits for an answer.
    pub fn is_idle(&self) -> bool {
        self.looks.is_empty() && self.holdings.values().all(Holding::is_idle)
    }

    /// Messages that answer nothing that was asked, or break the rules.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    fn handle_datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let packet = Packet::parse(bytes).ok();
        let is_answer = packet.is_some_and(|packet| self.handle_packet(now, from, &packet));
        if !is_answer {
            self.ignored += 1;
        }
    }

    /// Leases are renewed by the wall clock.
    fn set_clock(&mut self, now: Instant, wall: SystemTime) {
        self.clock = Clock::new(now, wall);
        let ids: Vec<LeaseId> = self.holdings.keys().cloned().collect();
        for id in ids {
            self.reschedule(now, &id);
        }
    }

    fn transmit(&mut self, to: SocketAddr, payload: Vec<u8>) {
        let is_multicast = to.ip().is_multicast();
        self.outputs.push_back(ClientOutput::Transmit {
            to,
            ttl: if is_multicast { TTL } else { UNICAST_TTL },
            payload,
        });
    }

    fn tell(&mut self, event: ClientEvent) {
        self.outputs.push_back(ClientOutput::Event(event));
    }

    fn all_servers(&self) -> SocketAddr {
        let like = match self.transport {
            IpVersion::V4 => IpAddr::from([0; 4]),
            IpVersion::V6 => IpAddr::from([0; 16]),
        };
        SocketAddr::new(servers(like), PORT)
    }

    fn xid(&mut self) -> u32 {
        self.next_xid = self.next_xid.wrapping_add(1);
        self.next_xid
    }

    fn wall(&self, now: Instant) -> UnixTime {
        UnixTime::from_wall(self.clock.wall(now))
    }
}

const fn family_of(version: IpVersion) -> Family {
    match version {
        IpVersion::V4 => Family::V4,
        IpVersion::V6 => Family::V6,
    }
}

const fn version_of(family: Family) -> IpVersion {
    match family {
        Family::V4 => IpVersion::V4,
        Family::V6 => IpVersion::V6,
    }
}

/// What hosts use by default.
const UNICAST_TTL: u8 = 64;
