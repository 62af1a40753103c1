//! How much one host, and all together, may ask for in a second.
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Counts messages by the second.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    since: Option<Instant>,
    total: u32,
    by_host: HashMap<IpAddr, u32>,
}

impl Throttle {
    /// A host that renews some thousand leases after a restart is through within a minute.
    const OF_ONE: u32 = 200;
    /// A hundredth of a core (measured: 5 µs a request where there are 20,000 leases, without the disk).
    const OF_ALL: u32 = 2_500;

    /// Whether one more message of this host is looked at.
    pub(super) fn admits(&mut self, now: Instant, host: IpAddr) -> bool {
        let is_over =
            |since: Instant| now.saturating_duration_since(since) >= Duration::from_secs(1);
        if self.since.is_none_or(is_over) {
            self.since = Some(now);
            self.total = 0;
            self.by_host.clear();
        }
        self.total = self.total.saturating_add(1);
        if self.total > Self::OF_ALL {
            return false;
        }
        let of_host = self.by_host.entry(host).or_default();
        *of_host += 1;
        *of_host <= Self::OF_ONE
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    #[test]
    fn one_host_cannot_keep_others_from_being_served() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let (loud, quiet) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let admitted = (0..1000).filter(|_| throttle.admits(now, loud)).count();
        assert_eq!(admitted, 200);
        assert!(throttle.admits(now, quiet));
        assert!(throttle.admits(now + Duration::from_secs(1), loud));
    }
}
