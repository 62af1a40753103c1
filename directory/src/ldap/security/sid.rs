//! Security identifiers: who somebody is to an Active Directory (MS-DTYP section 2.4.2).
use std::fmt;
use std::str::FromStr;

use crate::wire::Reader;

/// An authority, and numbers that it gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::ldap) struct Sid {
    /// 48 bits.
    authority: u64,
    /// At most [`MAX_NUMBERS`].
    numbers: Vec<u32>,
}

impl Sid {
    /// Everyone.
    pub(super) fn everyone() -> Self {
        Self::known(1, &[0])
    }

    /// Whoever creates the entry (S-1-3-0): the server puts that in its place.
    pub(super) fn creator() -> Self {
        Self::known(3, &[0])
    }

    /// Whoever has not logged in (S-1-5-7).
    pub(super) fn anonymous() -> Self {
        Self::known(5, &[7])
    }

    /// Whoever has logged in (S-1-5-11).
    pub(super) fn authenticated() -> Self {
        Self::known(5, &[11])
    }

    /// The servers themselves (S-1-5-18).
    pub(super) fn system() -> Self {
        Self::known(5, &[18])
    }

    /// The administrators of the domain's controllers (S-1-5-32-544).
    pub(super) fn administrators() -> Self {
        Self::known(5, &[32, 544])
    }

    fn known(authority: u64, numbers: &[u32]) -> Self {
        Self {
            authority,
            numbers: numbers.to_vec(),
        }
    }

    /// The next one of several; `None` where it is not whole.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [revision, count] = reader.array()?;
        if revision != 1 || usize::from(count) > MAX_NUMBERS {
            return None;
        }
        let [a, b, c, d, e, f] = reader.array()?;
        let numbers = (0..count).map(|_| reader.array().map(u32::from_le_bytes));
        Some(Self {
            authority: u64::from_be_bytes([0, 0, a, b, c, d, e, f]),
            numbers: numbers.collect::<Option<_>>()?,
        })
    }

    /// The only one.
    pub(in crate::ldap) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        Self::read(&mut reader).filter(|_| reader.rest().is_empty())
    }

    /// As it is kept.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let [_, _, authority @ ..] = self.authority.to_be_bytes();
        // No more than MAX_NUMBERS.
        let count = u8::try_from(self.numbers.len()).unwrap_or(u8::MAX);
        let mut bytes = vec![1, count];
        bytes.extend(authority);
        bytes.extend(self.numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }
}

/// SID_MAX_SUB_AUTHORITIES.
const MAX_NUMBERS: usize = 15;

/// `S-1-5-32-544` (MS-DTYP section 2.4.2.1).
impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.authority < 1 << 32 {
            true => write!(f, "S-1-{}", self.authority)?,
            false => write!(f, "S-1-0x{:012X}", self.authority)?,
        }
        self.numbers
            .iter()
            .try_for_each(|number| write!(f, "-{number}"))
    }
}

impl FromStr for Sid {
    type Err = NotASid;

    fn from_str(text: &str) -> Result<Self, NotASid> {
        let mut parts = text.strip_prefix("S-1-").ok_or(NotASid)?.split('-');
        let authority = parts.next().ok_or(NotASid)?;
        let authority = match authority.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => authority.parse().ok(),
        };
        let authority = authority.filter(|number| *number < 1 << 48);
        let numbers: Option<Vec<u32>> = parts.map(|number| number.parse().ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= MAX_NUMBERS);
        Ok(Self {
            authority: authority.ok_or(NotASid)?,
            numbers: numbers.ok_or(NotASid)?,
        })
    }
}

/// The text is no security identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ldap) struct NotASid;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes as Samba 4.17's own library writes them.
    const ADMINISTRATORS: &[u8] = b"\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0";

    #[test]
    fn identifiers_are_bytes_and_text() {
        for (sid, text, bytes) in [
            (Sid::administrators(), "S-1-5-32-544", ADMINISTRATORS),
            (
                Sid::everyone(),
                "S-1-1-0",
                b"\x01\x01\0\0\0\0\0\x01\0\0\0\0",
            ),
            (
                Sid::authenticated(),
                "S-1-5-11",
                b"\x01\x01\0\0\0\0\0\x05\x0b\0\0\0",
            ),
        ] {
            assert_eq!(sid.to_string(), text);
            assert_eq!(text.parse(), Ok(sid.clone()));
            assert_eq!(sid.to_bytes(), bytes);
            assert_eq!(Sid::parse(bytes), Some(sid));
        }
        let far: Sid = "S-1-0x000100000000-7".parse().unwrap();
        assert_eq!(far.to_string(), "S-1-0x000100000000-7");
    }

    #[test]
    fn what_is_no_identifier() {
        for text in [
            "",
            "S-1-",
            "S-2-5",
            "S-1-x",
            "S-1-5-",
            "S-1-5-4294967296",
            "S-1-281474976710656",
            "S-1-0-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
        ] {
            assert_eq!(text.parse::<Sid>(), Err(NotASid), "{text}");
        }
        assert_eq!(Sid::parse(b"\x02\0\0\0\0\0\0\x05"), None, "revision");
        assert_eq!(Sid::parse(&ADMINISTRATORS[..15]), None, "cut off");
        assert_eq!(Sid::parse(&[ADMINISTRATORS, b"\0"].concat()), None);
        assert_eq!(Sid::parse(&[1, 16, 0, 0, 0, 0, 0, 5]), None, "too many");
    }

    proptest! {
        #[test]
        fn every_identifier_survives(
            authority in 0_u64..1 << 48,
            numbers in prop::collection::vec(any::<u32>(), 0..=MAX_NUMBERS),
        ) {
            let sid = Sid { authority, numbers };
            prop_assert_eq!(Sid::parse(&sid.to_bytes()), Some(sid.clone()));
            prop_assert_eq!(sid.to_string().parse(), Ok(sid));
        }
    }
}
