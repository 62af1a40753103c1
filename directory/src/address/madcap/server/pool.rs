//! The scopes that a server leases from, and the groups of each that it may lease.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fastrand::Rng;

use super::super::scope_list::{MulticastScope, ZoneName};
use crate::address::claim::is_usable;
use crate::address::{IpVersion, Scope};

/// A scope, and what of it this server may lease: all of it, or its share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedScope {
    /// What clients are told.
    pub scope: MulticastScope,
    /// First of the groups to lease.
    pub first: IpAddr,
    /// Last of them.
    pub last: IpAddr,
}

impl ServedScope {
    /// What a server serves that was told nothing else: site and organisation, and each scope of IPv6 but the world.
    /// The room's IPv4 groups are the site's, with a smaller TTL.
    pub fn defaults() -> Vec<Self> {
        let v4 = [Scope::Site, Scope::Organisation].map(Self::of_v4);
        let v6 = [Scope::Room, Scope::Site, Scope::Organisation].map(Self::of_v6);
        v4.into_iter().chain(v6).collect()
    }

    /// How many groups there are to lease.
    pub fn size(&self) -> u64 {
        let steps = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                u32::from(last).checked_sub(first.into()).map(u128::from)
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => u128::from(last).checked_sub(first.into()),
            _ => None,
        };
        let size = steps.map_or(0, |steps| steps.saturating_add(1));
        u64::try_from(size).unwrap_or(u64::MAX)
    }

    /// Whether the server may lease that group.
    pub(super) fn may_lease(&self, group: IpAddr) -> bool {
        let is_alike = group.is_ipv4() == self.first.is_ipv4();
        is_alike && (self.first..=self.last).contains(&group) && is_usable(group)
    }

    /// Groups to try: some at random, then so many that a small pool is tried whole.
    pub(super) fn candidates(&self, rng: &mut Rng) -> impl Iterator<Item = IpAddr> + use<'_> {
        let size = self.size().max(1);
        let at_random: Vec<u64> = (0..RANDOM_TRIES).map(|_| rng.u64(0..size)).collect();
        let from = rng.u64(0..size);
        let in_order = (0..size.min(ORDERED_TRIES)).map(move |step| (from + step) % size);
        let steps = at_random.into_iter().chain(in_order);
        steps
            .map(|step| self.nth(step))
            .filter(|group| self.may_lease(*group))
    }

    fn nth(&self, step: u64) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => {
                let step = u32::try_from(step).unwrap_or_default();
                Ipv4Addr::from(u32::from(first).wrapping_add(step)).into()
            }
            IpAddr::V6(first) => Ipv6Addr::from(u128::from(first).wrapping_add(step.into())).into(),
        }
    }

    fn of_v4(scope: Scope) -> Self {
        let (first, length) = scope.ipv4_range();
        let last = Ipv4Addr::from(u32::from(first) | (u32::MAX >> length));
        Self {
            scope: named(scope, first.into(), last.into()),
            first: first.into(),
            last: last.into(),
        }
    }

    /// Group identifiers with the top bit set are for leasing (RFC 3307 section 4.3).
    fn of_v6(scope: Scope) -> Self {
        let prefix = u128::from(scope.ipv6_prefix()) << 112;
        let (all, low) = (u128::MAX >> 16, 0x8000_0000);
        let [first, last, scope_last] = [prefix | low, prefix | 0xffff_ffff, prefix | all];
        let [first, last, scope_last] =
            [first, last, scope_last].map(|bits| IpAddr::from(Ipv6Addr::from(bits)));
        Self {
            scope: named(scope, super::scope_id(scope, IpVersion::V6), scope_last),
            first,
            last,
        }
    }
}

fn named(scope: Scope, first: IpAddr, last: IpAddr) -> MulticastScope {
    let names = NAMES
        .iter()
        .filter(|(of, ..)| *of == scope)
        .map(|(_, language, name)| ZoneName {
            language: (*language).to_owned(),
            name: (*name).to_owned(),
            is_default: *language == "en",
        });
    MulticastScope {
        first,
        last,
        ttl: scope.ttl(),
        names: names.collect(),
    }
}

const NAMES: [(Scope, &str, &str); 9] = [
    (Scope::Room, "en", "Room"),
    (Scope::Room, "de", "Raum"),
    (Scope::Room, "fr", "Salle"),
    (Scope::Site, "en", "Site"),
    (Scope::Site, "de", "Standort"),
    (Scope::Site, "fr", "Site"),
    (Scope::Organisation, "en", "Organisation"),
    (Scope::Organisation, "de", "Organisation"),
    (Scope::Organisation, "fr", "Organisation"),
];

/// As for a claim without a server: with half of a range taken, all fail once in 2^64 times.
const RANDOM_TRIES: usize = 64;
/// A pool of so many is used to its last group. A larger one is given up a little before.
const ORDERED_TRIES: u64 = 4096;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn defaults_are_within_their_scopes() {
        let served = ServedScope::defaults();
        let listing: Vec<String> = served
            .iter()
            .map(|s| {
                format!(
                    "{} {} {} {} {}",
                    s.scope.first,
                    s.scope.last,
                    s.first,
                    s.last,
                    s.size()
                )
            })
            .collect();
        let site = "239.255.0.0 239.255.255.255 239.255.0.0 239.255.255.255 65536";
        assert_eq!(listing[0], site);
        let all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        let site = format!("ff15:: ff15:{all} ff15::8000:0 ff15::ffff:ffff 2147483648");
        assert_eq!(listing[3], site);
        for (position, scope) in served.iter().enumerate() {
            assert!(scope.scope.contains(scope.first) && scope.scope.contains(scope.last));
            let mut earlier = served.iter().take(position);
            assert!(earlier.all(|other| other.scope.first != scope.scope.first));
        }
    }

    #[test]
    fn a_small_pool_is_tried_whole_and_without_what_is_unfit() {
        let served = ServedScope {
            first: IpAddr::from([239, 255, 254, 250]),
            last: IpAddr::from([239, 255, 255, 9]),
            ..ServedScope::defaults().remove(0)
        };
        let tried: BTreeSet<IpAddr> = served.candidates(&mut Rng::with_seed(1)).collect();
        let expected = (250..=255).map(|last| IpAddr::from([239, 255, 254, last]));
        assert!(
            tried.into_iter().eq(expected),
            "239.255.255/24 is for relative addresses"
        );
    }
}
