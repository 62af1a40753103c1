//! What a server grants, refuses, repeats and forgets.
#![expect(clippy::disallowed_methods, reason = "a test needs one epoch")]

use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::*;

mod granting;
mod refusing;

const SITE: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 255, 0, 0));
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// A server, a disk that writes at once unless it hangs, and time.
struct Desk {
    server: Server,
    now: Instant,
    disk: BTreeMap<LeaseId, Record>,
    is_hanging: bool,
    stored: u64,
}

impl Desk {
    const WALL: u32 = 1_800_000_000;

    fn new(options: ServerOptions) -> Self {
        let now = Instant::now();
        let wall = UnixTime(Self::WALL).to_wall();
        Self {
            server: Server::new(options, Rng::with_seed(7), now, wall),
            now,
            disk: BTreeMap::new(),
            is_hanging: false,
            stored: 0,
        }
    }

    fn pass(&mut self, secs: u64) {
        self.now += Duration::from_secs(secs);
        self.server.handle_input(self.now, ServerInput::Timeout);
        assert!(self.drain().is_empty(), "a server speaks only when asked");
    }

    fn ask_from(&mut self, host: u8, is_multicast: bool, bytes: &[u8]) -> Vec<Packet> {
        let asked = Asked {
            from: SocketAddr::from(([10, 0, 0, host], 4000)),
            local: LOCAL,
            is_multicast,
            bytes,
        };
        self.server
            .handle_input(self.now, ServerInput::Datagram(asked));
        self.drain()
    }

    /// Asks by unicast; there is one answer.
    fn ask(&mut self, kind: MessageKind, xid: u32, options: Options) -> Packet {
        let answers = self.ask_from(2, false, &message(kind, xid, options).to_bytes());
        let [answer] = <[Packet; 1]>::try_from(answers).unwrap();
        answer
    }

    fn refusal(&mut self, kind: MessageKind, xid: u32, options: Options) -> Refusal {
        let answer = self.ask(kind, xid, options);
        assert_eq!(answer.kind, MessageKind::Nak);
        answer.options.refusal.unwrap()
    }

    fn drain(&mut self) -> Vec<Packet> {
        let mut sent = Vec::new();
        loop {
            match self.server.poll_output() {
                ServerOutput::Store(number, change) => {
                    match change {
                        Change::Put(record) => drop(self.disk.insert(record.id.clone(), record)),
                        Change::Remove(id) => drop(self.disk.remove(&id)),
                    }
                    self.stored = number;
                    if !self.is_hanging {
                        self.server
                            .handle_input(self.now, ServerInput::Stored(number));
                    }
                }
                ServerOutput::Transmit { payload, .. } => {
                    sent.push(Packet::parse(&payload).unwrap());
                }
                ServerOutput::Timeout(_) => return sent,
            }
        }
    }
}

fn message(kind: MessageKind, xid: u32, options: Options) -> Packet {
    Packet {
        kind,
        family: Family::V4,
        xid,
        options,
    }
}

fn of(lease: u8) -> Options {
    Options {
        lease_id: LeaseId::new(&[0, lease]),
        ..Options::default()
    }
}

fn request(lease: u8) -> Options {
    Options {
        scope: Some(SITE),
        lease_secs: Some(3600),
        ..of(lease)
    }
}

fn groups(packet: &Packet) -> Vec<IpAddr> {
    let ranges = packet.options.ranges.iter().flatten();
    ranges.flat_map(|range| range.addresses()).collect()
}

proptest! {
    /// Whatever is asked, nothing is leased twice at one time, and the disk knows all that was acknowledged.
    #[test]
    fn nothing_is_leased_twice(steps in prop::collection::vec((0u8..5, 0u8..20, 0u32..50_000, 1u32..20_000, 1u16..4), 1..60)) {
        let mut options = ServerOptions::default();
        options.scopes[0].last = IpAddr::from([239, 255, 0, 7]);
        let mut desk = Desk::new(options);
        for (xid, (what, lease, start, secs, desired)) in (0..).zip(steps) {
            let wall = desk.server.wall(desk.now);
            let timed = Options {
                start: Some(wall.plus_secs(start)),
                now: Some(wall),
                lease_secs: Some(secs),
                ..of(lease)
            };
            let asked = Options {
                scope: Some(SITE),
                count: Some(Count { min: 1, desired }),
                ..timed.clone()
            };
            match what {
                0 => desk.pass(secs.into()),
                1 => drop(desk.ask(MessageKind::Renew, xid, timed)),
                2 => drop(desk.ask(MessageKind::Release, xid, of(lease))),
                3 => drop(desk.ask_from(2, true, &message(MessageKind::Discover, xid, asked).to_bytes())),
                _ => drop(desk.ask(MessageKind::Request, xid, asked)),
            }
            let book: Vec<&Record> = desk.server.book.iter().collect();
            for (number, one) in book.iter().enumerate() {
                for other in book.iter().skip(number + 1) {
                    let is_shared = one.groups.iter().any(|group| other.groups.contains(group));
                    prop_assert!(!(is_shared && one.window.overlaps(other.window)));
                }
            }
            let known: Vec<&Record> = desk.server.leases().collect();
            prop_assert_eq!(known, desk.disk.values().collect::<Vec<_>>());
        }
    }

    #[test]
    fn any_messages_never_panic(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20)) {
        let mut desk = Desk::new(ServerOptions::default());
        for bytes in messages {
            desk.ask_from(1, true, &[&[0, 3, 0, 1][..], &bytes].concat());
        }
    }
}
