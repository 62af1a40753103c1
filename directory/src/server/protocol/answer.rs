//! Answers to bytes. Entries are kept as they are sent, so that most of an answer is a copy.
pub(in crate::server) use ldap3_proto::LdapResultCode as Code;

use super::ber;

/// The tag of a SearchResultDone.
pub(in crate::server) const SEARCH_DONE: u8 = 0x65;
/// The tag of a BindResponse.
pub(in crate::server) const BIND: u8 = 0x61;
/// The tag of a ModifyResponse.
pub(in crate::server) const MODIFY: u8 = 0x67;
/// The tag of an AddResponse.
pub(in crate::server) const ADD: u8 = 0x69;
/// The tag of a DelResponse.
pub(in crate::server) const DELETE: u8 = 0x6B;
/// The tag of a ModifyDNResponse.
pub(in crate::server) const MODIFY_DN: u8 = 0x6D;
/// The tag of a CompareResponse.
pub(in crate::server) const COMPARE: u8 = 0x6F;
/// The tag of an ExtendedResponse.
pub(in crate::server) const EXTENDED: u8 = 0x78;
const SEARCH_ENTRY: u8 = 0x64;
const INTERMEDIATE: u8 = 0x79;

/// Notice of disconnection, RFC 4511 section 4.4.1.
const DISCONNECTION: &str = "1.3.6.1.4.1.1466.20036";

/// How an operation ended (RFC 4511 section 4.1.9).
#[derive(Clone, Debug, PartialEq)]
pub(in crate::server) struct Outcome {
    pub(in crate::server) code: Code,
    /// As much of the name as there is.
    pub(in crate::server) matched: String,
    /// For a person.
    pub(in crate::server) message: String,
}

impl Outcome {
    /// It worked.
    pub(in crate::server) const SUCCESS: Self = Self {
        code: Code::Success,
        matched: String::new(),
        message: String::new(),
    };

    /// It did not, for this reason.
    pub(in crate::server) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            matched: String::new(),
            message: message.into(),
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        ber::put_number(out, ber::ENUMERATED, self.code.clone() as u32);
        ber::put(out, ber::OCTETS, self.matched.as_bytes());
        ber::put(out, ber::OCTETS, self.message.as_bytes());
    }
}

/// The tag with which a request of tag `request` is answered, if it is answered at all.
pub(in crate::server) fn tag_for(request: u64) -> Option<u8> {
    Some(match request {
        0 => BIND,
        3 => SEARCH_DONE,
        6 => MODIFY,
        8 => ADD,
        10 => DELETE,
        12 => MODIFY_DN,
        14 => COMPARE,
        23 => EXTENDED,
        _ => return None,
    })
}

/// Ends the operation `id`.
pub(in crate::server) fn done(out: &mut Vec<u8>, id: i32, tag: u8, outcome: &Outcome) {
    done_with(out, id, tag, outcome, &[]);
}

/// Ends the operation `id`, with encoded controls.
pub(in crate::server) fn done_with(
    out: &mut Vec<u8>,
    id: i32,
    tag: u8,
    outcome: &Outcome,
    controls: &[u8],
) {
    message(out, id, controls, |out| {
        ber::wrap(out, tag, |out| outcome.put(out));
    });
}

/// Ends an extended operation.
pub(in crate::server) fn extended(
    out: &mut Vec<u8>,
    id: i32,
    outcome: &Outcome,
    name: Option<&str>,
    value: Option<&[u8]>,
) {
    message(out, id, &[], |out| {
        ber::wrap(out, EXTENDED, |out| {
            outcome.put(out);
            if let Some(name) = name {
                ber::put(out, 0x8A, name.as_bytes());
            }
            if let Some(value) = value {
                ber::put(out, 0x8B, value);
            }
        });
    });
}

/// One entry found; `attributes` writes the PartialAttributes.
pub(in crate::server) fn entry(
    out: &mut Vec<u8>,
    id: i32,
    dn: &str,
    controls: &[u8],
    attributes: impl FnOnce(&mut Vec<u8>),
) {
    message(out, id, controls, |out| {
        ber::wrap(out, SEARCH_ENTRY, |out| {
            ber::put(out, ber::OCTETS, dn.as_bytes());
            ber::wrap(out, ber::SEQUENCE, attributes);
        });
    });
}

/// Something said on the way (RFC 4511 section 4.13).
pub(in crate::server) fn intermediate(
    out: &mut Vec<u8>,
    id: i32,
    name: &str,
    value: impl FnOnce(&mut Vec<u8>),
) {
    message(out, id, &[], |out| {
        ber::wrap(out, INTERMEDIATE, |out| {
            ber::put(out, 0x80, name.as_bytes());
            ber::wrap(out, 0x81, value);
        });
    });
}

/// Says that the connection ends, and why.
pub(in crate::server) fn disconnection(out: &mut Vec<u8>, code: Code, reason: &str) {
    extended(
        out,
        0,
        &Outcome::new(code, reason),
        Some(DISCONNECTION),
        None,
    );
}

fn message(out: &mut Vec<u8>, id: i32, controls: &[u8], operation: impl FnOnce(&mut Vec<u8>)) {
    ber::wrap(out, ber::SEQUENCE, |out| {
        ber::put_number(out, ber::INTEGER, id.unsigned_abs());
        operation(out);
        if !controls.is_empty() {
            ber::put(out, 0xA0, controls);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_the_bytes_of_rfc_4511() {
        let mut out = Vec::new();
        done(&mut out, 1, BIND, &Outcome::SUCCESS);
        let expected = [
            0x30, 0x0C, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0A, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00,
        ];
        assert_eq!(out, expected);
    }

    #[test]
    fn entry_is_the_bytes_of_rfc_4511() {
        let mut out = Vec::new();
        entry(&mut out, 2, "cn=a", &[], |out| {
            ber::wrap(out, ber::SEQUENCE, |out| {
                ber::put(out, ber::OCTETS, b"cn");
                ber::wrap(out, ber::SET, |out| ber::put(out, ber::OCTETS, b"a"));
            });
        });
        let expected = [
            &[0x30, 0x18, 0x02, 0x01, 0x02, 0x64, 0x13][..],
            &[0x04, 0x04, b'c', b'n', b'=', b'a', 0x30, 0x0B],
            &[
                0x30, 0x09, 0x04, 0x02, b'c', b'n', 0x31, 0x03, 0x04, 0x01, b'a',
            ],
        ]
        .concat();
        assert_eq!(out, expected);
    }
}
