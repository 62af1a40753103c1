//! What a server grants, refuses, repeats and forgets.
#![expect(clippy::disallowed_methods, reason = "a test needs one epoch")]

use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::*;

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

#[test]
fn a_request_is_granted_stored_and_then_acknowledged() {
    let mut desk = Desk::new(ServerOptions::default());
    desk.is_hanging = true;
    let bytes = message(MessageKind::Request, 1, request(1)).to_bytes();
    assert!(
        desk.ask_from(2, false, &bytes).is_empty(),
        "not on disk yet"
    );
    assert!(
        desk.ask_from(2, false, &bytes).is_empty(),
        "nor the second time"
    );
    desk.server
        .handle_input(desk.now, ServerInput::Stored(desk.stored));
    let answers = desk.drain();
    assert_eq!(answers.len(), 1);
    assert!(answers[0].answers(Reply::Request));
    let group = groups(&answers[0])[0];
    assert_eq!(desk.disk.values().next().unwrap().groups, [group]);
    assert_eq!(answers[0].options.lease_secs, Some(3600));
    assert_eq!(answers[0].options.server, Some(LOCAL));
    assert_eq!(
        desk.ask_from(2, false, &bytes),
        answers,
        "a repeated request has the same answer"
    );
    assert_eq!(
        (
            desk.server.counters().granted,
            desk.server.counters().repeated
        ),
        (1, 2)
    );
}

#[test]
fn what_the_disk_refused_is_not_acknowledged() {
    let mut desk = Desk::new(ServerOptions::default());
    desk.is_hanging = true;
    let bytes = message(MessageKind::Request, 1, request(1)).to_bytes();
    assert!(desk.ask_from(2, false, &bytes).is_empty());
    desk.server
        .handle_input(desk.now, ServerInput::NotStored(desk.stored));
    assert!(desk.drain().is_empty());
    desk.is_hanging = false;
    assert_eq!(
        desk.ask_from(2, false, &bytes).len(),
        1,
        "asked again, it is tried again"
    );
    assert_eq!(desk.server.leases().count(), 1);
}

#[test]
fn discover_offer_request() {
    let mut desk = Desk::new(ServerOptions::default());
    let discover = message(MessageKind::Discover, 1, request(1)).to_bytes();
    let offers = desk.ask_from(2, true, &discover);
    assert!(offers[0].answers(Reply::Discover));
    assert_eq!((desk.server.leases().count(), desk.disk.len()), (0, 0));
    let accepted = Options {
        server: Some(LOCAL),
        ..request(1)
    };
    let accepted = message(MessageKind::Request, 2, accepted).to_bytes();
    let answers = desk.ask_from(2, true, &accepted);
    assert_eq!(
        groups(&answers[0]),
        groups(&offers[0]),
        "what was offered is granted"
    );
    assert_eq!((desk.server.leases().count(), desk.disk.len()), (1, 1));
}

#[test]
fn an_offer_ends_when_another_server_is_chosen_or_a_minute_passes() {
    let mut desk = Desk::new(ServerOptions::default());
    for lease in [1, 2] {
        let discover = message(MessageKind::Discover, 1, request(lease)).to_bytes();
        assert_eq!(desk.ask_from(2, true, &discover).len(), 1);
    }
    assert_eq!(desk.server.book.len(), 2);
    let elsewhere = Options {
        server: Some(IpAddr::from([10, 0, 0, 9])),
        ..request(1)
    };
    let elsewhere = message(MessageKind::Request, 2, elsewhere).to_bytes();
    assert!(desk.ask_from(2, true, &elsewhere).is_empty());
    assert_eq!(desk.server.book.len(), 1);
    desk.pass(60);
    assert_eq!(desk.server.book.len(), 0);
}

#[test]
fn groups_are_leased_to_one_at_a_time_and_a_full_pool_says_so() {
    let mut options = ServerOptions::default();
    options.scopes[0].first = IpAddr::from([239, 255, 7, 0]);
    options.scopes[0].last = IpAddr::from([239, 255, 7, 3]);
    let mut desk = Desk::new(options);
    let several = |lease, min, desired| Options {
        count: Some(Count { min, desired }),
        ..request(lease)
    };
    let first = desk.ask(MessageKind::Request, 1, several(1, 1, 3));
    assert_eq!(groups(&first).len(), 3);
    let too_many = desk.refusal(MessageKind::Request, 2, several(2, 2, 3));
    assert_eq!(too_many, Refusal::CannotComplete(Some(code::COUNT)));
    let partial = desk.ask(MessageKind::Request, 3, several(3, 1, 3));
    assert_eq!(
        groups(&partial).len(),
        1,
        "fewer than wanted, no fewer than needed"
    );
    let none_left = desk.refusal(MessageKind::Request, 4, request(4));
    assert_eq!(none_left, Refusal::CannotComplete(None));
    let later = Options {
        start: Some(UnixTime(Desk::WALL + 4 * 3600)),
        now: Some(UnixTime(Desk::WALL)),
        ..request(4)
    };
    let later = desk.ask(MessageKind::Request, 5, later);
    assert_eq!(groups(&later).len(), 1, "at another time it is free");
    assert_eq!(later.options.start, Some(UnixTime(Desk::WALL + 4 * 3600)));
}

