//! Bytes to requests: finds a message in what was received, and reads it with ldap3_proto.
use ldap3_lber::common::TagClass;
use ldap3_lber::parse::Parser;
use ldap3_lber::structure::{PL, StructureTag};
use ldap3_proto::LdapFilter;
use ldap3_proto::proto::LdapOp;

use super::ber;
use super::control::{self, Control};
use crate::wire::Reader;

/// One request that makes sense as such.
#[derive(Debug)]
pub(in crate::server) struct Request {
    /// Numbers the answers; never 0.
    pub(in crate::server) id: i32,
    /// What is asked.
    pub(in crate::server) operation: LdapOp,
    /// In which special way.
    pub(in crate::server) controls: Vec<Control>,
}

/// Why a message is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::server) enum DecodeError {
    /// Where the next message starts is not known: the connection has to end.
    #[error("not an LDAP message")]
    Hopeless,
    /// Longer than this server reads: the connection has to end.
    #[error("the message is too long")]
    TooLong,
    /// The envelope could be read, so that it can be answered.
    #[error("the request cannot be understood")]
    Operation {
        /// The request's number.
        id: i32,
        /// The request's tag without its class.
        tag: u64,
    },
}

/// How long the message at the start of `received` is, once that is known.
///
/// # Errors
/// If it is no LDAP message, or longer than `limit` bytes.
pub(in crate::server) fn frame(
    received: &[u8],
    limit: usize,
) -> Result<Option<usize>, DecodeError> {
    let mut reader = Reader::new(received);
    match reader.u8() {
        None => return Ok(None),
        Some(ber::SEQUENCE) => {}
        Some(_) => return Err(DecodeError::Hopeless),
    }
    if let Some(long) = received.get(1).filter(|first| **first >= 0x80)
        && !(0x81..=0x84).contains(long)
    {
        return Err(DecodeError::Hopeless);
    }
    let Some(length) = ber::take_length(&mut reader) else {
        return Ok(None);
    };
    let whole = received.len() - reader.rest().len() + length;
    match whole {
        _ if whole > limit => Err(DecodeError::TooLong),
        _ if whole > received.len() => Ok(None),
        _ => Ok(Some(whole)),
    }
}

/// Reads a whole message, whose elements may be nested `depth` deep.
///
/// # Errors
/// If it is no request.
pub(in crate::server) fn decode(message: &[u8], depth: usize) -> Result<Request, DecodeError> {
    let (_, envelope) = Parser::new(depth)
        .parse(message)
        .map_err(|_| DecodeError::Hopeless)?;
    let mut parts = envelope
        .expect_constructed()
        .ok_or(DecodeError::Hopeless)?
        .into_iter();
    let id = parts
        .next()
        .and_then(message_id)
        .ok_or(DecodeError::Hopeless)?;
    let operation = parts.next().ok_or(DecodeError::Hopeless)?;
    if operation.class != TagClass::Application {
        return Err(DecodeError::Hopeless);
    }
    let tag = operation.id;
    let broken = DecodeError::Operation { id, tag };
    // Anything but requests ldap3_proto would read as well, or print to standard output.
    if !is_request(tag) {
        return Err(broken);
    }
    let controls = match parts.next() {
        None => Vec::new(),
        Some(tag) => control::decode_all(tag).ok_or(broken)?,
    };
    let operation = LdapOp::try_from(operation).map_err(|_| broken)?;
    if let LdapOp::SearchRequest(search) = &operation
        && !is_whole(&search.filter)
    {
        return Err(broken);
    }
    Ok(Request {
        id,
        operation,
        controls,
    })
}

/// A substring filter has at least one of its parts (RFC 4511 section 4.5.1), which ldap3_proto does not ask for.
fn is_whole(filter: &LdapFilter) -> bool {
    match filter {
        LdapFilter::And(all) | LdapFilter::Or(all) => all.iter().all(is_whole),
        LdapFilter::Not(one) => is_whole(one),
        LdapFilter::Substring(_, parts) => {
            parts.initial.is_some() || parts.final_.is_some() || !parts.any.is_empty()
        }
        _ => true,
    }
}

