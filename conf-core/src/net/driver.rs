//! The loop of the net thread: wait, read a little, serve timers, look at the network, and again.
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use mio::{Events, Poll, Token, Waker};

use super::batch::Batch;
use super::counters::NetCounters;
use super::groups::{Groups, Stray};
use super::handle::{NetShared, Register};
use super::resting::Resting;
use super::slot::{EndpointId, Outside, Slot};
use super::watch::{Network, Seen, Watch};
use crate::endpoint::{Datagram, EndpointInput};

/// All that the thread owns.
pub(super) struct Driver {
    poll: Poll,
    events: Events,
    commands: Receiver<Register>,
    shared: Arc<NetShared>,
    groups: Groups,
    batch: Batch,
    /// Sockets that may have more, in the order in which they are read.
    ready: VecDeque<Token>,
    resting: Resting,
    slots: BTreeMap<EndpointId, Slot>,
    next_id: u64,
    watch: Watch,
    counters: NetCounters,
}

impl Driver {
    pub(super) fn new(commands: Receiver<Register>) -> io::Result<(Self, Arc<NetShared>)> {
        let poll = Poll::new()?;
        let shared = Arc::new(NetShared::new(Waker::new(poll.registry(), WAKER)?));
        let driver = Self {
            groups: Groups::new(poll.registry().try_clone()?, FIRST_GROUP),
            poll,
            events: Events::with_capacity(EVENTS),
            commands,
            shared: Arc::clone(&shared),
            batch: Batch::new(),
            ready: VecDeque::new(),
            resting: Resting::default(),
            slots: BTreeMap::new(),
            next_id: 0,
            watch: Watch::new(Instant::now(), SystemTime::now(), Network::look()),
            counters: NetCounters::default(),
        };
        Ok((driver, shared))
    }

    /// Runs until the owner wants it to end.
    pub(super) fn run(mut self) {
        while !self.shared.is_stopping.load(Ordering::Acquire) {
            self.wait();
            self.turn(Instant::now());
            if self.shared.is_closing.load(Ordering::Acquire) && self.slots.is_empty() {
                break;
            }
        }
        for (_, slot) in std::mem::take(&mut self.slots) {
            slot.end(&mut self.groups);
        }
    }

