//! What has to be known to use a directory.
use std::path::PathBuf;
use std::sync::Arc;

use super::{DirectoryUrl, Secret};
use crate::directory::Dialect;
use crate::key::InstallationKey;
use crate::object::Fingerprint;

/// One directory: its servers and how to log in.
#[derive(Clone, Debug)]
pub struct DirectoryConfig {
    /// Its servers, which hold the same entries: the first that answers is used.
    pub urls: Vec<DirectoryUrl>,
    /// Below which entry conferences and people are; counts before what a URL says.
    /// None: as the URL says, or as the server does.
    pub base: Option<String>,
    /// How to speak to it; none: found out.
    pub dialect: Option<Dialect>,
    /// How to log in.
    pub bind: Bind,
    /// Encrypt `ldap://` and `ils://` connections (RFC 4511 section 4.14), and go no further where that fails.
    pub start_tls: bool,
    /// Certificates, in PEM, by which servers are trusted besides those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// The key by which the servers are trusted, and by nothing else: for servers whose certificate nobody signed.
    pub server_key: Option<Fingerprint>,
}

/// How to log in.
#[derive(Clone, Debug, Default)]
pub enum Bind {
    /// As nobody.
    #[default]
    Anonymous,
    /// With a name and a password.
    Simple {
        /// Distinguished name; in an Active Directory also `user@domain`.
        dn: String,
        /// Never written to a log.
        password: Secret,
    },
    /// With the key of this installation (SASL EXTERNAL over TLS, RFC 4513 section 5.2.3).
    Key(Arc<InstallationKey>),
    /// As the local user of our own server, with the secret in this file.
    Token(PathBuf),
    /// With a Kerberos ticket that is there already (SASL GSSAPI); needs the feature `gssapi`.
    Gssapi,
}

impl DirectoryConfig {
    /// Whether an `ldap://` connection is encrypted before anything else: a key proves who one is only within TLS.
    pub(super) fn wants_start_tls(&self) -> bool {
        self.start_tls || matches!(self.bind, Bind::Key(_) | Bind::Gssapi)
    }

    /// Servers of which nothing but the address is known.
    pub fn new(urls: Vec<DirectoryUrl>) -> Self {
        Self {
            urls,
            base: None,
            dialect: None,
            bind: Bind::default(),
            start_tls: false,
            ca_file: None,
            server_key: None,
        }
    }
}
