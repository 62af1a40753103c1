//! What clients of a Microsoft ILS say differently ([MS-TAIL]): names, and how long an entry lives.
use std::time::Duration;

use ldap3_proto::LdapFilter;
use ldap3_proto::proto::{LdapAttribute, LdapModify, LdapSearchRequest, LdapSubstringFilter};

use super::super::core::Core;
use super::super::entry::attributes::Loose;
use super::super::entry::dn::{Dn, escape};
use super::super::entry::moment::Moment;
use super::super::entry::place::Kind;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::control::Controls;
use super::super::session::{Next, Session};
use super::search::Search;
use super::write::{Task, Write};

/// How long an entry lives, in minutes.
const MINUTES: &str = "sttl";
/// How long an entry lives, in seconds (RFC 2589 section 5).
const SECONDS: &str = "entryTtl";
/// How many entries one search keeps alive.
const MAX_REFRESHED: usize = 100;

/// The container that a name means: an ILS calls its two `objectClass=rtConference` and `objectClass=rtPerson`.
pub(super) fn container(dn: &Dn) -> Option<Kind> {
    match dn.key().as_str() {
        "objectclass=rtconference" => Some(Kind::Conference),
        "objectclass=rtperson" => Some(Kind::Person),
        _ => None,
    }
}

/// A name as it is here. NetMeeting writes `c=-,o=Microsoft,cn=a,objectClass=rtPerson`, TAPI's dialer
/// `cn=a,ou=dynamic,o=Intranet` for people and `uid=1,ou=dynamic,o=Intranet` for conferences.
pub(super) fn translated(dn: Dn) -> Dn {
    native(&dn).and_then(|name| Dn::parse(&name)).unwrap_or(dn)
}

/// A name as it is kept: as the client wrote it, unless it had to be translated.
pub(super) fn written(text: &str) -> String {
    let native = Dn::parse(text).as_ref().and_then(native);
    native.unwrap_or_else(|| text.trim().to_owned())
}

fn native(dn: &Dn) -> Option<String> {
    let key = dn.key();
    let first = |wanted: &str| {
        let mut parts = dn.rdns().iter().flat_map(|rdn| &rdn.parts);
        parts.find(|(attribute, _)| attribute.eq_ignore_ascii_case(wanted))
    };
    let is_below = |place: &str| {
        key.strip_suffix(place)
            .is_some_and(|rest| rest.ends_with(','))
    };
    let ((attribute, value), kind) = if is_below("ou=dynamic,o=intranet") {
        match first("uid") {
            Some(uid) => (uid, Kind::Conference),
            None => (first("cn")?, Kind::Person),
        }
    } else if is_below("objectclass=rtconference") {
        (first("uid").or_else(|| first("cn"))?, Kind::Conference)
    } else if is_below("objectclass=rtperson") {
        (first("cn")?, Kind::Person)
    } else {
        return None;
    };
    Some(format!(
        "{attribute}={},{}",
        escape(value),
        kind.container()
    ))
}

/// `%` stands for any text ([MS-TAIL] section 4.3.2).
pub(super) fn read_wildcards(filter: &mut LdapFilter) {
    match filter {
        LdapFilter::And(all) | LdapFilter::Or(all) => all.iter_mut().for_each(read_wildcards),
        LdapFilter::Not(one) => read_wildcards(one),
        LdapFilter::Equality(name, value) if value == "%" => {
            *filter = LdapFilter::Present(std::mem::take(name));
        }
        LdapFilter::Equality(name, value) if value.contains('%') => {
            let parts = LdapSubstringFilter::from(value.replace('%', "*"));
            *filter = LdapFilter::Substring(std::mem::take(name), parts);
        }
        _ => {}
    }
}

/// Takes the wish for a longer life out of a search.
pub(super) fn take_refresh(asked: &mut LdapSearchRequest) -> Option<Duration> {
    take_wish(&mut asked.filter).and_then(|minutes| in_minutes(&minutes))
}

fn take_wish(filter: &mut LdapFilter) -> Option<String> {
    match filter {
        LdapFilter::Equality(name, minutes) if name.eq_ignore_ascii_case(MINUTES) => {
            let minutes = std::mem::take(minutes);
            // RFC 4526: always true.
            *filter = LdapFilter::And(Vec::new());
            Some(minutes)
        }
        LdapFilter::And(all) => all.iter_mut().find_map(take_wish),
        _ => None,
    }
}

/// Keeps alive what a search finds and the client may change, then answers it.
pub(super) fn refresh(
    session: &Session,
    core: &Core,
    now: Moment,
    search: Search,
    lifetime: Duration,
) -> Next {
    let ids = search.found(core, now, MAX_REFRESHED);
    let task = Task::RefreshFound { ids, lifetime };
    let controls = Controls::default();
    match Write::new(
        session,
        core,
        search.id,
        answer::SEARCH_DONE,
        task,
        controls,
    ) {
        Ok(write) => Next::Write(Box::new(write.before(search))),
        // Who may change nothing here has still searched.
        Err(_) => Next::Search(Box::new(search)),
    }
}

/// Parts the wished lifetime from the attributes of a new entry.
pub(super) fn take_lifetime(
    attributes: &[LdapAttribute],
) -> Result<(Vec<Loose>, Option<Duration>), Outcome> {
    let mut lifetime = None;
    let mut list = Vec::with_capacity(attributes.len() + 2);
    for attribute in attributes {
        match lifetime_in(&attribute.atype, &attribute.vals)? {
            Some(wanted) => lifetime = Some(wanted),
            None => list.push(Loose {
                name: attribute.atype.clone(),
                values: attribute.vals.clone(),
            }),
        }
    }
    Ok((list, lifetime))
}

/// The lifetime that a change of an entry wishes for, if it is of that.
pub(super) fn lifetime_of(change: &LdapModify) -> Result<Option<Duration>, Outcome> {
    lifetime_in(&change.modification.atype, &change.modification.vals)
}

fn lifetime_in(name: &str, values: &[Vec<u8>]) -> Result<Option<Duration>, Outcome> {
    let unit = match name {
        name if name.eq_ignore_ascii_case(MINUTES) => in_minutes,
        name if name.eq_ignore_ascii_case(SECONDS) => in_seconds,
        _ => return Ok(None),
    };
    let value = values
        .first()
        .and_then(|value| std::str::from_utf8(value).ok());
    match value.and_then(unit) {
        Some(lifetime) => Ok(Some(lifetime)),
        None => Err(Outcome::new(
            Code::InvalidAttributeSyntax,
            format!("{name}: not a number"),
        )),
    }
}

fn in_minutes(text: &str) -> Option<Duration> {
    let minutes: u32 = text.trim().parse().ok()?;
    Some(Duration::from_secs(60 * u64::from(minutes)))
}

fn in_seconds(text: &str) -> Option<Duration> {
    let secs: u32 = text.trim().parse().ok()?;
    Some(Duration::from_secs(secs.into()))
}
