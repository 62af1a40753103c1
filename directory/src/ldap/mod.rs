//! Directories over LDAP: one client for three dialects, and fail-over between the servers of one directory.
//!
//! | dialect | servers | where ours is | what keeps an entry alive | how changes are told |
//! |---|---|---|---|---|
//! | `standard` | OpenLDAP, the embedded one, any LDAPv3 with our schema | `ou=Conferences`, `ou=People` | RFC 2589, or nothing is needed | RFC 4533, or searching again |
//! | `active-directory` | Windows, Samba | `OU=Dynamic` of the domain | writing `entryTTL`, or nothing is needed | searching again |
//! | `ils` | Windows 2000, Site Server | `ou=dynamic,o=Intranet` | MS-TAIL's search, writing `entryTTL` | searching again |
//!
//! # What is not trusted
//! The server. Messages are checked before the LDAP library sees them (`message.rs`): at most 4 MiB, 16 deep, and
//! well-formed; each operation ends after [`TIMEOUT`]; a search gives at most [`crate::Query::MAX_FOUND`] entries.

use std::time::Duration;

mod active_directory;
mod ber;
mod check;
mod client;
mod config;
mod connect;
mod detect;
mod dialect;
mod dn;
mod entry;
mod failover;
pub(crate) mod filter;
mod greeting;
mod ils;
#[cfg(feature = "gssapi")]
mod kerberos;
mod login;
mod message;
mod pending;
mod pipe;
mod refresh;
mod rehearsal;
mod result;
mod rt;
mod secret;
mod security;
mod session;
mod standard;
mod sync;
#[cfg(test)]
mod tests;
mod tls;
mod url;
mod watch;
mod write;

pub use check::{Finding, check};
pub use client::Client;
pub use config::{Bind, DirectoryConfig};
pub use failover::Failover;
pub use rehearsal::rehearse;
pub use secret::Secret;
pub use url::{DirectoryUrl, NotADirectoryUrl, Protocol};

/// How long a server may take for an answer, a connection included.
pub const TIMEOUT: Duration = Duration::from_secs(10);
