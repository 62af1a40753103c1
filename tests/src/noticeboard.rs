//! A SAP agent as a host of the simulated network: announces, hears, and tells what it heard.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use conf_core::endpoint::{Endpoint, EndpointInput, EndpointOutput, Membership, Transmit};
use directory::ConferenceId;
use directory::description::Description;
use directory::sap::{Agent, Datagram, Event, Input, Limits, Output};

use crate::lan::{HostId, Lan};

/// A host's list of conferences; clones are the same host's.
#[derive(Clone)]
pub struct Noticeboard(Arc<Mutex<State>>);

struct State {
    agent: Agent,
    events: Vec<(Instant, Event)>,
    outputs: VecDeque<EndpointOutput>,
    alarm: Option<Instant>,
}

impl Noticeboard {
    /// Plugs in a host that listens and has nothing to announce yet.
    pub fn plug(lan: &mut Lan, seed: u64) -> (Self, HostId) {
        Self::plug_at(lan, 0, seed)
    }

    /// Plugs it into a subnet.
    pub fn plug_at(lan: &mut Lan, subnet: u8, seed: u64) -> (Self, HostId) {
        let rng = fastrand::Rng::with_seed(seed);
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let board = Self(Arc::new(Mutex::new(State {
            agent: Agent::new(Limits::default(), rng, lan.now(), wall),
            events: Vec::new(),
            outputs: VecDeque::new(),
            alarm: None,
        })));
        let host = lan.plug_at(subnet, Box::new(board.clone()));
        (board, host)
    }

    /// Gives the agent an input now, and lets its host do what follows.
    pub fn tell(&self, lan: &mut Lan, host: HostId, input: Input<'_>) {
        self.0.lock().unwrap().hear(lan.now(), input);
        lan.wake(host);
    }

    /// How long after `since` this happened, if it did.
    pub fn when(&self, event: Event, since: Instant) -> Option<Duration> {
        let state = self.0.lock().unwrap();
        let mut found = state.events.iter().filter(|(_, e)| *e == event);
        found
            .next()
            .map(|(at, _)| at.saturating_duration_since(since))
    }

    /// What is announced now, as far as this host heard.
    pub fn conferences(&self) -> Vec<ConferenceId> {
        let state = self.0.lock().unwrap();
        let mut ids: Vec<_> = state.agent.heard().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

impl Endpoint for Noticeboard {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        let addresses: Vec<IpAddr>;
        let input = match input {
            EndpointInput::Timeout => Input::Timeout,
            EndpointInput::LocalAddresses(sockets) => {
                addresses = sockets.iter().map(SocketAddr::ip).collect();
                Input::LocalAddresses(&addresses)
            }
            EndpointInput::Datagram(datagram) => Input::Datagram(Datagram {
                group: datagram.group.ip(),
                from: datagram.from.ip(),
                bytes: datagram.bytes,
            }),
            EndpointInput::Network(_) => Input::Timeout,
            _ => return,
        };
        self.0.lock().unwrap().hear(now, input);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let mut state = self.0.lock().unwrap();
        let alarm = EndpointOutput::Timeout(state.alarm);
        state.outputs.pop_front().unwrap_or(alarm)
    }
}

impl State {
    fn hear(&mut self, now: Instant, input: Input<'_>) {
        self.agent.handle_input(now, input);
        loop {
            match self.agent.poll_output() {
                Output::Join(group) => {
                    let membership = Membership {
                        group,
                        source: None,
                    };
                    self.outputs.push_back(EndpointOutput::Join(membership));
                }
                Output::Transmit(sap) => {
                    self.outputs.push_back(EndpointOutput::Transmit(Transmit {
                        to: sap.to,
                        ttl: sap.ttl,
                        dscp: 0,
                        payload: sap.payload,
                    }))
                }
                Output::Event(event) => self.events.push((now, event)),
                Output::Timeout(at) => return self.alarm = at,
            }
        }
    }
}

/// The description of a conference of the room, made on this host.
pub fn described(number: u64, host: IpAddr) -> Description {
    let low = number % 200 + 1;
    let text = format!(
        "v=0\r\no=- {number} 1 IN IP4 {host}\r\ns=Conference {number}\r\nc=IN IP4 239.255.1.{low}/1\r\n\
         t=0 0\r\nm=audio 5004 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
    );
    Description::parse(text.as_bytes()).unwrap()
}
