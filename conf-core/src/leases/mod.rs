//! Leasing groups by MADCAP (RFC 2730): this program's leases, and the server that `rendezvous directory serve` runs.
//!
//! Both are endpoints of the net thread, which no disk delays: what is to be kept is written by a thread of its own.
mod client_endpoint;
mod handle;
mod server;
mod server_endpoint;
mod writer;

pub use client_endpoint::LeasesEndpoint;
pub use directory::address::madcap::{
    ClientEvent, Held, HeldLeases, Lease, LeaseId, Need, PORT, Refusal, ServedScope, ServerOptions,
    UnixTime, Unleased, Want, code,
};
pub use handle::{Kept, LeaseEvent, Leases, LeasesOptions, Madcap};
pub use server::{MadcapServer, MadcapServerError, MadcapServerOptions};
pub use server_endpoint::MadcapServerEndpoint;
