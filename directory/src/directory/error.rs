//! Why something could not be done with a directory, by what one can do about it.
use crate::ldap::DirectoryUrl;
use crate::object::{Fingerprint, Found};

/// Each is a sentence for the person who wanted it done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// No connection, or it broke. Trying later or elsewhere may help.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        url: DirectoryUrl,
        /// What the system says.
        reason: String,
    },
    /// No answer in time. Trying later or elsewhere may help.
    #[error("{url} does not answer")]
    TimedOut {
        /// The server.
        url: DirectoryUrl,
    },
    /// The connection could not be made safe.
    #[error("no safe connection with {url}: {reason}")]
    Tls {
        /// The server.
        url: DirectoryUrl,
        /// What is wrong, mostly with the certificate.
        reason: String,
    },
    /// The connection is encrypted, but nobody vouches for the server. Whoever knows its key may trust it
    /// ([`server_key`](crate::ldap::DirectoryConfig::server_key)).
    #[error("nobody vouches for {url}: {reason}; its key is {fingerprint}")]
    UnknownKey {
        /// The server.
        url: DirectoryUrl,
        /// What is wrong with its certificate.
        reason: String,
        /// The key that it showed.
        fingerprint: Fingerprint,
    },
    /// Name and password, or key, are not accepted.
    #[error("the directory does not accept this name and password")]
    BadCredentials,
    /// It is not allowed.
    #[error("the directory does not allow this{}", colon(.0))]
    Refused(String),
    /// There is no such entry.
    #[error("it is not in the directory")]
    NotFound,
    /// There is such an entry already.
    #[error("it is in the directory already")]
    AlreadyExists,
    /// Somebody else changed the entry meanwhile.
    #[error("somebody else changed “{}” meanwhile", .theirs.entry.name())]
    Changed {
        /// What stands there now.
        theirs: Box<Found>,
    },
    /// The server lacks our schema, or the entries below which ours are.
    #[error("the directory is not prepared for conferences{}", colon(.0))]
    NotPrepared(String),
    /// This server, or this dialect, cannot do it.
    #[error("this directory cannot do that: {0}")]
    Unsupported(&'static str),
    /// It cannot be said in this directory, or what the server says cannot be understood.
    #[error("the directory and this program do not understand each other: {0}")]
    Invalid(String),
    /// More than the server or this program is willing to give.
    #[error("too many entries: search for something narrower")]
    TooMany,
    /// The server is busy or shutting down. Trying later or elsewhere may help.
    #[error("the directory is not available now{}", colon(.0))]
    Unavailable(String),
}

impl DirectoryError {
    /// Whether the same may work later, or with another server of the same directory.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Unavailable(_)
        )
    }
}

/// What the server adds, if anything.
fn colon(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!(": {text}"),
    }
}
