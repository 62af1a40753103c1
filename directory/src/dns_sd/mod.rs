//! How a directory server is found on the local network without configuration: DNS service discovery (RFC 6763)
//! over multicast DNS (RFC 6762).
//!
//! A server is an instance of `_ldap._tcp`, since that is what it speaks, with the subtype `_rendezvous`, which is what
//! is browsed for: `_rendezvous._sub._ldap._tcp.local`. Its TXT record has `txtvers=1` and what the server says of itself.
//!
//! [`Responder`] advertises, [`Browser`] finds. Both are state machines without sockets or clock; each is an ordinary
//! participant beside whatever other responder (Avahi, Bonjour) this computer runs, and needs none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

mod browser;
mod message;
mod name;
mod records;
mod responder;

#[cfg(test)]
mod tests;

pub use browser::{Browser, BrowserEvent, Found};
pub use message::{Data, Kind, Message, Question, Resource};
pub use name::Name;
pub use responder::Responder;

/// What is advertised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What people call it; a number is put behind it where another has the same.
    pub instance: String,
    /// Its TCP port.
    pub port: u16,
    /// What else is to be known before one connects: keys and values (RFC 6763 section 6).
    pub text: Vec<(String, String)>,
}

/// A datagram as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// Index of the interface it came in by, or 0.
    pub interface: u32,
    /// The message.
    pub bytes: &'a [u8],
}

/// UDP port of multicast DNS.
pub const PORT: u16 = 5353;
/// Its IPv4 group.
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
/// Its IPv6 group.
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
/// How far messages go, by which receivers know that they come from this link (RFC 6762 section 11).
pub const TTL: u8 = 255;

/// Both groups.
pub fn groups() -> [SocketAddr; 2] {
    let groups: [IpAddr; 2] = [GROUP_V4.into(), GROUP_V6.into()];
    groups.map(|group| SocketAddr::new(group, PORT))
}
