//! The shell: the only code in this crate that touches sockets and the clock.
//!
//! One thread, named `net`, drives every [`Endpoint`](crate::endpoint::Endpoint): it reads datagrams in batches,
//! keeps the endpoints' timers, joins and leaves groups, sends, and follows the network's changes.
//! Each membership has a socket of its own on each interface: Linux allows 20 joins a socket, and a socket bound
//! to its group hears nothing else.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this is where the world comes in"
)]
mod answering;
mod batch;
mod counters;
mod driver;
mod groups;
mod handle;
mod interface;
mod member;
mod resting;
mod sender;
mod senders;
mod slot;
mod sys;
mod watch;

#[cfg(test)]
mod tests;

pub use counters::NetCounters;
pub use handle::{
    EndpointHandle, EndpointWaker, NetHandle, NetStopped, NetThread, RegisterOptions,
};
pub use interface::{Interface, InterfaceChoice, default_interface, interfaces};
pub(crate) use watch::chosen_interfaces;
