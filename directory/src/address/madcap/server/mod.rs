//! The server's side: leases groups of its scopes to whoever asks, each to one at a time.
//!
//! A [`Server`] is a state machine without sockets, clock or disk. What it grants it first gives out as
//! [`ServerOutput::Store`], and answers when it is told that this is on disk: what was acknowledged is never forgotten.
//!
//! Of the optional features it has Shared Lease Identifier, since it authenticates nobody: whoever knows a lease's
//! name may change it. What a hostile host can do is bounded by [`ServerOptions`], the throttle and the cache of replies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Instant, SystemTime};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use self::book::Book;
use self::replies::{Key, Remembered, Replies};
use self::throttle::Throttle;
use super::lease_id::LeaseId;
use super::options::UnixTime;
use super::packet::{MessageKind, Packet, PacketError};
use super::scopes::scope_id;
use crate::clock::Clock;

mod answer;
mod book;
mod grant;
mod options;
mod pool;
mod replies;
mod throttle;

#[cfg(test)]
mod tests;

pub use book::Record;
pub use options::ServerOptions;
pub use pool::ServedScope;

/// What the shell feeds in; every input carries the time at which it happened.
#[derive(Debug)]
pub enum ServerInput<'a> {
    /// The time that [`ServerOutput::Timeout`] asked for has come, or passed.
    Timeout,
    /// A message arrived.
    Datagram(Asked<'a>),
    /// What the wall clock shows, after it was set or the computer slept.
    WallClock(SystemTime),
    /// These addresses are this computer's.
    LocalAddresses(&'a [IpAddr]),
    /// Conferences are announced with these groups by others: they are not leased anew.
    Taken(BTreeSet<IpAddr>),
    /// These leases were stored before the program started.
    Restore(Vec<Record>),
    /// All that was given out to be stored, up to this number, is on disk.
    Stored(u64),
    /// It is not, for the disk refused: those who asked will ask again.
    NotStored(u64),
}

/// A message as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// This computer's address on that side, by which the server is known there.
    pub local: IpAddr,
    /// Whether it was sent to the group of all servers.
    pub is_multicast: bool,
    /// The message.
    pub bytes: &'a [u8],
}

/// What the shell must do next; [`ServerOutput::Timeout`] always comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerOutput {
    /// Put this on disk, in order, and say so by its number.
    Store(u64, Change),
    /// Send this message.
    Transmit {
        /// To whom.
        to: SocketAddr,
        /// From which of our addresses.
        local: IpAddr,
        /// The message.
        payload: Vec<u8>,
    },
    /// Nothing more to do until then, or for ever.
    Timeout(Option<Instant>),
}

/// A change of what is leased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// A lease, new or changed.
    Put(Record),
    /// It is over or was given back.
    Remove(LeaseId),
}

/// What was done, and what was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerCounters {
    /// Leases granted.
    pub granted: u64,
    /// Leases changed in time.
    pub renewed: u64,
    /// Leases given back.
    pub released: u64,
    /// Leases that ran out.
    pub expired: u64,
    /// Offers made.
    pub offered: u64,
    /// Requests refused.
    pub refused: u64,
    /// Requests that came again.
    pub repeated: u64,
    /// Messages that are none, or that no server is meant to get.
    pub ignored: u64,
    /// Messages beyond what a host may ask for.
    pub throttled: u64,
    /// Requests that the disk did not take.
    pub not_stored: u64,
}

/// A MADCAP server.
#[derive(Debug)]
pub struct Server {
    options: ServerOptions,
    book: Book,
    /// Of what is in the book, what is only offered, and until when.
    offers: BTreeMap<LeaseId, Instant>,
    local: Vec<IpAddr>,
    taken: BTreeSet<IpAddr>,
    replies: Replies,
    throttle: Throttle,
    unstored: VecDeque<Unstored>,
    last_stored: u64,
    clock: Clock,
    rng: Rng,
    counters: ServerCounters,
    outputs: VecDeque<ServerOutput>,
}

/// An answer that waits for the disk.
#[derive(Debug)]
struct Unstored {
    number: u64,
    to: SocketAddr,
    local: IpAddr,
    key: Key,
    payload: Vec<u8>,
}

