//! What differs between directories: names, attributes, filters, how an entry is kept alive. Nothing here does anything.
use std::time::Duration;

use ldap3::Scope;

use super::dn;
use super::entry::RawEntry;
use crate::directory::{Dialect, Query};
use crate::object::{Entry, Fingerprint, Found, Kind, ObjectId};

/// Attributes with their values, as they are written.
pub(super) type Attributes = Vec<(&'static str, Vec<String>)>;

/// How entries are mapped to what a server holds, and back.
pub(super) trait Mapping: Send + Sync {
    /// Its name.
    fn dialect(&self) -> Dialect;

    /// Below which entry ours are, for people.
    fn base(&self) -> &str;

    /// Where entries of this kind are looked for, and how deep.
    fn search_base(&self, kind: Kind) -> (String, Scope);

    /// The filter that finds them; the name's pattern is looked at again afterwards.
    fn filter(&self, query: &Query) -> String;

    /// What to ask for besides all that users may see.
    fn operational(&self) -> &'static [&'static str];

    /// The name under which an entry is published.
    fn name_of(&self, id: &ObjectId) -> String;

    /// What is added; `lifetime` where the entry is to die unless it is refreshed.
    fn to_add(&self, entry: &Entry, lifetime: Option<Duration>) -> Attributes;

    /// What is replaced when an entry changes: an attribute without values goes.
    fn to_replace(&self, entry: &Entry) -> Attributes;

    /// The attribute of a kind that holds what a change always changes, if there is one.
    fn changing(&self, kind: Kind) -> Option<&'static str>;

    /// What an entry says; `None` where it is of another kind or cannot be understood.
    fn read(&self, kind: Kind, raw: &RawEntry) -> Option<Found>;

    /// How an entry is kept alive.
    fn refreshing(&self) -> Refreshing;

    /// The shortest lifetime to ask for.
    fn min_lifetime(&self) -> Duration;
}

/// How an entry is kept alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refreshing {
    /// By RFC 2589's extended operation.
    Extended,
    /// By writing `entryTTL`.
    Modify,
    /// People by a search that carries `sttl`, everything else by writing `entryTTL` (MS-TAIL).
    SearchOrModify,
}

/// The name of the entry itself, or of the one that is below `container` by this attribute.
pub(super) fn below(attribute: &str, value: &str, container: &str) -> String {
    format!("{attribute}={},{container}", dn::escaped(value))
}

/// What tells whether anybody changed an entry, where the server keeps no such thing: the values themselves.
pub(super) fn revision_of(raw: &RawEntry, attributes: &[&str]) -> String {
    let mut text = Vec::new();
    for attribute in attributes {
        let mut values = raw.bytes(attribute).to_vec();
        values.sort_unstable();
        for value in values {
            // Length first, so that no two lists of values make the same text.
            text.extend(format!("{attribute} {} ", value.len()).into_bytes());
            text.extend(value);
        }
    }
    Fingerprint::of(&text).to_string()
}

/// The lifetime that is left, where the entry is one that dies.
pub(super) fn lifetime_of(raw: &RawEntry) -> Option<Duration> {
    let secs = raw.text("entryTtl")?.trim().parse().ok()?;
    Some(Duration::from_secs(secs))
}

/// One value, or none.
pub(super) fn one(value: Option<impl Into<String>>) -> Vec<String> {
    value.map(Into::into).into_iter().collect()
}
