//! How a conference is described, named, announced, found and given an address.

pub mod address;
pub mod catalogue;
pub mod description;
pub mod sap;
mod wire;

pub use address::Scope;
pub use description::{ConferenceId, Description, ParseError};
