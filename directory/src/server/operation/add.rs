//! Add (RFC 4511 section 4.7).
use std::time::Duration;

use ldap3_proto::proto::LdapAttribute;

use super::super::access::{Identity, OWNER};
use super::super::entry::Entry;
use super::super::entry::attributes::{Attributes, Loose};
use super::super::entry::dn::Dn;
use super::super::entry::place::{Kind, Place};
use super::super::protocol::answer::{Code, Outcome};
use super::ils;
use super::refresh;
use super::search::no_such_object;
use super::validate;
use super::write::{Draft, Granted, Write, parse};

/// Adds an entry, which then belongs to who added it.
pub(super) fn add(
    draft: &mut Draft<'_>,
    write: &Write,
    dn: &str,
    attributes: &[LdapAttribute],
) -> Result<Granted, Outcome> {
    let name = parse(dn)?;
    let kind = container(write, &name)?;
    if draft
        .find(&name.key())
        .is_some_and(|entry| !entry.is_expired(draft.now))
    {
        return Err(Outcome::new(Code::EntryAlreadyExists, ""));
    }
    if draft.len() >= draft.core.limits.entries {
        return Err(Outcome::new(
            Code::AdminLimitExceeded,
            "there are too many entries",
        ));
    }
    let (mut attributes, lifetime) = ils::take_lifetime(attributes)?;
    check_owner(write, &attributes)?;
    include_name(draft, &name, &mut attributes)?;
    validate::own(
        &mut attributes,
        (kind != Kind::Group).then(|| write.identity.principal()),
    );
    validate::validate(&draft.core.schema, kind, &attributes)?;
    let lifetime = lifetime.or_else(|| default_lifetime(draft, &attributes));
    put(draft, write, dn, &name, &attributes, lifetime)?;
    Ok(Granted { lifetime: None })
}

fn put(
    draft: &mut Draft<'_>,
    write: &Write,
    dn: &str,
    name: &Dn,
    attributes: &[Loose],
    lifetime: Option<Duration>,
) -> Result<(), Outcome> {
    let place = Place::of(name).ok_or_else(|| no_such_object(&name.key()))?;
    let expiry = lifetime.map(|lifetime| refresh::expiry(draft, lifetime));
    if let Some(dead) = draft.find(&name.key()) {
        draft.remove(&dead);
    }
    let (id, uuid) = draft.next_id();
    let who = write.identity.dn();
    let entry = Entry {
        id,
        uuid,
        dn: ils::written(dn).into(),
        place,
        attributes: Attributes::pack(attributes),
        created: draft.now,
        creator: who.as_str().into(),
        modified: draft.now,
        modifier: who.into(),
        revision: 0,
        expiry,
    };
    draft.put(None, entry, false);
    Ok(())
}

/// What the container of a name holds, if one may add to it.
fn container(write: &Write, name: &Dn) -> Result<Kind, Outcome> {
    match Place::of(name) {
        Some(Place::Within(Kind::Group)) if write.identity != Identity::Local => Err(Outcome::new(
            Code::InsufficentAccessRights,
            "groups are made by the local user",
        )),
        Some(Place::Within(kind)) => Ok(kind),
        Some(Place::Suffix | Place::Container(_)) => {
            Err(Outcome::new(Code::EntryAlreadyExists, ""))
        }
        None if name.parent_key() == super::super::entry::SUFFIX => Err(Outcome::new(
            Code::UnwillingToPerform,
            "conferences, people and groups are the only containers",
        )),
        None => Err(no_such_object(&name.key())),
    }
}

/// Nobody gives away or takes: the owner is who adds.
fn check_owner(write: &Write, attributes: &[Loose]) -> Result<(), Outcome> {
    let own = write.identity.principal().into_bytes();
    let owners = attributes
        .iter()
        .filter(|found| found.name.eq_ignore_ascii_case(OWNER));
    match owners
        .flat_map(|owners| &owners.values)
        .all(|owner| *owner == own)
    {
        true => Ok(()),
        false => Err(Outcome::new(
            Code::ConstraintViolation,
            "the owner is who adds it",
        )),
    }
}

/// What the name says of the entry is part of it; clients may leave it out (RFC 4511 section 4.7).
fn include_name(draft: &Draft<'_>, name: &Dn, attributes: &mut Vec<Loose>) -> Result<(), Outcome> {
    let schema = &draft.core.schema;
    for (kind, value) in name.rdn().into_iter().flat_map(|rdn| &rdn.parts) {
        let known = validate::known(schema, kind)?;
        let wanted = known.matching.ready(value.as_bytes());
        let Some(wanted) = wanted.filter(|_| !known.is_operational) else {
            return Err(Outcome::new(
                Code::NamingViolation,
                format!("{kind}: not for a name"),
            ));
        };
        let place = attributes
            .iter()
            .position(|found| known.is_called(&found.name));
        match place.and_then(|place| attributes.get_mut(place)) {
            None => attributes.push(Loose {
                name: kind.clone(),
                values: vec![value.clone().into_bytes()],
            }),
            Some(found) => {
                let is_it = |value: &Vec<u8>| known.matching.is_equal(value, &wanted);
                if !found.values.iter().any(is_it) {
                    found.values.push(value.clone().into_bytes());
                }
            }
        }
    }
    Ok(())
}

/// RFC 2589: a dynamic entry dies some day.
fn default_lifetime(draft: &Draft<'_>, attributes: &[Loose]) -> Option<Duration> {
    let is_dynamic = attributes
        .iter()
        .filter(|found| found.name.eq_ignore_ascii_case("objectClass"))
        .flat_map(|classes| &classes.values)
        .any(|class| class.eq_ignore_ascii_case(b"dynamicObject"));
    is_dynamic.then_some(draft.core.limits.default_lifetime)
}
