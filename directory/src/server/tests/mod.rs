//! The server without sockets and disk: requests in, answers out, read by a decoder that is not ours.
mod access;
mod binding;
mod changing;
mod lifetimes;
mod model;
mod mstail;
mod paging;
mod rfc4511;
mod searching;
mod syncing;

use ldap3_lber::parse::Parser;
use ldap3_proto::parse_ldap_filter_str;
use ldap3_proto::proto::{
    LdapAddRequest, LdapBindCred, LdapBindRequest, LdapCompareRequest, LdapDerefAliases,
    LdapExtendedRequest, LdapModify, LdapModifyRequest, LdapModifyType, LdapMsg, LdapOp,
    LdapPartialAttribute, LdapResult, LdapResultCode as Code, LdapSearchRequest,
    LdapSearchResultEntry, LdapSearchScope as Scope,
};

use super::access::Identity;
use super::core::Core;
use super::entry::moment::Moment;
use super::operation::sync::Watch;
use super::operation::write::Draft;
use super::protocol::control::Control;
use super::protocol::request::{Request, decode as decode_request};
use super::rehearsal;
use super::session::{Link, Next, Session};

const CONFERENCES: &str = "ou=Conferences,o=rendezvous";
const PEOPLE: &str = "ou=People,o=rendezvous";

/// A server of which one asks directly.
struct Desk {
    core: Core,
    now: Moment,
}

impl Desk {
    fn new() -> Self {
        let now = Moment(1_700_000_000_000_000);
        let core = rehearsal::core(now);
        Self { core, now }
    }

    fn pass(&mut self, secs: u64) {
        self.now = self.now.after(std::time::Duration::from_secs(secs));
    }

    /// Asks, does all that it takes, and gives the answers.
    fn ask(
        &mut self,
        session: &mut Session,
        operation: LdapOp,
        controls: &[Control],
    ) -> Vec<LdapMsg> {
        self.ask_and_watch(session, operation, controls).0
    }

    fn ask_and_watch(
        &mut self,
        session: &mut Session,
        operation: LdapOp,
        controls: &[Control],
    ) -> (Vec<LdapMsg>, Option<Watch>) {
        let mut out = Vec::new();
        let request = Request {
            id: 5,
            operation,
            controls: controls.to_vec(),
        };
        let watch = rehearsal::answer(&mut self.core, self.now, session, request, &mut out);
        (decode(&out), watch)
    }

    /// Answers one message, bytes for bytes.
    fn converse(&mut self, session: &mut Session, message: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let request = decode_request(message, self.core.limits.depth).unwrap();
        rehearsal::answer(&mut self.core, self.now, session, request, &mut out);
        out
    }

    fn code(&mut self, session: &mut Session, operation: LdapOp) -> Code {
        result(&self.ask(session, operation, &[])).code
    }

    fn names(&mut self, session: &mut Session, base: &str, filter: &str) -> Vec<String> {
        let answers = self.ask(session, search(base, Scope::Subtree, filter), &[]);
        let mut names: Vec<_> = entries(&answers)
            .into_iter()
            .map(|entry| entry.dn)
            .collect();
        names.sort();
        names
    }
}

fn decode(mut bytes: &[u8]) -> Vec<LdapMsg> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let (rest, tag) = Parser::default().parse(bytes).unwrap();
        answers.push(LdapMsg::try_from(tag).unwrap());
        bytes = rest;
    }
    answers
}

fn session(identity: Identity) -> Session {
    let mut session = Session::new(Link {
        is_local: true,
        ..Link::default()
    });
    session.identity = identity;
    session
}

fn local() -> Session {
    session(Identity::Local)
}

fn key(digit: char) -> Identity {
    Identity::Key(String::from(digit).repeat(64))
}

