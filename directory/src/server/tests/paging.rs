//! Answers page by page (RFC 2696).
use ldap3_proto::control::LdapControl;

use super::super::protocol::{ber, control};
use super::*;

fn page(size: u32, cookie: &[u8]) -> Control {
    let mut value = Vec::new();
    ber::wrap(&mut value, ber::SEQUENCE, |out| {
        ber::put_number(out, ber::INTEGER, size);
        ber::put(out, ber::OCTETS, cookie);
    });
    Control {
        oid: control::PAGED.into(),
        is_critical: true,
        value: Some(value),
    }
}

fn cookie(answers: &[LdapMsg]) -> Vec<u8> {
    match answers.last().unwrap().ctrl.as_slice() {
        [LdapControl::SimplePagedResults { cookie, .. }] => cookie.clone(),
        other => panic!("{other:?}"),
    }
}

fn people(count: usize) -> (Desk, Session) {
    let mut desk = Desk::new();
    let mut client = local();
    for number in 0..count {
        desk.code(
            &mut client,
            add_person(&number.to_string(), &format!("p{number}"), &[]),
        );
    }
    (desk, client)
}

#[test]
fn pages_together_are_the_whole_answer() {
    for filter in ["(cn=*)", "(cn=p*)", "(objectClass=rtPerson)", "(!(cn=p3))"] {
        let (mut desk, mut client) = people(10);
        let request = search(PEOPLE, Scope::OneLevel, filter);
        let mut whole = desk.names(&mut client, PEOPLE, filter);
        whole.retain(|name| name.starts_with("uid"));
        let (mut names, mut next) = (Vec::new(), Vec::new());
        loop {
            let answers = desk.ask(&mut client, request.clone(), &[page(3, &next)]);
            assert_eq!(result(&answers).code, Code::Success);
            let found = entries(&answers);
            assert!(!found.is_empty() && found.len() <= 3);
            names.extend(found.into_iter().map(|entry| entry.dn));
            next = cookie(&answers);
            if next.is_empty() {
                break;
            }
        }
        names.sort();
        assert_eq!(names, whole, "{filter}");
    }
}

#[test]
fn page_of_another_search_is_refused() {
    let (mut desk, mut client) = people(3);
    let request = |filter| search(PEOPLE, Scope::OneLevel, filter);
    let next = cookie(&desk.ask(&mut client, request("(cn=*)"), &[page(1, b"")]));
    let answers = desk.ask(&mut client, request("(uid=*)"), &[page(1, &next)]);
    assert_eq!(result(&answers).code, Code::UnwillingToPerform);
    let answers = desk.ask(&mut client, request("(cn=*)"), &[page(1, b"nonsense")]);
    assert_eq!(result(&answers).code, Code::UnwillingToPerform);
}

#[test]
fn forgotten_pages_are_bounded() {
    let (mut desk, mut client) = people(3);
    let request = search(PEOPLE, Scope::OneLevel, "(cn=*)");
    let first = cookie(&desk.ask(&mut client, request.clone(), &[page(1, b"")]));
    for _ in 0..desk.core.limits.pages {
        desk.ask(&mut client, request.clone(), &[page(1, b"")]);
    }
    let answers = desk.ask(&mut client, request, &[page(1, &first)]);
    assert_eq!(result(&answers).code, Code::UnwillingToPerform);
}

#[test]
fn size_limit_counts_over_all_pages() {
    let (mut desk, mut client) = people(5);
    let LdapOp::SearchRequest(mut request) = search(PEOPLE, Scope::OneLevel, "(cn=*)") else {
        unreachable!()
    };
    request.sizelimit = 3;
    let request = LdapOp::SearchRequest(request);
    let next = cookie(&desk.ask(&mut client, request.clone(), &[page(2, b"")]));
    let answers = desk.ask(&mut client, request, &[page(2, &next)]);
    assert_eq!(entries(&answers).len(), 1);
    assert_eq!(result(&answers).code, Code::SizeLimitExceeded);
}
