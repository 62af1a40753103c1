//! Any sequence of operations keeps the invariants, and any bytes are survived.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Announce {
        sender: u8,
        session: u64,
        version: u64,
        hash: u16,
    },
    Delete {
        sender: u8,
        session: u64,
        hash: u16,
    },
    Junk(Vec<u8>),
    Wait(u64),
    Publish {
        session: u64,
        version: u64,
    },
    Withdraw {
        session: u64,
    },
    Query {
        host: usize,
    },
    Address(bool),
    Clock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4u8, 0..8u64, 0..4u64, 0..6u16).prop_map(|(sender, session, version, hash)| {
            Step::Announce { sender, session, version, hash }
        }),
        2 => (0..4u8, 0..8u64, 0..6u16)
            .prop_map(|(sender, session, hash)| Step::Delete { sender, session, hash }),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Step::Junk),
        2 => (0..4_000u64).prop_map(Step::Wait),
        2 => (0..4u64, 0..3u64).prop_map(|(session, version)| Step::Publish { session, version }),
        1 => (0..4u64).prop_map(|session| Step::Withdraw { session }),
        1 => (0..2usize).prop_map(|host| Step::Query { host }),
        1 => any::<bool>().prop_map(Step::Address),
        1 => (0..10_000u64).prop_map(Step::Clock),
    ]
}

fn text(session: u64, version: u64) -> String {
    let stop = if session.is_multiple_of(2) {
        0
    } else {
        NTP + session * 2_000
    };
    sdp_until(session, version, "239.255.7.7/15", stop)
}

fn apply(link: &mut Link, step: Step) {
    match step {
        Step::Announce {
            sender,
            session,
            version,
            hash,
        } => {
            let from = format!("198.51.100.{sender}");
            link.forge(&from, &announcement(hash, &from, &text(session, version)));
        }
        Step::Delete {
            sender,
            session,
            hash,
        } => {
            let from = format!("198.51.100.{sender}");
            link.forge(&from, &deletion(hash, &from, &text(session, 9)));
        }
        Step::Junk(payload) => {
            let to = "239.255.255.255:9875".parse().unwrap();
            link.forge(
                "198.51.100.9",
                &Transmit {
                    to,
                    ttl: 1,
                    payload,
                },
            );
        }
        Step::Wait(secs) => link.run_for(Duration::from_secs(secs)),
        Step::Publish { session, version } => drop(link.publish(0, &text(session, version))),
        Step::Withdraw { session } => {
            let id = Description::parse(text(session, 0).as_bytes())
                .unwrap()
                .id();
            link.input(0, Input::Withdraw(id));
        }
        Step::Query { host } => link.input(host, Input::Query),
        Step::Address(is_up) => {
            let address = link.hosts[0].address;
            let up: &[IpAddr] = if is_up { &[address] } else { &[] };
            link.input(0, Input::LocalAddresses(up));
        }
        Step::Clock(secs) => {
            let wall = link.wall() + Duration::from_secs(secs);
            link.input(1, Input::WallClock(wall));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sequence_keeps_the_invariants(steps in prop::collection::vec(step(), 1..60)) {
        let limits = Limits { announcements: 10, per_sender: 4,
            per_conference: 3, bytes: 1_500 };
        let mut link = Link::new();
        link.plug_with("192.0.2.1", limits);
        link.plug_with("192.0.2.2", limits);
        for step in steps {
            apply(&mut link, step);
            link.run_for(Duration::from_millis(2));
            for host in &link.hosts {
                host.agent.check();
            }
        }
        check_events(&link, 1);
    }
}

/// Found and gone take turns, and what is listed in the end was found last.
fn check_events(link: &Link, host: usize) {
    let mut present = BTreeSet::new();
    for event in link.events(host) {
        match event {
            Event::Found(id) => assert!(present.insert(id)),
            Event::Gone(id, _) => assert!(present.remove(&id)),
            Event::Changed(id) => assert!(present.contains(&id)),
            _ => {}
        }
    }
    let listed: BTreeSet<ConferenceId> = link.hosts[host].agent.heard().map(|(id, _)| id).collect();
    assert_eq!(present, listed);
}
