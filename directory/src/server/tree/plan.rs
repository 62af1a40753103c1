//! Which entries a search looks at, and in which order, so that it can stop and go on.
use std::ops::Bound;
use std::sync::Arc;

use super::super::entry::matching::Wanted;
use super::super::entry::place::{Kind, Place};
use super::super::entry::{Entry, EntryId};
use super::super::filter::{Attribute, Filter};
use super::Tree;
use super::index::Key;

/// The part of the tree that is searched (RFC 4511 section 4.5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Region {
    /// One entry.
    Base(EntryId),
    /// What is right below the suffix.
    Containers,
    /// What is in a container, and the container itself perhaps.
    Container(Kind, bool),
    /// What is below the suffix, and the suffix itself perhaps.
    All(bool),
    /// Nothing at all.
    Nothing,
}

/// How the entries of a region are gone through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) enum Plan {
    /// This one.
    One(EntryId),
    /// Those with such a value.
    Value(Asked),
    /// All of a kind.
    Kind(Kind),
    /// All that changed since.
    Changed(u64),
    /// Every one.
    All,
}

/// What a value is, or begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Asked {
    key: Key,
    text: Box<str>,
    is_whole: bool,
}

/// The last entry that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct Position(Option<(Box<str>, u64)>);

/// An entry on the way, and where that is.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Step<'a> {
    pub(in crate::server) entry: &'a Arc<Entry>,
    name: &'a str,
    number: u64,
}

impl Region {
    /// Whether an entry is in it.
    pub(in crate::server) fn holds(self, entry: &Entry) -> bool {
        match (self, entry.place) {
            (Self::Base(id), _) => entry.id == id,
            (Self::Containers, place) => matches!(place, Place::Container(_)),
            (Self::Container(kind, with_itself), place) => {
                place == Place::Within(kind) || (with_itself && place == Place::Container(kind))
            }
            (Self::All(with_itself), place) => with_itself || place != Place::Suffix,
            (Self::Nothing, _) => false,
        }
    }
}

impl Plan {
    /// The shortest way through a region to what a filter asks for.
    pub(in crate::server) fn new(region: Region, filter: &Filter) -> Self {
        match (region, asked(filter)) {
            (Region::Base(id), _) => Self::One(id),
            (Region::Nothing, _) => Self::One(EntryId(u64::MAX)),
            (_, Some(asked)) => Self::Value(asked),
            (Region::Container(kind, false), None) => Self::Kind(kind),
            _ => Self::All,
        }
    }
}

impl Step<'_> {
    /// From where to go on after it.
    pub(in crate::server) fn position(&self) -> Position {
        Position(Some((self.name.into(), self.number)))
    }
}

impl Tree {
    /// The entries of a plan after a position.
    pub(in crate::server) fn walk<'a>(
        &'a self,
        plan: &'a Plan,
        from: &'a Position,
    ) -> Box<dyn Iterator<Item = Step<'a>> + 'a> {
        let last = from.0.as_ref().map(|(_, number)| *number);
        let step = |id: &EntryId| self.step(*id, "", id.0);
        match plan {
            Plan::One(id) => Box::new(step(id).filter(|_| last.is_none()).into_iter()),
            Plan::All => {
                let start = last.map_or(Bound::Unbounded, |last| Bound::Excluded(EntryId(last)));
                let entries = self.entries.range((start, Bound::Unbounded));
                Box::new(entries.map(|(id, entry)| Step {
                    entry,
                    name: "",
                    number: id.0,
                }))
            }
            Plan::Kind(kind) => {
                let start = last.map_or(Bound::Included((*kind, EntryId(0))), |last| {
                    Bound::Excluded((*kind, EntryId(last)))
                });
                let end = Bound::Included((*kind, EntryId(u64::MAX)));
                let ids = self.by_kind.range((start, end));
                Box::new(ids.filter_map(move |(_, id)| step(id)))
            }
            Plan::Changed(since) => {
                let start = Bound::Excluded(last.unwrap_or(*since));
                let ids = self.by_revision.range((start, Bound::Unbounded));
                Box::new(ids.filter_map(|(revision, id)| self.step(*id, "", *revision)))
            }
            Plan::Value(asked) => Box::new(self.walk_values(asked, from)),
        }
    }

    fn walk_values<'a>(
        &'a self,
        asked: &'a Asked,
        from: &Position,
    ) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let values = match &from.0 {
            Some((value, last)) => self.by_value.from(asked.key, value, Some(EntryId(*last))),
            None => self.by_value.from(asked.key, &asked.text, None),
        };
        values
            .take_while(|(value, _)| asked.is_met(value))
            .filter_map(|(value, id)| self.step(id, value, id.0))
            .filter(|step| asked.is_first(step))
    }

    fn step<'a>(&'a self, id: EntryId, name: &'a str, number: u64) -> Option<Step<'a>> {
        let entry = self.entry(id)?;
        Some(Step {
            entry,
            name,
            number,
        })
    }
}

impl Asked {
    fn is_met(&self, value: &str) -> bool {
        match self.is_whole {
            true => *value == *self.text,
            false => value.starts_with(&*self.text),
        }
    }

    /// Whether an entry of several values is met for the first time.
    fn is_first(&self, step: &Step<'_>) -> bool {
        if self.is_whole {
            return true;
        }
        let values = self.key.values(step.entry);
        let first = values.filter(|value| self.is_met(value)).min();
        first.as_deref() == Some(step.name)
    }
}

/// A value of all that meet a filter, if it says one; best a whole one.
fn asked(filter: &Filter) -> Option<Asked> {
    let (key, text, is_whole) = match filter {
        Filter::Equal(attribute, Wanted::Text(text)) => (key_of(attribute)?, text.as_str(), true),
        Filter::Part(attribute, parts) => {
            let initial = parts.initial.trim_end();
            (
                key_of(attribute).filter(|_| !initial.is_empty())?,
                initial,
                false,
            )
        }
        Filter::And(all) => {
            let all = all.iter().filter_map(asked);
            return all.max_by_key(|asked| (asked.is_whole, asked.text.len()));
        }
        _ => return None,
    };
    Some(Asked {
        key,
        text: text.into(),
        is_whole,
    })
}

fn key_of(attribute: &Attribute) -> Option<Key> {
    Key::of(attribute.names.first()?)
}
