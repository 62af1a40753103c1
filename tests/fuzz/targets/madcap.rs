//! A MADCAP client and server that are given any messages, the other's among them, while time passes.
#![no_main]
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use directory::address::madcap::{
    Asked, Client, ClientInput, ClientOptions, ClientOutput, LeaseId, Need, Server, ServerInput,
    ServerOptions, ServerOutput, UnixTime, Want,
};
use directory::address::{IpVersion, Scope};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut pair = Pair::new();
    let mut rest = bytes;
    while let [what, much, tail @ ..] = rest {
        let (given, tail) = tail.split_at(tail.len().min(usize::from(*much)));
        rest = tail;
        match what % 6 {
            0 => pair.now += Duration::from_secs(u64::from(*much).pow(2)),
            1 => pair.tell(ClientInput::Lease(want(*much))),
            2 => pair.tell(ClientInput::Release(id(*much))),
            3 => pair.tell(ClientInput::Change(id(*much), need(given))),
            4 => pair.tell(ClientInput::Datagram {
                from: from(*what),
                bytes: given,
            }),
            _ => pair.ask(from(*what), given),
        }
        pair.tell(ClientInput::Timeout);
        pair.server.handle_input(pair.now, ServerInput::Timeout);
        pair.settle();
        pair.check();
    }
});

struct Pair {
    now: Instant,
    client: Client,
    server: Server,
}

impl Pair {
    fn new() -> Self {
        let (now, wall) = (
            Instant::now(),
            SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30),
        );
        let options = ClientOptions {
            servers: Vec::new(),
            patience: Duration::from_secs(60),
            language: None,
        };
        let rng = fastrand::Rng::with_seed(1);
        Self {
            now,
            client: Client::new(options, rng.clone(), now, wall),
            server: Server::new(ServerOptions::default(), rng, now, wall),
        }
    }

    fn tell(&mut self, input: ClientInput<'_>) {
        self.client.handle_input(self.now, input);
    }

    fn ask(&mut self, from: SocketAddr, bytes: &[u8]) {
        let asked = Asked {
            from,
            local: IpAddr::from([10, 0, 0, 1]),
            is_multicast: true,
            bytes,
        };
        self.server
            .handle_input(self.now, ServerInput::Datagram(asked));
    }

    fn settle(&mut self) {
        for _ in 0..10_000 {
            match self.client.poll_output() {
                ClientOutput::Transmit { payload, .. } => self.ask(from(0), &payload),
                ClientOutput::Event(_) => {}
                ClientOutput::Timeout(_) => match self.server.poll_output() {
                    ServerOutput::Store(number, _) => {
                        self.server
                            .handle_input(self.now, ServerInput::Stored(number));
                    }
                    ServerOutput::Transmit { to, payload, .. } if to == from(0) => {
                        let (from, bytes) = (SocketAddr::from(([10, 0, 0, 1], 2535)), &payload[..]);
                        self.tell(ClientInput::Datagram { from, bytes });
                    }
                    ServerOutput::Transmit { .. } => {}
                    ServerOutput::Timeout(_) => return,
                },
            }
        }
        panic!("outputs without end");
    }

    /// No group is leased twice at one time.
    fn check(&self) {
        let mut seen = BTreeSet::new();
        for record in self.server.leases() {
            for group in &record.groups {
                let is_new = seen.insert((*group, record.window.start));
                assert!(is_new, "{group} is leased twice");
            }
        }
    }
}

fn id(number: u8) -> LeaseId {
    LeaseId::new(&[0, number % 8]).expect("two bytes are a name")
}

fn need(bytes: &[u8]) -> Need {
    let until = bytes
        .first()
        .map(|byte| UnixTime((1 << 30) + u32::from(*byte) * 1000));
    Need { from: None, until }
}

fn want(number: u8) -> Want {
    Want {
        id: id(number),
        scope: Scope::ALL[usize::from(number) % 4],
        version: if number < 128 {
            IpVersion::V4
        } else {
            IpVersion::V6
        },
        count: u16::from(number % 4),
        need: need(&[number]),
    }
}

fn from(host: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 1, host], 40_000))
}
