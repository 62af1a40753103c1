//! A client and its servers on a small network, in virtual time.
#![expect(clippy::disallowed_methods, reason = "a test needs one epoch")]

use std::net::Ipv4Addr;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::*;
use crate::address::Scope;

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

#[test]
fn a_server_is_found_and_leases_at_once() {
    let mut network = Network::usual();
    network.give(want(1, 2, None, Some(7200)));
    let lease = network.leased()[0].clone();
    assert_eq!(lease.grant.groups.len(), 2);
    assert_eq!(lease.grant.server, server(11));
    assert_eq!(lease.grant.window, Window::lasting(UnixTime(WALL), 7200));
    assert_eq!(network.record(0).groups, lease.grant.groups);
    let is_scopes = |event: &ClientEvent| matches!(event, ClientEvent::Scopes { scopes, .. } if scopes.len() == 2);
    assert!(network.events.iter().any(is_scopes));
    assert_eq!(network.multicasts, 3, "GETINFO, DISCOVER, REQUEST");
    assert!(network.client.is_idle());
    network.run(7200);
    assert_eq!(network.events.last(), Some(&ClientEvent::Released(id(1))));
}

#[test]
fn a_server_that_was_told_is_asked_directly_and_the_next_if_it_is_silent() {
    let options = vec![ServerOptions::default(), ServerOptions::default()];
    let mut network = Network::new(options, told(vec![server(11), server(12)]));
    network.servers[0].is_up = false;
    network.give(want(1, 1, None, Some(7200)));
    network.run(11);
    assert_eq!(network.leased()[0].grant.server, server(12));
    assert_eq!(network.multicasts, 0);
    network.give(want(2, 1, None, Some(7200)));
    assert_eq!(
        network.leased()[1].grant.server,
        server(12),
        "the one that answers is known"
    );
}

#[test]
fn nobody_answers() {
    let mut network = Network::new(vec![], found());
    network.give(want(1, 1, None, Some(7200)));
    network.run(59);
    assert_eq!((network.multicasts, network.events.len()), (4, 0));
    network.run(1);
    let expected = [
        ClientEvent::NoServer(IpVersion::V4),
        ClientEvent::Refused(id(1), Unleased::NoServer),
    ];
    assert_eq!(network.events, expected);
}

#[test]
fn the_best_of_several_offers_is_taken_and_the_others_let_go() {
    let short = ServerOptions {
        max_lease_secs: 600,
        ..ServerOptions::default()
    };
    let long = ServerOptions {
        max_lease_secs: 6000,
        ..ServerOptions::default()
    };
    let mut network = Network::new(vec![short.clone(), long, short], found());
    network.give(want(1, 1, None, Some(7200)));
    network.run(5);
    assert_eq!(network.leased()[0].grant.server, server(12));
    let held: Vec<usize> = network
        .servers
        .iter()
        .map(|host| host.server.leases().count())
        .collect();
    assert_eq!(held, [0, 1, 0]);
    network.run(7300);
    assert!(
        network.leased().len() > 1,
        "renewed, since it was shorter than needed"
    );
    assert_eq!(network.events.last(), Some(&ClientEvent::Released(id(1))));
    let groups = &network.leased()[0].grant.groups;
    assert!(
        network
            .leased()
            .iter()
            .all(|lease| lease.grant.groups == *groups)
    );
}

#[test]
fn a_lease_for_good_is_renewed_half_way() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, None));
    network.run(89 * 86_400);
    assert_eq!(network.leased().len(), 1 + 5);
    assert!(network.record(0).window.end > network.wall().plus_secs(10 * 86_400));
}

#[test]
fn another_time_moves_the_lease() {
    let mut network = Network::usual();
    network.give(want(1, 1, Some(3600), Some(7200)));
    let need = Need {
        from: Some(UnixTime(WALL + 86_400)),
        until: Some(UnixTime(WALL + 90_000)),
    };
    network.give(ClientInput::Change(id(1), need));
    assert_eq!(network.leased().len(), 2);
    let expected = Window::lasting(UnixTime(WALL + 86_400), 3600);
    assert_eq!(network.record(0).window, expected);
    assert_eq!(network.leased()[1].grant.window, expected);
    assert_eq!(network.leased()[1].want.need, need);
}

