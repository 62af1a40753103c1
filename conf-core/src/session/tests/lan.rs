//! A small simulated segment for the sessions' own tests: every datagram goes to everyone, the sender included.
#![allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, RtpTime, Ssrc};

use crate::session::{
    NtpTime, RtpSession, SessionConfig, SessionEvent, SessionInput, SessionOutput, WallClock,
};

pub(super) const LATENCY: Duration = Duration::from_millis(20);
pub(super) const PCMU: u8 = 0;

/// One member and what became of it.
pub(super) struct Host {
    pub(super) session: RtpSession,
    pub(super) address: SocketAddr,
    pub(super) events: Vec<(Instant, SessionEvent)>,
    pub(super) media: Vec<Ssrc>,
    /// When it sent RTCP, and what.
    pub(super) rtcp: Vec<(Instant, Rc<[u8]>)>,
    pub(super) finished: Option<Instant>,
    pub(super) is_unplugged: bool,
    /// Hosts hear only those of their own side.
    pub(super) side: u8,
    sent: u32,
}

impl Host {
    pub(super) fn told(&self) -> Vec<&SessionEvent> {
        self.events.iter().map(|(_, event)| event).collect()
    }

    pub(super) fn count(&self, wanted: impl Fn(&SessionEvent) -> bool) -> usize {
        self.told()
            .into_iter()
            .filter(|event| wanted(event))
            .count()
    }
}

struct Datagram {
    from: SocketAddr,
    side: u8,
    is_rtp: bool,
    bytes: Rc<[u8]>,
}

pub(super) struct Lan {
    pub(super) start: Instant,
    pub(super) now: Instant,
    pub(super) hosts: Vec<Host>,
    pub(super) loss_in_256: u8,
    /// Sends everything a second time, from this address.
    pub(super) repeater: Option<SocketAddr>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    in_flight: BinaryHeap<Reverse<(Instant, usize)>>,
    datagrams: Vec<Option<Datagram>>,
    rng: fastrand::Rng,
}

/// The usual configuration of a test.
pub(super) fn config(now: Instant, host: usize) -> SessionConfig {
    let wall_clock = WallClock {
        instant: now,
        ntp: NtpTime(4_000_000_000 << 32),
    };
    let mut config = SessionConfig::new(format!("{host}@lan"), wall_clock, host as u64 + 1);
    config.payload_types = vec![(PCMU, ClockRate::HZ_8000)];
    config
}

pub(super) fn address(host: usize) -> SocketAddr {
    format!("10.0.{}.{}:5004", host / 250, host % 250 + 1)
        .parse()
        .unwrap()
}

impl Lan {
    pub(super) fn new() -> Self {
        let start = Instant::now();
        Self {
            start,
            now: start,
            hosts: Vec::new(),
            loss_in_256: 0,
            repeater: None,
            timers: BinaryHeap::new(),
            in_flight: BinaryHeap::new(),
            datagrams: Vec::new(),
            rng: fastrand::Rng::with_seed(7),
        }
    }

    pub(super) fn with_hosts(hosts: usize) -> Self {
        let mut lan = Self::new();
        for _ in 0..hosts {
            lan.plug(|_| {});
        }
        lan
    }

    pub(super) fn plug(&mut self, change: impl FnOnce(&mut SessionConfig)) -> usize {
        let host = self.hosts.len();
        let mut config = config(self.now, host);
        change(&mut config);
        self.hosts.push(Host {
            session: RtpSession::new(config, self.now),
            address: address(host),
            events: Vec::new(),
            media: Vec::new(),
            rtcp: Vec::new(),
            finished: None,
            is_unplugged: false,
            side: 0,
            sent: 0,
        });
        self.input(host, SessionInput::LocalAddresses(&[address(host)]));
        host
    }

    pub(super) fn input(&mut self, host: usize, input: SessionInput<'_>) {
        self.hosts[host].session.handle_input(self.now, input);
        self.settle(host);
    }

