//! Whether attributes make an entry of the schema (RFC 4512 section 2.4).
use super::super::access::{EDITOR, OWNER, READER};
use super::super::entry::attributes::Loose;
use super::super::entry::place::Kind;
use super::super::entry::schema::{Attribute, Schema};
use super::super::protocol::answer::{Code, Outcome};

/// The class that says who may do what.
const PERMISSIONS: &str = "rendezvousEntry";

/// The attribute of this name.
pub(super) fn known<'a>(schema: &'a Schema, name: &str) -> Result<&'a Attribute, Outcome> {
    schema.attribute(name).ok_or_else(|| {
        Outcome::new(
            Code::UndefinedAttributeType,
            format!("{name}: no such attribute"),
        )
    })
}

/// Checks all that an entry will be made of.
pub(super) fn validate(schema: &Schema, kind: Kind, attributes: &[Loose]) -> Result<(), Outcome> {
    for (place, attribute) in attributes.iter().enumerate() {
        let known = known(schema, &attribute.name)?;
        let earlier = attributes.iter().take(place);
        if earlier
            .into_iter()
            .any(|other| known.is_called(&other.name))
        {
            let message = format!("{}: twice", attribute.name);
            return Err(Outcome::new(Code::AttributeOrValueExists, message));
        }
        validate_values(known, attribute)?;
    }
    validate_classes(schema, kind, attributes)
}

/// Lets an entry have permissions if it has any, and no owner but the one given.
pub(super) fn own(attributes: &mut Vec<Loose>, owner: Option<String>) {
    if let Some(owner) = owner {
        attributes.retain(|attribute| !attribute.name.eq_ignore_ascii_case(OWNER));
        attributes.push(Loose {
            name: OWNER.to_owned(),
            values: vec![owner.into_bytes()],
        });
    }
    let has_permissions = attributes
        .iter()
        .any(|attribute| is_permission(&attribute.name));
    let classes = attributes
        .iter_mut()
        .find(|attribute| is_class(&attribute.name));
    if let Some(classes) = classes.filter(|_| has_permissions) {
        let is_it = |value: &Vec<u8>| value.eq_ignore_ascii_case(PERMISSIONS.as_bytes());
        if !classes.values.iter().any(is_it) {
            classes.values.push(PERMISSIONS.into());
        }
    }
}

/// Whether an attribute says who may do what.
pub(super) fn is_permission(name: &str) -> bool {
    [OWNER, READER, EDITOR]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
}

fn is_class(name: &str) -> bool {
    name.eq_ignore_ascii_case("objectClass")
}

fn validate_values(known: &Attribute, attribute: &Loose) -> Result<(), Outcome> {
    let refuse = |code, why: &str| Err(Outcome::new(code, format!("{}: {why}", attribute.name)));
    if known.is_operational {
        return refuse(Code::ConstraintViolation, "set by the server");
    }
    if attribute.values.is_empty() {
        return refuse(Code::ProtocolError, "without a value");
    }
    if known.is_single && attribute.values.len() > 1 {
        return refuse(Code::ConstraintViolation, "more than one value");
    }
    let mut ready = Vec::with_capacity(attribute.values.len());
    for value in &attribute.values {
        match known.matching.ready(value) {
            None => return refuse(Code::InvalidAttributeSyntax, "not such a value"),
            Some(_) if value.is_empty() => {
                return refuse(Code::InvalidAttributeSyntax, "an empty value");
            }
            Some(value) if ready.contains(&value) => {
                return refuse(Code::AttributeOrValueExists, "a value twice");
            }
            Some(value) => ready.push(value),
        }
    }
    Ok(())
}

fn validate_classes(schema: &Schema, kind: Kind, attributes: &[Loose]) -> Result<(), Outcome> {
    let violated = |message: String| Err(Outcome::new(Code::ObjectClassViolation, message));
    let classes = attributes
        .iter()
        .find(|attribute| is_class(&attribute.name));
    let classes = classes.map_or(&[][..], |classes| &classes.values);
    let classes: Vec<&str> = classes
        .iter()
        .filter_map(|class| std::str::from_utf8(class).ok())
        .collect();
    if let Some(unknown) = classes.iter().find(|class| schema.class(class).is_none()) {
        return violated(format!("{unknown}: no such class"));
    }
    let structural = |class: &&&str| schema.class(class).is_some_and(|class| class.is_structural);
    if !classes.iter().any(|class| schema.is_a(class, kind.class())) {
        return violated(format!("only {} here", kind.class()));
    }
    let is_foreign = |class: &&&str| !schema.is_a(class, kind.class());
    if let Some(foreign) = classes.iter().filter(structural).find(is_foreign) {
        return violated(format!("{foreign}: only {} here", kind.class()));
    }
    for required in classes.iter().flat_map(|class| schema.required(class)) {
        let known = schema.attribute(required);
        let is_it = |found: &Loose| known.is_some_and(|known| known.is_called(&found.name));
        if !attributes.iter().any(is_it) {
            return violated(format!("{required} is required"));
        }
    }
    for attribute in attributes {
        let known = known(schema, &attribute.name)?;
        if !classes.iter().any(|class| schema.is_allowed(class, known)) {
            return violated(format!("{}: not of these classes", attribute.name));
        }
    }
    Ok(())
}
