//! All that the server knows: entries, schema, who may come in. No sockets, no files, no clock.
use std::sync::Arc;

use super::account::Accounts;
use super::entry::schema::Schema;
use super::limits::Limits;
use super::tree::Tree;
use super::watch::Watchers;

/// What every connection shares.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) schema: Arc<Schema>,
    pub(super) tree: Tree,
    pub(super) accounts: Accounts,
    pub(super) watchers: Watchers,
    pub(super) limits: Limits,
    /// Whether anybody may add entries, which then belong to everyone, as with an ILS.
    pub(super) is_open: bool,
    /// Tells this server's cookies from another's.
    pub(super) instance: u64,
}
