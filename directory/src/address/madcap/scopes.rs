//! What MADCAP calls our scopes.
use std::net::{IpAddr, Ipv6Addr};

use super::scope_list::MulticastScope;
use crate::address::{IpVersion, Scope};

/// The first address of a scope, which identifies it (RFC 2730 section 1.2). Room and site share their IPv4 groups.
pub fn scope_id(scope: Scope, version: IpVersion) -> IpAddr {
    match version {
        IpVersion::V4 => scope.ipv4_range().0.into(),
        IpVersion::V6 => Ipv6Addr::from(u128::from(scope.ipv6_prefix()) << 112).into(),
    }
}

/// Of the scopes that a server lists, the one for conferences that reach so far: the one that begins as ours does,
/// or else the first whose groups are all of that scope.
pub fn choose(
    listed: &[MulticastScope],
    scope: Scope,
    version: IpVersion,
) -> Option<&MulticastScope> {
    let id = scope_id(scope, version);
    // A room's groups may be a site's, since their TTL keeps them in the room.
    let is_fit = |group: IpAddr| Scope::from_group(group, Some(scope.ttl())) == Some(scope);
    let mut listed = listed
        .iter()
        .filter(|entry| entry.first.is_ipv4() == id.is_ipv4());
    listed
        .clone()
        .find(|entry| entry.first == id)
        .or_else(|| listed.find(|entry| is_fit(entry.first) && is_fit(entry.last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(first: &str, last: &str) -> MulticastScope {
        MulticastScope {
            first: first.parse().unwrap(),
            last: last.parse().unwrap(),
            ttl: 255,
            names: Vec::new(),
        }
    }

    #[test]
    fn a_listed_scope_is_chosen_by_its_groups() {
        let list = [
            listed("239.255.16.0", "239.255.31.255"),
            listed("239.192.0.0", "239.195.255.255"),
            listed("ff15::", "ff15:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ];
        let chosen =
            |scope, version| choose(&list, scope, version).map(|entry| entry.first.to_string());
        assert_eq!(
            chosen(Scope::Site, IpVersion::V4).as_deref(),
            Some("239.255.16.0")
        );
        assert_eq!(
            chosen(Scope::Room, IpVersion::V4).as_deref(),
            Some("239.255.16.0")
        );
        assert_eq!(
            chosen(Scope::Organisation, IpVersion::V4).as_deref(),
            Some("239.192.0.0")
        );
        assert_eq!(
            chosen(Scope::Site, IpVersion::V6).as_deref(),
            Some("ff15::")
        );
        assert_eq!(chosen(Scope::World, IpVersion::V4), None);
        assert_eq!(chosen(Scope::Room, IpVersion::V6), None);
    }
}
