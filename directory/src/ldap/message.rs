//! Whether what a server sent is an LDAP message that can be passed on: whole, not too long, not too deep, well-formed.
//!
//! The library that speaks LDAP for us trusts its server: it has no limit of length or depth, and panics at what is
//! malformed. So it never sees such a message; a server that sends one is hung up on.
use crate::wire::Reader;

use super::ber::{Element, Elements, read_length, tag};

/// The longest message: many times the 64 KiB that a description may have.
pub(super) const MAX_MESSAGE: usize = 4 << 20;
/// How deep elements may be nested: RFC 4511's own responses need six.
const MAX_DEPTH: u32 = 16;

/// What a server sent is not LDAP, or more than is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sends what is not LDAP, or more of it than is taken")]
pub(super) struct Malformed;

/// How many bytes the message at the beginning of these has; none while that cannot be told.
pub(super) fn length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let mut reader = Reader::new(bytes);
    match reader.u8() {
        None => return Ok(None),
        Some(tag::SEQUENCE) => {}
        Some(_) => return Err(Malformed),
    }
    // The length takes one to five bytes; where there are five, what cannot be read is wrong.
    let Some(contents) = read_length(&mut reader) else {
        return match bytes.len() {
            0..=5 if !matches!(bytes.get(1), Some(0x80 | 0x85..)) => Ok(None),
            _ => Err(Malformed),
        };
    };
    let header = bytes.len() - reader.rest().len();
    match header + contents {
        length if length <= MAX_MESSAGE => Ok(Some(length)),
        _ => Err(Malformed),
    }
}

/// Checks a whole message from a server (RFC 4511 section 4.1.1).
pub(super) fn check(message: &[u8]) -> Result<(), Malformed> {
    is_message(message)
        .filter(|good| *good)
        .map(drop)
        .ok_or(Malformed)
}

fn is_message(message: &[u8]) -> Option<bool> {
    let message = Element::only(message)?;
    let mut parts = message.open(tag::SEQUENCE)?;
    let id = parts.next()?.within(tag::INTEGER)?;
    let operation = parts.next()?;
    let is_good = (1..=4).contains(&id.len())
        && is_sound(message.contents, MAX_DEPTH)
        && is_response(operation)?;
    for part in parts.by_ref() {
        let is_part = match part.tag {
            0xa0 => Elements::new(part.contents).all(|control| is_control(control).is_some()),
            // Active Directory puts the OID of its notice of disconnection here, outside the operation.
            0x8a => is_text(part.contents),
            _ => false,
        };
        if !is_part {
            return Some(false);
        }
    }
    Some(is_good && parts.is_done())
}

/// Every element, and every element in it, is whole.
fn is_sound(bytes: &[u8], depth: u32) -> bool {
    let mut elements = Elements::new(bytes);
    let is_deep = |element: Element<'_>| element.tag & 0x20 != 0;
    let are_sound = elements
        .by_ref()
        .all(|e| !is_deep(e) || depth > 0 && is_sound(e.contents, depth - 1));
    are_sound && elements.is_done()
}

fn is_response(operation: Element<'_>) -> Option<bool> {
    let mut parts = Elements::new(operation.contents);
    match operation.tag {
        // SearchResultEntry: name, attributes with their values.
        0x64 => {
            let name = parts.next()?.within(tag::OCTET_STRING)?;
            let mut attributes = parts.next()?.open(tag::SEQUENCE)?;
            Some(is_text(name) && attributes.all(|attribute| is_attribute(attribute).is_some()))
        }
        // SearchResultReference.
        0x73 => Some(parts.all(|uri| uri.within(tag::OCTET_STRING).is_some_and(is_text))),
        // IntermediateResponse.
        0x79 => Some(parts.all(|part| part.tag & !1 == tag::context(0))),
        // Results of bind, search, modify, add, delete, modifyDN, compare, extended.
        0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => {
            let code = parts.next()?.within(tag::ENUMERATED)?;
            let matched = parts.next()?.within(tag::OCTET_STRING)?;
            let text = parts.next()?.within(tag::OCTET_STRING)?;
            let is_result = (1..=4).contains(&code.len()) && is_text(matched) && is_text(text);
            Some(is_result && parts.all(is_tail_of_result))
        }
        _ => Some(false),
    }
}

/// Referrals, SASL credentials, name and value of an extended operation.
fn is_tail_of_result(part: Element<'_>) -> bool {
    match part.tag {
        0xa3 => Elements::new(part.contents)
            .all(|uri| uri.within(tag::OCTET_STRING).is_some_and(is_text)),
        0x8a => is_text(part.contents),
        0x87 | 0x8b => true,
        _ => false,
    }
}

fn is_attribute(attribute: Element<'_>) -> Option<()> {
    let mut parts = attribute.open(tag::SEQUENCE)?;
    let name = parts.next()?.within(tag::OCTET_STRING)?;
    let mut values = parts.next()?.open(tag::SET)?;
    let are_values = values.all(|value| value.tag == tag::OCTET_STRING);
    (is_text(name) && are_values && parts.is_done()).then_some(())
}

fn is_control(control: Element<'_>) -> Option<()> {
    let mut parts = control.open(tag::SEQUENCE)?;
    let is_named = is_text(parts.next()?.within(tag::OCTET_STRING)?);
    let mut next = parts.next();
    if let Some(Element {
        tag: tag::BOOLEAN,
        contents,
    }) = next
    {
        if contents.len() != 1 {
            return None;
        }
        next = parts.next();
    }
    let is_value = next.is_none_or(|value| value.tag == tag::OCTET_STRING);
    (is_named && is_value && parts.is_done()).then_some(())
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}
