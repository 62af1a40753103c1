//! Which conference somebody means who types a name or an id.

use std::sync::Arc;

use super::Entry;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<'a> {
    /// This one is meant.
    Found(&'a Arc<Entry>),
    /// Nothing is called so.
    None,
    /// Each of these could be meant.
    Ambiguous(Vec<&'a Arc<Entry>>),
}

/// Finds a conference by its exact name or id; else by its name in any case, the beginning of its name, or that of its id.
/// The first of these that fits anything decides.
pub fn find<'a>(entries: &'a [Arc<Entry>], text: &str) -> Lookup<'a> {
    let text = text.trim();
    let folded = text.to_lowercase();
    let name = |entry: &Entry| entry.description.name.trim().to_lowercase();
    let id = |entry: &Entry| entry.id.to_string();
    let is_id_part = text.len() >= MIN_ID_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    if text.is_empty() {
        return Lookup::None;
    }
    let rules: [&dyn Fn(&Entry) -> bool; 5] = [
        &|entry| entry.description.name.trim() == text,
        &|entry| id(entry) == folded,
        &|entry| name(entry) == folded,
        &|entry| name(entry).starts_with(&folded),
        &|entry| is_id_part && id(entry).starts_with(&folded),
    ];
    let mut matches = rules.iter().map(|rule| {
        let matching = entries.iter().filter(|entry| rule(entry));
        matching.collect::<Vec<&Arc<Entry>>>()
    });
    let first = matches.find(|matches| !matches.is_empty());
    match first.unwrap_or_default().as_slice() {
        [] => Lookup::None,
        [entry] => Lookup::Found(entry),
        several => Lookup::Ambiguous(several.to_vec()),
    }
}

/// Fewer are more likely the beginning of a word.
const MIN_ID_DIGITS: usize = 4;