#[test]
fn a_lease_runs_out_an_hour_after_its_end() {
    let mut desk = Desk::new(ServerOptions::default());
    desk.ask(MessageKind::Request, 1, request(1));
    desk.pass(3600 + 3599);
    assert_eq!(desk.server.leases().count(), 1);
    desk.pass(1);
    assert_eq!((desk.server.leases().count(), desk.disk.len()), (0, 0));
    assert_eq!(
        desk.refusal(MessageKind::Renew, 2, of(1)),
        Refusal::UnknownLease
    );
}

#[test]
fn renew_moves_a_lease_and_keeps_its_groups() {
    let mut desk = Desk::new(ServerOptions::default());
    let granted = desk.ask(MessageKind::Request, 1, request(1));
    desk.pass(1800);
    let tomorrow = UnixTime(Desk::WALL + 86_400);
    let moved = Options {
        start: Some(tomorrow),
        now: Some(UnixTime(Desk::WALL + 1800)),
        lease_secs: Some(7200),
        ..of(1)
    };
    let moved = desk.ask(MessageKind::Renew, 2, moved);
    assert!(moved.answers(Reply::Renew));
    assert_eq!(groups(&moved), groups(&granted));
    let window = desk.disk.values().next().unwrap().window;
    assert_eq!(window, Window::lasting(tomorrow, 7200));
}

#[test]
fn renew_is_shortened_by_whoever_comes_next_or_refused() {
    let mut options = ServerOptions::default();
    options.scopes[0].last = IpAddr::from([239, 255, 0, 0]);
    let mut desk = Desk::new(options);
    desk.ask(MessageKind::Request, 1, request(1));
    let next = Options {
        start: Some(UnixTime(Desk::WALL + 20_000)),
        now: Some(UnixTime(Desk::WALL)),
        ..request(2)
    };
    assert_eq!(
        desk.ask(MessageKind::Request, 2, next).kind,
        MessageKind::Ack
    );
    let longer = |min| Options {
        lease_secs: Some(30_000),
        min_lease_secs: min,
        ..of(1)
    };
    let granted = desk.ask(MessageKind::Renew, 3, longer(None));
    assert_eq!(granted.options.lease_secs, Some(20_000 - 7200));
    let refused = desk.refusal(MessageKind::Renew, 4, longer(Some(20_000)));
    assert_eq!(refused, Refusal::CannotComplete(Some(code::MIN_LEASE_TIME)));
}

#[test]
fn release_gives_back_once() {
    let mut desk = Desk::new(ServerOptions::default());
    desk.ask(MessageKind::Request, 1, request(1));
    let released = desk.ask(MessageKind::Release, 2, of(1));
    assert!(released.answers(Reply::Release));
    assert!(desk.disk.is_empty());
    assert_eq!(
        desk.ask(MessageKind::Release, 2, of(1)),
        released,
        "asked again"
    );
    assert_eq!(
        desk.refusal(MessageKind::Release, 3, of(1)),
        Refusal::UnknownLease
    );
}

#[test]
fn leases_outlive_a_restart() {
    let mut desk = Desk::new(ServerOptions::default());
    let granted = desk.ask(MessageKind::Request, 1, request(1));
    let mut again = Desk::new(ServerOptions::default());
    let stored = desk.disk.into_values().collect();
    again
        .server
        .handle_input(again.now, ServerInput::Restore(stored));
    let renewed = again.ask(MessageKind::Renew, 9, of(1));
    assert_eq!(groups(&renewed), groups(&granted));
}

#[test]
fn limits_of_time() {
    let mut desk = Desk::new(ServerOptions::default());
    let now = Some(UnixTime(Desk::WALL));
    let cases = [
        (
            Options {
                start: Some(UnixTime(Desk::WALL + 500 * 86_400)),
                now,
                ..request(1)
            },
            Refusal::CannotComplete(Some(code::START_TIME)),
        ),
        (
            Options {
                start: now,
                max_start: Some(UnixTime(Desk::WALL - 5)),
                now,
                ..request(1)
            },
            Refusal::CannotComplete(Some(code::MAX_START_TIME)),
        ),
        (
            Options {
                lease_secs: Some(u32::MAX),
                min_lease_secs: Some(u32::MAX / 2),
                ..request(1)
            },
            Refusal::CannotComplete(Some(code::MIN_LEASE_TIME)),
        ),
        (
            Options {
                start: Some(UnixTime(Desk::WALL - 4000)),
                now,
                ..request(1)
            },
            Refusal::CannotComplete(Some(code::LEASE_TIME)),
        ),
        (
            Options {
                now: Some(UnixTime(Desk::WALL + 1801)),
                ..request(1)
            },
            Refusal::ClockSkew(UnixTime(Desk::WALL)),
        ),
    ];
    for (xid, (options, expected)) in (10..).zip(cases) {
        assert_eq!(desk.refusal(MessageKind::Request, xid, options), expected);
    }
    let longest = Options {
        lease_secs: None,
        ..request(1)
    };
    let longest = desk.ask(MessageKind::Request, 1, longest);
    assert_eq!(longest.options.lease_secs, Some(30 * 86_400));
}

