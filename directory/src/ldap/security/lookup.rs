//! Names for security identifiers and back: an Active Directory writes permissions by number, people by name.
use std::collections::HashMap;

use ldap3::controls::RawControl;

use super::descriptor::Descriptor;
use super::rights::Rights;
use super::sid::Sid;
use crate::directory::DirectoryError;
use crate::ldap::ber::{element, number, tag};
use crate::ldap::entry::RawEntry;
use crate::ldap::session::{Fault, Session};
use crate::object::{Entry, Found, Permissions, Principal};

/// The attribute that holds who may do what.
pub(in crate::ldap) const ATTRIBUTE: &str = "nTSecurityDescriptor";

/// With it, who may not read the audit list still gets the rest.
pub(in crate::ldap) fn reading_control() -> RawControl {
    flags_control(OWNER | DACL)
}

/// With it, only the rules are replaced.
pub(in crate::ldap) fn writing_control() -> RawControl {
    flags_control(DACL)
}

/// LDAP_SERVER_SD_FLAGS_OID (MS-ADTS section 3.1.1.3.4.1.11): which parts of a descriptor are meant.
fn flags_control(parts: i64) -> RawControl {
    RawControl {
        ctype: "1.2.840.113556.1.4.801".to_owned(),
        crit: false,
        val: Some(element(tag::SEQUENCE, &number(tag::INTEGER, parts))),
    }
}

/// OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION.
const OWNER: i64 = 1;
const DACL: i64 = 4;

/// Identifiers whose names are remembered.
const MAX_KNOWN: usize = 10_000;
/// Names that are asked for in one search.
pub(in crate::ldap) const MAX_ASKED: usize = 1_000;

/// Who is who in one domain, as far as it had to be asked.
#[derive(Clone, Debug, Default)]
pub(in crate::ldap) struct Lookup {
    /// Us, then the groups that we are in.
    me: Vec<Sid>,
    known: HashMap<Sid, Principal>,
}

impl Lookup {
    /// Asks who we are (MS-ADTS section 3.1.1.3.2, tokenGroups).
    pub(in crate::ldap) async fn ask(session: &Session) -> Result<Self, Fault> {
        let root = match session.read("", &["tokenGroups"]).await {
            Err(fault) if fault.code().is_some() => None,
            root => root?,
        };
        let root = root.unwrap_or_default();
        let me = root.bytes("tokenGroups").iter();
        Ok(Self {
            me: me.filter_map(|bytes| Sid::parse(bytes)).collect(),
            known: HashMap::new(),
        })
    }

