//! What is known of a directory server.
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::ldap::DirectoryUrl;

/// A directory server, as far as it has been found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// Where it is.
    pub url: DirectoryUrl,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its maker's name and version, where it tells.
    pub vendor: Option<String>,
    /// Below which entry conferences and people are.
    pub base: String,
    /// As whom it knows us; none for anonymous.
    pub identity: Option<String>,
    /// How long entries live.
    pub lifetimes: Lifetimes,
    /// How changes are told.
    pub watching: Watching,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// Entries that were left out because they could not be understood.
    pub unreadable: u64,
    /// Whether it gave only some of its entries when it was last asked for all of a kind.
    pub is_partial: bool,
}

/// How a server wants to be spoken to. As text: `standard`, `active-directory`, `ils`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Any LDAPv3 server with our schema: OpenLDAP, the embedded one.
    Standard,
    /// Active Directory, or Samba as one.
    ActiveDirectory,
    /// Microsoft's Internet Locator Service (MS-TAIL).
    Ils,
}

/// How long entries live in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetimes {
    /// Until they are deleted.
    Permanent,
    /// They die unless they are refreshed; at least this long.
    Limited {
        /// What is asked for at least.
        min: Duration,
    },
    /// Found out only by publishing.
    Unknown,
}

/// How changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watching {
    /// At once (RFC 4533).
    Live,
    /// By searching again and again.
    Polling {
        /// From one search to the next.
        every: Duration,
    },
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::ActiveDirectory, Self::Ils];

    /// The name that people read and type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::ActiveDirectory => "active-directory",
            Self::Ils => "ils",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = NotADialect;

    fn from_str(text: &str) -> Result<Self, NotADialect> {
        let mut all = Self::ALL.into_iter();
        all.find(|dialect| dialect.name() == text)
            .ok_or(NotADialect)
    }
}

/// The text names no dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dialect is standard, active-directory or ils")]
pub struct NotADialect;
