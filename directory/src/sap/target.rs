//! Where a description is announced, and until when (RFC 2974 section 3).

use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use super::packet::Packet;
use super::{PORT, Transmit};
use crate::address::Scope;
use crate::description::{Connection, Description, Host};

/// A SAP group, and how to announce there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) group: IpAddr,
    pub(super) ttl: u8,
    /// Within a room or a site.
    pub(super) is_near: bool,
}

impl Target {
    /// The packet, addressed.
    pub(super) fn transmit(self, packet: &Packet<'_>) -> Transmit {
        Transmit {
            to: SocketAddr::new(self.group, PORT),
            ttl: self.ttl,
            payload: packet.to_bytes(),
        }
    }
}

/// Every SAP group, to be listened to at once.
pub(super) fn groups() -> Vec<IpAddr> {
    let v4 = Scope::ALL.map(|scope| IpAddr::V4(scope.sap_ipv4()));
    let v6 = Scope::ALL.map(|scope| IpAddr::V6(scope.sap_ipv6()));
    let mut groups = [v4, v6].concat();
    // Room and site share the one of IPv4.
    groups.dedup();
    groups
}

/// Where a description is announced: one SAP group for each scope in which its media are sent.
///
/// An announcement goes as far as the media do, so it has their TTL.
pub(super) fn targets(description: &Description) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let media = description
        .media
        .iter()
        .flat_map(|media| &media.connections);
    for connection in description.connection.iter().chain(media) {
        let Some(target) = target(connection) else {
            continue;
        };
        match targets.iter_mut().find(|known| known.group == target.group) {
            Some(known) => known.ttl = known.ttl.max(target.ttl),
            None => targets.push(target),
        }
    }
    targets
}

/// The groups of room and site, where a question reaches all of both.
pub(super) fn near_targets() -> [Target; 3] {
    let near = |scope: Scope, group| Target {
        group,
        ttl: scope.ttl(),
        is_near: true,
    };
    [
        near(Scope::Site, IpAddr::V4(Scope::Site.sap_ipv4())),
        near(Scope::Room, IpAddr::V6(Scope::Room.sap_ipv6())),
        near(Scope::Site, IpAddr::V6(Scope::Site.sap_ipv6())),
    ]
}

/// When the last session is over; `None` if there is no end.
pub fn end(description: &Description) -> Option<SystemTime> {
    let stops = description.times.iter().map(|time| time.stop.to_system());
    let stops: Option<Vec<SystemTime>> = stops.collect();
    stops?.into_iter().max()
}

fn target(connection: &Connection) -> Option<Target> {
    let Host::Ip(host) = connection.host else {
        return None;
    };
    let scope = Scope::from_group(host, connection.ttl)?;
    let group = if host.is_ipv4() {
        IpAddr::V4(scope.sap_ipv4())
    } else {
        IpAddr::V6(scope.sap_ipv6())
    };
    Some(Target {
        group,
        ttl: connection.ttl.unwrap_or_else(|| scope.ttl()),
        is_near: matches!(scope, Scope::Room | Scope::Site),
    })
}
