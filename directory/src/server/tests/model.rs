//! Any sequence of operations does what a naive list of entries does.
use proptest::prelude::*;

use super::*;

/// One entry, in the simplest way.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    uid: u8,
    cn: String,
    scope: Option<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Add(Plain),
    Rename(u8, String),
    SetScope(u8, Option<u8>),
    Delete(u8),
    Find(Query),
    Expire(u8),
}

#[derive(Clone, Debug)]
enum Query {
    Name(String),
    Uid(u8),
    Prefix(String),
    Within(String),
    Scope(u8),
    AtLeast(u8),
    HasScope,
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
}

impl Query {
    /// None: neither true nor false.
    fn is_met(&self, entry: &Plain) -> bool {
        match self {
            Self::Name(name) => entry.cn == *name,
            Self::Uid(uid) => entry.uid == *uid,
            Self::Prefix(prefix) => entry.cn.starts_with(prefix),
            Self::Within(part) => entry.cn.contains(part),
            Self::Scope(scope) => entry.scope == Some(*scope),
            Self::AtLeast(scope) => entry.scope.is_some_and(|own| own >= *scope),
            Self::HasScope => entry.scope.is_some(),
            Self::Not(one) => !one.is_met(entry),
            Self::Both(a, b) => a.is_met(entry) && b.is_met(entry),
            Self::Either(a, b) => a.is_met(entry) || b.is_met(entry),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Name(name) => format!("(cn={})", name.to_uppercase()),
            Self::Uid(uid) => format!("(userid={uid})"),
            Self::Prefix(prefix) => format!("(cn={prefix}*)"),
            Self::Within(part) => format!("(cn=*{part}*)"),
            Self::Scope(scope) => format!("(advertisingScope={scope})"),
            Self::AtLeast(scope) => format!("(advertisingScope>={scope})"),
            Self::HasScope => "(advertisingScope=*)".into(),
            Self::Not(one) => format!("(!{})", one.text()),
            Self::Both(a, b) => format!("(&{}{})", a.text(), b.text()),
            Self::Either(a, b) => format!("(|{}{})", a.text(), b.text()),
        }
    }
}

fn query() -> impl Strategy<Value = Query> {
    let name = "[ab]{1,3}";
    let leaf = prop_oneof![
        name.prop_map(Query::Name),
        name.prop_map(Query::Prefix),
        (0..6u8).prop_map(Query::Uid),
        name.prop_map(Query::Within),
        (0..4u8).prop_map(Query::Scope),
        (0..4u8).prop_map(Query::AtLeast),
        Just(Query::HasScope),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = (
            inner.clone().prop_map(Box::new),
            inner.clone().prop_map(Box::new),
        );
        prop_oneof![
            inner.prop_map(|one| Query::Not(Box::new(one))),
            pair.clone().prop_map(|(a, b)| Query::Both(a, b)),
            pair.prop_map(|(a, b)| Query::Either(a, b)),
        ]
    })
}

fn step() -> impl Strategy<Value = Step> {
    let scope = proptest::option::of(0..4u8);
    let plain = (0..8u8, "[ab]{1,3}", scope.clone());
    let plain = plain.prop_map(|(uid, cn, scope)| Plain { uid, cn, scope });
    prop_oneof![
        3 => plain.prop_map(Step::Add),
        1 => (0..8u8, "[ab]{1,3}").prop_map(|(uid, cn)| Step::Rename(uid, cn)),
        1 => (0..8u8, scope).prop_map(|(uid, scope)| Step::SetScope(uid, scope)),
        1 => (0..8u8).prop_map(Step::Delete),
        1 => (0..8u8).prop_map(Step::Expire),
        3 => query().prop_map(Step::Find),
    ]
}

fn check(desk: &mut Desk, model: &mut Vec<Plain>, step: Step) {
    let client = &mut local();
    let known = |model: &Vec<Plain>, uid: u8| model.iter().position(|entry| entry.uid == uid);
    let expected = |place: Option<usize>| match place {
        Some(_) => Code::Success,
        None => Code::NoSuchObject,
    };
    let dn = |uid: u8| conference_dn(&uid.to_string());
    match step {
        Step::Add(plain) => check_add(desk, model, plain),
        Step::Rename(uid, cn) => {
            let rename = [change(LdapModifyType::Replace, "cn", &[&cn])];
            let place = known(model, uid);
            assert_eq!(
                desk.code(client, modify(&dn(uid), &rename)),
                expected(place)
            );
            place
                .into_iter()
                .for_each(|place| model[place].cn = cn.clone());
        }
        Step::SetScope(uid, scope) => {
            let text = scope.map(|scope| scope.to_string());
            let values: Vec<&str> = text.iter().map(String::as_str).collect();
            let set = [change(LdapModifyType::Replace, "advertisingScope", &values)];
            let place = known(model, uid);
            assert_eq!(desk.code(client, modify(&dn(uid), &set)), expected(place));
            place
                .into_iter()
                .for_each(|place| model[place].scope = scope);
        }
        Step::Delete(uid) => {
            let place = known(model, uid);
            assert_eq!(
                desk.code(client, LdapOp::DelRequest(dn(uid))),
                expected(place)
            );
            place
                .into_iter()
                .for_each(|place| drop(model.remove(place)));
        }
        Step::Expire(uid) => {
            let own = [attribute("entryTtl", &["5"])];
            let is_new = known(model, uid).is_none();
            let code = if is_new {
                Code::Success
            } else {
                Code::EntryAlreadyExists
            };
            assert_eq!(
                desk.code(client, add_conference(&uid.to_string(), "a", &own)),
                code
            );
            desk.pass(5);
        }
        Step::Find(query) => {
            let mut found = desk.names(client, CONFERENCES, &query.text());
            found.retain(|name| name.starts_with("uid="));
            let met = model.iter().filter(|entry| query.is_met(entry));
            let mut expected: Vec<_> = met.map(|entry| dn(entry.uid)).collect();
            expected.sort();
            assert_eq!(found, expected, "{}", query.text());
        }
    }
}

fn check_add(desk: &mut Desk, model: &mut Vec<Plain>, plain: Plain) {
    let scope: Vec<_> = plain.scope.iter().map(u8::to_string).collect();
    let scope = scope
        .iter()
        .map(|scope| attribute("advertisingScope", &[scope]));
    let scope: Vec<_> = scope.collect();
    let add = add_conference(&plain.uid.to_string(), &plain.cn, &scope);
    let is_new = model.iter().all(|entry| entry.uid != plain.uid);
    let code = match is_new {
        true => Code::Success,
        false => Code::EntryAlreadyExists,
    };
    assert_eq!(desk.code(&mut local(), add), code);
    model.extend(is_new.then_some(plain));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn server_does_what_a_list_would_do(steps in proptest::collection::vec(step(), 1..40)) {
        let mut desk = Desk::new();
        let mut model = Vec::new();
        for step in steps {
            check(&mut desk, &mut model, step);
        }
    }
}
