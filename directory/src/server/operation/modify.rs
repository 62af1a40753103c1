//! Modify (RFC 4511 section 4.6).
use std::sync::Arc;
use std::time::Duration;

use ldap3_proto::proto::{LdapModify, LdapModifyType};

use super::super::access::{OWNER, Wish};
use super::super::entry::Entry;
use super::super::entry::attributes::{Attributes, Loose};
use super::super::entry::dn::Dn;
use super::super::entry::place::Place;
use super::super::entry::schema::{Attribute, Schema};
use super::super::protocol::answer::{Code, Outcome};
use super::ils;
use super::refresh;
use super::validate;
use super::write::{Draft, Granted, Write, parse};

/// Changes the attributes of an entry, all or none.
pub(super) fn modify(
    draft: &mut Draft<'_>,
    write: &Write,
    dn: &str,
    changes: &[LdapModify],
) -> Result<Granted, Outcome> {
    let key = parse(dn)?.key();
    let before = draft.see(write, &key)?;
    let Place::Within(kind) = before.place else {
        return Err(Outcome::new(
            Code::UnwillingToPerform,
            "containers stay as they are",
        ));
    };
    draft.demand(write, wish(changes), &before)?;
    let mut attributes = before.attributes.unpack();
    let mut lifetime = None;
    for change in changes {
        match ils::lifetime_of(change)? {
            Some(wanted) => lifetime = Some(wanted),
            None => apply(&draft.core.schema, &mut attributes, change)?,
        }
    }
    validate::own(&mut attributes, None);
    validate::validate(&draft.core.schema, kind, &attributes)?;
    check_name(&draft.core.schema, &before, &attributes)?;
    put(draft, write, before, &attributes, lifetime)
}

fn put(
    draft: &mut Draft<'_>,
    write: &Write,
    before: Arc<Entry>,
    attributes: &[Loose],
    lifetime: Option<Duration>,
) -> Result<Granted, Outcome> {
    let mut after = Entry::clone(&before);
    after.attributes = Attributes::pack(attributes);
    if let Some(lifetime) = lifetime {
        if after.expiry.is_none() && !after.has_class("dynamicObject") {
            return Err(Outcome::new(
                Code::ObjectClassViolation,
                "it lives until it is deleted",
            ));
        }
        after.expiry = Some(refresh::expiry(draft, lifetime));
    }
    let is_refresh = after.attributes == before.attributes && lifetime.is_some();
    if !is_refresh {
        after.modifier = write.identity.dn().into();
    }
    draft.put(Some(before), after, is_refresh);
    Ok(Granted { lifetime })
}

/// Who may read and edit is for the owner to say.
fn wish(changes: &[LdapModify]) -> Wish {
    let is_permission = |change: &LdapModify| validate::is_permission(&change.modification.atype);
    match changes.iter().any(is_permission) {
        true => Wish::Rule,
        false => Wish::Change,
    }
}

fn apply(schema: &Schema, attributes: &mut Vec<Loose>, change: &LdapModify) -> Result<(), Outcome> {
    let name = &change.modification.atype;
    let known = validate::known(schema, name)?;
    if known.is_operational || known.is_called(OWNER) {
        return Err(Outcome::new(
            Code::ConstraintViolation,
            format!("{name}: set by the server"),
        ));
    }
    let values = &change.modification.vals;
    match change.operation {
        LdapModifyType::Add if values.is_empty() => Err(Outcome::new(
            Code::ProtocolError,
            format!("{name}: nothing to add"),
        )),
        LdapModifyType::Add => {
            add_values(attributes, known, name, values);
            Ok(())
        }
        LdapModifyType::Delete => delete_values(attributes, known, name, values),
        LdapModifyType::Replace => {
            replace_values(attributes, known, name, values);
            Ok(())
        }
        LdapModifyType::Increment => increment(attributes, known, name, values),
    }
}

/// A value that is there already is found by the check of the whole entry.
fn add_values(attributes: &mut Vec<Loose>, known: &Attribute, name: &str, values: &[Vec<u8>]) {
    match attributes
        .iter_mut()
        .find(|found| known.is_called(&found.name))
    {
        Some(found) => found.values.extend_from_slice(values),
        None => attributes.push(Loose {
            name: name.to_owned(),
            values: values.to_vec(),
        }),
    }
}

fn replace_values(attributes: &mut Vec<Loose>, known: &Attribute, name: &str, values: &[Vec<u8>]) {
    let place = attributes
        .iter()
        .position(|found| known.is_called(&found.name));
    match place.and_then(|place| attributes.get_mut(place)) {
        Some(found) if !values.is_empty() => found.values = values.to_vec(),
        Some(_) => attributes.retain(|found| !known.is_called(&found.name)),
        None if values.is_empty() => {}
        None => add_values(attributes, known, name, values),
    }
}

fn delete_values(
    attributes: &mut Vec<Loose>,
    known: &Attribute,
    name: &str,
    values: &[Vec<u8>],
) -> Result<(), Outcome> {
    let missing = || Outcome::new(Code::NoSuchAttribute, format!("{name}: not there"));
    let found = attributes
        .iter_mut()
        .find(|found| known.is_called(&found.name));
    let found = found.ok_or_else(missing)?;
    for value in values {
        let wanted = known.matching.ready(value).ok_or_else(missing)?;
        let is_it = |own: &Vec<u8>| known.matching.is_equal(own, &wanted);
        let place = found.values.iter().position(is_it).ok_or_else(missing)?;
        found.values.remove(place);
    }
    let is_left = !values.is_empty() && !found.values.is_empty();
    if !is_left {
        attributes.retain(|found| !known.is_called(&found.name));
    }
    Ok(())
}

/// RFC 4525.
fn increment(
    attributes: &mut [Loose],
    known: &Attribute,
    name: &str,
    values: &[Vec<u8>],
) -> Result<(), Outcome> {
    let refuse = |code| Outcome::new(code, format!("{name}: cannot be increased by that"));
    let number = |value: &Vec<u8>| std::str::from_utf8(value).ok()?.trim().parse::<i64>().ok();
    let by = match values {
        [by] => number(by).ok_or_else(|| refuse(Code::InvalidAttributeSyntax))?,
        _ => return Err(refuse(Code::ProtocolError)),
    };
    let found = attributes
        .iter_mut()
        .find(|found| known.is_called(&found.name));
    let found = found.ok_or_else(|| refuse(Code::NoSuchAttribute))?;
    for value in &mut found.values {
        let sum = number(value).and_then(|own| own.checked_add(by));
        let sum = sum.ok_or_else(|| refuse(Code::ConstraintViolation))?;
        *value = sum.to_string().into_bytes();
    }
    Ok(())
}

/// What the entry is called has to stay among its values.
fn check_name(schema: &Schema, before: &Entry, attributes: &[Loose]) -> Result<(), Outcome> {
    let name = Dn::parse(&before.dn);
    let parts = name
        .iter()
        .filter_map(|name| name.rdn())
        .flat_map(|rdn| &rdn.parts);
    for (kind, value) in parts {
        let known = validate::known(schema, kind)?;
        let wanted = known.matching.ready(value.as_bytes());
        let is_it = |own: &Vec<u8>| {
            let wanted = wanted.as_ref();
            wanted.is_some_and(|wanted| known.matching.is_equal(own, wanted))
        };
        let found = attributes.iter().find(|found| known.is_called(&found.name));
        if !found.is_some_and(|found| found.values.iter().any(is_it)) {
            return Err(Outcome::new(
                Code::NotALlowedOnRDN,
                format!("{kind} is in its name"),
            ));
        }
    }
    Ok(())
}