fn result(answers: &[LdapMsg]) -> LdapResult {
    match &answers.last().expect("no answer").op {
        LdapOp::BindResponse(bind) => bind.res.clone(),
        LdapOp::ExtendedResponse(extended) => extended.res.clone(),
        LdapOp::SearchResultDone(result)
        | LdapOp::AddResponse(result)
        | LdapOp::ModifyResponse(result)
        | LdapOp::DelResponse(result)
        | LdapOp::ModifyDNResponse(result)
        | LdapOp::CompareResult(result) => result.clone(),
        other => panic!("no result: {other:?}"),
    }
}

fn entries(answers: &[LdapMsg]) -> Vec<LdapSearchResultEntry> {
    let entries = answers.iter().filter_map(|answer| match &answer.op {
        LdapOp::SearchResultEntry(entry) => Some(entry.clone()),
        _ => None,
    });
    entries.collect()
}

fn attribute(name: &str, values: &[&str]) -> LdapPartialAttribute {
    LdapPartialAttribute {
        atype: name.to_owned(),
        vals: values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect(),
    }
}

fn values(entry: &LdapSearchResultEntry, name: &str) -> Vec<String> {
    let found = entry
        .attributes
        .iter()
        .filter(|found| found.atype.eq_ignore_ascii_case(name));
    found
        .flat_map(|found| &found.vals)
        .map(|value| String::from_utf8(value.clone()).unwrap())
        .collect()
}

fn add(dn: &str, attributes: &[LdapPartialAttribute]) -> LdapOp {
    LdapOp::AddRequest(LdapAddRequest {
        dn: dn.to_owned(),
        attributes: attributes.to_vec(),
    })
}

fn conference_dn(uid: &str) -> String {
    format!("uid={uid},{CONFERENCES}")
}

fn add_conference(uid: &str, name: &str, more: &[LdapPartialAttribute]) -> LdapOp {
    let own = [
        attribute("objectClass", &["top", "rtConference"]),
        attribute("cn", &[name]),
    ];
    add(&conference_dn(uid), &[&own, more].concat())
}

fn add_person(uid: &str, name: &str, more: &[LdapPartialAttribute]) -> LdapOp {
    let own = [
        attribute("objectClass", &["rtPerson"]),
        attribute("cn", &[name]),
    ];
    add(&format!("uid={uid},{PEOPLE}"), &[&own, more].concat())
}

fn change(operation: LdapModifyType, name: &str, values: &[&str]) -> LdapModify {
    LdapModify {
        operation,
        modification: attribute(name, values),
    }
}

fn modify(dn: &str, changes: &[LdapModify]) -> LdapOp {
    LdapOp::ModifyRequest(LdapModifyRequest {
        dn: dn.to_owned(),
        changes: changes.to_vec(),
    })
}

fn search(base: &str, scope: Scope, filter: &str) -> LdapOp {
    search_for(base, scope, filter, &[])
}

fn search_for(base: &str, scope: Scope, filter: &str, attributes: &[&str]) -> LdapOp {
    LdapOp::SearchRequest(LdapSearchRequest {
        base: base.to_owned(),
        scope,
        aliases: LdapDerefAliases::Never,
        sizelimit: 0,
        timelimit: 0,
        typesonly: false,
        filter: parse_ldap_filter_str(filter).unwrap(),
        attrs: attributes.iter().map(|name| (*name).to_owned()).collect(),
    })
}

fn compare(dn: &str, name: &str, value: &str) -> LdapOp {
    LdapOp::CompareRequest(LdapCompareRequest {
        dn: dn.to_owned(),
        atype: name.to_owned(),
        val: value.as_bytes().to_vec(),
    })
}

fn bind(version: i64, dn: &str, password: &str) -> LdapOp {
    LdapOp::BindRequest(LdapBindRequest {
        version,
        dn: dn.to_owned(),
        cred: LdapBindCred::Simple(password.to_owned()),
    })
}

fn extended(name: &str, value: Option<Vec<u8>>) -> LdapOp {
    LdapOp::ExtendedRequest(LdapExtendedRequest {
        name: name.to_owned(),
        value,
    })
}
