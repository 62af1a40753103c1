//! What differs between systems and what the crates do not have: interface flags, source-specific joins, error codes.
#![cfg_attr(
    unix,
    expect(unsafe_code, reason = "a socket option that no crate offers")
)]
use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::Socket;

use super::interface::Interface;

/// All interfaces, in no certain order.
#[cfg(unix)]
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    use nix::net::if_::{InterfaceFlags, if_nametoindex};

    let mut found: Vec<Interface> = Vec::new();
    for entry in nix::ifaddrs::getifaddrs()? {
        let address = entry.address.and_then(|storage| {
            let v4 = storage.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
            v4.or_else(|| storage.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
        });
        if let Some(known) = found.iter_mut().find(|i| i.name == entry.interface_name) {
            known.addresses.extend(address);
            continue;
        }
        // It may have gone since it was listed.
        let Ok(index) = if_nametoindex(entry.interface_name.as_str()) else {
            continue;
        };
        let flags = entry.flags;
        found.push(Interface {
            name: entry.interface_name,
            index,
            addresses: address.into_iter().collect(),
            is_up: flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING),
            is_multicast: flags.contains(InterfaceFlags::IFF_MULTICAST),
            is_loopback: flags.contains(InterfaceFlags::IFF_LOOPBACK),
        });
    }
    Ok(found)
}

/// All interfaces that have an address, in no certain order.
#[cfg(windows)]
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut found: Vec<Interface> = Vec::new();
    for entry in if_addrs::get_if_addrs()? {
        let address = entry.ip();
        if let Some(known) = found.iter_mut().find(|i| Some(i.index) == entry.index) {
            known.addresses.push(address);
            continue;
        }
        found.push(Interface {
            index: entry.index.unwrap_or_default(),
            addresses: vec![address],
            is_up: entry.is_oper_up(),
            is_multicast: true,
            is_loopback: entry.is_loopback(),
            name: entry.name,
        });
    }
    Ok(found)
}

/// Joins one sender's part of a group on the interface with this index (RFC 3678 section 5.1.2).
#[cfg(unix)]
pub(super) fn join_source(
    socket: &Socket,
    group: SocketAddr,
    source: IpAddr,
    index: u32,
) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    let level = match group {
        SocketAddr::V4(_) => libc::IPPROTO_IP,
        SocketAddr::V6(_) => libc::IPPROTO_IPV6,
    };
    let request = libc::group_source_req {
        gsr_interface: index,
        gsr_group: storage(group),
        gsr_source: storage(SocketAddr::new(source, 0)),
    };
    let length = libc::socklen_t::try_from(size_of_val(&request))
        .map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: `socket` is open for the whole call; the pointer is to a live `group_source_req`, the
    // type that this option takes, and `length` is its size; the kernel only reads from it.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            libc::MCAST_JOIN_SOURCE_GROUP,
            (&raw const request).cast(),
            length,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(unix)]
fn storage(address: SocketAddr) -> libc::sockaddr_storage {
    let address = socket2::SockAddr::from(address);
    // SAFETY: `as_ptr` gives a live, aligned, fully initialised `sockaddr_storage`, a plain C structure.
    unsafe { address.as_ptr().cast::<libc::sockaddr_storage>().read() }
}

/// Joins one sender's part of a group.
#[cfg(windows)]
pub(super) fn join_source(
    socket: &Socket,
    group: SocketAddr,
    source: IpAddr,
    index: u32,
) -> io::Result<()> {
    match (group.ip(), source) {
        // An address 0.0.0.x stands for the interface with index x (ip_mreq_source).
        (IpAddr::V4(group), IpAddr::V4(source)) => {
            socket.join_ssm_v4(&source, &group, &std::net::Ipv4Addr::from(index))
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Whether a send failed only because buffers are full at the moment.
pub(super) fn is_full(error: &io::Error) -> bool {
    #[cfg(unix)]
    let is_no_buffers = error.raw_os_error() == Some(libc::ENOBUFS);
    #[cfg(windows)]
    let is_no_buffers = error.raw_os_error() == Some(10055); // WSAENOBUFS
    is_no_buffers || error.kind() == io::ErrorKind::WouldBlock
}

/// Whether an interface, or its address, has just gone.
pub(super) fn is_interface_gone(error: &io::Error) -> bool {
    #[cfg(unix)]
    let is_gone = matches!(error.raw_os_error(), Some(libc::ENODEV | libc::ENXIO));
    #[cfg(windows)]
    let is_gone = false;
    is_gone || error.kind() == io::ErrorKind::AddrNotAvailable
}
