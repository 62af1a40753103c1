//! When two values are the same, which comes first, and whether one is part of another (RFC 4517).
use std::cmp::Ordering;

use super::dn::Dn;

/// How the values of an attribute are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Matching {
    /// Text without regard to case and to how many spaces there are.
    IgnoreCase,
    /// Text.
    ExactCase,
    /// A number.
    Integer,
    /// TRUE or FALSE, a time: what may be compared as text.
    Plain,
    /// A name of an entry.
    Name,
    /// Bytes.
    Octets,
}

/// A value that is looked for, made ready once for many comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) enum Wanted {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

impl Matching {
    /// Makes a value ready to be compared; none if it is no such value.
    pub(in crate::server) fn ready(self, value: &[u8]) -> Option<Wanted> {
        let text = std::str::from_utf8(value);
        Some(match self {
            Self::IgnoreCase => Wanted::Text(folded(text.ok()?).collect()),
            Self::Name => Wanted::Text(Dn::parse(text.ok()?)?.key()),
            Self::Integer => Wanted::Number(text.ok()?.trim().parse().ok()?),
            Self::Plain => Wanted::Bytes(value.trim_ascii().to_ascii_uppercase()),
            Self::ExactCase | Self::Octets => Wanted::Bytes(value.to_vec()),
        })
    }

    /// Whether a stored value is the one that is looked for.
    pub(in crate::server) fn is_equal(self, value: &[u8], wanted: &Wanted) -> bool {
        match (self, wanted) {
            (Self::IgnoreCase, Wanted::Text(wanted)) => {
                std::str::from_utf8(value).is_ok_and(|value| folded(value).eq(wanted.chars()))
            }
            (Self::ExactCase | Self::Octets, Wanted::Bytes(wanted)) => value == wanted,
            _ => self.ready(value).as_ref() == Some(wanted),
        }
    }

    /// How a stored value is ordered against another; none if that cannot be said.
    pub(in crate::server) fn compare(self, value: &[u8], wanted: &Wanted) -> Option<Ordering> {
        match (self.ready(value)?, wanted) {
            (Wanted::Text(value), Wanted::Text(wanted)) => Some(value.cmp(wanted)),
            (Wanted::Number(value), Wanted::Number(wanted)) => Some(value.cmp(wanted)),
            (Wanted::Bytes(value), Wanted::Bytes(wanted)) => Some(value.cmp(wanted)),
            _ => None,
        }
    }

    /// A value as it is searched for parts.
    pub(in crate::server) fn searchable(self, value: &[u8]) -> String {
        let text = String::from_utf8_lossy(value);
        match self {
            Self::IgnoreCase | Self::Name => folded(&text).collect(),
            _ => text.into_owned(),
        }
    }
}

/// Small letters, single spaces, none at the edges: a modest form of RFC 4518.
pub(in crate::server) fn folded(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text.trim().chars().peekable();
    std::iter::from_fn(move || {
        let c = rest.next()?;
        if !c.is_whitespace() {
            return Some(c);
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        Some(' ')
    })
    .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_equal(matching: Matching, a: &str, b: &str) -> bool {
        let wanted = matching.ready(b.as_bytes()).unwrap();
        matching.is_equal(a.as_bytes(), &wanted)
    }

    #[test]
    fn case_and_spaces_do_not_count_where_the_rule_says_so() {
        assert!(is_equal(Matching::IgnoreCase, " Über  Uns ", "über uns"));
        assert!(!is_equal(Matching::ExactCase, "A", "a"));
        assert!(is_equal(Matching::Name, "CN=A, o=B", "cn=a,O=b"));
        assert!(is_equal(Matching::Integer, "007", "7"));
        assert!(is_equal(Matching::Plain, "true", "TRUE"));
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let ten = Matching::Integer.ready(b"10").unwrap();
        assert_eq!(Matching::Integer.compare(b"9", &ten), Some(Ordering::Less));
        assert_eq!(Matching::Integer.compare(b"x", &ten), None);
    }
}
