//! Directories over LDAP: one client for three dialects, and fail-over between the servers of one directory.

use std::time::Duration;

mod config;
mod secret;
mod url;

pub use config::{Bind, DirectoryConfig};
pub use secret::Secret;
pub use url::{DirectoryUrl, NotADirectoryUrl, Protocol};

/// How long a server may take for an answer, a connection included.
pub const TIMEOUT: Duration = Duration::from_secs(10);
