//! The `c=` line: where the media go (RFC 8866 section 5.7).
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::{Reason, number, word};

/// The `c=` line: an address, or a range of consecutive groups for layers.
///
/// Checked: an IPv4 group has a TTL, and all groups of the range are multicast addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Network type: `IN`.
    pub net_type: String,
    /// Address type: `IP4` or `IP6`; not always true of the address.
    pub address_type: String,
    /// The first address.
    pub host: Host,
    /// Hops that packets may make; IPv6 has none here.
    pub ttl: Option<u8>,
    /// Number of consecutive addresses, 1 to [`Connection::MAX_COUNT`].
    pub count: u16,
}

/// An address, or a name to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// An IPv4 or IPv6 address.
    Ip(IpAddr),
    /// A host name, or an address of another kind of network.
    Name(String),
}

impl Connection {
    /// Longest range of groups that is read; nobody codes so many layers.
    pub const MAX_COUNT: u16 = 256;

    /// One address; the TTL is kept for IPv4 only.
    pub fn new(address: IpAddr, ttl: u8) -> Self {
        Self {
            net_type: "IN".to_owned(),
            address_type: if address.is_ipv4() { "IP4" } else { "IP6" }.to_owned(),
            host: Host::Ip(address),
            ttl: address.is_ipv4().then_some(ttl),
            count: 1,
        }
    }

    /// All addresses of the range, in order; none where it is a name.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let Host::Ip(base) = self.host else {
            return Vec::new();
        };
        (0..self.count).map_while(|n| offset(base, n)).collect()
    }

    /// The address after the range.
    pub(super) fn next(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(base) => offset(base, self.count),
            Host::Name(_) => None,
        }
    }

    /// Whether this is a group or a range of groups.
    pub fn is_multicast(&self) -> bool {
        matches!(self.host, Host::Ip(ip) if ip.is_multicast())
    }

    pub(super) fn parse(value: &str) -> Result<Self, Reason> {
        let mut words = value.split_whitespace();
        let net_type = word(&mut words, "network type")?;
        let address_type = word(&mut words, "address type")?;
        let address = word(&mut words, "address")?;
        let mut parts = address.split('/');
        let host = Host::parse(word(&mut parts, "address")?)?;
        let (ttl, count) = ttl_and_count(&host, parts)?;
        let connection = Self {
            net_type: net_type.to_owned(),
            address_type: address_type.to_owned(),
            host,
            ttl,
            count,
        };
        connection.check(address)?;
        Ok(connection)
    }

    fn check(&self, text: &str) -> Result<(), Reason> {
        let Host::Ip(base) = self.host else {
            return Ok(());
        };
        if base.is_ipv4() && base.is_multicast() && self.ttl.is_none() {
            return Err(Reason::TtlMissing { text: text.into() });
        }
        let last = offset(base, self.count - 1);
        if last.is_none_or(|last| last.is_multicast() != base.is_multicast()) {
            return Err(Reason::RangeLeavesMulticast { text: text.into() });
        }
        Ok(())
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.net_type, self.address_type, self.host)?;
        if let Some(ttl) = self.ttl {
            write!(f, "/{ttl}")?;
        }
        if self.count > 1 {
            write!(f, "/{}", self.count)?;
        }
        Ok(())
    }
}

