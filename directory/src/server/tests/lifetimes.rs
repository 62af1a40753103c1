//! Entries that die unless they are kept alive: RFC 2589, and as an ILS does it.
use std::time::Duration;

use super::super::operation::refresh;
use super::super::protocol::ber;
use super::*;

fn add_dynamic(uid: &str, secs: &str) -> LdapOp {
    let own = [
        attribute("objectClass", &["rtPerson", "dynamicObject"]),
        attribute("cn", &[uid]),
        attribute("entryTTL", &[secs]),
    ];
    add(&format!("uid={uid},{PEOPLE}"), &own)
}

fn refresh_request(dn: &str, secs: u32) -> LdapOp {
    let mut value = Vec::new();
    ber::wrap(&mut value, ber::SEQUENCE, |out| {
        ber::put(out, 0x80, dn.as_bytes());
        ber::put_number(out, 0x81, secs);
    });
    extended(refresh::OID, Some(value))
}

#[test]
fn refresh_is_the_bytes_of_rfc_2589() {
    let LdapOp::ExtendedRequest(request) = refresh_request("cn=a", 300) else {
        unreachable!()
    };
    let bytes = [
        0x30, 0x0A, 0x80, 0x04, b'c', b'n', b'=', b'a', 0x81, 0x02, 0x01, 0x2C,
    ];
    assert_eq!(request.value.as_deref(), Some(&bytes[..]));
    assert_eq!(
        refresh::response(Duration::from_secs(300)),
        [0x30, 0x04, 0x81, 0x02, 0x01, 0x2C]
    );
}

#[test]
fn entry_dies_unless_it_is_refreshed() {
    let mut desk = Desk::new();
    let mut client = session(key('a'));
    for uid in ["1", "2"] {
        assert_eq!(
            desk.code(&mut client, add_dynamic(uid, "60")),
            Code::Success
        );
    }
    desk.pass(59);
    let dn = format!("uid=1,{PEOPLE}");
    assert_eq!(
        desk.code(&mut session(key('b')), refresh_request(&dn, 60)),
        Code::InsufficentAccessRights
    );
    assert_eq!(
        desk.code(&mut client, refresh_request(&dn, 60)),
        Code::Success
    );
    desk.pass(1);
    let alive = desk.names(&mut client, PEOPLE, "(cn=*)");
    assert_eq!(alive, [dn]);
    let gone = format!("uid=2,{PEOPLE}");
    assert_eq!(
        desk.code(&mut client, refresh_request(&gone, 60)),
        Code::NoSuchObject
    );
    assert_eq!(
        desk.code(&mut client, add_dynamic("2", "60")),
        Code::Success,
        "its name is free"
    );
    desk.pass(59);
    assert_eq!(desk.names(&mut client, PEOPLE, "(cn=*)"), [gone]);
}

#[test]
fn the_dead_are_buried() {
    let mut desk = Desk::new();
    desk.code(&mut local(), add_dynamic("1", "60"));
    assert_eq!(
        desk.core.tree.next_expiry(),
        Some(desk.now.after(Duration::from_secs(60)))
    );
    desk.pass(60);
    let mut draft = Draft::new(&desk.core, desk.now, 1);
    draft.expire(10);
    for change in draft.into_changes() {
        desk.core.tree.apply(&change);
    }
    assert_eq!(
        (desk.core.tree.len(), desk.core.tree.next_expiry()),
        (4, None)
    );
}

#[test]
fn time_left_is_told() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_dynamic("1", "60"));
    desk.pass(10);
    let request = search_for(PEOPLE, Scope::OneLevel, "(entryTtl<=50)", &["entryTtl"]);
    let entry = entries(&desk.ask(&mut client, request, &[])).remove(0);
    assert_eq!(values(&entry, "entryTtl"), ["50"]);
}

#[test]
fn entry_that_is_not_dynamic_lives_on() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_person("1", "a", &[]));
    let dn = format!("uid=1,{PEOPLE}");
    assert_eq!(
        desk.code(&mut client, refresh_request(&dn, 60)),
        Code::ObjectClassViolation
    );
}

#[test]
fn ils_clients_refresh_by_searching() {
    let mut desk = Desk::new();
    desk.core.is_open = true;
    let mut client = session(Identity::Anonymous);
    let own = [
        attribute("objectClass", &["rtPerson", "dynamicObject"]),
        attribute("cn", &["ann@example.org"]),
        attribute("entryTTL", &["300"]),
    ];
    let dn = "cn=ann@example.org,ou=dynamic,o=Intranet";
    assert_eq!(desk.code(&mut client, add(dn, &own)), Code::Success);
    desk.pass(299);
    let filter = "(&(objectClass=rtPerson)(cn=ann@example.org)(sttl=10))";
    let answers = desk.ask(
        &mut client,
        search("objectClass=rtPerson", Scope::Base, filter),
        &[],
    );
    assert_eq!(entries(&answers).len(), 1);
    desk.pass(599);
    let all = "(&(objectClass=rtPerson)(cn=%))";
    let answers = desk.ask(
        &mut client,
        search("objectClass=rtPerson", Scope::Base, all),
        &[],
    );
    assert_eq!(entries(&answers).len(), 1);
    let longer = modify(
        dn,
        &[change(LdapModifyType::Replace, "entryTTL", &["1800"])],
    );
    assert_eq!(desk.code(&mut client, longer), Code::Success);
    desk.pass(1799);
    assert_eq!(desk.core.tree.expired(desk.now, 9).len(), 0);
    desk.pass(1);
    assert_eq!(desk.core.tree.expired(desk.now, 9).len(), 1);
}

#[test]
fn netmeetings_names_are_understood() {
    let mut desk = Desk::new();
    desk.core.is_open = true;
    let mut client = session(Identity::Anonymous);
    let own = [
        attribute("objectClass", &["rtPerson"]),
        attribute("sttl", &["10"]),
    ];
    let dn = "c=-, o=Microsoft, cn=bob@example.org, objectClass=RTPerson";
    assert_eq!(desk.code(&mut client, add(dn, &own)), Code::Success);
    let found = desk.names(&mut client, PEOPLE, "(cn=bob@example.org)");
    assert_eq!(found, [format!("cn=bob@example.org,{PEOPLE}")]);
    assert_eq!(
        desk.code(&mut client, LdapOp::DelRequest(dn.into())),
        Code::Success
    );
}

#[test]
fn searching_refreshes_nobody_elses_entries() {
    let mut desk = Desk::new();
    desk.code(&mut session(key('a')), add_dynamic("1", "60"));
    let filter = "(&(objectClass=rtPerson)(cn=1)(sttl=10))";
    let request = search("objectClass=rtPerson", Scope::Base, filter);
    for identity in [Identity::Anonymous, key('b')] {
        let answers = desk.ask(&mut session(identity), request.clone(), &[]);
        assert_eq!(entries(&answers).len(), 1);
    }
    desk.pass(60);
    assert_eq!(desk.core.tree.expired(desk.now, 9).len(), 1);
}