#[test]
fn a_time_that_cannot_be_had_leaves_the_lease_as_it_is() {
    let mut options = ServerOptions::default();
    options.scopes[0].last = IpAddr::from([239, 255, 0, 0]);
    let mut network = Network::new(vec![options], found());
    network.give(want(1, 1, None, Some(3600)));
    network.give(want(2, 1, Some(20_000), Some(30_000)));
    let need = Need {
        from: Some(UnixTime(WALL + 21_000)),
        until: Some(UnixTime(WALL + 22_000)),
    };
    network.give(ClientInput::Change(id(1), need));
    let reason = Unleased::Refused(server(11), Refusal::CannotComplete(Some(code::START_TIME)));
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Refused(id(1), reason))
    );
    assert_eq!(network.client.leases().count(), 2);
}

#[test]
fn release_gives_back() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, None));
    network.give(ClientInput::Release(id(1)));
    assert_eq!(network.events.last(), Some(&ClientEvent::Released(id(1))));
    assert_eq!(network.servers[0].server.leases().count(), 0);
    assert_eq!(network.client.leases().count(), 0);
}

#[test]
fn release_to_a_silent_server_is_given_up_in_the_end() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, None));
    network.servers[0].is_up = false;
    network.give(ClientInput::Release(id(1)));
    network.run(60);
    assert_eq!(network.events.last(), Some(&ClientEvent::Released(id(1))));
}

#[test]
fn a_full_server_says_so() {
    let mut options = ServerOptions::default();
    options.scopes[0].last = IpAddr::from([239, 255, 0, 0]);
    let mut network = Network::new(vec![options], found());
    network.give(want(1, 1, None, None));
    network.give(want(2, 1, None, None));
    network.run(60);
    let reason = Unleased::Refused(server(11), Refusal::CannotComplete(None));
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Refused(id(2), reason))
    );
}

#[test]
fn no_server_has_the_scope() {
    let mut network = Network::usual();
    let ClientInput::Lease(want) = want(1, 1, None, None) else {
        unreachable!()
    };
    network.give(ClientInput::Lease(Want {
        scope: Scope::World,
        ..want
    }));
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Refused(id(1), Unleased::NoScope))
    );
}

#[test]
fn leases_are_confirmed_after_a_restart_of_the_client() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, Some(7200)));
    let leases: Vec<Lease> = network.client.leases().collect();
    let text = serde_json::to_string(&leases).unwrap();
    let leases: Vec<Lease> = serde_json::from_str(&text).unwrap();
    network.run(600);
    network.client = Client::new(
        found(),
        Rng::with_seed(4),
        network.now,
        network.wall().to_wall(),
    );
    network.give(ClientInput::Restore(leases.clone()));
    network.run(3);
    assert_eq!(network.leased().len(), 2);
    assert_eq!(network.leased()[1].grant.groups, leases[0].grant.groups);
    assert_eq!(network.record(0).window.end, UnixTime(WALL + 7200));
}

#[test]
fn a_server_that_forgot_leases_the_same_groups_again() {
    let mut network = Network::usual();
    network.give(want(1, 2, None, None));
    network.restart(0, false);
    network.run(16 * 86_400);
    assert_eq!(
        network.leased()[1].grant.groups,
        network.leased()[0].grant.groups
    );
    assert_eq!(network.record(0).groups, network.leased()[0].grant.groups);
}

#[test]
fn groups_that_others_got_meanwhile_are_lost() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, Some(86_400)));
    let mut other = network.record(0).clone();
    other.id = id(200);
    network.restart(0, false);
    network.servers[0]
        .server
        .handle_input(network.now, ServerInput::Restore(vec![other]));
    network.give(ClientInput::Change(
        id(1),
        Need {
            from: None,
            until: Some(UnixTime(WALL + 90_000)),
        },
    ));
    network.run(10);
    let reason = Unleased::Refused(server(11), Refusal::CannotComplete(Some(code::RANGES)));
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Lost(id(1), reason))
    );
}

