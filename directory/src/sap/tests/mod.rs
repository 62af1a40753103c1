//! A few agents on one link in virtual time: datagrams take a millisecond and come back to their sender too.

mod announcing;
mod hearing;
mod hostile;
mod sequences;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;

use super::{Agent, Datagram, Event, Input, Limits, MessageKind, Output, Packet, Transmit};
use crate::description::{ConferenceId, Description};

const WALL: SystemTime = SystemTime::UNIX_EPOCH;
/// 1 January 2026 in NTP seconds; the tests begin here.
const NTP: u64 = 3_976_214_400;
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// The link.
struct Link {
    start: Instant,
    now: Instant,
    hosts: Vec<Host>,
    in_flight: BTreeMap<(Instant, usize), (IpAddr, Transmit)>,
    sent: Vec<Sent>,
}

struct Host {
    agent: Agent,
    address: IpAddr,
    groups: BTreeSet<SocketAddr>,
    events: Vec<(Duration, Event)>,
}

/// A datagram that was on the link.
#[derive(Clone)]
struct Sent {
    at: Duration,
    from: IpAddr,
    transmit: Transmit,
}

impl Sent {
    fn kind(&self) -> MessageKind {
        Packet::parse(&self.transmit.payload).unwrap().kind
    }

    fn hash(&self) -> u16 {
        Packet::parse(&self.transmit.payload).unwrap().hash
    }
}

impl Link {
    #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
    fn new() -> Self {
        // Far from the epoch of the clock, so that times before the start can be told.
        let start = Instant::now() + Duration::from_secs(1_000_000);
        Self {
            start,
            now: start,
            hosts: Vec::new(),
            in_flight: BTreeMap::new(),
            sent: Vec::new(),
        }
    }

    fn plug(&mut self, address: &str) -> usize {
        self.plug_with(address, Limits::default())
    }

    fn plug_with(&mut self, address: &str, limits: Limits) -> usize {
        let address: IpAddr = address.parse().unwrap();
        let host = self.hosts.len();
        let rng = Rng::with_seed(host as u64 + 1);
        self.hosts.push(Host {
            agent: Agent::new(limits, rng, self.now, self.wall()),
            address,
            groups: BTreeSet::new(),
            events: Vec::new(),
        });
        self.input(host, Input::LocalAddresses(&[address]));
        host
    }

    fn wall(&self) -> SystemTime {
        WALL + Duration::from_secs(NTP - NTP_TO_UNIX) + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    fn publish(&mut self, host: usize, text: &str) -> ConferenceId {
        let description = Description::parse(text.as_bytes()).unwrap();
        self.input(host, Input::Publish(&description));
        description.id()
    }

    fn input(&mut self, host: usize, input: Input<'_>) {
        self.hosts[host].agent.handle_input(self.now, input);
        self.settle(host);
    }

    /// Puts a datagram on the link that no agent made.
    fn forge(&mut self, from: &str, transmit: &Transmit) {
        self.send(from.parse().unwrap(), transmit.clone());
    }

    fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            let packet = self.in_flight.first_key_value().map(|((at, _), _)| *at);
            let timers = self.hosts.iter_mut().map(|host| host.agent.poll_output());
            let timers: Vec<Option<Instant>> = timers
                .map(|output| match output {
                    Output::Timeout(at) => at,
                    other => panic!("{other:?} left behind"),
                })
                .collect();
            let Some(next) = timers.iter().copied().chain([packet]).flatten().min() else {
                break;
            };
            if next > end {
                break;
            }
            assert!(next >= self.now, "a timer in the past");
            self.now = next;
            for (host, _) in timers
                .iter()
                .enumerate()
                .filter(|(_, at)| **at == Some(next))
            {
                self.input(host, Input::Timeout);
            }
            while self
                .in_flight
                .first_key_value()
                .is_some_and(|((at, _), _)| *at <= next)
            {
                let (_, (from, transmit)) = self.in_flight.pop_first().unwrap();
                self.deliver(from, &transmit);
            }
        }
        self.now = end;
    }

    fn events(&self, host: usize) -> Vec<Event> {
        let all = self.hosts[host].events.iter().map(|(_, event)| *event);
        all.filter(|event| !matches!(event, Event::Repeated(_)))
            .collect()
    }

    fn when(&self, host: usize, event: Event) -> Duration {
        let found = self.hosts[host]
            .events
            .iter()
            .find(|(_, other)| *other == event);
        found
            .unwrap_or_else(|| panic!("no {event:?}: {:?}", self.events(host)))
            .0
    }

    fn settle(&mut self, host: usize) {
        loop {
            match self.hosts[host].agent.poll_output() {
                Output::Join(group) => assert!(self.hosts[host].groups.insert(group)),
                Output::Transmit(transmit) => self.send(self.hosts[host].address, transmit),
                Output::Event(event) => {
                    let at = self.elapsed();
                    self.hosts[host].events.push((at, event));
                }
                Output::Timeout(_) => return,
            }
        }
    }

    fn send(&mut self, from: IpAddr, transmit: Transmit) {
        let key = (self.now + Duration::from_millis(1), self.sent.len());
        self.sent.push(Sent {
            at: self.elapsed(),
            from,
            transmit: transmit.clone(),
        });
        self.in_flight.insert(key, (from, transmit));
    }

    fn deliver(&mut self, from: IpAddr, transmit: &Transmit) {
        for host in 0..self.hosts.len() {
            if self.hosts[host].groups.contains(&transmit.to) {
                let datagram = Datagram {
                    group: transmit.to.ip(),
                    from,
                    bytes: &transmit.payload,
                };
                self.input(host, Input::Datagram(datagram));
            }
        }
    }
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A description of session `id`; version `version` has its number in its name.
fn sdp(id: u64, version: u64) -> String {
    sdp_until(id, version, "239.255.7.7/15", 0)
}

fn sdp_until(id: u64, version: u64, address: &str, stop: u64) -> String {
    let family = if address.contains(':') { "IP6" } else { "IP4" };
    let start = if stop == 0 { 0 } else { NTP };
    format!(
        "v=0\r\no=- {id} {version} IN IP4 192.0.2.1\r\ns=Talk {version}\r\nc=IN {family} {address}\r\n\
         t={start} {stop}\r\nm=audio 5004 RTP/AVP 0\r\n"
    )
}

fn announcement(hash: u16, origin: &str, text: &str) -> Transmit {
    message(MessageKind::Announcement, hash, origin, text)
}

fn deletion(hash: u16, origin: &str, text: &str) -> Transmit {
    message(MessageKind::Deletion, hash, origin, text)
}

fn message(kind: MessageKind, hash: u16, origin: &str, text: &str) -> Transmit {
    let origin = origin.parse().unwrap();
    let packet = Packet::new(kind, hash, origin, super::SDP, text.as_bytes());
    Transmit {
        to: "239.255.255.255:9875".parse().unwrap(),
        ttl: 15,
        payload: packet.to_bytes(),
    }
}
