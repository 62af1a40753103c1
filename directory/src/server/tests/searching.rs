//! Finding entries (RFC 4511 sections 4.5 and 4.10).
use super::*;

#[test]
fn scopes_are_those_of_section_4_5_1_2() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_conference("1", "a", &[]));
    desk.code(&mut client, add_person("2", "b", &[]));
    let all = "(objectClass=*)";
    for (base, scope, count) in [
        ("o=rendezvous", Scope::Base, 1),
        ("o=rendezvous", Scope::OneLevel, 3),
        ("o=rendezvous", Scope::Subtree, 6),
        ("o=rendezvous", Scope::Children, 5),
        (CONFERENCES, Scope::Base, 1),
        (CONFERENCES, Scope::OneLevel, 1),
        (CONFERENCES, Scope::Subtree, 2),
        (CONFERENCES, Scope::Children, 1),
        ("uid=1,ou=conferences,O=Rendezvous", Scope::Base, 1),
        ("uid=1,ou=conferences,O=Rendezvous", Scope::OneLevel, 0),
        ("uid=1,ou=conferences,O=Rendezvous", Scope::Subtree, 1),
        ("", Scope::Subtree, 6),
        ("", Scope::OneLevel, 1),
    ] {
        let answers = desk.ask(&mut client, search(base, scope.clone(), all), &[]);
        assert_eq!(result(&answers).code, Code::Success);
        assert_eq!(entries(&answers).len(), count, "{base} {scope:?}");
    }
    let answers = desk.ask(
        &mut client,
        search("uid=9,ou=People,o=rendezvous", Scope::Base, all),
        &[],
    );
    assert_eq!(result(&answers).code, Code::NoSuchObject);
    assert_eq!(result(&answers).matcheddn, PEOPLE);
}

