//! How a conference is described, named, announced, found and given an address.

pub mod address;
pub mod cache;
pub mod catalogue;
mod clock;
pub mod description;
mod directory;
mod disk;
pub mod dns_sd;
pub mod key;
pub mod ldap;
pub mod ledger;
pub mod object;
pub mod runtime;
pub mod sap;
pub mod server;
pub mod store;
mod wire;

pub use address::Scope;
pub use catalogue::Catalogue;
pub use description::{ConferenceId, Description, ParseError};
pub use directory::{
    Change, Dialect, Directory, DirectoryError, Lifetimes, Listing, NotADialect, Query, ServerInfo,
    Watching,
};
pub use disk::OpenError;
pub use object::{
    ConferenceEntry, Entry, Fingerprint, Found, Kind, ObjectId, Permissions, PersonEntry,
    Principal, Published,
};
