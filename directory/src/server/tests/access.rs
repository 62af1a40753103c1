//! Who may see, change and delete what.
use super::*;

#[test]
fn nobody_in_particular_adds_nothing_unless_the_server_is_open() {
    let mut desk = Desk::new();
    let mut client = session(Identity::Anonymous);
    assert_eq!(
        desk.code(&mut client, add_person("1", "a", &[])),
        Code::StrongerAuthRequired
    );
    desk.core.is_open = true;
    assert_eq!(
        desk.code(&mut client, add_person("1", "a", &[])),
        Code::Success
    );
    let delete = LdapOp::DelRequest(format!("uid=1,{PEOPLE}"));
    assert_eq!(
        desk.code(&mut client, delete),
        Code::Success,
        "what is everyone's is"
    );
}

#[test]
fn read_only_way_changes_nothing() {
    let mut desk = Desk::new();
    let mut client = local();
    client.link.is_read_only = true;
    assert_eq!(
        desk.code(&mut client, add_person("1", "a", &[])),
        Code::UnwillingToPerform
    );
    assert_eq!(desk.core.tree.len(), 4);
}

#[test]
fn others_may_read_but_not_change_or_delete() {
    let mut desk = Desk::new();
    desk.code(&mut session(key('a')), add_conference("1", "a", &[]));
    let dn = conference_dn("1");
    let rename = modify(&dn, &[change(LdapModifyType::Replace, "cn", &["b"])]);
    for identity in [key('b'), Identity::Account("ann".into())] {
        let mut other = session(identity);
        assert_eq!(
            desk.code(&mut other, rename.clone()),
            Code::InsufficentAccessRights
        );
        let delete = LdapOp::DelRequest(dn.clone());
        assert_eq!(desk.code(&mut other, delete), Code::InsufficentAccessRights);
        assert_eq!(desk.names(&mut other, &dn, "(cn=a)").len(), 1);
    }
    let mut owner = session(key('a'));
    assert_eq!(desk.code(&mut owner, rename), Code::Success);
    assert_eq!(desk.code(&mut owner, LdapOp::DelRequest(dn)), Code::Success);
}

#[test]
fn who_may_not_read_does_not_learn_that_there_is_anything() {
    let mut desk = Desk::new();
    let readers = [
        attribute("rendezvousReader", &["dn:cn=ann,ou=Accounts,o=rendezvous"]),
        attribute("rendezvousEditor", &[&format!("key:{}", "c".repeat(64))]),
    ];
    desk.code(
        &mut session(key('a')),
        add_conference("1", "secret", &readers),
    );
    let dn = conference_dn("1");
    let may = [
        key('a'),
        Identity::Account("Ann".into()),
        key('c'),
        Identity::Local,
    ];
    for identity in may {
        let found = desk.names(&mut session(identity.clone()), CONFERENCES, "(cn=secret)");
        assert_eq!(found, std::slice::from_ref(&dn), "{identity:?}");
    }
    for identity in [
        Identity::Anonymous,
        key('b'),
        Identity::Account("bob".into()),
    ] {
        let mut other = session(identity);
        assert!(desk.names(&mut other, CONFERENCES, "(cn=*)").is_empty());
        assert!(
            desk.names(&mut other, CONFERENCES, "(!(cn=x))").len() == 1,
            "the container alone"
        );
        let base = search(&dn, Scope::Base, "(objectClass=*)");
        assert_eq!(desk.code(&mut other, base), Code::NoSuchObject);
        assert_eq!(
            desk.code(&mut other, compare(&dn, "cn", "secret")),
            Code::NoSuchObject
        );
        if other.identity != Identity::Anonymous {
            assert_eq!(
                desk.code(&mut other, LdapOp::DelRequest(dn.clone())),
                Code::NoSuchObject
            );
            assert_eq!(desk.code(&mut other, modify(&dn, &[])), Code::NoSuchObject);
        }
    }
}

#[test]
fn editors_change_but_do_not_rule() {
    let mut desk = Desk::new();
    let editors = [attribute("rendezvousEditor", &["authenticated"])];
    desk.code(&mut session(key('a')), add_conference("1", "a", &editors));
    let dn = conference_dn("1");
    let mut editor = session(key('b'));
    let rename = modify(&dn, &[change(LdapModifyType::Replace, "cn", &["b"])]);
    assert_eq!(desk.code(&mut editor, rename), Code::Success);
    let take = modify(
        &dn,
        &[change(
            LdapModifyType::Replace,
            "rendezvousReader",
            &["authenticated"],
        )],
    );
    assert_eq!(
        desk.code(&mut editor, take.clone()),
        Code::InsufficentAccessRights
    );
    assert_eq!(
        desk.code(&mut editor, LdapOp::DelRequest(dn)),
        Code::InsufficentAccessRights
    );
    assert_eq!(desk.code(&mut session(key('a')), take), Code::Success);
}

#[test]
fn nobody_gives_an_entry_another_owner() {
    let mut desk = Desk::new();
    let mut client = session(key('a'));
    let other = [attribute("rendezvousOwner", &[&key('b').principal()])];
    assert_eq!(
        desk.code(&mut client, add_conference("1", "a", &other)),
        Code::ConstraintViolation
    );
    let own = [attribute("rendezvousOwner", &[&key('a').principal()])];
    assert_eq!(
        desk.code(&mut client, add_conference("1", "a", &own)),
        Code::Success
    );
}

#[test]
fn group_members_read_what_the_group_may() {
    let mut desk = Desk::new();
    let group = "cn=band,ou=Groups,o=rendezvous";
    let members = [
        attribute("objectClass", &["groupOfNames"]),
        attribute("member", &["cn=Ann,ou=accounts,o=rendezvous"]),
    ];
    assert_eq!(
        desk.code(&mut session(key('a')), add(group, &members)),
        Code::InsufficentAccessRights
    );
    assert_eq!(desk.code(&mut local(), add(group, &members)), Code::Success);
    let readers = [attribute("rendezvousReader", &[&format!("group:{group}")])];
    desk.code(&mut session(key('a')), add_conference("1", "a", &readers));
    for (name, count) in [("ann", 1), ("bob", 0)] {
        let mut client = session(Identity::Account(name.into()));
        assert_eq!(
            desk.names(&mut client, CONFERENCES, "(cn=a)").len(),
            count,
            "{name}"
        );
    }
}

#[test]
fn an_account_that_is_gone_is_nobody() {
    let mut desk = Desk::new();
    let mut ann = session(Identity::Account("ann".into()));
    assert_eq!(
        desk.code(&mut ann, add_conference("1", "a", &[])),
        Code::Success
    );
    desk.core.accounts.replace(Vec::new());
    let delete = LdapOp::DelRequest(conference_dn("1"));
    assert_eq!(desk.code(&mut ann, delete), Code::StrongerAuthRequired);
    assert_eq!(ann.identity, Identity::Anonymous);
}
