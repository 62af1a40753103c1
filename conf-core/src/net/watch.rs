//! Notices that interfaces came, went or changed, that the computer has slept, and that its clock was set.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// An interface came, went or changed, or the default route did.
    pub(super) has_changed: bool,
    /// The computer has slept: switches and routers may have forgotten our groups.
    pub(super) has_slept: bool,
    /// The wall clock did not run like the monotonic one: the computer has slept, or somebody set the clock.
    pub(super) is_clock_set: bool,
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
        let expected = self.looked_wall + ran;
        let ahead = wall.duration_since(expected);
        let seen = Seen {
            has_changed: network != self.network,
            has_slept: ahead.as_ref().is_ok_and(|ahead| *ahead > Self::SLEEP),
            is_clock_set: ahead.unwrap_or_else(|back| back.duration()) > Self::CLOCK_STEP,
        };
        *self = Self::new(now, wall, network);
        seen
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
    /// Time servers slew by less than this between two looks.
    const CLOCK_STEP: Duration = Duration::from_millis(500);
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

    const SAME: Seen = Seen {
        has_changed: false,
        has_slept: false,
        is_clock_set: false,
    };
    const CHANGED: Seen = Seen {
        has_changed: true,
        ..SAME
    };

    #[test]
    fn a_change_is_seen_once() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let up = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut down = up.clone();
        down.interfaces[0].is_up = false;
        let mut watch = Watch::new(now, wall, up.clone());
        assert_eq!(watch.update(now, wall, up.clone()), SAME);
        assert_eq!(watch.update(now, wall, down.clone()), CHANGED);
        assert_eq!(watch.update(now, wall, down), SAME);
        assert_eq!(watch.update(now, wall, up), CHANGED);
    }

    #[test]
    fn address_and_route_count_as_changes() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let before = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut watch = Watch::new(now, wall, before.clone());
        let readdressed = network(&[interface("eth0", 2, "10.0.0.2")]);
        assert_eq!(watch.update(now, wall, readdressed.clone()), CHANGED);
        let routed = Network {
            route: Some("10.0.0.2".parse().unwrap()),
            ..readdressed
        };
        assert_eq!(watch.update(now, wall, routed), CHANGED);
    }

    #[test]
    fn sleep_is_seen_though_all_looks_the_same() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let second = Duration::from_secs(1);
        let same = network(&[interface("eth0", 2, "10.0.0.1")]);
        let mut watch = Watch::new(now, wall, same.clone());
        assert_eq!(
            watch.update(now + second, wall + second, same.clone()),
            SAME
        );
        assert_eq!(
            watch.update(now + 2 * second, wall + 600 * second, same.clone()),
            Seen {
                has_slept: true,
                is_clock_set: true,
                ..SAME
            }
        );
        assert_eq!(
            watch.update(now + 3 * second, wall + 601 * second, same.clone()),
            SAME
        );
        assert_eq!(
            watch.update(now + 4 * second, wall, same.clone()),
            Seen {
                is_clock_set: true,
                ..SAME
            },
            "clock set back"
        );
        assert_eq!(watch.update(now + 5 * second, wall + second, same), SAME);
    }

    #[test]
    fn the_next_look_is_within_the_promise() {
        let now = Instant::now();
        let watch = Watch::new(now, SystemTime::UNIX_EPOCH, Network::default());
        assert_eq!(watch.due(), now + Duration::from_secs(1));
    }
}
