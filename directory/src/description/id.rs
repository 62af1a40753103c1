//! The short name of a conference: a hash of its origin.
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Description;

/// Identity of a conference: 64 bits, written as 16 hex digits.
///
/// FNV-1a over the parts of `o=` without the version, so that it stays the same when the description changes
/// (RFC 8866 section 5.2: these parts are globally unique together). The same on every computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConferenceId(u64);

impl Description {
    /// Identity of this conference; where there is no `o=`, of this very text.
    pub fn id(&self) -> ConferenceId {
        let Some(origin) = &self.origin else {
            return ConferenceId(fnv1a(self.to_string().as_bytes()));
        };
        let parts = [
            &origin.username,
            &origin.session_id,
            &origin.net_type,
            &origin.address_type,
            &origin.address,
        ];
        ConferenceId(fnv1a(parts.map(String::as_str).join(" ").as_bytes()))
    }
}

impl fmt::Display for ConferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ConferenceId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let is_hex = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let value = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        value.map(Self).ok_or(NotAnId)
    }
}

impl Serialize for ConferenceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 16 hex digits")]
pub struct NotAnId;

/// Fowler, Noll and Vo's hash 1a of 64 bits (RFC 9923).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_known_values() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn id_is_text_and_back() {
        let id: ConferenceId = "00af63dc4c8601ec".parse().unwrap();
        assert_eq!(id.to_string(), "00af63dc4c8601ec");
        for bad in ["", "0", "+0af63dc4c8601ec", "00af63dc4c8601ecc"] {
            assert_eq!(bad.parse::<ConferenceId>(), Err(NotAnId));
        }
    }

    #[test]
    fn id_outlives_a_change_of_version_and_name() {
        let read = |text: &str| Description::parse(text.as_bytes()).unwrap().id();
        let first = read("v=0\no=a 1 1 IN IP4 10.0.0.1\ns=One\nt=0 0\n");
        assert_eq!(first, read("v=0\no=a 1 2 IN IP4 10.0.0.1\ns=Two\nt=0 0\n"));
        assert_ne!(first, read("v=0\no=a 2 1 IN IP4 10.0.0.1\ns=One\nt=0 0\n"));
    }
}
