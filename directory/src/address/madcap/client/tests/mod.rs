//! A client and its servers on a small network, in virtual time.
#![expect(clippy::disallowed_methods, reason = "a test needs one epoch")]

use std::net::Ipv4Addr;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::*;
use crate::address::Scope;

mod finding;
mod keeping;

const WALL: u32 = 1_800_000_000;
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 40_000);

/// One client, some servers, and what lies between them.
struct Network {
    now: Instant,
    client: Client,
    servers: Vec<Host>,
    events: Vec<ClientEvent>,
    rng: Rng,
    /// Of a hundred messages, so many are lost.
    loss: u8,
    multicasts: usize,
}

struct Host {
    server: Server,
    address: SocketAddr,
    is_up: bool,
    disk: BTreeMap<LeaseId, Record>,
}

impl Network {
    fn new(servers: Vec<ServerOptions>, options: ClientOptions) -> Self {
        let (now, wall) = (Instant::now(), UnixTime(WALL).to_wall());
        let servers = servers.into_iter().zip(11..).map(|(options, last)| Host {
            server: Server::new(options, Rng::with_seed(last), now, wall),
            address: server(last),
            is_up: true,
            disk: BTreeMap::new(),
        });
        Self {
            now,
            client: Client::new(options, Rng::with_seed(3), now, wall),
            servers: servers.collect(),
            events: Vec::new(),
            rng: Rng::with_seed(5),
            loss: 0,
            multicasts: 0,
        }
    }

    /// One server of the usual kind, found by multicast.
    fn usual() -> Self {
        Self::new(vec![ServerOptions::default()], found())
    }

    fn give(&mut self, input: ClientInput<'_>) {
        self.client.handle_input(self.now, input);
        self.settle();
    }

    fn run(&mut self, secs: u64) {
        let end = self.now + Duration::from_secs(secs);
        loop {
            self.settle();
            let client = match self.client.poll_output() {
                ClientOutput::Timeout(at) => at,
                other => panic!("{other:?} left behind"),
            };
            let servers =
                self.servers
                    .iter_mut()
                    .filter_map(|host| match host.server.poll_output() {
                        ServerOutput::Timeout(at) => at,
                        other => panic!("{other:?} left behind"),
                    });
            let Some(next) = servers.chain(client).min().filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            self.client.handle_input(self.now, ClientInput::Timeout);
            for host in &mut self.servers {
                host.server.handle_input(self.now, ServerInput::Timeout);
            }
        }
        self.now = end;
        self.give(ClientInput::Timeout);
    }

    fn settle(&mut self) {
        loop {
            match self.client.poll_output() {
                ClientOutput::Transmit { to, payload, .. } => self.carry(to, &payload),
                ClientOutput::Event(event) => self.events.push(event),
                ClientOutput::Timeout(_) => break,
            }
        }
        self.drain_servers();
    }

    fn carry(&mut self, to: SocketAddr, bytes: &[u8]) {
        self.multicasts += usize::from(to.ip().is_multicast());
        for number in 0..self.servers.len() {
            let is_lost = self.rng.u8(0..100) < self.loss;
            let host = &mut self.servers[number];
            let is_multicast = to.ip().is_multicast();
            if is_lost || !host.is_up || !(is_multicast || to == host.address) {
                continue;
            }
            let asked = Asked {
                from: CLIENT,
                local: host.address.ip(),
                is_multicast,
                bytes,
            };
            host.server
                .handle_input(self.now, ServerInput::Datagram(asked));
        }
        self.drain_servers();
    }

