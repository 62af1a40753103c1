//! How far a conference reaches: address range, TTL and SAP group of each scope (RFC 2365, RFC 2974 section 3).
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How far a conference reaches. The name is what people choose; the rest follows from it.
///
/// | scope | IPv4 groups | TTL | IPv6 groups | SAP, IPv4 | SAP, IPv6 |
/// |---|---|---|---|---|---|
/// | room | 239.255/16 | 1 | ff12::/16 | 239.255.255.255 | ff02::2:7ffe |
/// | site | 239.255/16 | 15 | ff15::/16 | 239.255.255.255 | ff05::2:7ffe |
/// | organisation | 239.192/14 | 63 | ff18::/16 | 239.195.255.255 | ff08::2:7ffe |
/// | world | 224.2.128/17 | 127 | ff1e::/16 | 224.2.127.254 | ff0e::2:7ffe |
///
/// IPv6 groups are transient ones (flag T, RFC 4291 section 2.7) with a random group id of the range that
/// RFC 3307 section 4.3 leaves to hosts; a room is one link.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// This network segment only.
    Room,
    /// This building or campus.
    #[default]
    Site,
    /// All sites of the organisation.
    Organisation,
    /// Everywhere that routes multicast.
    World,
}

impl Scope {
    /// From the nearest to the farthest.
    pub const ALL: [Self; 4] = [Self::Room, Self::Site, Self::Organisation, Self::World];

    /// The name that people read and type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Site => "site",
            Self::Organisation => "organisation",
            Self::World => "world",
        }
    }

    /// TTL of IPv4 packets, hop limit of IPv6 ones.
    pub const fn ttl(self) -> u8 {
        match self {
            Self::Room => 1,
            Self::Site => 15,
            Self::Organisation => 63,
            Self::World => 127,
        }
    }

    /// First address and prefix length of the IPv4 groups.
    pub const fn ipv4_range(self) -> (Ipv4Addr, u8) {
        match self {
            Self::Room | Self::Site => (Ipv4Addr::new(239, 255, 0, 0), 16),
            Self::Organisation => (Ipv4Addr::new(239, 192, 0, 0), 14),
            Self::World => (Ipv4Addr::new(224, 2, 128, 0), 17),
        }
    }

    /// The IPv6 groups: a prefix of 16 bits.
    pub const fn ipv6_prefix(self) -> u16 {
        0xff10 | self.ipv6_nibble()
    }

    /// Where conferences of this scope are announced over IPv4.
    pub const fn sap_ipv4(self) -> Ipv4Addr {
        match self {
            Self::Room | Self::Site => Ipv4Addr::new(239, 255, 255, 255),
            Self::Organisation => Ipv4Addr::new(239, 195, 255, 255),
            Self::World => Ipv4Addr::new(224, 2, 127, 254),
        }
    }

    /// Where conferences of this scope are announced over IPv6.
    pub const fn sap_ipv6(self) -> Ipv6Addr {
        Ipv6Addr::new(0xff00 | self.ipv6_nibble(), 0, 0, 0, 0, 0, 2, 0x7ffe)
    }

    /// The scope that a group belongs to; room and site share their IPv4 range, so the TTL decides between them.
    /// Nothing for what is no group, or a group that keeps to this computer.
    pub fn from_group(group: IpAddr, ttl: Option<u8>) -> Option<Self> {
        match group {
            IpAddr::V4(group) if group.is_multicast() => Some(Self::from_ipv4(group, ttl)),
            IpAddr::V6(group) if group.is_multicast() => Self::from_ipv6(group),
            _ => None,
        }
    }

    fn from_ipv4(group: Ipv4Addr, ttl: Option<u8>) -> Self {
        match group.octets() {
            // Link-local groups are never forwarded, whatever the TTL (RFC 5771 section 4).
            [224, 0, 0, _] => Self::Room,
            [239, 255, ..] if ttl.is_some_and(|ttl| ttl <= Self::Room.ttl()) => Self::Room,
            [239, 255, ..] => Self::Site,
            [239, ..] => Self::Organisation,
            _ => Self::World,
        }
    }

    /// By the scope nibble of RFC 7346 section 2: what lies between two of ours goes to the wider.
    fn from_ipv6(group: Ipv6Addr) -> Option<Self> {
        let [_, second, ..] = group.octets();
        match second & 0x0f {
            0 | 1 => None,
            2 => Some(Self::Room),
            3..=5 => Some(Self::Site),
            6..=8 => Some(Self::Organisation),
            _ => Some(Self::World),
        }
    }

    /// RFC 7346: link-local, site-local, organisation-local, global.
    const fn ipv6_nibble(self) -> u16 {
        match self {
            Self::Room => 0x2,
            Self::Site => 0x5,
            Self::Organisation => 0x8,
            Self::World => 0xe,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let mut scopes = Self::ALL.into_iter();
        scopes.find(|scope| scope.name() == text).ok_or(NotAScope)
    }
}

/// The text names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is room, site, organisation or world")]
pub struct NotAScope;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_agrees_with_its_second_listing() {
        let listing = "room 239.255.0.0/16 1 ff12 239.255.255.255 ff02::2:7ffe\n\
            site 239.255.0.0/16 15 ff15 239.255.255.255 ff05::2:7ffe\n\
            organisation 239.192.0.0/14 63 ff18 239.195.255.255 ff08::2:7ffe\n\
            world 224.2.128.0/17 127 ff1e 224.2.127.254 ff0e::2:7ffe";
        let table: Vec<String> = Scope::ALL
            .iter()
            .map(|scope| {
                let (base, length) = scope.ipv4_range();
                let (ttl, v6) = (scope.ttl(), scope.ipv6_prefix());
                let (sap4, sap6) = (scope.sap_ipv4(), scope.sap_ipv6());
                format!("{scope} {base}/{length} {ttl} {v6:x} {sap4} {sap6}")
            })
            .collect();
        assert_eq!(table.join("\n"), listing);
    }

    #[test]
    fn scope_is_known_by_its_group() {
        let table = [
            ("239.255.1.1", Some(1), Some(Scope::Room)),
            ("239.255.1.1", Some(15), Some(Scope::Site)),
            ("239.255.1.1", None, Some(Scope::Site)),
            ("239.193.1.1", Some(63), Some(Scope::Organisation)),
            ("224.2.200.1", Some(127), Some(Scope::World)),
            ("224.0.0.5", Some(127), Some(Scope::Room)),
            ("232.1.1.1", Some(1), Some(Scope::World)),
            ("ff12::1", None, Some(Scope::Room)),
            ("ff15::1", None, Some(Scope::Site)),
            ("ff18::1", None, Some(Scope::Organisation)),
            ("ff1e::1", None, Some(Scope::World)),
            ("ff11::1", None, None),
            ("10.0.0.1", Some(1), None),
            ("2001:db8::1", None, None),
        ];
        for (group, ttl, scope) in table {
            assert_eq!(
                Scope::from_group(group.parse().unwrap(), ttl),
                scope,
                "{group}"
            );
        }
    }

    #[test]
    fn names_both_ways() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert_eq!("planet".parse::<Scope>(), Err(NotAScope));
    }
}
