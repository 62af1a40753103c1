//! One host of the simulated network.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use conf_core::endpoint::{Endpoint, Membership, NetworkChange};
use conf_core::net::Interface;

use super::HostId;

/// An endpoint, its address and its memberships.
pub(super) struct Host {
    pub(super) endpoint: Box<dyn Endpoint>,
    pub(super) address: IpAddr,
    pub(super) subnet: u8,
    pub(super) is_plugged: bool,
    pub(super) is_running: bool,
    pub(super) is_on_island: bool,
    pub(super) is_finished: bool,
    /// When the endpoint wants to be woken.
    pub(super) alarm: Option<Instant>,
    memberships: Vec<Membership>,
}

impl Host {
    pub(super) fn new(HostId(number): HostId, subnet: u8, endpoint: Box<dyn Endpoint>) -> Self {
        let [.., high, low] = (number as u32 + 1).to_be_bytes();
        Self {
            endpoint,
            address: Ipv4Addr::new(10, subnet, high, low).into(),
            subnet,
            is_plugged: true,
            is_running: true,
            is_on_island: false,
            is_finished: false,
            alarm: None,
            memberships: Vec::new(),
        }
    }

    /// Joins; gives the addresses that the endpoint's sockets now send from.
    pub(super) fn join(&mut self, membership: Membership) -> Vec<SocketAddr> {
        if !self.memberships.contains(&membership) {
            self.memberships.push(membership);
        }
        let ports = self.memberships.iter().map(|m| m.group.port());
        ports
            .map(|port| SocketAddr::new(self.address, port))
            .collect()
    }

    pub(super) fn leave(&mut self, membership: Membership) {
        self.memberships.retain(|m| *m != membership);
    }

    /// Whether datagrams to this group and port, from this sender if one is given, get through.
    pub(super) fn hears(&self, to: SocketAddr, from: Option<IpAddr>) -> bool {
        self.membership_for(to, from).is_some()
    }

    /// The membership by which they do: of the group, or of this host's own address.
    pub(super) fn membership_for(
        &self,
        to: SocketAddr,
        from: Option<IpAddr>,
    ) -> Option<Membership> {
        let mut memberships = self.memberships.iter();
        let found = memberships.find(|m| {
            let is_wanted = m
                .source
                .is_none_or(|only| from.is_none_or(|from| from == only));
            let is_own = !m.group.ip().is_multicast() && to.ip() == self.address;
            let port = if m.group.port() == 0 {
                ANY_PORT
            } else {
                m.group.port()
            };
            (m.group == to || is_own && port == to.port()) && is_wanted
        });
        found.copied()
    }

    /// What the endpoint is told of its network.
    pub(super) fn network(&self) -> NetworkChange {
        NetworkChange::Using(vec![Interface {
            name: "lan0".to_owned(),
            index: 1,
            addresses: vec![self.address],
            is_up: true,
            is_multicast: true,
            is_loopback: false,
        }])
    }
}

/// What stands for port 0: there is one such membership on a host at most.
pub(super) const ANY_PORT: u16 = 49_152;
