//! Announcer and listener behind one door: what one hears, the other has to know.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Instant, SystemTime};

use fastrand::Rng;

use super::announcer::Announcer as Announcing;
use super::counters::Counters;
use super::heard::{Announcer, Heard};
use super::listener::Listener;
use super::packet::{MessageKind, Packet};
use super::table::Limits;
use super::target::groups;
use super::{Datagram, Event, Input, Output, PORT, QUERY};
use crate::clock::Clock;
use crate::description::{ConferenceId, Description};

/// This computer's part in SAP: announces its own conferences and hears of those of others.
#[derive(Debug)]
pub struct Agent {
    announcer: Announcing,
    listener: Listener,
    clock: Clock,
    outputs: VecDeque<Output>,
}

impl Agent {
    /// Begins to listen; the first polls ask for all SAP groups to be joined.
    ///
    /// `wall` is what the wall clock shows at `now`.
    pub fn new(limits: Limits, rng: Rng, now: Instant, wall: SystemTime) -> Self {
        let joins = groups()
            .into_iter()
            .map(|group| Output::Join(SocketAddr::new(group, PORT)));
        Self {
            announcer: Announcing::new(rng),
            listener: Listener::new(limits),
            clock: Clock::new(now, wall),
            outputs: joins.collect(),
        }
    }

    /// Takes one input, at the time it happened.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Timeout => {}
            Input::Datagram(datagram) => self.handle_datagram(now, &datagram),
            Input::LocalAddresses(addresses) => self.announcer.set_local(now, addresses),
            Input::WallClock(wall) => self.set_clock(Clock::new(now, wall)),
            Input::Publish(description) => self.publish(now, description),
            Input::Withdraw(id) => self.announcer.withdraw(now, id),
            Input::Query => self.announcer.query(now, &mut self.outputs),
            Input::Restore(restored) => {
                for restored in restored {
                    self.listener
                        .restore(now, &self.clock, restored, &mut self.outputs);
                }
            }
        }
        self.listener.handle_timeout(now, &mut self.outputs);
        self.announcer.set_load(|group| self.listener.load(group));
        self.announcer.handle_timeout(now, &mut self.outputs);
    }

    /// Gives the next thing to do; call until it gives [`Output::Timeout`].
    pub fn poll_output(&mut self) -> Output {
        let timers = [self.listener.next_timeout(), self.announcer.next_timeout()];
        let next = timers.into_iter().flatten().min();
        self.outputs.pop_front().unwrap_or(Output::Timeout(next))
    }

    /// Everything heard: each conference once for each of its announcers.
    pub fn heard(&self) -> impl Iterator<Item = (ConferenceId, &Heard)> {
        self.listener.iter()
    }

    /// One conference, by all its announcers; none where it is not announced.
    pub fn heard_of(&self, id: ConferenceId) -> impl Iterator<Item = &Heard> {
        self.listener.of(id)
    }

    /// What was heard and not used.
    pub fn counters(&self) -> Counters {
        self.listener.counters
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        self.listener.check();
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let Ok(packet) = Packet::parse(datagram.bytes) else {
            self.listener.counters.malformed_packets += 1;
            return;
        };
        if self.announcer.is_own(&packet) {
            self.listener.counters.own += 1;
            return;
        }
        let group = datagram.group;
        if packet.payload_type == QUERY && packet.kind == MessageKind::Announcement {
            self.announcer.answer(now, group);
            return;
        }
        let announcer = Announcer {
            group,
            origin: packet.origin,
            from: datagram.from,
        };
        let out = &mut self.outputs;
        self.listener
            .handle_packet(now, &self.clock, announcer, &packet, out);
    }

    fn publish(&mut self, now: Instant, description: &Description) {
        if let Err(reason) = self.announcer.publish(now, &self.clock, description) {
            let event = Event::NotAnnounced(description.id(), reason);
            self.outputs.push_back(Output::Event(event));
        }
    }

    fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.announcer.set_clock(&clock);
        self.listener.set_clock(&clock);
    }
}