    /// One packet of twenty milliseconds.
    pub(super) fn speak(&mut self, host: usize) {
        let time = RtpTime(160 * self.hosts[host].sent);
        self.hosts[host].sent += 1;
        let input = SessionInput::Send {
            payload_type: PCMU,
            time,
            captured: self.now,
            marker: false,
            payload: &[0xFF; 160],
        };
        self.input(host, input);
    }

    pub(super) fn speak_for(&mut self, host: usize, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.speak(host);
            self.run_for(Duration::from_millis(20));
        }
    }

    pub(super) fn run_secs(&mut self, secs: u64) {
        self.run_for(Duration::from_secs(secs));
    }

    pub(super) fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            let arrival = self.in_flight.peek().map(|Reverse((at, _))| *at);
            let timer = self.timers.peek().map(|Reverse((at, _))| *at);
            let Some(next) = arrival
                .into_iter()
                .chain(timer)
                .min()
                .filter(|at| *at <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            if arrival == Some(next) {
                self.deliver();
            } else if let Some(Reverse((at, host))) = self.timers.pop() {
                let asked = self.hosts[host].session.next_timer();
                if asked == Some(at) && !self.hosts[host].is_unplugged {
                    self.input(host, SessionInput::Timeout);
                }
            }
        }
        self.now = end;
    }

    pub(super) fn ssrc(&self, host: usize) -> Ssrc {
        self.hosts[host].session.ssrc()
    }

    fn deliver(&mut self) {
        let Some(Reverse((_, id))) = self.in_flight.pop() else {
            return;
        };
        let Some(datagram) = self.datagrams[id].take() else {
            return;
        };
        for host in 0..self.hosts.len() {
            let is_own = self.hosts[host].address == datagram.from;
            let is_lost = !is_own && self.rng.u8(..) < self.loss_in_256;
            let is_apart = self.hosts[host].side != datagram.side;
            if is_lost || is_apart || self.hosts[host].is_unplugged {
                continue;
            }
            let (from, bytes) = (datagram.from, &*datagram.bytes);
            self.input(
                host,
                if datagram.is_rtp {
                    SessionInput::Rtp {
                        from,
                        waited: Duration::ZERO,
                        bytes,
                    }
                } else {
                    SessionInput::Rtcp { from, bytes }
                },
            );
        }
    }

    fn settle(&mut self, host: usize) {
        loop {
            match self.hosts[host].session.poll_output() {
                SessionOutput::Rtp(bytes) => self.send(host, true, bytes.into()),
                SessionOutput::Rtcp(bytes) => {
                    let bytes: Rc<[u8]> = bytes.into();
                    self.hosts[host].rtcp.push((self.now, Rc::clone(&bytes)));
                    self.send(host, false, bytes);
                }
                SessionOutput::Media(packet) => self.hosts[host].media.push(packet.ssrc),
                SessionOutput::Event(event) => self.hosts[host].events.push((self.now, event)),
                SessionOutput::Timeout(at) => {
                    let at = at.expect("a session that goes on has a timer");
                    assert!(at > self.now, "a timer in the past");
                    self.timers.push(Reverse((at, host)));
                    return;
                }
                SessionOutput::Finished => {
                    self.hosts[host].finished.get_or_insert(self.now);
                    return;
                }
            }
        }
    }

    fn send(&mut self, host: usize, is_rtp: bool, bytes: Rc<[u8]>) {
        if self.hosts[host].is_unplugged {
            return;
        }
        let side = self.hosts[host].side;
        let origin = (self.hosts[host].address, LATENCY);
        let repeated = self.repeater.map(|repeater| (repeater, 2 * LATENCY));
        for (from, latency) in std::iter::once(origin).chain(repeated) {
            self.in_flight
                .push(Reverse((self.now + latency, self.datagrams.len())));
            self.datagrams.push(Some(Datagram {
                from,
                side,
                is_rtp,
                bytes: Rc::clone(&bytes),
            }));
        }
    }
}
