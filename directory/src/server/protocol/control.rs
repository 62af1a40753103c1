//! Controls of requests and answers (RFC 4511 section 4.1.11).
use ldap3_lber::common::TagClass;
use ldap3_lber::parse::Parser;
use ldap3_lber::structure::{PL, StructureTag};
use ldap3_proto::LdapFilter;

use super::ber;
use crate::wire::Reader;

/// Paged results, RFC 2696.
pub(in crate::server) const PAGED: &str = "1.2.840.113556.1.4.319";
/// Sync request, RFC 4533.
pub(in crate::server) const SYNC_REQUEST: &str = "1.3.6.1.4.1.4203.1.9.1.1";
/// Sync state, RFC 4533.
pub(in crate::server) const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
/// Sync done, RFC 4533.
pub(in crate::server) const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
/// Assertion, RFC 4528.
pub(in crate::server) const ASSERTION: &str = "1.3.6.1.1.12";
/// ManageDsaIT, RFC 3296: there are no referrals here, so it changes nothing.
pub(in crate::server) const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";

/// What the root DSE lists.
pub(in crate::server) const SUPPORTED: [&str; 4] = [PAGED, SYNC_REQUEST, ASSERTION, MANAGE_DSA_IT];

/// One control of a request, its value still to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Control {
    pub(in crate::server) oid: String,
    pub(in crate::server) is_critical: bool,
    pub(in crate::server) value: Option<Vec<u8>>,
}

/// What a request asks for by controls.
#[derive(Debug, Default)]
pub(in crate::server) struct Controls {
    pub(in crate::server) page: Option<Page>,
    pub(in crate::server) sync: Option<Sync>,
    pub(in crate::server) assertion: Option<LdapFilter>,
}

/// RFC 2696: one page of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Page {
    pub(in crate::server) size: u32,
    pub(in crate::server) cookie: Vec<u8>,
}

/// RFC 4533: what has changed, and perhaps what will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Sync {
    pub(in crate::server) is_persistent: bool,
    pub(in crate::server) cookie: Option<Vec<u8>>,
}

/// Why controls cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum ControlError {
    /// A critical one that is not known, or not for this operation.
    Unavailable,
    /// A value that cannot be read.
    Malformed,
}

/// Reads the `[0] Controls` of a message.
pub(super) fn decode_all(tag: StructureTag) -> Option<Vec<Control>> {
    let list = (tag.class == TagClass::Context && tag.id == 0)
        .then(|| tag.expect_constructed())
        .flatten()?;
    list.into_iter().map(decode).collect()
}

fn decode(tag: StructureTag) -> Option<Control> {
    let mut control = Control {
        oid: String::new(),
        is_critical: false,
        value: None,
    };
    for (place, part) in tag.expect_constructed()?.into_iter().enumerate() {
        match (place, part.id, part.payload) {
            (0, 4, PL::P(oid)) => control.oid = String::from_utf8(oid).ok()?,
            (1, 1, PL::P(flag)) => control.is_critical = flag.iter().any(|byte| *byte != 0),
            (1 | 2, 4, PL::P(value)) if control.value.is_none() => control.value = Some(value),
            _ => return None,
        }
    }
    (!control.oid.is_empty()).then_some(control)
}

impl Controls {
    /// Understands the controls of an operation; `is_search` says which are for it.
    pub(in crate::server) fn read(list: &[Control], is_search: bool) -> Result<Self, ControlError> {
        let mut controls = Self::default();
        for control in list {
            let value = control.value.as_deref().unwrap_or_default();
            match control.oid.as_str() {
                PAGED if is_search => controls.page = Some(page(value)?),
                SYNC_REQUEST if is_search => controls.sync = Some(sync(value)?),
                ASSERTION => controls.assertion = Some(assertion(value)?),
                MANAGE_DSA_IT => {}
                _ if control.is_critical => return Err(ControlError::Unavailable),
                _ => {}
            }
        }
        Ok(controls)
    }
}

fn page(value: &[u8]) -> Result<Page, ControlError> {
    let read = || {
        let mut reader = Reader::new(ber::expect(&mut Reader::new(value), ber::SEQUENCE)?);
        let size = ber::number(ber::expect(&mut reader, ber::INTEGER)?)?;
        let cookie = ber::expect(&mut reader, ber::OCTETS)?.to_vec();
        Some(Page { size, cookie })
    };
    read().ok_or(ControlError::Malformed)
}

fn sync(value: &[u8]) -> Result<Sync, ControlError> {
    let read = || {
        let mut reader = Reader::new(ber::expect(&mut Reader::new(value), ber::SEQUENCE)?);
        let is_persistent = match ber::number(ber::expect(&mut reader, ber::ENUMERATED)?)? {
            1 => false,
            3 => true,
            _ => return None,
        };
        let cookie = ber::expect(&mut reader, ber::OCTETS).map(<[u8]>::to_vec);
        Some(Sync {
            is_persistent,
            cookie,
        })
    };
    read().ok_or(ControlError::Malformed)
}

fn assertion(value: &[u8]) -> Result<LdapFilter, ControlError> {
    Parser::new(32)
        .parse(value)
        .ok()
        .and_then(|(_, tag)| LdapFilter::try_from(tag).ok())
        .ok_or(ControlError::Malformed)
}

/// Encodes a control of an answer, never critical (RFC 4511 section 4.1.11).
pub(in crate::server) fn encode(oid: &str, value: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    ber::wrap(&mut out, ber::SEQUENCE, |out| {
        ber::put(out, ber::OCTETS, oid.as_bytes());
        ber::wrap(out, ber::OCTETS, |out| {
            ber::wrap(out, ber::SEQUENCE, value);
        });
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(oid: &str, is_critical: bool, value: &[u8]) -> Control {
        Control {
            oid: oid.to_owned(),
            is_critical,
            value: Some(value.to_vec()),
        }
    }

    #[test]
    fn page_is_read_and_written() {
        let bytes = [0x30, 0x07, 0x02, 0x02, 0x03, 0xE8, 0x04, 0x01, b'x'];
        let controls = Controls::read(&[control(PAGED, true, &bytes)], true).unwrap();
        let page = controls.page.unwrap();
        assert_eq!((page.size, page.cookie.as_slice()), (1000, &b"x"[..]));
        let encoded = encode(PAGED, |out| {
            ber::put_number(out, ber::INTEGER, 1000);
            ber::put(out, ber::OCTETS, b"x");
        });
        assert!(encoded.ends_with(&bytes));
    }

    #[test]
    fn critical_and_unknown_is_refused() {
        let unknown = control("1.2.3", true, &[]);
        let result = Controls::read(&[unknown], true);
        assert!(matches!(result, Err(ControlError::Unavailable)));
        let harmless = control("1.2.3", false, &[]);
        assert!(Controls::read(&[harmless], true).is_ok());
        let misplaced = control(PAGED, true, &[]);
        assert!(Controls::read(&[misplaced], false).is_err());
    }

    #[test]
    fn sync_is_read() {
        let bytes = [0x30, 0x03, 0x0A, 0x01, 0x03];
        let controls = Controls::read(&[control(SYNC_REQUEST, true, &bytes)], true).unwrap();
        let sync = controls.sync.unwrap();
        assert!(sync.is_persistent && sync.cookie.is_none());
        let broken = control(SYNC_REQUEST, true, &[0x30, 0x03, 0x0A, 0x01, 0x02]);
        assert!(Controls::read(&[broken], true).is_err());
    }
}
