//! The sockets that receive: one for each membership and interface.
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use quinn_udp::UdpSocketState;
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};

use super::batch::Arrived;
use super::interface::Interface;
use super::resting::Rush;
use super::slot::EndpointId;
use super::sys;
use crate::endpoint::{JoinFailure, Membership};

/// All of them, registered with the poll.
pub(super) struct Groups {
    registry: Registry,
    open: HashMap<Token, Group>,
    next: usize,
}

/// One socket.
pub(super) struct Group {
    pub(super) owner: EndpointId,
    pub(super) membership: Membership,
    pub(super) socket: UdpSocket,
    pub(super) state: UdpSocketState,
    /// It waits in the driver's queue of sockets to read.
    pub(super) is_ready: bool,
    /// How much comes, and whether it may wait.
    pub(super) rush: Rush,
    /// Whether the poll tells when something comes.
    pub(super) is_watched: bool,
    interface: Option<u32>,
}

/// Why a datagram is not for this socket's membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    NotJoined,
    WrongInterface,
    Empty,
}

impl Groups {
    /// `first` is the lowest token that they may use.
    pub(super) fn new(registry: Registry, first: Token) -> Self {
        Self {
            registry,
            open: HashMap::new(),
            next: first.0,
        }
    }

    /// Joins on an interface, or without one opens the port for datagrams to `local`.
    pub(super) fn open(
        &mut self,
        owner: EndpointId,
        membership: Membership,
        patience: Duration,
        place: Place<'_>,
        loopback: bool,
    ) -> Result<Token, JoinFailure> {
        let opened = match place {
            Place::Interface(interface) => join(membership, interface, loopback),
            Place::Host(local) => listen(membership.group, local),
        };
        let interface = place.index();
        opened
            .and_then(|socket| self.add(owner, membership, patience, interface, socket))
            .map_err(|error| {
                tracing::debug!(group = %membership.group, ?interface, %error, "not joined");
                failure_from_error(&error)
            })
    }

    /// Leaves by closing.
    pub(super) fn close(&mut self, token: Token) {
        let Some(mut group) = self.open.remove(&token) else {
            return;
        };
        group.set_watched(&self.registry, token, false);
    }

    /// Lets the poll tell when something comes to a socket, or not: then nothing that comes wakes anybody.
    /// Whether it is so now.
    pub(super) fn set_watched(&mut self, token: Token, is_watched: bool) -> bool {
        let group = self.open.get_mut(&token);
        group.is_some_and(|group| {
            group.set_watched(&self.registry, token, is_watched);
            group.is_watched == is_watched
        })
    }

    pub(super) fn get(&self, token: Token) -> Option<&Group> {
        self.open.get(&token)
    }

    pub(super) fn get_mut(&mut self, token: Token) -> Option<&mut Group> {
        self.open.get_mut(&token)
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    fn add(
        &mut self,
        owner: EndpointId,
        membership: Membership,
        patience: Duration,
        interface: Option<u32>,
        socket: Socket,
    ) -> io::Result<Token> {
        let state = UdpSocketState::new((&socket).into())?;
        let mut socket = UdpSocket::from_std(socket.into());
        let token = Token(self.next);
        self.registry
            .register(&mut socket, token, Interest::READABLE)?;
        self.next += 1;
        let group = Group {
            owner,
            membership,
            socket,
            state,
            is_ready: false,
            rush: Rush::new(patience),
            is_watched: true,
            interface,
        };
        self.open.insert(token, group);
        Ok(token)
    }
}

/// Where a membership is taken up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// A group, on this interface.
    Interface(&'a Interface),
    /// No group: this computer, by its address if it is one of ours, else by any.
    Host(Option<IpAddr>),
}

impl Place<'_> {
    /// The interface's index, where there is one.
    pub(super) fn index(&self) -> Option<u32> {
        match self {
            Self::Interface(interface) => Some(interface.index),
            Self::Host(_) => None,
        }
    }
}

impl Group {
    fn set_watched(&mut self, registry: &Registry, token: Token, is_watched: bool) {
        let changed = match (self.is_watched, is_watched) {
            (true, false) => registry.deregister(&mut self.socket),
            // What has come meanwhile is told at once.
            (false, true) => registry.register(&mut self.socket, token, Interest::READABLE),
            _ => return,
        };
        match changed {
            Ok(()) => self.is_watched = is_watched,
            Err(error) => tracing::error!(%error, is_watched, "the poll refuses a socket"),
        }
    }

    /// Why a datagram must be dropped, if it must: not every system filters as finely as it has been asked to.
    pub(super) fn stray(&self, datagram: &Arrived<'_>) -> Option<Stray> {
        let Membership { group, source } = self.membership;
        let is_elsewhere = |i: u32| self.interface.is_some_and(|own| own != i);
        let is_for_another =
            group.ip().is_multicast() && datagram.to.is_some_and(|to| to != group.ip());
        if is_for_another || source.is_some_and(|source| source != datagram.from.ip()) {
            Some(Stray::NotJoined)
        } else if datagram.interface.is_some_and(is_elsewhere) {
            Some(Stray::WrongInterface)
        } else if datagram.bytes.is_empty() {
            Some(Stray::Empty)
        } else {
            None
        }
    }
}

