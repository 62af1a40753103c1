//! Adding and changing entries so that nobody's change is lost, and keeping them alive.
use std::collections::HashSet;
use std::time::Duration;

use ldap3::Mod;
use ldap3::controls::{Assertion, MakeCritical as _, RawControl};

use super::client::Client;
use super::dialect::{Attributes, Refreshing};
use super::entry::RawEntry;
use super::result::code;
use super::session::{Fault, Search};
use super::{filter, ils, refresh, security};
use crate::directory::{Dialect, DirectoryError, Lifetimes};
use crate::object::{Entry, Found, Kind, ObjectId, Published};

impl Client {
    /// Adds an entry that dies; where the server knows no such thing, one that stays.
    pub(super) async fn add(
        &mut self,
        name: &str,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> Result<(), Fault> {
        let lifetime = lifetime.filter(|_| self.info.lifetimes != Lifetimes::Permanent);
        let lifetime = lifetime.map(|lifetime| lifetime.max(self.mapping.min_lifetime()));
        let attributes = self.mapping.to_add(entry, lifetime);
        let descriptor = match &self.lookup {
            Some(lookup) => lookup.to_add(&self.session, entry).await?,
            None => None,
        };
        let added = self.session.add(name, attributes, descriptor.clone());
        match added.await {
            Err(Fault::Server { code, .. })
                if lifetime.is_some() && is_about_lifetimes(code, self.mapping.dialect()) =>
            {
                let attributes = self.mapping.to_add(entry, None);
                self.session.add(name, attributes, descriptor).await?;
                self.info.lifetimes = Lifetimes::Permanent;
                Ok(())
            }
            added => {
                added?;
                self.lengthen(name, lifetime).await
            }
        }
    }

    /// RFC 2589 has no way to say when adding how long an entry is to live.
    async fn lengthen(&self, name: &str, lifetime: Option<Duration>) -> Result<(), Fault> {
        match (self.mapping.refreshing(), lifetime) {
            (Refreshing::Extended, Some(lifetime)) => match self.extend(name, lifetime).await {
                // It then lives as long as the server has laid down, which is read and told.
                Err(fault) if fault.code().is_some() => Ok(()),
                extended => extended.map(drop),
            },
            _ => Ok(()),
        }
    }

    pub(super) async fn extend(&self, name: &str, lifetime: Duration) -> Result<Duration, Fault> {
        let request = refresh::request(name, lifetime);
        let value = self.session.extended(request).await?;
        let granted = value.as_deref().and_then(refresh::response);
        Ok(granted.unwrap_or(lifetime))
    }

    pub(super) async fn write_lifetime(
        &self,
        name: &str,
        lifetime: Duration,
    ) -> Result<Duration, Fault> {
        let secs = lifetime.as_secs().to_string().into_bytes();
        let change = Mod::Replace(b"entryTTL".to_vec(), [secs].into());
        self.session.modify(name, vec![change], Vec::new()).await?;
        Ok(lifetime)
    }

    /// A person is kept alive by the search; where it finds nobody, or is refused, by writing the lifetime, which
    /// tells whether the person is there.
    pub(super) async fn refresh_person(
        &self,
        uid: &str,
        lifetime: Duration,
    ) -> Result<Duration, Fault> {
        let (base, scope) = self.mapping.search_base(Kind::Person);
        let found = self
            .session
            .search(Search {
                base,
                scope,
                filter: ils::refresh_filter(uid, lifetime),
                attributes: vec!["cn"],
                limit: 16,
            })
            .await;
        match found {
            Ok(found) if !found.entries.is_empty() => Ok(lifetime),
            Err(fault) if fault.code().is_none() => Err(fault),
            _ => {
                let name = self.mapping.name_of(&ObjectId::Person(uid.to_owned()));
                self.write_lifetime(&name, lifetime).await
            }
        }
    }

    /// How an entry stands now; where it may not be read, what is known of it.
    pub(super) async fn published(&mut self, kind: Kind, name: &str) -> Result<Published, Fault> {
        let found = self.found(kind, name).await?;
        Ok(match found {
            Some((found, _)) => found.published,
            None => Published {
                name: name.to_owned(),
                lifetime: None,
                revision: None,
            },
        })
    }

    async fn found(&mut self, kind: Kind, name: &str) -> Result<Option<(Found, RawEntry)>, Fault> {
        let raw = self.session.read(name, &self.wanted()).await?;
        let found = raw.and_then(|raw| Some((self.mapping.read(kind, &raw)?, raw)));
        let Some((mut found, raw)) = found else {
            return Ok(None);
        };
        if let Some(lookup) = &mut self.lookup {
            let session = &self.session;
            lookup.complete(session, &mut found, &raw, &mut 0).await?;
        }
        Ok(Some((found, raw)))
    }

    /// Replaces an entry, whatever it is by now.
    pub(super) async fn overwrite(
        &mut self,
        kind: Kind,
        name: &str,
        entry: &Entry,
    ) -> Result<(), Fault> {
        let changes = changes(self.mapping.to_replace(entry));
        if self.lookup.is_some()
            && let Some((found, raw)) = self.found(kind, name).await?
        {
            let change = self.permissions(entry, &found, &raw).await?;
            return self.modify_with(name, changes, Vec::new(), change).await;
        }
        self.session.modify(name, changes, Vec::new()).await
    }

    async fn modify_with(
        &self,
        name: &str,
        mut changes: Vec<Mod<Vec<u8>>>,
        mut controls: Vec<RawControl>,
        permissions: Option<Mod<Vec<u8>>>,
    ) -> Result<(), Fault> {
        if let Some(permissions) = permissions {
            changes.push(permissions);
            controls.push(security::writing_control());
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.session.modify(name, changes, controls).await
    }

    /// The change of who may do what, where an Active Directory holds it and others are to be allowed.
    async fn permissions(
        &self,
        entry: &Entry,
        found: &Found,
        raw: &RawEntry,
    ) -> Result<Option<Mod<Vec<u8>>>, Fault> {
        let Some(lookup) = &self.lookup else {
            return Ok(None);
        };
        let descriptor = lookup.to_change(&self.session, entry, (found, raw)).await?;
        let name = security::ATTRIBUTE.as_bytes().to_vec();
        Ok(descriptor.map(|value| Mod::Replace(name, [value].into())))
    }

    /// Replaces an entry only if it is what was expected, and stays so until it is replaced.
    pub(super) async fn replace(
        &mut self,
        kind: Kind,
        name: &str,
        entry: &Entry,
        expected: &str,
    ) -> Result<(), DirectoryError> {
        let (found, raw) = self
            .found(kind, name)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        if found.published.revision.as_deref() != Some(expected) {
            return Err(DirectoryError::Changed {
                theirs: Box::new(found),
            });
        }
        let (changes, controls) = self.guarded(kind, entry, &raw);
        let permissions = self.permissions(entry, &found, &raw).await?;
        let replaced = self.modify_with(name, changes, controls, permissions).await;
        let code = replaced.as_ref().err().and_then(Fault::code);
        if matches!(
            code,
            Some(code::ASSERTION_FAILED | code::NO_SUCH_ATTRIBUTE | code::VALUE_EXISTS)
        ) {
            let theirs = self.found(kind, name).await?;
            let (theirs, _) = theirs.ok_or(DirectoryError::NotFound)?;
            return Err(DirectoryError::Changed {
                theirs: Box::new(theirs),
            });
        }
        Ok(replaced?)
    }

    /// Changes that the server makes only if the entry is still as it was read: by RFC 4528 where it knows that,
    /// else by taking away the very values that were read, which fails if they are others by then.
    fn guarded(
        &self,
        kind: Kind,
        entry: &Entry,
        raw: &RawEntry,
    ) -> (Vec<Mod<Vec<u8>>>, Vec<RawControl>) {
        let changes = changes(self.mapping.to_replace(entry));
        let revision = raw.text("entryCSN");
        if let Some(revision) = revision.filter(|_| self.features.has_control("1.3.6.1.1.12")) {
            let filter = filter::equals("entryCSN", revision);
            return (changes, vec![Assertion { filter }.critical().into()]);
        }
        let always = self.mapping.changing(kind);
        (taking_away(changes, raw, always), Vec::new())
    }
}

/// Whether a refusal may mean that entries cannot die there: OpenLDAP without dds says objectClassViolation,
/// Samba refuses entryTTL as an attribute that clients may not set.
fn is_about_lifetimes(refusal: u32, dialect: Dialect) -> bool {
    dialect != Dialect::Ils
        && matches!(
            refusal,
            code::CLASS_VIOLATION | code::UNWILLING | 16 | 17 | 19 | 69
        )
}

/// Instead of replacing what changes, takes away the values that were read and adds the new ones; `always` also where
/// it stays the same, so that it stands for all others.
fn taking_away(
    replaced: Vec<Mod<Vec<u8>>>,
    raw: &RawEntry,
    always: Option<&str>,
) -> Vec<Mod<Vec<u8>>> {
    let mut changes = Vec::with_capacity(replaced.len() * 2);
    for change in replaced {
        let Mod::Replace(name, new) = change else {
            changes.push(change);
            continue;
        };
        let is_always = always.is_some_and(|always| always.as_bytes() == name);
        let old = raw.bytes(&String::from_utf8_lossy(&name));
        let old: HashSet<Vec<u8>> = old.iter().cloned().collect();
        if old == new && !is_always {
            continue;
        }
        if !old.is_empty() {
            changes.push(Mod::Delete(name.clone(), old));
        }
        if !new.is_empty() {
            changes.push(Mod::Add(name, new));
        }
    }
    changes
}

/// Each attribute is replaced as a whole.
pub(super) fn changes(attributes: Attributes) -> Vec<Mod<Vec<u8>>> {
    let replaced = attributes.into_iter().map(|(attribute, values)| {
        let values = values.into_iter().map(String::into_bytes).collect();
        Mod::Replace(attribute.as_bytes().to_vec(), values)
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(name: &str, values: &[&str]) -> Mod<Vec<u8>> {
        let values = values.iter().map(|value| value.as_bytes().to_vec());
        Mod::Replace(name.as_bytes().to_vec(), values.collect())
    }

    #[test]
    fn what_was_read_is_taken_away() {
        let raw = RawEntry::new(
            "cn=a",
            &[
                ("Comment", vec!["here".to_owned()]),
                ("location", vec!["Room 7".to_owned()]),
                ("cn", vec!["a".to_owned()]),
            ],
        );
        let wanted = vec![
            replace("cn", &["a"]),
            replace("comment", &["away"]),
            replace("location", &[]),
            replace("mail", &["a@b"]),
            replace("url", &[]),
        ];
        let set = |value: &str| HashSet::from([value.as_bytes().to_vec()]);
        let changes = taking_away(wanted.clone(), &raw, None);
        let expected = [
            Mod::Delete(b"comment".to_vec(), set("here")),
            Mod::Add(b"comment".to_vec(), set("away")),
            Mod::Delete(b"location".to_vec(), set("Room 7")),
            Mod::Add(b"mail".to_vec(), set("a@b")),
        ];
        assert_eq!(format!("{changes:?}"), format!("{expected:?}"));
        let all = taking_away(wanted, &raw, Some("cn"));
        assert_eq!(all.len(), 6, "{all:?}");
    }
}
