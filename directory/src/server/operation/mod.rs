//! The operations of LDAP, one file each.
mod add;
pub(super) mod bind;
pub(super) mod compare;
mod delete;
pub(super) mod extended;
mod ils;
mod modify;
pub(super) mod page;
pub(super) mod refresh;
mod root;
pub(super) mod search;
mod select;
pub(super) mod sync;
mod validate;
pub(super) mod write;