impl Host {
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        check_host(text)?;
        let ip = text.parse().ok().map(Self::Ip);
        Ok(ip.unwrap_or_else(|| Self::Name(text.to_owned())))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A name whose last label is a number is meant as an IPv4 address (no top-level domain is a number),
/// and one with a colon as an IPv6 address.
pub(super) fn check_host(text: &str) -> Result<(), Reason> {
    let last_label = text.rsplit('.').next().unwrap_or(text);
    let is_v4 = !last_label.is_empty() && last_label.bytes().all(|b| b.is_ascii_digit());
    let (address, _zone) = text.split_once('%').unwrap_or((text, ""));
    let is_bad = (is_v4 && text.parse::<IpAddr>().is_err())
        || (text.contains(':') && address.parse::<Ipv6Addr>().is_err());
    if is_bad {
        return Err(Reason::NotAnAddress { text: text.into() });
    }
    Ok(())
}

/// IPv4 gives TTL, then count; IPv6 only a count, but a TTL before it is tolerated and dropped.
fn ttl_and_count<'a>(
    host: &Host,
    parts: impl Iterator<Item = &'a str>,
) -> Result<(Option<u8>, u16), Reason> {
    let parts: Vec<&str> = parts.collect();
    let (ttl, count) = match (host, parts.as_slice()) {
        (_, []) => (None, None),
        (Host::Ip(IpAddr::V6(_)), [count] | [_, count, ..]) => (None, Some(*count)),
        (_, [ttl]) => (Some(*ttl), None),
        (_, [ttl, count, ..]) => (Some(*ttl), Some(*count)),
    };
    let ttl = ttl.map(|text| number(text, "TTL", 0, 255)).transpose()?;
    let max = u64::from(Connection::MAX_COUNT);
    let count = count.map(|text| number(text, "number of addresses", 1, max));
    let count = count.transpose()?.unwrap_or(1);
    let ttl = ttl.and_then(|ttl| u8::try_from(ttl).ok());
    Ok((ttl, u16::try_from(count).unwrap_or(1)))
}

fn offset(base: IpAddr, by: u16) -> Option<IpAddr> {
    Some(match base {
        IpAddr::V4(ip) => Ipv4Addr::from(u32::from(ip).checked_add(by.into())?).into(),
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip).checked_add(by.into())?).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> (Option<u8>, Vec<String>) {
        let connection = Connection::parse(value).unwrap();
        assert_eq!(connection.to_string(), value);
        let addresses = connection.addresses();
        (
            connection.ttl,
            addresses.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn ranges_of_rfc_8866_section_5_7() {
        let (ttl, groups) = read("IN IP4 233.252.0.1/127/3");
        assert_eq!(ttl, Some(127));
        assert_eq!(groups, ["233.252.0.1", "233.252.0.2", "233.252.0.3"]);
        let (ttl, groups) = read("IN IP6 ff00::db8:0:101/3");
        assert_eq!(ttl, None);
        assert_eq!(
            groups,
            ["ff00::db8:0:101", "ff00::db8:0:102", "ff00::db8:0:103"]
        );
    }

    #[test]
    fn unicast_and_names() {
        assert_eq!(
            read("IN IP4 198.51.100.1"),
            (None, vec!["198.51.100.1".to_owned()])
        );
        assert_eq!(read("IN IP4 host.example.com"), (None, vec![]));
        assert_eq!(read("ATM NSAP 47.0091.8100.x"), (None, vec![]));
    }

    #[test]
    fn tolerated_deviations() {
        assert_eq!(Connection::parse("IN IP6 ::1/1/1").unwrap().count, 1);
        assert_eq!(
            Connection::parse("IN IP4 198.51.100.7/51").unwrap().ttl,
            Some(51)
        );
        let wrong_type = Connection::parse("IN IP4 fe80::5a55:caff:fe1a:e187").unwrap();
        assert!(matches!(wrong_type.host, Host::Ip(IpAddr::V6(_))));
    }

    #[test]
    fn refused_with_a_reason() {
        let reason = |value: &str| Connection::parse(value).unwrap_err().to_string();
        assert_eq!(
            reason("IN IP4 224.2.1.1/256"),
            "the TTL `256` is not within 0 to 255"
        );
        assert_eq!(
            reason("IN IP4 224.2.1.1"),
            "the group 224.2.1.1 has no TTL, as in 224.2.1.1/127"
        );
        assert_eq!(
            reason("IN IP4 239.255.255.255/1/2"),
            "the groups from 239.255.255.255/1/2 on are not all multicast addresses"
        );
        assert_eq!(
            reason("IN IP4 224.2.1.1/1/0"),
            "the number of addresses `0` is not within 1 to 256"
        );
        assert_eq!(reason("IN IP4 1.2.3"), "`1.2.3` is no address");
        assert_eq!(reason("IN IP4"), "the address is missing");
    }
}
