//! The sockets that send: one for each endpoint, interface and address family.
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use socket2::{Domain, Protocol, Socket, Type};

use super::interface::Interface;
use crate::endpoint::Transmit;

/// A socket with an address of its own, which tells this endpoint's datagrams from all others'.
pub(super) struct Sender {
    socket: Socket,
    local: SocketAddr,
    interface: u32,
    /// What the socket is set to, where it has been set.
    multicast_ttl: Option<u8>,
    unicast_ttl: Option<u8>,
    dscp: Option<u8>,
}

impl Sender {
    /// Binds `address` of the interface, with a free port.
    pub(super) fn open(interface: &Interface, address: IpAddr, loopback: bool) -> io::Result<Self> {
        let local = with_scope(SocketAddr::new(address, 0), interface.index);
        let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        match address {
            IpAddr::V4(address) => {
                socket.set_multicast_if_v4(&address)?;
                socket.set_multicast_loop_v4(loopback)?;
            }
            IpAddr::V6(_) => {
                socket.set_only_v6(true)?;
                socket.set_multicast_if_v6(interface.index)?;
                socket.set_multicast_loop_v6(loopback)?;
            }
        }
        // Nobody reads this socket: what is sent to it need not be kept.
        if let Err(error) = socket.set_recv_buffer_size(0) {
            tracing::debug!(%error, "receive buffer stays as it is");
        }
        socket.bind(&local.into())?;
        let local = socket.local_addr()?.as_socket();
        Ok(Self {
            local: local.ok_or(io::ErrorKind::AddrNotAvailable)?,
            socket,
            interface: interface.index,
            multicast_ttl: None,
            unicast_ttl: None,
            dscp: None,
        })
    }

    /// Sends one datagram; gives its length.
    pub(super) fn send(&mut self, transmit: &Transmit) -> io::Result<usize> {
        self.set_ttl(transmit)?;
        self.set_dscp(transmit.dscp)?;
        let to = with_scope(transmit.to, self.interface);
        self.socket.send_to(&transmit.payload, &to.into())
    }

    /// Where its datagrams come from.
    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    /// Whether its interface is still among these, still has its address, and has no better one since: a
    /// link-local address is there first, but routers do not forward what comes from it.
    pub(super) fn belongs_to(&self, interfaces: &[Interface]) -> bool {
        let own = self.local.ip();
        let interface = interfaces.iter().find(|i| i.index == self.interface);
        interface.is_some_and(|i| {
            let best = i.address_like(own);
            i.addresses.contains(&own) && best.is_some_and(|best| !is_better(best, own))
        })
    }

    /// Whether it is the one for this interface and for addresses like this.
    pub(super) fn serves(&self, interface: &Interface, like: IpAddr) -> bool {
        self.interface == interface.index && self.local.is_ipv4() == like.is_ipv4()
    }

    fn set_ttl(&mut self, transmit: &Transmit) -> io::Result<()> {
        let (ttl, is_multicast) = (transmit.ttl, transmit.to.ip().is_multicast());
        let known = if is_multicast {
            &mut self.multicast_ttl
        } else {
            &mut self.unicast_ttl
        };
        if *known == Some(ttl) {
            return Ok(());
        }
        match (self.local.is_ipv4(), is_multicast) {
            (true, true) => self.socket.set_multicast_ttl_v4(ttl.into())?,
            (true, false) => self.socket.set_ttl_v4(ttl.into())?,
            (false, true) => self.socket.set_multicast_hops_v6(ttl.into())?,
            (false, false) => self.socket.set_unicast_hops_v6(ttl.into())?,
        }
        *known = Some(ttl);
        Ok(())
    }

    /// The code point is the upper six bits of the octet (RFC 2474 section 3).
    fn set_dscp(&mut self, dscp: u8) -> io::Result<()> {
        if self.dscp == Some(dscp) {
            return Ok(());
        }
        let octet = u32::from(dscp) << 2;
        if self.local.is_ipv4() {
            self.socket.set_tos_v4(octet)?;
        } else {
            #[cfg(unix)]
            self.socket.set_tclass_v6(octet)?;
        }
        self.dscp = Some(dscp);
        Ok(())
    }
}

fn is_better(address: IpAddr, than: IpAddr) -> bool {
    is_link_local(than) && !is_link_local(address)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// Link-local addresses mean nothing without an interface (RFC 4007 section 6).
fn with_scope(address: SocketAddr, interface: u32) -> SocketAddr {
    match address {
        SocketAddr::V6(a) if a.scope_id() == 0 && is_link_local(address.ip()) => {
            SocketAddrV6::new(*a.ip(), a.port(), a.flowinfo(), interface).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::interface::tests::interface;
    use super::*;

    #[test]
    fn a_sender_stays_while_its_address_does_unless_a_wider_one_appears() {
        let lo = interface("lo", 1, "127.0.0.1");
        let sender = Sender::open(&lo, "127.0.0.1".parse().unwrap(), true).unwrap();
        assert!(sender.belongs_to(&[lo]));
        assert!(sender.belongs_to(&[interface("lo", 1, "127.0.0.2 127.0.0.1 ::1")]));
        assert!(!sender.belongs_to(&[interface("lo", 1, "127.0.0.2")]));
        assert!(!sender.belongs_to(&[interface("lo", 2, "127.0.0.1")]));
        let (narrow, wide) = ("fe80::1".parse().unwrap(), "fd99::1".parse().unwrap());
        assert!(is_better(wide, narrow) && !is_better(narrow, wide) && !is_better(wide, wide));
    }

    #[test]
    fn link_local_addresses_are_given_their_interface() {
        let scope = |address: &str| match with_scope(address.parse().unwrap(), 7) {
            SocketAddr::V6(a) => a.scope_id(),
            SocketAddr::V4(_) => 0,
        };
        assert_eq!(scope("[fe80::1]:9"), 7);
        assert_eq!(scope("[fe80::1%3]:9"), 3);
        assert_eq!(scope("[fd99::1]:9"), 0);
        assert_eq!(scope("10.0.0.1:9"), 0);
    }
}
