//! Sending from the sockets that receive, for protocols in which answers come back to where a question came from.
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;
use socket2::SockRef;

use super::interface::Interface;
use crate::endpoint::Transmit;

/// Sends one datagram; gives how many copies went out, or why none did.
///
/// A group's socket sends on its own interface, as does one for a host; to a group, a host's socket sends on every chosen one.
pub(super) fn send<'a>(
    sockets: impl Iterator<Item = (&'a UdpSocket, Option<u32>)>,
    interfaces: &[Interface],
    transmit: &Transmit,
) -> io::Result<u64> {
    let mut sent = 0;
    let mut failure = io::Error::from(io::ErrorKind::NetworkUnreachable);
    for (socket, own) in sockets {
        let is_group = transmit.to.ip().is_multicast();
        let chosen = interfaces
            .iter()
            .filter(|i| own.is_none_or(|own| own == i.index));
        // Where an unicast datagram leaves, the routing table says.
        let copies = if is_group { usize::MAX } else { 1 };
        for interface in chosen.take(copies) {
            match send_on(socket, interface, transmit) {
                Ok(()) => sent += 1,
                Err(error) => failure = error,
            }
        }
    }
    if sent == 0 { Err(failure) } else { Ok(sent) }
}

fn send_on(socket: &UdpSocket, interface: &Interface, transmit: &Transmit) -> io::Result<()> {
    let options = SockRef::from(socket);
    let ttl = u32::from(transmit.ttl);
    let to = match (transmit.to, interface.address_like(transmit.to.ip())) {
        (SocketAddr::V4(to), Some(IpAddr::V4(address))) => {
            if to.ip().is_multicast() {
                options.set_multicast_if_v4(&address)?;
                options.set_multicast_ttl_v4(ttl)?;
            } else {
                options.set_ttl_v4(ttl)?;
            }
            SocketAddr::V4(to)
        }
        (SocketAddr::V6(mut to), Some(IpAddr::V6(_))) => {
            if to.ip().is_multicast() {
                options.set_multicast_if_v6(interface.index)?;
                options.set_multicast_hops_v6(ttl)?;
            } else {
                options.set_unicast_hops_v6(ttl)?;
            }
            if to.scope_id() == 0 && to.ip().is_unicast_link_local() {
                to.set_scope_id(interface.index);
            }
            SocketAddr::V6(to)
        }
        _ => return Err(io::ErrorKind::AddrNotAvailable.into()),
    };
    socket.send_to(&transmit.payload, to).map(drop)
}
