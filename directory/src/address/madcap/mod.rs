//! Leasing of multicast addresses by the Multicast Address Dynamic Client Allocation Protocol (RFC 2730).
//!
//! [`Packet`] is the wire, [`Server`] leases, [`Client`] asks. Both are state machines without sockets, clock or disk.

mod client;
mod feature;
mod held;
mod journal;
mod lease_id;
mod options;
mod packet;
mod refusal;
mod rules;
mod scope_list;
mod scopes;
mod server;
mod window;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use client::{
    Client, ClientEvent, ClientInput, ClientOptions, ClientOutput, Grant, Lease, Need, Unleased,
    Want,
};
pub use feature::{Feature, Features};
pub use held::{Held, HeldLeases};
pub use journal::Journal;
pub use lease_id::LeaseId;
pub use options::{AddressRange, Count, Options, UnixTime, code};
pub use packet::{Family, MessageKind, NotConforming, Packet, PacketError};
pub use refusal::Refusal;
pub use rules::Reply;
pub use scope_list::{MulticastScope, ZoneName};
pub use scopes::{choose, scope_id};
pub use server::{
    Asked, Change, Record, ServedScope, Server, ServerCounters, ServerInput, ServerOptions,
    ServerOutput,
};
pub use window::Window;

/// Where servers listen (RFC 2730 section 2).
pub const PORT: u16 = 2535;

/// Where servers are found without configuration: the last but one address of the IPv4 Local Scope
/// (RFC 2730 section 2.10; RFC 2365 section 9).
pub const SERVERS_V4: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 254);

/// The same of IPv6 scope 3, by the letter of RFC 2730 section 2.10: IANA lists no other.
pub const SERVERS_V6: Ipv6Addr = Ipv6Addr::new(
    0xff03, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xfffe,
);

/// How far a message to those groups may go (RFC 2730 section 2.10).
pub const TTL: u8 = 16;

/// The group of all servers, for addresses like this one.
pub const fn servers(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(SERVERS_V4),
        IpAddr::V6(_) => IpAddr::V6(SERVERS_V6),
    }
}

#[cfg(test)]
mod tests;
