//! One RTP session as a host of the simulated network, and what it tells.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use conf_core::endpoint::{Endpoint, EndpointInput, EndpointOutput, Membership, Transmit};
use conf_core::session::{
    NtpTime, RtpSession, SessionConfig, SessionEvent, SessionInput, SessionOutput, WallClock,
};
use media::rtp_time::{ClockRate, RtpTime, Ssrc};

use crate::lan::{HostId, Lan};

/// Where everybody meets: RTP here, RTCP one port higher.
pub const GROUP: &str = "239.255.7.7:5004";

/// A participant in [`GROUP`] with a real session; clones are the same participant.
#[derive(Clone)]
pub struct Seat(Arc<Mutex<State>>);

/// What a participant knows.
pub struct State {
    /// The session itself.
    pub session: RtpSession,
    /// Everything that it told, and when.
    pub events: Vec<(Instant, SessionEvent)>,
    /// Media packets delivered, by sender.
    pub media: BTreeMap<Ssrc, u64>,
    outputs: VecDeque<EndpointOutput>,
    alarm: Option<Instant>,
}

impl Seat {
    /// Plugs in a participant with this configuration.
    pub fn plug(lan: &mut Lan, config: SessionConfig) -> (Self, HostId) {
        let joins = [rtp(), rtcp()].map(membership).map(EndpointOutput::Join);
        let seat = Self(Arc::new(Mutex::new(State {
            session: RtpSession::new(config, lan.now()),
            events: Vec::new(),
            media: BTreeMap::new(),
            outputs: joins.into(),
            alarm: None,
        })));
        seat.state().hear(lan.now(), SessionInput::Timeout);
        let host = lan.plug(Box::new(seat.clone()));
        (seat, host)
    }

    /// Gives the session an input now, and lets its host do what follows.
    pub fn tell(&self, lan: &mut Lan, host: HostId, input: SessionInput<'_>) {
        self.state().hear(lan.now(), input);
        lan.wake(host);
    }

    /// Sends speech-like RTP, a packet each 20 ms.
    pub fn talk(&self, lan: &mut Lan, host: HostId, span: Duration) {
        let packets = span.as_millis() / 20;
        for packet in 0..u32::try_from(packets).unwrap() {
            let input = SessionInput::Send {
                payload_type: PAYLOAD_TYPE,
                time: RtpTime(packet * 960),
                captured: lan.now(),
                marker: packet == 0,
                payload: &[0x55; 60],
            };
            self.tell(lan, host, input);
            lan.run_for(Duration::from_millis(20));
        }
    }

    /// What the participant knows now.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The events so far, without their times.
    pub fn events(&self) -> Vec<SessionEvent> {
        self.state()
            .events
            .iter()
            .map(|(_, event)| event.clone())
            .collect()
    }

    /// Who has joined so far, in order.
    pub fn joined(&self) -> Vec<Ssrc> {
        let joined = |event| match event {
            SessionEvent::Joined(ssrc) => Some(ssrc),
            _ => None,
        };
        self.events().into_iter().filter_map(joined).collect()
    }

    /// Who has left, timed out or been forgotten so far, in order.
    pub fn gone(&self) -> Vec<Ssrc> {
        let gone = |event| match event {
            SessionEvent::Left { ssrc, .. } | SessionEvent::TimedOut(ssrc) => Some(ssrc),
            _ => None,
        };
        self.events().into_iter().filter_map(gone).collect()
    }
}

impl Endpoint for Seat {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        let input = match input {
            EndpointInput::Timeout => SessionInput::Timeout,
            EndpointInput::LocalAddresses(addresses) => SessionInput::LocalAddresses(addresses),
            EndpointInput::Datagram(datagram) => {
                let (from, bytes) = (datagram.from, datagram.bytes);
                if datagram.group == rtp() {
                    SessionInput::Rtp {
                        from,
                        waited: now.saturating_duration_since(datagram.arrival),
                        bytes,
                    }
                } else {
                    SessionInput::Rtcp { from, bytes }
                }
            }
            _ => return,
        };
        self.state().hear(now, input);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let mut state = self.state();
        let alarm = EndpointOutput::Timeout(state.alarm);
        state.outputs.pop_front().unwrap_or(alarm)
    }
}

impl State {
    /// Gives the session an input, and keeps what it says to be done.
    fn hear(&mut self, now: Instant, input: SessionInput<'_>) {
        self.session.handle_input(now, input);
        loop {
            match self.session.poll_output() {
                SessionOutput::Rtp(payload) => self.transmit(rtp(), payload),
                SessionOutput::Rtcp(payload) => self.transmit(rtcp(), payload),
                SessionOutput::Media(packet) => *self.media.entry(packet.ssrc).or_default() += 1,
                SessionOutput::Event(event) => self.events.push((now, event)),
                SessionOutput::Timeout(at) => return self.alarm = at,
                SessionOutput::Finished => return self.outputs.push_back(EndpointOutput::Finished),
            }
        }
    }

    fn transmit(&mut self, to: SocketAddr, payload: Vec<u8>) {
        let transmit = Transmit {
            to,
            ttl: 1,
            dscp: 0,
            payload,
        };
        self.outputs.push_back(EndpointOutput::Transmit(transmit));
    }
}

/// The usual configuration, with a seed of one's own.
pub fn config(lan: &Lan, name: &str, seed: u64) -> SessionConfig {
    let wall_clock = WallClock {
        instant: lan.now(),
        ntp: NtpTime(0xEE00_0000 << 32),
    };
    let mut config = SessionConfig::new(format!("{name}@lan.test"), wall_clock, seed);
    config.payload_types = vec![(PAYLOAD_TYPE, ClockRate::new(48_000).unwrap())];
    config
}

/// Where RTP goes.
pub fn rtp() -> SocketAddr {
    GROUP.parse().unwrap()
}

/// Where RTCP goes.
pub fn rtcp() -> SocketAddr {
    SocketAddr::new(rtp().ip(), rtp().port() + 1)
}

const PAYLOAD_TYPE: u8 = 96;

fn membership(group: SocketAddr) -> Membership {
    Membership {
        group,
        source: None,
    }
}
