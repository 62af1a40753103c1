//! The shell: the only code in this crate that touches sockets and the clock.
mod interface;

pub use interface::{Interface, InterfaceChoice};
