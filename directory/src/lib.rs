//! How a conference is described, named, announced, found and given an address.

pub mod address;
pub mod cache;
pub mod catalogue;
pub mod description;
mod disk;
pub mod sap;
pub mod store;
mod wire;

pub use address::Scope;
pub use catalogue::Catalogue;
pub use description::{ConferenceId, Description, ParseError};
pub use disk::OpenError;
