//! Notices that interfaces came, went or changed, and that the computer has slept.
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use super::interface::{self, Interface, InterfaceChoice};

/// The network as it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Network {
    interfaces: Vec<Interface>,
    route: Option<IpAddr>,
}

impl Network {
    /// Looks at the network now; an unreadable one counts as none.
    pub(super) fn look() -> Self {
        let interfaces = interface::interfaces().unwrap_or_else(|error| {
            tracing::warn!(%error, "interfaces cannot be listed");
            Vec::new()
        });
        Self {
            interfaces,
            route: interface::multicast_route(),
        }
    }

    /// The interfaces that a choice means at present.
    pub(super) fn chosen(&self, choice: &InterfaceChoice) -> Vec<Interface> {
        interface::choose(choice, &self.interfaces, self.route)
    }

    /// Whether this is an address of this computer.
    pub(super) fn is_local(&self, address: IpAddr) -> bool {
        self.interfaces
            .iter()
            .any(|i| i.addresses.contains(&address))
    }
}

/// The interfaces that a choice means now; none where the network is down.
pub(crate) fn chosen_interfaces(choice: &InterfaceChoice) -> Vec<Interface> {
    Network::look().chosen(choice)
}

/// What a look has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// All is as before.
    Same,
    /// An interface came, went or changed, or the default route did.
    Changed,
    /// The computer has slept: switches and routers may have forgotten our groups.
    Slept,
}

/// Compares one look with the last.
#[derive(Debug)]
pub(super) struct Watch {
    network: Network,
    looked: Instant,
    looked_wall: SystemTime,
}

impl Watch {
    pub(super) fn new(now: Instant, wall: SystemTime, network: Network) -> Self {
        Self {
            network,
            looked: now,
            looked_wall: wall,
        }
    }

    /// Takes what the network looks like now.
    pub(super) fn update(&mut self, now: Instant, wall: SystemTime, network: Network) -> Seen {
        let ran = now.saturating_duration_since(self.looked);
        let passed = wall.duration_since(self.looked_wall).unwrap_or_default();
        let has_slept = passed > ran + Self::SLEEP;
        let has_changed = network != self.network;
        *self = Self::new(now, wall, network);
        match (has_slept, has_changed) {
            (true, _) => Seen::Slept,
            (false, true) => Seen::Changed,
            (false, false) => Seen::Same,
        }
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// When to look again.
    pub(super) fn due(&self) -> Instant {
        self.looked + Self::LOOK_EVERY
    }

    /// Half of the two seconds within which groups must be joined again; one look takes about 0.1 ms.
    const LOOK_EVERY: Duration = Duration::from_secs(1);
    /// The monotonic clock stands still while the computer sleeps, wall time does not. A clock that is
    /// set forward by this much looks the same, and costs no more than joining again.
    const SLEEP: Duration = Duration::from_secs(5);
}

#[cfg(test)]
mod tests {
    use super::super::interface::tests::interface;
    use super::*;

    fn network(interfaces: &[Interface]) -> Network {
        Network {
            interfaces: interfaces.to_vec(),
            route: None,
        }
    }

    #[test]
    fn a_change_is_seen_once() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let up = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut down = up.clone();
        down.interfaces[0].is_up = false;
        let mut watch = Watch::new(now, wall, up.clone());
        assert_eq!(watch.update(now, wall, up.clone()), Seen::Same);
        assert_eq!(watch.update(now, wall, down.clone()), Seen::Changed);
        assert_eq!(watch.update(now, wall, down), Seen::Same);
        assert_eq!(watch.update(now, wall, up), Seen::Changed);
    }

    #[test]
    fn address_and_route_count_as_changes() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let before = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut watch = Watch::new(now, wall, before.clone());
        let readdressed = network(&[interface("eth0", 2, "10.0.0.2")]);
        assert_eq!(watch.update(now, wall, readdressed.clone()), Seen::Changed);
        let routed = Network {
            route: Some("10.0.0.2".parse().unwrap()),
            ..readdressed
        };
        assert_eq!(watch.update(now, wall, routed), Seen::Changed);
    }

    #[test]
    fn sleep_is_seen_though_all_looks_the_same() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let second = Duration::from_secs(1);
        let same = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut watch = Watch::new(now, wall, same.clone());
        assert_eq!(
            watch.update(now + second, wall + second, same.clone()),
            Seen::Same
        );
        assert_eq!(
            watch.update(now + 2 * second, wall + 600 * second, same.clone()),
            Seen::Slept
        );
        assert_eq!(
            watch.update(now + 3 * second, wall + 601 * second, same.clone()),
            Seen::Same
        );
        assert_eq!(
            watch.update(now + 4 * second, wall, same),
            Seen::Same,
            "clock set back"
        );
    }

    #[test]
    fn the_next_look_is_within_the_promise() {
        let now = Instant::now();
        let watch = Watch::new(now, SystemTime::UNIX_EPOCH, Network::default());
        assert_eq!(watch.due(), now + Duration::from_secs(1));
    }
}
