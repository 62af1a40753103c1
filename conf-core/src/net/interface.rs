//! Network interfaces: what there is, what carries multicast, and which the user wants.
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::str::FromStr;

use super::sys;

/// A network interface of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The system's name for it, such as `eth0`.
    pub name: String,
    /// The system's number for it; IPv6 scope ids are this.
    pub index: u32,
    /// Its addresses: IPv4 first, link-local IPv6 last.
    pub addresses: Vec<IpAddr>,
    /// It is switched on and has a carrier.
    pub is_up: bool,
    /// It says that it carries multicast. Linux's `lo` does not say so, yet carries IPv4 multicast.
    pub is_multicast: bool,
    /// It reaches this computer only.
    pub is_loopback: bool,
}

impl Interface {
    /// The address to send from: the first of the same family as `like`.
    pub(super) fn address_like(&self, like: IpAddr) -> Option<IpAddr> {
        let is_alike = |a: &&IpAddr| a.is_ipv4() == like.is_ipv4();
        self.addresses.iter().find(is_alike).copied()
    }

    fn reaches_others(&self) -> bool {
        self.is_up && self.is_multicast && !self.is_loopback
    }
}

/// Which interfaces an endpoint uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InterfaceChoice {
    /// The one with a multicast-capable route, whichever it is at the time; see [`default_interface`].
    #[default]
    Default,
    /// The one with this name.
    Named(String),
    /// Every one that is up and carries multicast; the loopback interface where there is no other.
    All,
}

impl FromStr for InterfaceChoice {
    type Err = Infallible;

    /// Takes `default`, `all`, or an interface's name.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "default" => Self::Default,
            "all" => Self::All,
            name => Self::Named(name.to_owned()),
        })
    }
}

impl fmt::Display for InterfaceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Named(name) => f.write_str(name),
            Self::All => f.write_str("all"),
        }
    }
}

/// All interfaces of this computer, those without an address too, by index.
///
/// # Errors
/// What the system says, which it practically never does.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut interfaces = sys::interfaces()?;
    interfaces.sort_by_key(|interface| interface.index);
    for interface in &mut interfaces {
        interface.addresses.sort_by_key(rank);
    }
    Ok(interfaces)
}

/// The interface that multicast goes by when the user has not chosen: the one that the route towards
/// 239.255.255.255 uses; without such a route the first that is up and carries multicast; else loopback.
///
/// # Errors
/// As [`interfaces`].
pub fn default_interface() -> io::Result<Option<Interface>> {
    Ok(choose_default(&interfaces()?, multicast_route()).cloned())
}

/// The interfaces that a choice means at present; only such as are up.
pub(super) fn choose(
    choice: &InterfaceChoice,
    all: &[Interface],
    route: Option<IpAddr>,
) -> Vec<Interface> {
    let is_named = |i: &&Interface, name: &str| i.is_up && i.name == name;
    match choice {
        InterfaceChoice::Default => choose_default(all, route).cloned().into_iter().collect(),
        InterfaceChoice::Named(name) => all.iter().filter(|i| is_named(i, name)).cloned().collect(),
        InterfaceChoice::All => {
            let mut chosen: Vec<Interface> =
                all.iter().filter(|i| i.reaches_others()).cloned().collect();
            if chosen.is_empty() {
                chosen.extend(choose_default(all, None).cloned());
            }
            chosen
        }
    }
}

/// The address that the system would send multicast from, if it has a route. Nothing is sent.
pub(super) fn multicast_route() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket
        .connect((Ipv4Addr::new(239, 255, 255, 255), 9))
        .ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn choose_default(all: &[Interface], route: Option<IpAddr>) -> Option<&Interface> {
    let is_routed = |i: &&Interface| route.is_some_and(|address| i.addresses.contains(&address));
    let usable = || all.iter().filter(|i| i.reaches_others());
    usable()
        .find(is_routed)
        .or_else(|| usable().min_by_key(|i| i.addresses.first().map_or(u8::MAX, rank)))
        .or_else(|| all.iter().find(|i| i.is_up && i.is_loopback))
}

/// How well an address serves as a source; lower is better.
fn rank(address: &IpAddr) -> u8 {
    match address {
        IpAddr::V4(v4) if !v4.is_link_local() => 0,
        IpAddr::V4(_) => 1,
        IpAddr::V6(v6) if !v6.is_unicast_link_local() => 2,
        IpAddr::V6(_) => 3,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::net) fn interface(name: &str, index: u32, address: &str) -> Interface {
        let is_loopback = name == "lo";
        Interface {
            name: name.to_owned(),
            index,
            addresses: address
                .split_whitespace()
                .map(|a| a.parse().unwrap())
                .collect(),
            is_up: true,
            is_multicast: !is_loopback,
            is_loopback,
        }
    }

    fn names(choice: &str, all: &[Interface], route: &str) -> Vec<String> {
        let choice = choice.parse().unwrap();
        let chosen = choose(&choice, all, route.parse().ok());
        chosen.into_iter().map(|i| i.name).collect()
    }

    fn three() -> [Interface; 3] {
        [
            interface("lo", 1, "127.0.0.1 ::1"),
            interface("eth0", 2, "10.0.0.1 fe80::1"),
            interface("eth1", 3, "10.1.0.1"),
        ]
    }

    #[test]
    fn choice_survives_its_text() {
        for text in ["default", "all", "eth0"] {
            assert_eq!(text.parse::<InterfaceChoice>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn default_follows_the_route() {
        assert_eq!(names("default", &three(), "10.1.0.1"), ["eth1"]);
    }

    #[test]
    fn default_without_a_route_is_the_first_that_reaches_others() {
        assert_eq!(names("default", &three(), ""), ["eth0"]);
    }

    #[test]
    fn default_without_a_route_prefers_an_interface_with_an_address() {
        let all = [
            interface("eth0", 2, ""),
            interface("eth1", 3, "fe80::2"),
            interface("eth2", 4, "10.0.0.1"),
        ];
        assert_eq!(names("default", &all, ""), ["eth2"]);
        assert_eq!(names("default", &all[..2], ""), ["eth1"]);
    }

    #[test]
    fn default_ignores_a_route_that_cannot_carry_multicast() {
        let mut all = three();
        all[2].is_multicast = false;
        assert_eq!(names("default", &all, "10.1.0.1"), ["eth0"]);
        all[1].is_up = false;
        assert_eq!(names("default", &all, "10.1.0.1"), ["lo"]);
    }

    #[test]
    fn all_leaves_loopback_out_unless_it_is_alone() {
        assert_eq!(names("all", &three(), ""), ["eth0", "eth1"]);
        assert_eq!(names("all", &three()[..1], ""), ["lo"]);
    }

    #[test]
    fn a_named_interface_must_be_up() {
        let mut all = three();
        assert_eq!(names("lo", &all, ""), ["lo"]);
        assert_eq!(names("eth1", &all, ""), ["eth1"]);
        all[2].is_up = false;
        assert!(names("eth1", &all, "").is_empty());
        assert!(names("eth9", &all, "").is_empty());
    }

    #[test]
    fn this_computer_has_loopback() {
        let all = interfaces().unwrap();
        let lo = all.iter().find(|i| i.is_loopback).unwrap();
        assert!(lo.addresses.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert!(lo.index > 0);
    }
}