#[test]
fn a_server_that_is_away_until_the_lease_runs_out_is_waited_for() {
    let short = ServerOptions {
        max_lease_secs: 3600,
        ..ServerOptions::default()
    };
    let mut network = Network::new(vec![short], found());
    network.give(want(1, 1, None, None));
    network.servers[0].is_up = false;
    network.run(4000);
    assert_eq!(network.events.last(), Some(&ClientEvent::Overdue(id(1))));
    network.run(20_000);
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Overdue(id(1))),
        "told once"
    );
    network.restart(0, true);
    network.servers[0].is_up = true;
    network.run(130);
    let leased = network.leased();
    assert_eq!(leased.last().unwrap().grant.groups, leased[0].grant.groups);
}

#[test]
fn clocks_that_differ_are_told_of() {
    let mut network = Network::usual();
    let off = |secs| ClientInput::WallClock(UnixTime(WALL + secs).to_wall());
    network.give(off(600));
    network.give(want(1, 1, None, Some(7200)));
    let is_told = |event: &ClientEvent| *event == ClientEvent::ClockSkew(server(11), 600);
    assert!(network.events.iter().any(is_told));
    network.give(off(2000));
    network.give(want(2, 1, None, Some(7200)));
    network.run(10);
    let reason = Unleased::Refused(server(11), Refusal::ClockSkew(UnixTime(WALL + 4)));
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Refused(id(2), reason))
    );
}

#[test]
fn a_server_may_ask_for_patience() {
    let mut network = Network::new(vec![], told(vec![server(11)]));
    network.give(want(1, 1, None, Some(7200)));
    let answer = |network: &mut Network, kind, options: Options| {
        let asked = network
            .client
            .holdings
            .get(&id(1))
            .and_then(|h| h.asked.as_ref());
        let xid = asked.map_or(0, |asked| asked.xid);
        let packet = Packet {
            kind,
            family: Family::V4,
            xid,
            options,
        };
        let (from, bytes) = (server(11), packet.to_bytes());
        network.give(ClientInput::Datagram {
            from,
            bytes: &bytes,
        });
    };
    network.client.known.push(Known {
        server: server(11),
        family: Family::V4,
        scopes: None,
        at: network.now,
    });
    network.client.begin(network.now, &id(1));
    let lease = |ranges, retry_at| Options {
        lease_secs: Some(7200),
        server: Some(server(11).ip()),
        lease_id: Some(id(1)),
        scope: Some(IpAddr::from([239, 255, 0, 0])),
        ranges: Some(ranges),
        now: Some(UnixTime(WALL)),
        retry_at,
        ..Options::default()
    };
    answer(
        &mut network,
        MessageKind::Ack,
        lease(vec![], Some(UnixTime(WALL + 300))),
    );
    assert_eq!(
        network.events.last(),
        Some(&ClientEvent::Deferred(id(1), UnixTime(WALL + 300)))
    );
    network.client.known[0].at += Duration::from_secs(300);
    network.run(300);
    let range = AddressRange {
        first: IpAddr::from([239, 255, 1, 1]),
        count: 1,
    };
    answer(&mut network, MessageKind::Ack, lease(vec![range], None));
    assert_eq!(network.leased().len(), 1);
}

#[test]
fn answers_that_were_not_asked_for_change_nothing() {
    let mut network = Network::usual();
    network.give(want(1, 1, None, Some(7200)));
    let before: Vec<Lease> = network.client.leases().collect();
    for kind in [MessageKind::Ack, MessageKind::Nak, MessageKind::Offer] {
        let options = Options {
            server: Some(server(66).ip()),
            lease_id: Some(id(1)),
            refusal: (kind == MessageKind::Nak).then_some(Refusal::UnknownLease),
            ..Options::default()
        };
        let packet = Packet {
            kind,
            family: Family::V4,
            xid: 1,
            options,
        };
        let bytes = packet.to_bytes();
        network.give(ClientInput::Datagram {
            from: server(66),
            bytes: &bytes,
        });
    }
    assert_eq!(network.client.leases().collect::<Vec<_>>(), before);
    assert_eq!(network.client.ignored(), 3);
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
