//! The embedded directory: a real LDAPv3 server (RFC 4511) for conferences and people, and a Microsoft ILS to those
//! who want one ([MS-TAIL]).
//!
//! `protocol` reads requests and writes answers, `session` is one client's side of a conversation, `operation` has a
//! file for each thing that can be asked. They know no socket and no clock. `tree` holds all entries in memory,
//! `store` has them on disk; `net` is the shell around it all. `Rehearsal` is a server without that shell, for tests.

mod access;
mod account;
mod account_file;
mod core;
mod counters;
mod data;
mod entry;
mod filter;
mod limits;
mod net;
mod operation;
mod options;
mod protocol;
mod rehearsal;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod watch;

pub use access::LOCAL as LOCAL_USER;
pub use counters::{Counter, Counters};
pub use data::{CERTIFICATE_FILE, DataError, TOKEN_FILE, put_account, remove_account};
pub use entry::SUFFIX;
pub use limits::Limits;
pub use net::{Server, ServerHandle, StartError};
pub use options::{Access, DEFAULT_PORT, Listener, ServerOptions};
pub use rehearsal::Rehearsal;
pub use store::StoreError;
