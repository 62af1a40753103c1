//! A simulated network of multicast subnets: many endpoints, one virtual clock, no sockets.

mod host;
mod weather;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::endpoint::{Datagram, Endpoint, EndpointInput, EndpointOutput, Transmit};

use host::{ANY_PORT, Host};
pub use weather::Weather;

/// A host's number, in the order of plugging in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub usize);

/// The network. Subnets lie in a line with a router between neighbours, each of which costs one of the TTL.
pub struct Lan {
    now: Instant,
    weather: Weather,
    hosts: Vec<Host>,
    agenda: BinaryHeap<Reverse<Entry>>,
    entries: u64,
    rng: fastrand::Rng,
    /// Datagrams sent so far, each counted once however many hear it.
    pub sent: u64,
    /// Bytes of UDP payload sent so far.
    pub sent_bytes: u64,
}

/// Something that will happen; in the order of time, and first come first served.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: Instant,
    number: u64,
    what: What,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Wake(HostId),
    Arrive(HostId, Arc<Flight>),
}

/// A datagram under way, shared by all that will hear it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    from: SocketAddr,
    to: SocketAddr,
    payload: Vec<u8>,
}

impl Lan {
    /// A network without hosts, at some instant.
    pub fn new(weather: Weather) -> Self {
        Self {
            now: Instant::now(),
            weather,
            hosts: Vec::new(),
            agenda: BinaryHeap::new(),
            entries: 0,
            rng: fastrand::Rng::with_seed(weather.seed),
            sent: 0,
            sent_bytes: 0,
        }
    }

    /// Plugs a host into the first subnet.
    pub fn plug(&mut self, endpoint: Box<dyn Endpoint>) -> HostId {
        self.plug_at(0, endpoint)
    }

    /// Plugs a host into a subnet; hosts of different subnets are as many routers apart as their numbers.
    pub fn plug_at(&mut self, subnet: u8, endpoint: Box<dyn Endpoint>) -> HostId {
        let id = HostId(self.hosts.len());
        self.hosts.push(Host::new(id, subnet, endpoint));
        let using = self.hosts[id.0].network();
        self.input(id, EndpointInput::Network(using));
        id
    }

    /// Tells an endpoint that its command queue has something.
    pub fn wake(&mut self, host: HostId) {
        self.input(host, EndpointInput::Woken);
    }

    /// The host's wall clock shows this from now on: it has slept, or somebody set it.
    pub fn set_clock(&mut self, host: HostId, wall: SystemTime) {
        self.input(host, EndpointInput::WallClock(wall));
    }

    /// Pulls the cable: the host neither sends nor hears, and does not know why.
    pub fn unplug(&mut self, host: HostId) {
        self.hosts[host.0].is_plugged = false;
    }

    /// Puts the cable back.
    pub fn replug(&mut self, host: HostId) {
        self.hosts[host.0].is_plugged = true;
    }

    /// The host stops dead, without a word to anyone.
    pub fn crash(&mut self, host: HostId) {
        self.hosts[host.0].is_running = false;
    }

    /// Cuts the network in two: these hosts, and all others.
    pub fn partition(&mut self, island: &[HostId]) {
        for (number, host) in self.hosts.iter_mut().enumerate() {
            host.is_on_island = island.contains(&HostId(number));
        }
    }

    /// Makes the network whole again.
    pub fn heal(&mut self) {
        self.partition(&[]);
    }

    /// From now on the network treats datagrams so (the seed stays as it was).
    pub fn change_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Puts a datagram on the first subnet as if some program at this address had sent it.
    pub fn inject(&mut self, from: SocketAddr, transmit: Transmit) {
        self.fan_out(from, 0, false, None, transmit);
    }

