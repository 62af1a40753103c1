//! Adding, changing and deleting entries (RFC 4511 sections 4.6 to 4.9).
use super::*;

#[test]
fn added_entry_is_found_as_it_was_written() {
    let mut desk = Desk::new();
    let mut client = local();
    let blob = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
    let add = add_conference("1", "Ship's Band", &[attribute("ConferenceBlob", &[blob])]);
    assert_eq!(desk.code(&mut client, add.clone()), Code::Success);
    assert_eq!(desk.code(&mut client, add), Code::EntryAlreadyExists);
    let answers = desk.ask(
        &mut client,
        search(&conference_dn("1"), Scope::Base, "(objectClass=*)"),
        &[],
    );
    let entry = &entries(&answers)[0];
    assert_eq!(entry.dn, conference_dn("1"));
    assert_eq!(values(entry, "conferenceBlob"), [blob]);
    assert!(
        entry
            .attributes
            .iter()
            .any(|found| found.atype == "ConferenceBlob"),
        "case is kept"
    );
    assert_eq!(values(entry, "uid"), ["1"], "what the name says is added");
    assert_eq!(
        values(entry, "rendezvousOwner"),
        ["dn:cn=local,o=rendezvous"]
    );
    assert!(
        values(entry, "entryUUID").is_empty(),
        "operational attributes are not asked for"
    );
}

#[test]
fn entry_has_to_fit_the_schema() {
    use Code::{
        AttributeOrValueExists, ConstraintViolation, InvalidAttributeSyntax, ObjectClassViolation,
        ProtocolError, UndefinedAttributeType,
    };
    let mut desk = Desk::new();
    let conference: &[&str] = &["rtConference"];
    // What is written beside one name and the classes, of which some are wrong.
    let cases: [(&[&str], &str, &[&str], Code); 10] = [
        (&["rtPerson"], "url", &["x"], ObjectClassViolation),
        (&["top"], "url", &["x"], ObjectClassViolation),
        (
            &["rtConference", "nonsense"],
            "url",
            &["x"],
            ObjectClassViolation,
        ),
        (
            &["rtConference", "rtPerson"],
            "url",
            &["x"],
            ObjectClassViolation,
        ),
        (conference, "nonsense", &["x"], UndefinedAttributeType),
        (conference, "member", &["cn=x"], ObjectClassViolation),
        (conference, "commonName", &["x"], AttributeOrValueExists),
        (
            conference,
            "conferenceBlob",
            &["x", "y"],
            ConstraintViolation,
        ),
        (conference, "entryUUID", &["x"], ConstraintViolation),
        (
            conference,
            "advertisingScope",
            &["x"],
            InvalidAttributeSyntax,
        ),
    ];
    let mut refused = |attributes: &[LdapPartialAttribute], code: Code| {
        let request = add(&conference_dn("1"), attributes);
        assert_eq!(desk.code(&mut local(), request), code, "{attributes:?}");
    };
    let cn = attribute("cn", &["a"]);
    for (classes, name, values, code) in cases {
        let classes = attribute("objectClass", classes);
        refused(&[classes, cn.clone(), attribute(name, values)], code);
    }
    let classes = attribute("objectClass", conference);
    refused(std::slice::from_ref(&cn), ObjectClassViolation);
    refused(std::slice::from_ref(&classes), ObjectClassViolation);
    refused(
        &[classes.clone(), attribute("cn", &["a", "A"])],
        AttributeOrValueExists,
    );
    refused(&[classes, cn, attribute("url", &[])], ProtocolError);
    assert_eq!(desk.core.tree.len(), 4, "nothing was added");
}

#[test]
fn entries_are_where_they_may_be() {
    let mut desk = Desk::new();
    let attributes = [
        attribute("objectClass", &["rtConference"]),
        attribute("cn", &["a"]),
    ];
    for (dn, code) in [
        ("uid=1,ou=Nowhere,o=rendezvous", Code::NoSuchObject),
        (
            "uid=1,uid=2,ou=Conferences,o=rendezvous",
            Code::NoSuchObject,
        ),
        ("uid=1,o=elsewhere", Code::NoSuchObject),
        ("ou=New,o=rendezvous", Code::UnwillingToPerform),
        ("nonsense", Code::InvalidDNSyntax),
        (CONFERENCES, Code::EntryAlreadyExists),
    ] {
        assert_eq!(desk.code(&mut local(), add(dn, &attributes)), code, "{dn}");
    }
}