    fn wait(&mut self) {
        let timeout = if self.ready.is_empty() {
            let slots = self.slots.values().filter_map(Slot::due);
            let due = slots.chain([self.watch.due()]).chain(self.resting.due());
            let due = due.min();
            due.map(|due| due.saturating_duration_since(Instant::now()))
        } else {
            Some(Duration::ZERO)
        };
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => tracing::error!(%error, "waiting for the network failed"),
        }
        for event in &self.events {
            if let Some(group) = self.groups.get_mut(event.token())
                && !group.is_ready
            {
                group.is_ready = true;
                self.ready.push_back(event.token());
            }
        }
    }

    fn turn(&mut self, now: Instant) {
        self.end_rest(now);
        self.take_commands(now);
        self.follow_network(now);
        self.each_slot(now, Slot::give_signals);
        self.each_slot(now, Slot::give_timeout);
        self.read_sockets(now);
        self.remove_ended(now);
        self.publish_counters();
    }

    /// Sockets that have rested for long enough are read as if the poll had told of them.
    fn end_rest(&mut self, now: Instant) {
        for token in self.resting.take_due(now) {
            if let Some(group) = self.groups.get_mut(token)
                && !group.is_ready
            {
                group.is_ready = true;
                self.ready.push_back(token);
            }
        }
    }

    fn take_commands(&mut self, now: Instant) {
        while let Ok(register) = self.commands.try_recv() {
            let id = EndpointId(self.next_id);
            self.next_id += 1;
            let mut outside = Outside {
                now,
                groups: &mut self.groups,
                network: self.watch.network(),
                counters: &mut self.counters,
            };
            let slot = Slot::start(id, register, &mut outside);
            self.slots.insert(id, slot);
        }
        if self.shared.is_closing.load(Ordering::Acquire) {
            self.each_slot(now, Slot::begin_closing);
        }
    }

    /// Every endpoint is looked through, changed or not: what failed is tried again.
    fn follow_network(&mut self, now: Instant) {
        if now < self.watch.due() {
            return;
        }
        let wall = SystemTime::now();
        let seen = self.watch.update(now, wall, Network::look());
        if seen != Seen::default() {
            self.counters.network_changes += u64::from(seen.has_changed || seen.has_slept);
            tracing::info!(?seen, "the network or the clock has changed");
        }
        if seen.has_slept {
            for slot in self.slots.values_mut() {
                slot.leave_all(&mut self.groups);
            }
        }
        if seen.is_clock_set {
            self.each_slot(now, |slot, outside| {
                slot.give(EndpointInput::WallClock(wall), outside);
            });
        }
        self.each_slot(now, Slot::refresh);
    }

    fn each_slot(&mut self, now: Instant, action: impl Fn(&mut Slot, &mut Outside<'_>)) {
        let mut outside = Outside {
            now,
            groups: &mut self.groups,
            network: self.watch.network(),
            counters: &mut self.counters,
        };
        for slot in self.slots.values_mut() {
            action(slot, &mut outside);
        }
    }

    /// A batch from each socket in turn, until none has more or the time is up.
    fn read_sockets(&mut self, began: Instant) {
        let mut now = began;
        while now < began + TURN
            && let Some(token) = self.ready.pop_front()
        {
            if self.read_batch(token, now) {
                self.ready.push_back(token);
            }
            now = Instant::now();
        }
    }

    /// Whether the socket may have more.
    fn read_batch(&mut self, token: Token, now: Instant) -> bool {
        let Some(group) = self.groups.get_mut(token) else {
            return false;
        };
        let read = self.batch.read(&group.socket, &group.state);
        group.is_ready = matches!(read, Ok(true));
        let has_more = match read {
            Ok(may_have_more) => {
                group.rush.note_read(self.batch.len());
                self.counters.batches += 1;
                self.deliver(token, now);
                may_have_more
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    self.counters.receive_errors += 1;
                    tracing::debug!(%error, "read failed");
                }
                false
            }
        };
        if !has_more {
            self.rest(token, now);
        }
        has_more
    }

    /// A socket is empty. Where so much comes that it is better read together, it rests.
    fn rest(&mut self, token: Token, now: Instant) {
        let Some(group) = self.groups.get_mut(token) else {
            return;
        };
        let rest = group.rush.rest(now, !group.is_watched);
        let is_done = self.groups.set_watched(token, rest.is_none());
        // Whom the poll refuses is read now and then all the same.
        if let Some(rest) = rest.or_else(|| (!is_done).then_some(TURN)) {
            self.resting.add(now, token, rest);
        }
    }

    /// Gives the batch to the endpoint whose socket it came to, which rests after the last of it.
    fn deliver(&mut self, token: Token, now: Instant) {
        let Some(group) = self.groups.get(token) else {
            return;
        };
        let Some(slot) = self.slots.get_mut(&group.owner) else {
            return;
        };
        for arrived in self.batch.datagrams(now, SystemTime::now()) {
            match group.stray(&arrived) {
                Some(Stray::NotJoined) => self.counters.dropped_not_joined += 1,
                Some(Stray::WrongInterface) => self.counters.dropped_wrong_interface += 1,
                Some(Stray::Empty) => self.counters.dropped_empty += 1,
                None => {
                    self.counters.received += 1;
                    self.counters.received_bytes += arrived.bytes.len() as u64;
                    let datagram = Datagram {
                        group: group.membership.group,
                        from: arrived.from,
                        interface: arrived.interface,
                        arrival: arrived.arrival,
                        bytes: arrived.bytes,
                    };
                    slot.give_datagram(now, datagram);
                }
            }
        }
        slot.settle(&mut Outside {
            now,
            groups: &mut self.groups,
            network: self.watch.network(),
            counters: &mut self.counters,
        });
    }

    fn remove_ended(&mut self, now: Instant) {
        let is_ended = |slot: &Slot| slot.is_finished() || slot.is_overdue(now);
        for (_, slot) in self.slots.extract_if(.., |_, slot| is_ended(slot)) {
            if !slot.is_finished() {
                self.counters.abandoned += 1;
            }
            slot.end(&mut self.groups);
        }
    }

    fn publish_counters(&mut self) {
        self.counters.turns += 1;
        self.counters.endpoints = self.slots.len() as u64;
        self.counters.sockets = self.groups.len() as u64;
        let mut published = self
            .shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *published = self.counters;
    }
}

const WAKER: Token = Token(0);
const FIRST_GROUP: Token = Token(1);
/// Events taken from the system at once; what is left over comes with the next poll.
const EVENTS: usize = 256;
/// How long reading may go on before timers and commands have their turn.
const TURN: Duration = Duration::from_millis(2);
