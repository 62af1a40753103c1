//! Delete (RFC 4511 section 4.8).
use super::super::access::Wish;
use super::super::entry::place::Place;
use super::super::protocol::answer::{Code, Outcome};
use super::write::{Draft, Granted, Write, parse};

/// Deletes an entry.
pub(super) fn delete(draft: &mut Draft<'_>, write: &Write, dn: &str) -> Result<Granted, Outcome> {
    let entry = draft.see(write, &parse(dn)?.key())?;
    if !matches!(entry.place, Place::Within(_)) {
        return Err(Outcome::new(Code::NotAllowedOnNonLeaf, "containers stay"));
    }
    draft.demand(write, Wish::Rule, &entry)?;
    draft.remove(&entry);
    Ok(Granted::default())
}
