//! Servers are found, asked, and say no.
use super::*;

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
