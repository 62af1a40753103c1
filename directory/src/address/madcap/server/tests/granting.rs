//! What a server grants, changes, forgets and keeps.
use super::*;

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
