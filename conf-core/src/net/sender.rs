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

    /// Whether its interface is still among these, and still has its address.
    pub(super) fn belongs_to(&self, interfaces: &[Interface]) -> bool {
        let interface = interfaces.iter().find(|i| i.index == self.interface);
        interface.is_some_and(|i| i.addresses.contains(&self.local.ip()))
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

/// Link-local addresses mean nothing without an interface (RFC 4007 section 6).
fn with_scope(address: SocketAddr, interface: u32) -> SocketAddr {
    match address {
        SocketAddr::V6(a) if a.scope_id() == 0 && a.ip().is_unicast_link_local() => {
            SocketAddrV6::new(*a.ip(), a.port(), a.flowinfo(), interface).into()
        }
        other => other,
    }
}