    fn drain_servers(&mut self) {
        for number in 0..self.servers.len() {
            loop {
                let host = &mut self.servers[number];
                let (is_up, from) = (host.is_up, host.address);
                match host.server.poll_output() {
                    ServerOutput::Store(number, change) => {
                        match change {
                            Change::Put(record) => {
                                drop(host.disk.insert(record.id.clone(), record))
                            }
                            Change::Remove(id) => drop(host.disk.remove(&id)),
                        }
                        host.server
                            .handle_input(self.now, ServerInput::Stored(number));
                    }
                    ServerOutput::Transmit { payload, .. } => {
                        if is_up && self.rng.u8(0..100) >= self.loss {
                            let bytes = &payload;
                            self.client
                                .handle_input(self.now, ClientInput::Datagram { from, bytes });
                        }
                    }
                    ServerOutput::Timeout(_) => break,
                }
            }
        }
        if self.client.outputs.front().is_some() {
            self.settle();
        }
    }

    /// The server forgets all, or begins again with what is on its disk.
    fn restart(&mut self, number: usize, is_disk_kept: bool) {
        let wall = self.client.clock.wall(self.now);
        let options = ServerOptions::default();
        let mut server = Server::new(options, Rng::with_seed(99), self.now, wall);
        if is_disk_kept {
            let records = self.servers[number].disk.values().cloned().collect();
            server.handle_input(self.now, ServerInput::Restore(records));
        }
        self.servers[number].server = server;
    }

    fn leased(&self) -> Vec<&Lease> {
        let leases = self.events.iter().filter_map(|event| match event {
            ClientEvent::Leased(lease) => Some(lease),
            _ => None,
        });
        leases.collect()
    }

    fn wall(&self) -> UnixTime {
        self.client.wall(self.now)
    }

    fn record(&self, number: usize) -> &Record {
        self.servers[number].server.leases().next().unwrap()
    }
}

fn server(last: u64) -> SocketAddr {
    let last = u8::try_from(last).unwrap();
    SocketAddr::from(([10, 0, 0, last], PORT))
}

fn found() -> ClientOptions {
    ClientOptions {
        servers: Vec::new(),
        patience: Duration::from_secs(60),
        language: Some("en".to_owned()),
    }
}

fn told(servers: Vec<SocketAddr>) -> ClientOptions {
    ClientOptions {
        servers,
        patience: Duration::from_secs(10),
        ..found()
    }
}

fn id(number: u8) -> LeaseId {
    LeaseId::new(&[0, number]).unwrap()
}

fn want(number: u8, count: u16, from: Option<u32>, until: Option<u32>) -> ClientInput<'static> {
    ClientInput::Lease(Want {
        id: id(number),
        scope: Scope::Site,
        version: IpVersion::V4,
        count,
        need: Need {
            from: from.map(|secs| UnixTime(WALL + secs)),
            until: until.map(|secs| UnixTime(WALL + secs)),
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is lost on the way, client and server agree in the end, and every lease has groups of its own.
    #[test]
    fn both_sides_agree_in_the_end(
        seed: u64,
        loss in 0u8..40,
        steps in prop::collection::vec((0u8..4, 0u8..6, 60u32..20_000, 0u64..3000), 1..20),
    ) {
        let mut network = Network::usual();
        network.rng = Rng::with_seed(seed);
        network.loss = loss;
        for (what, number, secs, pass) in steps {
            let until = network.wall().plus_secs(secs).0 - WALL;
            match what {
                0 if !network.client.holdings.contains_key(&id(number)) => {
                    network.give(want(number, 2, None, Some(until)));
                }
                1 => network.give(ClientInput::Release(id(number))),
                2 => {
                    let need = Need { from: None, until: Some(UnixTime(WALL + until)) };
                    network.give(ClientInput::Change(id(number), need));
                }
                _ => {}
            }
            network.run(pass);
        }
        network.loss = 0;
        network.run(200);
        let mut all: Vec<IpAddr> = Vec::new();
        for lease in network.client.leases() {
            let mut known = network.servers[0].server.leases();
            let record = known.find(|record| record.id == lease.want.id);
            let record = record.expect("the server knows of it");
            prop_assert_eq!(&record.groups, &lease.grant.groups);
            all.extend(&record.groups);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count);
    }
}