impl Server {
    /// A server without leases. `wall` is what the wall clock shows at `now`.
    pub fn new(options: ServerOptions, rng: Rng, now: Instant, wall: SystemTime) -> Self {
        Self {
            book: Book::new(options.extra_secs),
            options,
            offers: BTreeMap::new(),
            local: Vec::new(),
            taken: BTreeSet::new(),
            replies: Replies::default(),
            throttle: Throttle::default(),
            unstored: VecDeque::new(),
            last_stored: 0,
            clock: Clock::new(now, wall),
            rng,
            counters: ServerCounters::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input, at the time it happened.
    pub fn handle_input(&mut self, now: Instant, input: ServerInput<'_>) {
        match input {
            ServerInput::Timeout => {}
            ServerInput::Datagram(asked) => self.handle_datagram(now, &asked),
            ServerInput::WallClock(wall) => self.clock = Clock::new(now, wall),
            ServerInput::LocalAddresses(addresses) => self.local = addresses.to_vec(),
            ServerInput::Taken(groups) => self.taken = groups,
            ServerInput::Restore(records) => records.into_iter().for_each(|r| self.book.put(r)),
            ServerInput::Stored(number) => self.handle_stored(now, number),
            ServerInput::NotStored(number) => self.handle_not_stored(number),
        }
        self.handle_timeout(now);
    }

    /// Gives the next thing to do; call until it gives [`ServerOutput::Timeout`].
    pub fn poll_output(&mut self) -> ServerOutput {
        let over = self.book.next_free_at();
        let over = over.and_then(|at| self.clock.instant(at.to_wall()));
        let next = self.offers.values().copied().chain(over).min();
        self.outputs
            .pop_front()
            .unwrap_or(ServerOutput::Timeout(next))
    }

    /// All leases, by name; offers are none.
    pub fn leases(&self) -> impl Iterator<Item = &Record> {
        self.book
            .iter()
            .filter(|record| !self.offers.contains_key(&record.id))
    }

    /// What was done.
    pub fn counters(&self) -> ServerCounters {
        self.counters
    }

    fn handle_datagram(&mut self, now: Instant, asked: &Asked<'_>) {
        if !self.throttle.admits(now, asked.from.ip()) {
            self.counters.throttled += 1;
            return;
        }
        match Packet::parse(asked.bytes) {
            Ok(packet) => self.handle_packet(now, asked, &packet),
            Err(PacketError::NotConforming(fault)) if is_asked(fault.kind) => {
                self.counters.refused += 1;
                if let Some(payload) = fault.nak(asked.local) {
                    self.transmit(asked.from, asked.local, payload);
                }
            }
            Err(_) => self.counters.ignored += 1,
        }
    }

    fn handle_packet(&mut self, now: Instant, asked: &Asked<'_>, packet: &Packet) {
        match packet.kind {
            MessageKind::GetInfo => self.tell(now, asked, packet),
            MessageKind::Discover => self.offer(now, asked, packet),
            MessageKind::Request | MessageKind::Renew | MessageKind::Release => {
                self.change(now, asked, packet);
            }
            // Only servers send these.
            MessageKind::Offer | MessageKind::Ack | MessageKind::Nak => self.counters.ignored += 1,
        }
    }

    /// Stores a change before it is answered.
    fn store_and_reply(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        key: Key,
        change: Change,
        payload: Vec<u8>,
    ) {
        let number = self.store(change);
        self.replies.put(now, key.clone(), Remembered::Pending);
        self.unstored.push_back(Unstored {
            number,
            to: asked.from,
            local: asked.local,
            key,
            payload,
        });
    }

    fn store(&mut self, change: Change) -> u64 {
        self.last_stored += 1;
        self.outputs
            .push_back(ServerOutput::Store(self.last_stored, change));
        self.last_stored
    }

    fn handle_stored(&mut self, now: Instant, number: u64) {
        while let Some(answer) = self.unstored.pop_front_if(|answer| answer.number <= number) {
            let reply = Remembered::Given(answer.payload.clone());
            self.replies.put(now, answer.key, reply);
            self.transmit(answer.to, answer.local, answer.payload);
        }
    }

    /// Nothing was promised yet. What is in the book stays there until its time is over, or the client asks again.
    fn handle_not_stored(&mut self, number: u64) {
        while let Some(answer) = self.unstored.pop_front_if(|answer| answer.number <= number) {
            self.counters.not_stored += 1;
            self.replies.forget(&answer.key);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        let ended = self.offers.extract_if(.., |_, until| *until <= now);
        let ended: Vec<LeaseId> = ended.map(|(id, _)| id).collect();
        for id in ended {
            self.book.remove(&id);
        }
        let wall = self.wall(now);
        while let Some(record) = self.book.remove_over(wall) {
            if self.offers.remove(&record.id).is_none() {
                self.counters.expired += 1;
                self.store(Change::Remove(record.id));
            }
        }
    }

    fn transmit(&mut self, to: SocketAddr, local: IpAddr, payload: Vec<u8>) {
        self.outputs
            .push_back(ServerOutput::Transmit { to, local, payload });
    }

    fn wall(&self, now: Instant) -> UnixTime {
        UnixTime::from_wall(self.clock.wall(now))
    }
}

/// Whether a message that breaks the rules is one for servers: others are not answered, lest two servers never end.
fn is_asked(kind: Option<MessageKind>) -> bool {
    !matches!(
        kind,
        Some(MessageKind::Offer | MessageKind::Ack | MessageKind::Nak)
    )
}