    /// Lets virtual time pass.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        let mut at_this_instant = 0u32;
        while self
            .agenda
            .peek()
            .is_some_and(|Reverse(next)| next.at <= end)
        {
            let Some(Reverse(entry)) = self.agenda.pop() else {
                break;
            };
            at_this_instant = if entry.at > self.now {
                0
            } else {
                at_this_instant + 1
            };
            assert!(at_this_instant < 1_000_000, "somebody spins at one instant");
            self.now = self.now.max(entry.at);
            match entry.what {
                What::Wake(host) => self.ring(host, entry.at),
                What::Arrive(host, flight) => self.arrive(host, &flight),
            }
        }
        self.now = end;
    }

    /// Virtual time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The address that a host sends from.
    pub fn address(&self, host: HostId) -> IpAddr {
        self.hosts[host.0].address
    }

    /// Whether the endpoint has said that its work is done.
    pub fn is_finished(&self, host: HostId) -> bool {
        self.hosts[host.0].is_finished
    }

    /// Whether a host is a member of this group and port.
    pub fn is_member(&self, host: HostId, group: SocketAddr) -> bool {
        self.hosts[host.0].hears(group, None)
    }

    fn ring(&mut self, id: HostId, at: Instant) {
        // Only the latest alarm counts; the others are left in the heap to pass unheard.
        if self.hosts[id.0].alarm == Some(at) {
            self.hosts[id.0].alarm = None;
            self.input(id, EndpointInput::Timeout);
        }
    }

    fn arrive(&mut self, id: HostId, flight: &Flight) {
        let host = &self.hosts[id.0];
        let membership = host.membership_for(flight.to, Some(flight.from.ip()));
        if let Some(membership) = membership.filter(|_| host.is_plugged) {
            let datagram = Datagram {
                group: membership.group,
                from: flight.from,
                interface: Some(1),
                arrival: self.now,
                bytes: &flight.payload,
            };
            self.input(id, EndpointInput::Datagram(datagram));
        }
    }

    /// Gives one input to one host and does all that it asks for.
    fn input(&mut self, id: HostId, input: EndpointInput<'_>) {
        let host = &mut self.hosts[id.0];
        if !host.is_running || host.is_finished {
            return;
        }
        host.endpoint.handle_input(self.now, input);
        loop {
            let host = &mut self.hosts[id.0];
            match host.endpoint.poll_output() {
                EndpointOutput::Join(membership) => {
                    let addresses = host.join(membership);
                    let told = EndpointInput::LocalAddresses(&addresses);
                    host.endpoint.handle_input(self.now, told);
                }
                EndpointOutput::Leave(membership) => host.leave(membership),
                EndpointOutput::Transmit(transmit) => self.send(id, transmit),
                EndpointOutput::TransmitFrom(from, transmit) => self.send_from(id, from, transmit),
                EndpointOutput::Timeout(at) => return self.set_alarm(id, at),
                EndpointOutput::Finished => return host.is_finished = true,
            }
        }
    }

    fn set_alarm(&mut self, id: HostId, at: Option<Instant>) {
        let alarm = at.map(|at| at.max(self.now));
        if self.hosts[id.0].alarm != alarm {
            self.hosts[id.0].alarm = alarm;
            if let Some(at) = alarm {
                self.note(at, What::Wake(id));
            }
        }
    }

    fn send(&mut self, id: HostId, transmit: Transmit) {
        let to = transmit.to;
        self.send_from(id, to, transmit);
    }

    /// From the port of a membership, where it has one.
    fn send_from(&mut self, id: HostId, from: SocketAddr, transmit: Transmit) {
        let host = &self.hosts[id.0];
        if host.is_plugged {
            let port = if from.port() == 0 {
                ANY_PORT
            } else {
                from.port()
            };
            let from = SocketAddr::new(host.address, port);
            self.fan_out(from, host.subnet, host.is_on_island, Some(id), transmit);
        }
    }

    fn fan_out(
        &mut self,
        from: SocketAddr,
        subnet: u8,
        is_on_island: bool,
        sender: Option<HostId>,
        transmit: Transmit,
    ) {
        self.sent += 1;
        self.sent_bytes += transmit.payload.len() as u64;
        let Transmit {
            to, ttl, payload, ..
        } = transmit;
        let flight = Arc::new(Flight { from, to, payload });
        for number in 0..self.hosts.len() {
            let host = &self.hosts[number];
            let is_looped = sender == Some(HostId(number));
            let is_in_reach =
                host.is_on_island == is_on_island && host.subnet.abs_diff(subnet) < ttl;
            if !is_in_reach || !host.hears(to, None) || is_looped && !self.weather.is_looped_back {
                continue;
            }
            let delays = if is_looped {
                [Some(Duration::ZERO), None]
            } else {
                self.weather.draw(&mut self.rng)
            };
            for delay in delays.into_iter().flatten() {
                let arrival = What::Arrive(HostId(number), Arc::clone(&flight));
                self.note(self.now + delay, arrival);
            }
        }
    }

    fn note(&mut self, at: Instant, what: What) {
        self.entries += 1;
        let number = self.entries;
        self.agenda.push(Reverse(Entry { at, number, what }));
    }
}
