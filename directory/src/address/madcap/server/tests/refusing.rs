//! What a server tells, refuses and does not answer.
use super::*;

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