/// MessageID, 1 to 2147483647 (RFC 4511 section 4.1.1.1).
fn message_id(tag: StructureTag) -> Option<i32> {
    let PL::P(bytes) = tag.payload else {
        return None;
    };
    let id = ber::number(&bytes).and_then(|id| i32::try_from(id).ok())?;
    let is_integer = tag.class == TagClass::Universal && tag.id == u64::from(ber::INTEGER);
    (id > 0 && is_integer).then_some(id)
}

/// Bind, unbind, search, modify, add, delete, modify DN, compare, abandon, extended.
fn is_request(tag: u64) -> bool {
    matches!(tag, 0 | 2 | 3 | 6 | 8 | 10 | 12 | 14 | 16 | 23)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4511: `LDAPMessage { 1, bindRequest { version 3, name "", simple "" } }`, as OpenLDAP sends it.
    const BIND: &[u8] = &[
        0x30, 0x0C, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00,
    ];

    #[test]
    fn anonymous_bind_is_read() {
        assert_eq!(frame(BIND, 1000), Ok(Some(BIND.len())));
        let request = decode(BIND, 32).unwrap();
        assert_eq!(request.id, 1);
        assert!(matches!(request.operation, LdapOp::BindRequest(bind) if bind.version == 3));
    }

    /// RFC 4511 section 4.5.1: base "o=x", whole subtree, no limits, `(cn=a)`, attributes `cn` and `+`.
    #[test]
    fn search_is_read_with_all_that_it_asks_for() {
        let bytes = b"\x30\x2b\x02\x01\x02\x63\x26\x04\x03o=x\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\
            \xa3\x07\x04\x02cn\x04\x01a\x30\x07\x04\x02cn\x04\x01+";
        let LdapOp::SearchRequest(search) = decode(bytes, 32).unwrap().operation else {
            panic!("not a search")
        };
        assert_eq!((search.base.as_str(), search.typesonly), ("o=x", false));
        assert_eq!(search.attrs, ["cn", "+"]);
        let filter = LdapFilter::Equality("cn".into(), "a".into());
        assert_eq!(search.filter, filter);
    }

    #[test]
    fn part_of_a_message_is_waited_for() {
        for length in 0..BIND.len() {
            assert_eq!(frame(&BIND[..length], 1000), Ok(None), "{length}");
        }
    }

    #[test]
    fn too_long_or_senseless_is_refused_at_once() {
        assert_eq!(
            frame(&[0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], 1000),
            Err(DecodeError::TooLong)
        );
        assert_eq!(frame(b"GET / HTTP/1.1", 1000), Err(DecodeError::Hopeless));
        assert_eq!(frame(&[0x30, 0x80], 1000), Err(DecodeError::Hopeless));
        assert_eq!(frame(&[0x30, 0xFF], 1000), Err(DecodeError::Hopeless));
    }

    #[test]
    fn unknown_operation_can_be_answered() {
        let unknown = [0x30, 0x05, 0x02, 0x01, 0x07, 0x7E, 0x00];
        let error = decode(&unknown, 32).unwrap_err();
        assert_eq!(error, DecodeError::Operation { id: 7, tag: 30 });
    }

    #[test]
    fn depth_is_bounded() {
        let mut nested = vec![0x87, 0x01, b'a'];
        for _ in 0..60 {
            let mut outer = Vec::new();
            ber::put(&mut outer, 0xA2, &nested);
            nested = outer;
        }
        let mut message = Vec::new();
        ber::wrap(&mut message, ber::SEQUENCE, |out| {
            ber::put_number(out, ber::INTEGER, 1);
            ber::put(out, 0x63, &nested);
        });
        assert_eq!(decode(&message, 32).unwrap_err(), DecodeError::Hopeless);
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(frame(&bytes, 100) != Ok(Some(0)));
            drop(decode(&bytes, 32));
            let mut message = Vec::new();
            ber::wrap(&mut message, ber::SEQUENCE, |out| {
                ber::put_number(out, ber::INTEGER, 1);
                out.extend_from_slice(&bytes);
            });
            prop_assert_eq!(frame(&message, 1000), Ok(Some(message.len())));
            drop(decode(&message, 32));
        }
    }
}
