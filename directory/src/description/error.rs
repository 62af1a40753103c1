//! What is wrong with a description, and where.
use std::fmt;

/// Why a description cannot be read: the line, the field and the reason, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {field}: {reason}")]
pub struct ParseError {
    /// Where, counted from 1; for something missing, the line at which it was missed.
    pub line: usize,
    /// The field as it begins its line: `m=`, `a=rtcp`.
    pub field: &'static str,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The line, or a part of it, is not there.
    #[error("the {what} is missing")]
    Missing {
        /// The part, in words.
        what: &'static str,
    },
    /// Something else stands where a number should.
    #[error("the {what} `{text}` is not a number")]
    NotANumber {
        /// The part, in words.
        what: &'static str,
        /// What stands there.
        text: Excerpt,
    },
    /// The number cannot be.
    #[error("the {what} `{text}` is not within {min} to {max}")]
    OutOfRange {
        /// The part, in words.
        what: &'static str,
        /// What stands there.
        text: Excerpt,
        /// Smallest number allowed.
        min: u64,
        /// Greatest number allowed.
        max: u64,
    },
    /// Neither an IP address nor the name of a host.
    #[error("`{text}` is no address")]
    NotAnAddress {
        /// What stands there.
        text: Excerpt,
    },
    /// An IPv4 group without the TTL that RFC 8866 section 5.7 demands.
    #[error("the group {text} has no TTL, as in 224.2.1.1/127")]
    TtlMissing {
        /// The group.
        text: Excerpt,
    },
    /// A range of groups that leaves the multicast addresses.
    #[error("the groups from {text} on are not all multicast addresses")]
    RangeLeavesMulticast {
        /// What stands there.
        text: Excerpt,
    },
    /// A version of SDP other than 0.
    #[error("version `{text}` of SDP is not known, only 0 is")]
    UnknownVersion {
        /// What stands there.
        text: Excerpt,
    },
    /// A kind of medium that nobody has registered.
    #[error("`{text}` is no kind of medium")]
    UnknownMedia {
        /// What stands there.
        text: Excerpt,
    },
    /// A group to join, but no `o=`: two such conferences could not be told apart, nor changes be followed.
    #[error("the origin is missing, so this conference cannot be told from another")]
    OriginMissing,
    /// Neither `t=` nor `m=` follows the beginning.
    #[error("the description ends before it says when and what: it seems cut off")]
    CutOff,
    /// A line that makes sense only after another.
    #[error("this line has no {before} before it")]
    OutOfPlace {
        /// The field that should come first.
        before: &'static str,
    },
    /// More than this program reads; see the limits in [`crate::description`].
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of, in words.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
}

/// The beginning of a hostile or long text, fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    const CHARS: usize = 40;
}

impl From<&str> for Excerpt {
    fn from(text: &str) -> Self {
        let shown = text.chars().take(Self::CHARS);
        Self(
            shown
                .map(|c| if c.is_control() { '?' } else { c })
                .collect(),
        )
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes the next word of a line.
pub(super) fn word<'a>(
    words: &mut impl Iterator<Item = &'a str>,
    what: &'static str,
) -> Result<&'a str, Reason> {
    words.next().ok_or(Reason::Missing { what })
}

/// Reads a decimal number within a range.
pub(super) fn number(text: &str, what: &'static str, min: u64, max: u64) -> Result<u64, Reason> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        let text = text.into();
        return Err(Reason::NotANumber { what, text });
    }
    match text.parse::<u64>() {
        Ok(value) if (min..=max).contains(&value) => Ok(value),
        _ => Err(Reason::OutOfRange {
            what,
            text: text.into(),
            min,
            max,
        }),
    }
}
