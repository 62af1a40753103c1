//! Who one is, and how one shows it (RFC 4511 section 4.2, RFC 4513).
use super::*;

#[test]
fn bind_of_version_two_and_three_but_no_other() {
    let mut desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    for (version, code) in [
        (2, Code::Success),
        (3, Code::Success),
        (1, Code::ProtocolError),
        (4, Code::ProtocolError),
    ] {
        assert_eq!(
            desk.code(&mut client, bind(version, "", "")),
            code,
            "{version}"
        );
    }
}

#[test]
fn token_makes_the_local_user_and_only_on_this_computer() {
    let mut desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    let name = "CN=Local, o=rendezvous";
    assert_eq!(
        desk.code(&mut client, bind(3, name, "wrong")),
        Code::InvalidCredentials
    );
    assert_eq!(
        desk.code(&mut client, bind(3, name, "token")),
        Code::Success
    );
    assert_eq!(client.identity, Identity::Local);
    client.link.is_local = false;
    assert_eq!(
        desk.code(&mut client, bind(3, name, "token")),
        Code::ConfidentialityRequired
    );
    client.link.is_encrypted = true;
    assert_eq!(
        desk.code(&mut client, bind(3, name, "token")),
        Code::InvalidCredentials
    );
    assert_eq!(client.identity, Identity::Anonymous, "who fails is nobody");
}

#[test]
fn name_without_password_is_refused_but_to_version_two() {
    let mut desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    assert_eq!(
        desk.code(&mut client, bind(3, "cn=a", "")),
        Code::UnwillingToPerform
    );
    assert_eq!(desk.code(&mut client, bind(2, "cn=a", "")), Code::Success);
    assert_eq!(client.identity, Identity::Anonymous);
}

#[test]
fn who_fails_too_often_is_shown_the_door() {
    let desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    for attempt in 1..=5 {
        let mut out = Vec::new();
        let request = Request {
            id: attempt,
            operation: bind(3, "cn=local,o=rendezvous", "guess"),
            controls: Vec::new(),
        };
        let next = client.handle(&desk.core, desk.now, request, &mut out);
        assert_eq!(matches!(next, Next::Close), attempt == 5, "{attempt}");
    }
}

#[test]
fn who_am_i_says_who() {
    let mut desk = Desk::new();
    for (identity, who) in [
        (Identity::Anonymous, ""),
        (Identity::Local, "dn:cn=local,o=rendezvous"),
    ] {
        let answers = desk.ask(
            &mut session(identity),
            extended("1.3.6.1.4.1.4203.1.11.3", None),
            &[],
        );
        let LdapOp::ExtendedResponse(response) = &answers[0].op else {
            panic!("{answers:?}")
        };
        assert_eq!(response.value.as_deref(), Some(who.as_bytes()));
    }
}
