//! Leases are kept, moved, lost and given back.
use super::*;

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
