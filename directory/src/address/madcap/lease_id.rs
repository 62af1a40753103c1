//! What names a lease, among all leases of all clients (RFC 2730 section 2.4).
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a lease: opaque to servers, known only to whoever may change the lease.
///
/// Never empty, and at most [`MAX`](Self::MAX) bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LeaseId(Box<[u8]>);

impl LeaseId {
    /// Longer than any known client's, short enough to keep many thousand of.
    pub const MAX: usize = 128;

    /// A random one: type 0, and 16 bytes as RFC 2730 section 2.4.1 asks for.
    pub fn random(rng: &mut fastrand::Rng) -> Self {
        let mut bytes = vec![RANDOM];
        bytes.extend(rng.u128(..).to_be_bytes());
        Self(bytes.into())
    }

    /// Any bytes, where their number fits.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let fits = (1..=Self::MAX).contains(&bytes.len());
        fits.then(|| Self(bytes.into()))
    }

    /// As it goes over the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Whoever knows it can release the lease, so it is not logged.
impl fmt::Debug for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.last_chunk() {
            Some([a, b]) => write!(f, "LeaseId(…{a:02x}{b:02x})"),
            None => f.write_str("LeaseId(…)"),
        }
    }
}

/// The text is not the hexadecimal form of a lease's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a lease is 1 to {} bytes in hexadecimal digits",
    LeaseId::MAX
)]
pub struct NotALeaseId;

impl FromStr for LeaseId {
    type Err = NotALeaseId;

    fn from_str(text: &str) -> Result<Self, NotALeaseId> {
        let mut digits = text.chars().map(|digit| digit.to_digit(16));
        let mut bytes = Vec::with_capacity(text.len() / 2);
        while let Some(high) = digits.next() {
            let (Some(high), Some(Some(low))) = (high, digits.next()) else {
                return Err(NotALeaseId);
            };
            bytes.push(u8::try_from(high << 4 | low).map_err(|_| NotALeaseId)?);
        }
        Self::new(&bytes).ok_or(NotALeaseId)
    }
}

impl TryFrom<String> for LeaseId {
    type Error = NotALeaseId;

    fn try_from(text: String) -> Result<Self, NotALeaseId> {
        text.parse()
    }
}

impl From<LeaseId> for String {
    fn from(id: LeaseId) -> Self {
        id.to_string()
    }
}

/// Lease identifier type 0 (RFC 2730 section 2.4.1).
const RANDOM: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_both_ways() {
        let id = LeaseId::new(&[0, 0xab, 0x07]).unwrap();
        assert_eq!(id.to_string(), "00ab07");
        assert_eq!("00ab07".parse(), Ok(id));
        for text in ["", "0", "00a", "0g", "00 1"] {
            assert_eq!(text.parse::<LeaseId>(), Err(NotALeaseId), "{text:?}");
        }
        assert_eq!("00".repeat(129).parse::<LeaseId>(), Err(NotALeaseId));
    }

    #[test]
    fn a_random_one_is_long_and_not_shown_whole() {
        let id = LeaseId::random(&mut fastrand::Rng::with_seed(1));
        assert_eq!((id.as_bytes().len(), id.as_bytes()[0]), (17, 0));
        assert!(format!("{id:?}").len() < 20);
    }
}
