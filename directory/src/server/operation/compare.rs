//! Compare (RFC 4511 section 4.10).
use ldap3_proto::proto::LdapCompareRequest;

use super::super::core::Core;
use super::super::entry::OPERATIONAL;
use super::super::entry::moment::Moment;
use super::super::filter::Filter;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::control::Controls;
use super::super::session::{Next, Session};
use super::search::find;
use super::validate;
use super::write::parse;

/// Says whether an entry has a value.
pub(in crate::server) fn compare(
    session: &Session,
    core: &Core,
    now: Moment,
    id: i32,
    asked: &LdapCompareRequest,
    controls: &Controls,
    out: &mut Vec<u8>,
) -> Next {
    let outcome = match is_so(session, core, now, asked, controls) {
        Ok(true) => Outcome::new(Code::CompareTrue, ""),
        Ok(false) => Outcome::new(Code::CompareFalse, ""),
        Err(outcome) => outcome,
    };
    answer::done(out, id, answer::COMPARE, &outcome);
    Next::Answered
}

fn is_so(
    session: &Session,
    core: &Core,
    now: Moment,
    asked: &LdapCompareRequest,
    controls: &Controls,
) -> Result<bool, Outcome> {
    let entry = find(session, core, now, &parse(&asked.dn)?.key())?;
    if let Some(assertion) = &controls.assertion {
        let filter = Filter::ready(&core.schema, assertion, core.limits.filter_terms);
        if !filter.is_ok_and(|filter| filter.is_met(entry, now)) {
            return Err(Outcome::new(Code::AssertionFailed, ""));
        }
    }
    let known = validate::known(&core.schema, &asked.atype)?;
    let wanted = known
        .matching
        .ready(&asked.val)
        .ok_or_else(|| Outcome::new(Code::InvalidAttributeSyntax, "no such value can be"))?;
    let missing = || Outcome::new(Code::NoSuchAttribute, "");
    if OPERATIONAL.contains(&known.name()) {
        let value = entry.operational(known.name(), now).ok_or_else(missing)?;
        return Ok(known.matching.is_equal(value.as_bytes(), &wanted));
    }
    let found = entry
        .attributes
        .iter()
        .find(|found| known.is_called(found.name));
    let found = found.ok_or_else(missing)?;
    Ok(found
        .values()
        .any(|value| known.matching.is_equal(value, &wanted)))
}
