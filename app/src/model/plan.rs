//! When and how far a conference is planned, and what it would meet there.
use jiff::Timestamp;

use super::{EntryId, Scope};

/// What the form amounts to before it has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The conference being changed; none for a new one.
    pub target: Option<EntryId>,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How far it reaches.
    pub scope: Scope,
    /// Whether people are seen as well as heard, which takes most of what it takes.
    pub has_video: bool,
}

/// A time at which it and others take more than their scope bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The scope.
    pub scope: Scope,
    /// From then on.
    pub start: Timestamp,
    /// Until then.
    pub end: Timestamp,
    /// What all take together, in kbit/s.
    pub kbit_per_s: u64,
    /// What the scope bears, in kbit/s.
    pub budget_kbit_per_s: u64,
    /// The names of the others.
    pub with: Vec<String>,
}
