//! Keeping dynamic entries alive (RFC 2589).
use std::sync::Arc;
use std::time::Duration;

use super::super::access::Wish;
use super::super::entry::moment::Moment;
use super::super::entry::{Entry, EntryId};
use super::super::protocol::answer::{Code, Outcome};
use super::super::protocol::ber;
use super::write::{Draft, Granted, Write, parse};
use crate::wire::Reader;

/// The refresh operation, RFC 2589 section 4.1.
pub(in crate::server) const OID: &str = "1.3.6.1.4.1.1466.101.119.1";

/// `SEQUENCE { entryName [0] LDAPDN, requestTtl [1] INTEGER }`, in seconds.
pub(super) fn read(value: &[u8]) -> Option<(String, Duration)> {
    let mut reader = Reader::new(ber::expect(&mut Reader::new(value), ber::SEQUENCE)?);
    let dn = ber::expect(&mut reader, 0x80)?;
    let secs = ber::number(ber::expect(&mut reader, 0x81)?)?;
    let dn = String::from_utf8(dn.to_vec()).ok()?;
    Some((dn, Duration::from_secs(secs.into())))
}

/// `SEQUENCE { responseTtl [1] INTEGER }`.
pub(in crate::server) fn response(lifetime: Duration) -> Vec<u8> {
    let secs = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    ber::wrap(&mut out, ber::SEQUENCE, |out| {
        ber::put_number(out, 0x81, secs)
    });
    out
}

/// Lets an entry live for so long from now.
pub(super) fn refresh(
    draft: &mut Draft<'_>,
    write: &Write,
    dn: &str,
    lifetime: Duration,
) -> Result<Granted, Outcome> {
    let entry = draft.see(write, &parse(dn)?.key())?;
    draft.demand(write, Wish::Change, &entry)?;
    if entry.expiry.is_none() {
        return Err(Outcome::new(
            Code::ObjectClassViolation,
            "it lives until it is deleted",
        ));
    }
    let lifetime = put(draft, entry, lifetime);
    Ok(Granted {
        lifetime: Some(lifetime),
    })
}

/// Lets those live that one may; the others are passed over, as an ILS does.
pub(super) fn refresh_found(
    draft: &mut Draft<'_>,
    write: &Write,
    ids: &[EntryId],
    lifetime: Duration,
) -> Result<Granted, Outcome> {
    for id in ids {
        let Some(entry) = draft.core.tree.entry(*id).cloned() else {
            continue;
        };
        let is_mortal = entry.expiry.is_some() && !entry.is_expired(draft.now);
        if is_mortal && draft.is_allowed(write, Wish::Change, &entry) {
            put(draft, entry, lifetime);
        }
    }
    Ok(Granted::default())
}

/// When something dies that is to live so long, within what is allowed.
pub(super) fn expiry(draft: &Draft<'_>, lifetime: Duration) -> Moment {
    draft.now.after(bounded(draft, lifetime))
}

fn put(draft: &mut Draft<'_>, entry: Arc<Entry>, lifetime: Duration) -> Duration {
    let lifetime = bounded(draft, lifetime);
    let mut after = Entry::clone(&entry);
    after.expiry = Some(draft.now.after(lifetime));
    draft.put(Some(entry), after, true);
    lifetime
}

fn bounded(draft: &Draft<'_>, lifetime: Duration) -> Duration {
    let (shortest, longest) = draft.core.limits.lifetime;
    lifetime.clamp(shortest, longest)
}