    /// By which name the server knows us; none for anonymous.
    pub(in crate::ldap) async fn myself(
        &mut self,
        session: &Session,
    ) -> Result<Option<Principal>, Fault> {
        match self.me.first().cloned() {
            Some(me) if me != Sid::anonymous() => {
                self.name_of(session, &me, &mut 0).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The descriptor of a new entry; nothing where the server's own will do.
    pub(in crate::ldap) async fn to_add(
        &self,
        session: &Session,
        entry: &Entry,
    ) -> Result<Option<Vec<u8>>, Fault> {
        match permissions(entry) {
            Some(wanted) if *wanted != Permissions::default() => {
                let owner = self.me.first().cloned().unwrap_or_else(Sid::creator);
                self.written(session, wanted, owner).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The descriptor of an entry that changes; nothing where it is to stay.
    pub(in crate::ldap) async fn to_change(
        &self,
        session: &Session,
        entry: &Entry,
        (found, raw): (&Found, &RawEntry),
    ) -> Result<Option<Vec<u8>>, Fault> {
        match permissions(entry) {
            Some(wanted) if permissions(&found.entry) != Some(wanted) => {
                let owner = descriptor_of(raw).and_then(|descriptor| descriptor.owner);
                let owner = owner.or_else(|| self.me.first().cloned());
                let owner = owner.unwrap_or_else(Sid::creator);
                self.written(session, wanted, owner).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn written(
        &self,
        session: &Session,
        wanted: &Permissions,
        owner: Sid,
    ) -> Result<Vec<u8>, Fault> {
        let mut rights = Rights::default();
        for reader in &wanted.readers {
            rights.readers.push(sid_of(session, reader).await?);
        }
        for editor in &wanted.editors {
            rights.editors.push(sid_of(session, editor).await?);
        }
        Ok(rights.to_descriptor(owner).to_bytes())
    }

    /// Adds to what was found whose it is and who may do what, as far as the server lets us see that.
    /// `asked` counts the names that had to be asked for.
    pub(in crate::ldap) async fn complete(
        &mut self,
        session: &Session,
        found: &mut Found,
        raw: &RawEntry,
        asked: &mut usize,
    ) -> Result<(), Fault> {
        let Some(descriptor) = descriptor_of(raw) else {
            return Ok(());
        };
        if let Some(owner) = &descriptor.owner {
            found.is_mine = (!self.me.is_empty()).then(|| self.me.contains(owner));
            found.owner = Some(self.name_of(session, owner, asked).await?);
        }
        if let Entry::Conference(conference) = &mut found.entry {
            let rights = Rights::of(&descriptor);
            let mut permissions = Permissions {
                readers: Vec::new(),
                editors: Vec::new(),
            };
            for reader in &rights.readers {
                let reader = self.name_of(session, reader, asked).await?;
                permissions.readers.push(reader);
            }
            for editor in &rights.editors {
                let editor = self.name_of(session, editor, asked).await?;
                permissions.editors.push(editor);
            }
            conference.permissions = permissions;
        }
        Ok(())
    }

    /// Who that is; one whom nobody knows any more keeps the number as name.
    async fn name_of(
        &mut self,
        session: &Session,
        sid: &Sid,
        asked: &mut usize,
    ) -> Result<Principal, Fault> {
        if *sid == Sid::everyone() {
            return Ok(Principal::Everyone);
        }
        if *sid == Sid::authenticated() {
            return Ok(Principal::Authenticated);
        }
        if let Some(known) = self.known.get(sid) {
            return Ok(known.clone());
        }
        let nobody = Principal::Account(sid.to_string());
        if *asked >= MAX_ASKED {
            return Ok(nobody);
        }
        *asked += 1;
        // A name by which any entry can be called (MS-ADTS section 3.1.1.3.1.2.4).
        let entry = match session
            .read(&format!("<SID={sid}>"), &["objectClass"])
            .await
        {
            Err(fault) if fault.code().is_some() => None,
            entry => entry?,
        };
        let name = entry.map_or(nobody, |entry| match entry.is_a("group") {
            true => Principal::Group(entry.name),
            false => Principal::Account(entry.name),
        });
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(sid.clone(), name.clone());
        Ok(name)
    }
}

async fn sid_of(session: &Session, who: &Principal) -> Result<Sid, Fault> {
    let name = match who {
        Principal::Everyone => return Ok(Sid::everyone()),
        Principal::Authenticated => return Ok(Sid::authenticated()),
        Principal::Account(name) | Principal::Group(name) => name,
        Principal::Key(_) => {
            let text = "an Active Directory knows no keys: name accounts or groups";
            return Err(Fault::Lost(DirectoryError::Unsupported(text)));
        }
    };
    if let Ok(sid) = name.parse() {
        return Ok(sid);
    }
    let entry = match session.read(name, &["objectSid"]).await {
        Err(fault) if fault.code().is_some() => None,
        entry => entry?,
    };
    let sid = entry.and_then(|entry| Sid::parse(entry.bytes("objectSid").first()?));
    sid.ok_or_else(|| {
        let text = format!("{name} is nobody that permissions can be given to");
        Fault::Lost(DirectoryError::Invalid(text))
    })
}

fn descriptor_of(raw: &RawEntry) -> Option<Descriptor> {
    Descriptor::parse(raw.bytes(ATTRIBUTE).first()?)
}

/// Whose permissions are written: people have none.
fn permissions(entry: &Entry) -> Option<&Permissions> {
    match entry {
        Entry::Conference(conference) => Some(&conference.permissions),
        Entry::Person(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MS-ADTS section 3.1.1.3.4.1.11: SDFlagsRequestValue ::= SEQUENCE { Flags INTEGER }.
    #[test]
    fn control_of_ms_adts() {
        for (control, bytes) in [
            (reading_control(), b"\x30\x03\x02\x01\x05"),
            (writing_control(), b"\x30\x03\x02\x01\x04"),
        ] {
            assert_eq!(control.val.as_deref(), Some(&bytes[..]));
        }
    }
}
