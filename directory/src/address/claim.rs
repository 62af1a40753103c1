//! Picking addresses and ports that nobody announces.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use super::Scope;

/// Which protocol the groups are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum IpVersion {
    /// IPv4.
    #[default]
    V4,
    /// IPv6.
    V6,
}

/// Picks `count` different groups of the scope at random, none of which `is_taken`.
///
/// Never one of the scope's top 256 addresses, which are set aside for relative use (RFC 2365 section 9), and
/// never one that shares its Ethernet address with 224.0.0/24, which switches flood (RFC 4541 section 2.1.2).
/// Fewer where so many are taken that [`ATTEMPTS`] tries for one find nothing.
pub fn claim(
    scope: Scope,
    version: IpVersion,
    count: usize,
    rng: &mut Rng,
    is_taken: &dyn Fn(IpAddr) -> bool,
) -> Vec<IpAddr> {
    let mut claimed = Vec::with_capacity(count);
    for _ in 0..count {
        let tries = (0..ATTEMPTS).map(|_| random_group(scope, version, rng));
        let mut free = tries.filter(|group| !is_taken(*group) && !claimed.contains(group));
        let Some(group) = free.find(|group| is_usable(*group)) else {
            break;
        };
        claimed.push(group);
    }
    claimed
}

/// Picks so many consecutive groups of the scope, none of which `is_taken`; none where [`ATTEMPTS`] tries find nothing.
pub fn claim_range(
    scope: Scope,
    version: IpVersion,
    count: u16,
    rng: &mut Rng,
    is_taken: &dyn Fn(IpAddr) -> bool,
) -> Option<Vec<IpAddr>> {
    (0..ATTEMPTS).find_map(|_| {
        let base = random_group(scope, version, rng);
        let groups: Option<Vec<IpAddr>> = (0..count).map(|n| after(base, n)).collect();
        groups.filter(|groups| {
            let (network, length) = scope.ipv4_range();
            let is_of_scope = |group: IpAddr| match group {
                IpAddr::V4(group) => {
                    (u32::from(group) ^ u32::from(network)).leading_zeros() >= u32::from(length)
                }
                IpAddr::V6(_) => true,
            };
            let mut all = groups.iter();
            all.all(|group| is_of_scope(*group) && is_usable(*group) && !is_taken(*group))
        })
    })
}

fn after(base: IpAddr, n: u16) -> Option<IpAddr> {
    Some(match base {
        IpAddr::V4(base) => Ipv4Addr::from(u32::from(base).checked_add(n.into())?).into(),
        IpAddr::V6(base) => Ipv6Addr::from(u128::from(base).checked_add(n.into())?).into(),
    })
}

/// Picks an even port for RTP, so that RTCP has the odd one above it (RFC 3550 section 11).
pub fn claim_port(rng: &mut Rng) -> u16 {
    rng.u16(PORTS) & !1
}

/// Tries for one group. With half of a range taken, all fail once in 2^64 times.
pub const ATTEMPTS: usize = 64;

/// sdr's range for audio: above what Unix services listen at, below the ephemeral ports of most systems.
const PORTS: RangeInclusive<u16> = 16_384..=32_767;

fn random_group(scope: Scope, version: IpVersion, rng: &mut Rng) -> IpAddr {
    match version {
        IpVersion::V4 => {
            let (base, length) = scope.ipv4_range();
            let host = rng.u32(..) & (u32::MAX >> length);
            Ipv4Addr::from(u32::from(base) | host).into()
        }
        IpVersion::V6 => {
            let prefix = u128::from(scope.ipv6_prefix()) << 112;
            // Only the low 32 bits differ, since only they reach Ethernet (RFC 2464 section 7); the top bit
            // says that a host chose the id by itself (RFC 3307 section 4.3).
            let id = u128::from(rng.u32(..) | 0x8000_0000);
            Ipv6Addr::from(prefix | id).into()
        }
    }
}