#[test]
fn filters_are_those_of_section_4_5_1_7() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(
        &mut client,
        add_conference(
            "1",
            "Weekly  Meeting",
            &[attribute("advertisingScope", &["2"])],
        ),
    );
    desk.code(
        &mut client,
        add_conference("2", "Band", &[attribute("advertisingScope", &["10"])]),
    );
    for (filter, found) in [
        (r#"(cn="weekly meeting")"#, &["1"][..]),
        ("(cn~=BAND)", &["2"]),
        ("(cn=week*)", &["1"]),
        ("(cn=*ee*ing)", &["1"]),
        ("(cn=b*n*d)", &["2"]),
        ("(cn=*)", &["1", "2"]),
        ("(advertisingScope>=3)", &["2"]),
        ("(advertisingScope<=3)", &["1"]),
        ("(advertisingScope=02)", &["1"]),
        ("(!(cn=band))", &["1"]),
        ("(&(cn=*)(advertisingScope=2))", &["1"]),
        ("(|(cn=band)(uid=1))", &["1", "2"]),
        ("(nonsense=1)", &[]),
        ("(!(nonsense=1))", &[]),
        ("(|(nonsense=1)(cn=band))", &["2"]),
        ("(commonName=band)", &["2"]),
        ("(cn:caseExactMatch:=Band)", &["2"]),
        ("(cn:caseExactMatch:=band)", &[]),
        ("(cn:nonsenseMatch:=band)", &[]),
        ("(objectClass=RTCONFERENCE)", &["1", "2"]),
        (r#"(creatorsName="CN=local,o=Rendezvous")"#, &["1", "2"]),
        (r#"(entryDN="uid=2,ou=Conferences,o=rendezvous")"#, &["2"]),
        ("(modifyTimestamp>=20231114000000Z)", &["1", "2"]),
    ] {
        let expected: Vec<String> = found.iter().map(|uid| conference_dn(uid)).collect();
        let mut names = desk.names(&mut client, CONFERENCES, filter);
        names.retain(|name| name.starts_with("uid="));
        assert_eq!(names, expected, "{filter}");
    }
}

#[test]
fn attributes_are_chosen_as_section_4_5_1_8_says() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(
        &mut client,
        add_person("1", "Ann", &[attribute("mail", &["a@b"])]),
    );
    let mut ask = |attributes: &[&str]| {
        let request = search_for(PEOPLE, Scope::OneLevel, "(uid=1)", attributes);
        entries(&desk.ask(&mut client, request, &[])).remove(0)
    };
    assert_eq!(ask(&["1.1"]).attributes, []);
    assert_eq!(values(&ask(&["CN"]), "cn"), ["Ann"]);
    assert_eq!(ask(&["CN"]).attributes.len(), 1);
    assert_eq!(
        values(&ask(&["rfc822Mailbox"]), "mail"),
        ["a@b"],
        "by another name"
    );
    let operational = ask(&["+"]);
    assert!(values(&operational, "cn").is_empty());
    assert_eq!(
        values(&operational, "creatorsName"),
        ["cn=local,o=rendezvous"]
    );
    assert_eq!(values(&operational, "entryUUID")[0].len(), 36);
    assert_eq!(values(&operational, "structuralObjectClass"), ["rtPerson"]);
    let both = ask(&["*", "entryCSN"]);
    assert!(!values(&both, "cn").is_empty() && !values(&both, "entryCSN").is_empty());
}

#[test]
fn size_limit_is_kept_and_said() {
    let mut desk = Desk::new();
    let mut client = local();
    for uid in ["1", "2", "3"] {
        desk.code(&mut client, add_person(uid, "a", &[]));
    }
    let LdapOp::SearchRequest(mut request) = search(PEOPLE, Scope::OneLevel, "(cn=*)") else {
        unreachable!()
    };
    request.sizelimit = 2;
    let answers = desk.ask(&mut client, LdapOp::SearchRequest(request.clone()), &[]);
    assert_eq!(result(&answers).code, Code::SizeLimitExceeded);
    assert_eq!(entries(&answers).len(), 2);
    request.sizelimit = 3;
    let answers = desk.ask(&mut client, LdapOp::SearchRequest(request), &[]);
    assert_eq!(result(&answers).code, Code::Success);
}

#[test]
fn compare_says_true_false_or_why_not() {
    let mut desk = Desk::new();
    let mut client = local();
    desk.code(&mut client, add_person("1", "Ann", &[]));
    let dn = format!("uid=1,{PEOPLE}");
    for (name, value, code) in [
        ("cn", "ann", Code::CompareTrue),
        ("cn", "bob", Code::CompareFalse),
        ("mail", "x", Code::NoSuchAttribute),
        ("nonsense", "x", Code::UndefinedAttributeType),
        ("hasSubordinates", "FALSE", Code::CompareTrue),
    ] {
        assert_eq!(
            desk.code(&mut client, compare(&dn, name, value)),
            code,
            "{name}"
        );
    }
    assert_eq!(
        desk.code(&mut client, compare("uid=9,o=rendezvous", "cn", "x")),
        Code::NoSuchObject
    );
}

#[test]
fn root_and_schema_say_what_there_is() {
    let mut desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    let request = search_for("", Scope::Base, "(objectClass=*)", &["*", "+"]);
    let answers = desk.ask(&mut client, request, &[]);
    let root = entries(&answers).remove(0);
    assert_eq!(values(&root, "namingContexts"), ["o=rendezvous"]);
    assert!(values(&root, "supportedExtension").contains(&"1.3.6.1.4.1.1466.101.119.1".into()));
    let subschema = values(&root, "subschemaSubentry").remove(0);
    let request = search_for(
        &subschema,
        Scope::Base,
        "(objectClass=subschema)",
        &["objectClasses", "attributeTypes"],
    );
    let schema = entries(&desk.ask(&mut client, request, &[])).remove(0);
    assert!(
        values(&schema, "objectClasses")
            .iter()
            .any(|class| class.contains("'rtConference'"))
    );
    assert!(
        values(&schema, "attributeTypes")
            .iter()
            .any(|kind| kind.contains("'conferenceBlob'"))
    );
}

#[test]
fn unknown_critical_control_is_refused_and_unknown_operation() {
    let mut desk = Desk::new();
    let mut client = local();
    let control = |is_critical| Control {
        oid: "1.2.3.4".into(),
        is_critical,
        value: None,
    };
    let all = search("o=rendezvous", Scope::Base, "(objectClass=*)");
    let answers = desk.ask(&mut client, all.clone(), &[control(true)]);
    assert_eq!(result(&answers).code, Code::UnavailableCriticalExtension);
    let answers = desk.ask(&mut client, all, &[control(false)]);
    assert_eq!(result(&answers).code, Code::Success);
    assert_eq!(
        desk.code(&mut client, extended("1.2.3", None)),
        Code::ProtocolError
    );
}

#[test]
fn people_are_found_by_every_name_of_an_attribute() {
    let mut desk = Desk::new();
    let mut client = local();
    let mail = [attribute(
        "rfc822Mailbox",
        &["Ann@example.org", "a@example.net"],
    )];
    desk.code(&mut client, add_person("7", "Ann", &mail));
    for number in 70..90 {
        let uid = number.to_string();
        let mail = [attribute("mail", &[&format!("ann{uid}@example.org")])];
        desk.code(&mut client, add_person(&uid, "Ann", &mail));
    }
    for (filter, count) in [
        ("(mail=ann@example.org)", 1),
        ("(rfc822mailbox=A@EXAMPLE.net)", 1),
        ("(mail=a*)", 21),
        ("(mail=ann7*)", 10),
        ("(mail=b*)", 0),
        ("(uid=7)", 1),
        ("(userid=7*)", 11),
        ("(&(cn=ann)(uid=71))", 1),
        ("(&(mail=ann*)(cn=bob))", 0),
    ] {
        let names = desk.names(&mut client, PEOPLE, filter);
        assert_eq!(names.len(), count, "{filter}");
    }
}
