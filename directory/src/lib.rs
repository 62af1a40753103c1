//! How a conference is described, named, announced, found and given an address.

pub mod sap;
mod wire;
