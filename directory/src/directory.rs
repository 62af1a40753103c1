//! What can be done with a directory, whatever server it is.
use std::time::Duration;

use tokio::sync::mpsc;

use crate::ldap::{DirectoryUrl, filter};
use crate::object::{Entry, Found, Kind, ObjectId, Published};

mod error;
mod info;
mod listing;

pub use error::DirectoryError;
pub use info::{Dialect, Lifetimes, NotADialect, ServerInfo, Watching};
pub use listing::Listing;

/// A directory in which conferences and people are published and found.
///
/// Every operation ends within a bounded time, of which [`crate::ldap::TIMEOUT`] for each answer of a server.
/// What ended in an error was not done, with one exception: after [`DirectoryError::TimedOut`] and
/// [`DirectoryError::Unreachable`] nobody knows whether the server did it. All operations but `publish`
/// may simply be repeated; `publish` then says [`DirectoryError::AlreadyExists`], which `modify` follows.
pub trait Directory: Send {
    /// Adds an entry that lives for so long, or where `lifetime` is none, as long as the server allows.
    /// What it comes to is told: a server may shorten, lengthen, or keep entries for ever.
    fn publish(
        &mut self,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> impl Future<Output = Result<Published, DirectoryError>> + Send;

    /// Replaces an entry; where `expected` is given, only if nobody else changed it since it had that revision:
    /// else [`DirectoryError::Changed`], with what stands there now.
    fn modify(
        &mut self,
        what: &ObjectId,
        entry: &Entry,
        expected: Option<&str>,
    ) -> impl Future<Output = Result<Published, DirectoryError>> + Send;

    /// Deletes an entry.
    fn withdraw(
        &mut self,
        what: &ObjectId,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send;

    /// Lets an entry live for so long from now; gives for how long it really does.
    /// [`DirectoryError::Unsupported`] where entries live until they are deleted.
    fn refresh(
        &mut self,
        what: &ObjectId,
        lifetime: Duration,
    ) -> impl Future<Output = Result<Duration, DirectoryError>> + Send;

    /// Finds entries: what the server gives before one of its limits is met is not lost. What cannot be understood is
    /// left out, and counted in [`ServerInfo::unreadable`].
    fn search(
        &mut self,
        query: &Query,
    ) -> impl Future<Output = Result<Listing, DirectoryError>> + Send;

    /// Tells all entries of a kind and from then on every change, over a connection of its own.
    /// Ends when the receiver is dropped, or with what cannot be mended by trying again.
    fn watch(
        &self,
        kind: Kind,
        changes: mpsc::Sender<Change>,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send + 'static;

    /// What is known of the server in use, or that was last; none before the first connection.
    fn about(&self) -> Option<ServerInfo>;
}

/// What to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Conferences or people.
    pub kind: Kind,
    /// What the name is like, in any case; `*` stands for any text. None is any name.
    pub name: Option<String>,
    /// One entry only.
    pub id: Option<ObjectId>,
    /// Attributes of the kind's class that must have this value, with `*` as above.
    pub attributes: Vec<(String, String)>,
    /// How many entries at most; 0 is [`Query::MAX_FOUND`]. Of more, those that come first are given.
    pub limit: usize,
}

impl Query {
    /// Entries that one search gives at most.
    pub const MAX_FOUND: usize = 100_000;

    /// Everything of a kind.
    pub fn all(kind: Kind) -> Self {
        Self {
            kind,
            name: None,
            id: None,
            attributes: Vec::new(),
            limit: 0,
        }
    }

    /// What is called like this; `*` stands for any text.
    pub fn named(kind: Kind, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::all(kind)
        }
    }

    /// Whether an entry of this name is meant, so far as names go.
    pub fn admits(&self, name: &str) -> bool {
        let pattern = self.name.as_deref();
        pattern.is_none_or(|pattern| filter::matches(pattern, name))
    }

    /// One entry.
    pub fn one(id: ObjectId) -> Self {
        Self {
            id: Some(id.clone()),
            ..Self::all(id.kind())
        }
    }
}

/// What a watch tells.
#[derive(Clone, Debug)]
pub enum Change {
    /// An entry is there, new or changed.
    Present(Box<Found>),
    /// The entry of this name ([`Published::name`]) is no more.
    Gone(String),
    /// Everything told so far is together all that the server holds now; more is told as it happens.
    Resynced(Box<ServerInfo>),
    /// The directory is away, and what was told may be out of date until the next [`Self::Resynced`],
    /// before which what changed meanwhile is told.
    Away {
        /// The server that was in use.
        url: DirectoryUrl,
        /// Why.
        reason: DirectoryError,
    },
}
