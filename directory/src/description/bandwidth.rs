//! The `b=` line: how much may be sent (RFC 8866 section 5.8, RFC 3556, RFC 3890).
use std::fmt;

/// The `b=` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bandwidth {
    /// What the value counts, which also gives its unit.
    pub kind: BandwidthKind,
    /// In kbit/s for CT and AS, in bit/s for TIAS, RS and RR.
    pub value: u64,
}

/// What a `b=` line counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BandwidthKind {
    /// `CT`: the whole conference, kbit/s.
    ConferenceTotal,
    /// `AS`: what one sender of one medium needs with IP and UDP headers, kbit/s.
    ApplicationSpecific,
    /// `TIAS`: as AS without lower-layer headers, bit/s (RFC 3890).
    TransportIndependent,
    /// `RS`: RTCP of active senders, bit/s (RFC 3556).
    RtcpSenders,
    /// `RR`: RTCP of everybody else, bit/s (RFC 3556).
    RtcpReceivers,
    /// `X-…` and whatever else is sent.
    Other(String),
}

impl Bandwidth {
    /// A `b=` line.
    pub const fn new(kind: BandwidthKind, value: u64) -> Self {
        Self { kind, value }
    }

    /// Nothing for what is not `word:number`: such a line is skipped.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (kind, value) = value.split_once(':')?;
        let kind = kind.trim();
        let is_word = !kind.is_empty() && !kind.contains(char::is_whitespace);
        let value = value.trim().parse().ok()?;
        is_word.then(|| Self::new(BandwidthKind::named(kind), value))
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.value)
    }
}

impl BandwidthKind {
    /// As it is written.
    pub fn name(&self) -> &str {
        match self {
            Self::ConferenceTotal => "CT",
            Self::ApplicationSpecific => "AS",
            Self::TransportIndependent => "TIAS",
            Self::RtcpSenders => "RS",
            Self::RtcpReceivers => "RR",
            Self::Other(name) => name,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "CT" => Self::ConferenceTotal,
            "AS" => Self::ApplicationSpecific,
            "TIAS" => Self::TransportIndependent,
            "RS" => Self::RtcpSenders,
            "RR" => Self::RtcpReceivers,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_both_ways() {
        use BandwidthKind as Kind;
        let table = [
            ("CT:1000", Kind::ConferenceTotal, 1000),
            ("AS:64", Kind::ApplicationSpecific, 64),
            ("TIAS:50780", Kind::TransportIndependent, 50_780),
            ("RS:800", Kind::RtcpSenders, 800),
            ("RR:0", Kind::RtcpReceivers, 0),
            ("X-YZ:128", Kind::Other("X-YZ".to_owned()), 128),
        ];
        for (text, kind, value) in table {
            let bandwidth = Bandwidth::new(kind, value);
            assert_eq!(Bandwidth::parse(text), Some(bandwidth.clone()));
            assert_eq!(bandwidth.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_bandwidth_is_skipped() {
        for text in ["", "AS", "AS:", "AS:many", ":5", "A S:5", "AS:-1"] {
            assert_eq!(Bandwidth::parse(text), None, "{text}");
        }
    }
}