pub(super) fn is_usable(group: IpAddr) -> bool {
    match group {
        IpAddr::V4(group) => !is_relative(group) && !is_flooded(group),
        IpAddr::V6(_) => true,
    }
}

/// 239.255.255/24 and 239.195.255/24; world has its SAP group outside its range and no relative addresses.
fn is_relative(group: Ipv4Addr) -> bool {
    matches!(group.octets(), [239, 255 | 195, 255, _])
}

/// Ethernet carries the low 23 bits only (RFC 1112 section 6.4).
fn is_flooded(group: Ipv4Addr) -> bool {
    u32::from(group) & 0x007f_ff00 == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::proptest;

    use super::*;

    fn nobody(_: IpAddr) -> bool {
        false
    }

    proptest! {
        #[test]
        fn claimed_ranges_are_consecutive_and_fit_for_use(seed: u64, scope in 0..4usize, is_v6: bool) {
            let scope = Scope::ALL[scope];
            let version = if is_v6 { IpVersion::V6 } else { IpVersion::V4 };
            let taken = |group: IpAddr| matches!(group, IpAddr::V4(group) if group.octets()[3] == 77);
            let mut rng = Rng::with_seed(seed);
            let groups = claim_range(scope, version, 16, &mut rng, &taken).unwrap();
            assert_eq!(groups.len(), 16);
            assert!(groups.windows(2).all(|pair| after(pair[0], 1) == Some(pair[1])));
            assert!(groups.iter().all(|group| is_usable(*group) && !taken(*group)));
        }

        #[test]
        fn claimed_groups_are_fit_for_use(seed: u64, scope in 0..4usize, is_v6: bool) {
            let scope = Scope::ALL[scope];
            let version = if is_v6 { IpVersion::V6 } else { IpVersion::V4 };
            let is_odd = |group: IpAddr| match group {
                IpAddr::V4(ip) => ip.octets()[3] % 2 == 1,
                IpAddr::V6(ip) => ip.octets()[15] % 2 == 1,
            };
            let groups = claim(scope, version, 3, &mut Rng::with_seed(seed), &is_odd);
            assert_eq!(groups.iter().collect::<BTreeSet<_>>().len(), 3);
            for group in groups {
                assert!(!is_odd(group));
                assert_eq!(Scope::from_group(group, Some(scope.ttl())), Some(scope));
                if let IpAddr::V4(group) = group {
                    let [a, b, c, _] = group.octets();
                    assert!(![[239, 255, 255], [239, 195, 255]].contains(&[a, b, c]));
                    assert!((b & 0x7f, c) != (0, 0));
                }
            }
        }

        #[test]
        fn ports_are_even_with_room_for_rtcp(seed: u64) {
            let port = claim_port(&mut Rng::with_seed(seed));
            assert!(port.is_multiple_of(2) && (16_384..32_767).contains(&port));
        }
    }

    #[test]
    fn full_range_gives_nothing() {
        let rng = &mut Rng::with_seed(1);
        assert!(claim(Scope::Room, IpVersion::V4, 2, rng, &|_| true).is_empty());
    }

    #[test]
    fn addresses_that_switches_flood_are_known() {
        assert!(is_flooded(Ipv4Addr::new(239, 128, 0, 7)));
        assert!(!is_flooded(Ipv4Addr::new(239, 255, 0, 7)));
        assert!(is_relative(Ipv4Addr::new(239, 195, 255, 1)));
    }

    #[test]
    fn whole_range_is_used() {
        let mut rng = Rng::with_seed(7);
        let groups = claim(Scope::Organisation, IpVersion::V4, 200, &mut rng, &nobody);
        let second: BTreeSet<u8> = groups
            .iter()
            .filter_map(|group| match group {
                IpAddr::V4(ip) => Some(ip.octets()[1]),
                IpAddr::V6(_) => None,
            })
            .collect();
        assert_eq!(second, BTreeSet::from([192, 193, 194, 195]));
    }
}