#[test]
fn modify_does_what_section_4_6_says() {
    use Code::{
        AttributeOrValueExists, ConstraintViolation, NoSuchAttribute, NotALlowedOnRDN,
        ObjectClassViolation, Success,
    };
    use LdapModifyType::{Add, Delete, Increment, Replace};
    let mut desk = Desk::new();
    let old = [attribute("generalDescription", &["old"])];
    desk.code(&mut local(), add_conference("1", "a", &old));
    let dn = conference_dn("1");
    let cases: [(LdapModifyType, &str, &[&str], Code); 15] = [
        (Replace, "generalDescription", &["new"], Success),
        (Delete, "generalDescription", &["NEW"], Success),
        (Delete, "generalDescription", &[], NoSuchAttribute),
        (Replace, "generalDescription", &[], Success),
        (Add, "contactInformation", &["x", "y"], Success),
        (Add, "contactInformation", &["Y"], AttributeOrValueExists),
        (Delete, "contactInformation", &["z"], NoSuchAttribute),
        (Add, "advertisingScope", &["1"], Success),
        (Increment, "advertisingScope", &["2"], Success),
        (Delete, "cn", &[], ObjectClassViolation),
        (Replace, "uid", &["2"], NotALlowedOnRDN),
        (Replace, "modifyTimestamp", &["2"], ConstraintViolation),
        (
            Replace,
            "rendezvousOwner",
            &["everyone"],
            ConstraintViolation,
        ),
        (Replace, "objectClass", &["rtPerson"], ObjectClassViolation),
        (Replace, "nonsense", &["x"], Code::UndefinedAttributeType),
    ];
    for (operation, name, values, code) in cases {
        let changes = [change(operation, name, values)];
        assert_eq!(
            desk.code(&mut local(), modify(&dn, &changes)),
            code,
            "{changes:?}"
        );
    }
    let answers = desk.ask(&mut local(), search(&dn, Scope::Base, "(cn=a)"), &[]);
    let entry = &entries(&answers)[0];
    assert_eq!(values(entry, "contactInformation"), ["x", "y"]);
    assert_eq!(values(entry, "advertisingScope"), ["3"]);
}

#[test]
fn modify_does_all_or_nothing() {
    let mut desk = Desk::new();
    desk.code(&mut local(), add_conference("1", "a", &[]));
    let dn = conference_dn("1");
    let changes = [
        change(LdapModifyType::Replace, "cn", &["b"]),
        change(LdapModifyType::Delete, "url", &[]),
    ];
    assert_eq!(
        desk.code(&mut local(), modify(&dn, &changes)),
        Code::NoSuchAttribute
    );
    assert_eq!(desk.names(&mut local(), &dn, "(cn=a)").len(), 1);
    let container = modify(
        CONFERENCES,
        &[change(LdapModifyType::Add, "description", &["x"])],
    );
    assert_eq!(desk.code(&mut local(), container), Code::UnwillingToPerform);
    assert_eq!(
        desk.code(&mut local(), modify(&conference_dn("9"), &[])),
        Code::NoSuchObject
    );
}

#[test]
fn delete_takes_leaves_only() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_person("1", "a", &[]));
    let dn = format!("uid=1,{PEOPLE}");
    assert_eq!(
        desk.code(&mut client, LdapOp::DelRequest(PEOPLE.into())),
        Code::NotAllowedOnNonLeaf
    );
    assert_eq!(
        desk.code(&mut client, LdapOp::DelRequest(dn.clone())),
        Code::Success
    );
    assert_eq!(
        desk.code(&mut client, LdapOp::DelRequest(dn)),
        Code::NoSuchObject
    );
    assert_eq!(
        desk.code(&mut client, LdapOp::DelRequest("x".into())),
        Code::InvalidDNSyntax
    );
}

#[test]
fn assertion_keeps_one_change_from_undoing_another() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_conference("1", "a", &[]));
    // (cn=a), as RFC 4528 has it encoded.
    let value = [0xA3, 0x07, 0x04, 0x02, b'c', b'n', 0x04, 0x01, b'a'];
    let assertion = Control {
        oid: "1.3.6.1.1.12".into(),
        is_critical: true,
        value: Some(value.to_vec()),
    };
    let rename = |name| {
        modify(
            &conference_dn("1"),
            &[change(LdapModifyType::Replace, "cn", &[name])],
        )
    };
    let answers = desk.ask(&mut client, rename("b"), std::slice::from_ref(&assertion));
    assert_eq!(result(&answers).code, Code::Success);
    let answers = desk.ask(&mut client, rename("c"), &[assertion]);
    assert_eq!(result(&answers).code, Code::AssertionFailed);
}

#[test]
fn names_are_kept() {
    let mut desk = Desk::new();
    let request = LdapOp::ModifyDNRequest(ldap3_proto::proto::LdapModifyDNRequest {
        dn: conference_dn("1"),
        newrdn: "uid=2".into(),
        deleteoldrdn: true,
        new_superior: None,
    });
    assert_eq!(desk.code(&mut local(), request), Code::UnwillingToPerform);
}