fn join(membership: Membership, interface: &Interface, loopback: bool) -> io::Result<Socket> {
    let socket = receiving(membership.group)?;
    share(&socket)?;
    socket.bind(&bind_address(membership.group, interface.index).into())?;
    match (membership.group, membership.source) {
        (group, Some(source)) => sys::join_source(&socket, group, source, interface.index)?,
        (SocketAddr::V4(group), None) => {
            let index = InterfaceIndexOrAddress::Index(interface.index);
            socket.join_multicast_v4_n(group.ip(), &index)?;
        }
        (SocketAddr::V6(group), None) => socket.join_multicast_v6(group.ip(), interface.index)?,
    }
    // Windows asks the receiver whether it wants this computer's own datagrams; elsewhere the sender decides.
    match membership.group {
        SocketAddr::V4(_) => socket.set_multicast_loop_v4(loopback)?,
        SocketAddr::V6(_) => socket.set_multicast_loop_v6(loopback)?,
    }
    Ok(socket)
}

fn listen(group: SocketAddr, local: Option<IpAddr>) -> io::Result<Socket> {
    let socket = receiving(group)?;
    let any = unspecified(group);
    socket.bind(&SocketAddr::new(local.unwrap_or(any), group.port()).into())?;
    Ok(socket)
}

fn receiving(group: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(group), Type::DGRAM, Some(Protocol::UDP))?;
    if group.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if let Err(error) = hear_only_own_groups(&socket, group) {
        tracing::debug!(%error, "the system cannot filter groups; the net thread does");
    }
    if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES) {
        tracing::debug!(%error, "receive buffer stays as it is");
    }
    Ok(socket)
}

/// Several programs, and several sockets of this one, hear the same group and port. The BSDs need a second
/// option for that; Linux does not, and with it may give a datagram that one socket alone wants (by its
/// interface or its source) to another one bound alike (seen with 6.18).
fn share(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)?;
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    socket.set_reuse_port(true)?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn hear_only_own_groups(socket: &Socket, group: SocketAddr) -> io::Result<()> {
    match group {
        SocketAddr::V4(_) => socket.set_multicast_all_v4(false),
        SocketAddr::V6(_) => socket.set_multicast_all_v6(false),
    }
}

#[cfg(not(target_os = "linux"))]
fn hear_only_own_groups(_: &Socket, _: SocketAddr) -> io::Result<()> {
    Ok(())
}

/// Unix binds the group itself, so that nothing else is heard. Windows cannot.
fn bind_address(group: SocketAddr, index: u32) -> SocketAddr {
    match group {
        _ if cfg!(windows) => SocketAddr::new(unspecified(group), group.port()),
        SocketAddr::V4(group) => SocketAddrV4::new(*group.ip(), group.port()).into(),
        SocketAddr::V6(group) => SocketAddrV6::new(*group.ip(), group.port(), 0, index).into(),
    }
}

fn unspecified(like: SocketAddr) -> IpAddr {
    match like {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

fn failure_from_error(error: &io::Error) -> JoinFailure {
    match error.kind() {
        io::ErrorKind::AddrInUse => JoinFailure::PortTaken,
        _ if sys::is_interface_gone(error) => JoinFailure::NoInterface,
        kind => JoinFailure::Other(kind),
    }
}

/// Half a second of a busy group; Linux gives what net.core.rmem_max allows, without an error.
const RECEIVE_BUFFER_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn stray(group: &str, source: Option<&str>, to: &str, interface: u32) -> Option<Stray> {
        let membership = Membership {
            group: group.parse().unwrap(),
            source: source.map(|s| s.parse().unwrap()),
        };
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let group = Group {
            owner: EndpointId(0),
            membership,
            state: UdpSocketState::new((&socket).into()).unwrap(),
            socket: UdpSocket::from_std(socket),
            is_ready: false,
            rush: Rush::new(Duration::ZERO),
            is_watched: false,
            interface: membership.group.ip().is_multicast().then_some(2),
        };
        group.stray(&Arrived {
            from: "10.0.0.1:9".parse().unwrap(),
            to: to.parse().ok(),
            interface: Some(interface),
            arrival: Instant::now(),
            bytes: b"x",
        })
    }

    #[test]
    fn only_what_was_joined_is_let_in() {
        let group = "239.1.1.1:5004";
        assert_eq!(stray(group, None, "239.1.1.1", 2), None);
        assert_eq!(stray(group, None, "unknown", 2), None);
        assert_eq!(stray(group, None, "239.1.1.2", 2), Some(Stray::NotJoined));
        assert_eq!(stray(group, None, "10.0.0.2", 2), Some(Stray::NotJoined));
        assert_eq!(
            stray(group, None, "239.1.1.1", 3),
            Some(Stray::WrongInterface)
        );
        assert_eq!(stray(group, Some("10.0.0.1"), "239.1.1.1", 2), None);
        assert_eq!(
            stray(group, Some("10.0.0.9"), "239.1.1.1", 2),
            Some(Stray::NotJoined)
        );
        assert_eq!(stray("10.0.0.2:5004", None, "10.0.0.2", 3), None);
    }

    #[test]
    fn errors_are_told_by_what_can_be_done() {
        let failure = |kind: io::ErrorKind| failure_from_error(&kind.into());
        assert_eq!(failure(io::ErrorKind::AddrInUse), JoinFailure::PortTaken);
        assert_eq!(
            failure(io::ErrorKind::AddrNotAvailable),
            JoinFailure::NoInterface
        );
        let denied = io::ErrorKind::PermissionDenied;
        assert_eq!(failure(denied), JoinFailure::Other(denied));
    }
}