#[test]
fn other_reasons_to_refuse() {
    let mut desk = Desk::new(ServerOptions::default());
    let world = Options {
        scope: Some(IpAddr::from([224, 2, 128, 0])),
        ..request(1)
    };
    let refused = desk.refusal(MessageKind::Request, 1, world);
    assert_eq!(refused, Refusal::CannotComplete(Some(code::SCOPE)));
    let mobile = Features {
        supported: vec![Feature::SERVER_MOBILITY],
        required: vec![Feature::SERVER_MOBILITY],
        ..Features::default()
    };
    let refused = desk.refusal(
        MessageKind::Request,
        2,
        Options {
            features: Some(mobile),
            ..request(1)
        },
    );
    assert_eq!(
        refused,
        Refusal::Unsupported(vec![Feature::SERVER_MOBILITY])
    );
    let bytes = message(MessageKind::Request, 3, request(1)).to_bytes();
    let unnamed = desk.ask_from(2, true, &bytes).remove(0);
    assert_eq!(
        unnamed.options.refusal,
        Some(Refusal::Invalid(Some(code::SERVER)))
    );
    assert_eq!(desk.server.leases().count(), 0);
}

#[test]
fn particular_groups_are_leased_again_after_they_were_lost() {
    let mut desk = Desk::new(ServerOptions::default());
    let group = IpAddr::from([239, 255, 9, 9]);
    let taken = BTreeSet::from([group]);
    desk.server
        .handle_input(desk.now, ServerInput::Taken(taken));
    let wanted = |lease| Options {
        ranges: Some(AddressRange::from_addresses(&[group])),
        ..request(lease)
    };
    let granted = desk.ask(MessageKind::Request, 1, wanted(1));
    assert_eq!(groups(&granted), [group]);
    let refused = desk.refusal(MessageKind::Request, 2, wanted(2));
    assert_eq!(refused, Refusal::CannotComplete(Some(code::RANGES)));
}

#[test]
fn getinfo_lists_scopes_by_family_and_language() {
    let mut desk = Desk::new(ServerOptions::default());
    let ask = Options {
        requested: Some(vec![code::SCOPE_LIST, code::CURRENT_TIME, code::FEATURES]),
        language: Some("de".to_owned()),
        ..of(1)
    };
    let told = desk.ask(MessageKind::GetInfo, 1, ask.clone());
    assert!(told.answers(Reply::GetInfo));
    let scopes = told.options.scopes.unwrap();
    let names: Vec<&str> = scopes
        .iter()
        .flat_map(|s| &s.names)
        .map(|n| &*n.name)
        .collect();
    assert_eq!(names, ["Standort", "Organisation"]);
    assert_eq!(told.options.now, Some(UnixTime(Desk::WALL)));
    assert_eq!(
        told.options.features.unwrap().supported,
        [Feature::SHARED_LEASE_ID]
    );
    let every = Options {
        language: None,
        ..ask
    };
    let told = desk.ask(MessageKind::GetInfo, 2, every);
    assert!(
        told.options
            .scopes
            .unwrap()
            .iter()
            .all(|scope| scope.names.len() == 3)
    );
}

#[test]
fn a_hostile_host_gets_its_share_and_no_more() {
    let options = ServerOptions {
        max_leases_of_one: 5,
        ..ServerOptions::default()
    };
    let mut desk = Desk::new(options);
    let mut acknowledged = 0;
    for lease in 0..=255 {
        let bytes = message(MessageKind::Request, 1, request(lease)).to_bytes();
        let answers = desk.ask_from(66, false, &bytes);
        acknowledged += answers
            .iter()
            .filter(|answer| answer.kind == MessageKind::Ack)
            .count();
    }
    assert_eq!((acknowledged, desk.server.counters().throttled), (5, 56));
    assert_eq!(
        desk.ask(MessageKind::Request, 2, request(77)).kind,
        MessageKind::Ack
    );
}

#[test]
fn servers_never_answer_servers() {
    let mut desk = Desk::new(ServerOptions::default());
    for kind in 0..=255 {
        let answers = desk.ask_from(
            3,
            true,
            &[0, kind, 0, 1, 0, 0, 0, 1, 0, 3, 0, 1, 5, 0, 0, 0, 0],
        );
        assert_eq!(answers.is_empty(), [2, 5, 6].contains(&kind), "{kind}");
        desk.now += Duration::from_secs(1);
    }
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
