//! Entries by the values of the attributes that people search by: name, uid, mail address.
use std::collections::BTreeSet;
use std::ops::Bound;

use super::super::entry::matching::folded;
use super::super::entry::{Entry, EntryId};

/// An attribute by whose values entries are found without looking at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::server) enum Key {
    Cn,
    Uid,
    Mail,
}

/// Every value, in order.
#[derive(Debug, Default)]
pub(super) struct Index(BTreeSet<(Key, Box<str>, EntryId)>);

impl Key {
    const ALL: [Self; 3] = [Self::Cn, Self::Uid, Self::Mail];

    /// The attribute of this name, options aside; all that the schema calls it.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.split(';').next().unwrap_or_default();
        let is_called = |names: &[&str]| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(|key| is_called(key.names()))
    }

    /// Names and number (RFC 4519 sections 2.3 and 2.39, RFC 4524 section 2.16).
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Cn => &["cn", "commonName", "2.5.4.3"],
            Self::Uid => &["uid", "userid", "0.9.2342.19200300.100.1.1"],
            Self::Mail => &["mail", "rfc822Mailbox", "0.9.2342.19200300.100.1.3"],
        }
    }

    /// The values of an entry, as they are compared.
    pub(super) fn values(self, entry: &Entry) -> impl Iterator<Item = Box<str>> {
        let own = keys(entry).filter(move |(key, _)| *key == self);
        own.map(|(_, value)| value)
    }
}

fn keys(entry: &Entry) -> impl Iterator<Item = (Key, Box<str>)> {
    entry.attributes.iter().flat_map(|attribute| {
        let key = Key::of(attribute.name);
        let values = key.into_iter().flat_map(move |_| attribute.values());
        values.filter_map(move |value| Some((key?, folded_value(value))))
    })
}

fn folded_value(value: &[u8]) -> Box<str> {
    let folded: String = folded(&String::from_utf8_lossy(value)).collect();
    folded.into()
}

impl Index {
    pub(super) fn insert(&mut self, entry: &Entry) {
        for (key, value) in keys(entry) {
            self.0.insert((key, value, entry.id));
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        for (key, value) in keys(entry) {
            self.0.remove(&(key, value, entry.id));
        }
    }

    /// The values of a key from `start` on, behind the entry if one is given.
    pub(super) fn from<'a>(
        &'a self,
        key: Key,
        start: &str,
        behind: Option<EntryId>,
    ) -> impl Iterator<Item = (&'a str, EntryId)> + use<'a> {
        let start = match behind {
            Some(id) => Bound::Excluded((key, start.into(), id)),
            None => Bound::Included((key, start.into(), EntryId(0))),
        };
        let values = self.0.range((start, Bound::Unbounded));
        let values = values.take_while(move |(found, _, _)| *found == key);
        values.map(|(_, value, id)| (&**value, *id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::schema::Schema;
    use super::*;

    #[test]
    fn keys_have_the_names_of_the_schema() {
        let schema = Schema::new();
        for key in Key::ALL {
            let known = schema.attribute(key.names()[0]).unwrap();
            for name in &known.names {
                assert_eq!(Key::of(name), Some(key), "{name}");
            }
            for name in key.names() {
                assert_eq!(schema.attribute(name).unwrap().names, known.names);
            }
        }
        assert_eq!(Key::of("MAIL;lang-en"), Some(Key::Mail));
        assert_eq!(Key::of("member"), None);
    }
}
