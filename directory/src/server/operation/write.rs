//! Changes: each is decided on the tree as those before it leave it, and they are then stored together.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ldap3_proto::LdapFilter;
use ldap3_proto::proto::{LdapAttribute, LdapModify};

use super::super::access::{Identity, Wish, is_allowed};
use super::super::core::Core;
use super::super::entry::dn::Dn;
use super::super::entry::moment::Moment;
use super::super::entry::{Entry, EntryId};
use super::super::filter::Filter;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::control::Controls;
use super::super::session::Session;
use super::super::tree::change::Change;
use super::search::{Search, no_such_object};
use super::{add, delete, modify, refresh};

/// A change that a client asks for.
#[derive(Debug)]
pub(in crate::server) struct Write {
    pub(in crate::server) id: i32,
    /// The tag of its answer.
    pub(in crate::server) tag: u8,
    pub(in crate::server) identity: Identity,
    pub(in crate::server) task: Task,
    /// What has to be so (RFC 4528).
    assertion: Option<LdapFilter>,
    /// A search that is answered once this is done.
    pub(in crate::server) then: Option<Box<Search>>,
}

/// What is to be changed.
#[derive(Debug)]
pub(in crate::server) enum Task {
    Add {
        dn: String,
        attributes: Vec<LdapAttribute>,
    },
    Modify {
        dn: String,
        changes: Vec<LdapModify>,
    },
    Delete {
        dn: String,
    },
    /// RFC 2589.
    Refresh {
        dn: String,
        lifetime: Duration,
    },
    /// [MS-TAIL]: all of these that one may.
    RefreshFound {
        ids: Vec<EntryId>,
        lifetime: Duration,
    },
}

/// What a change gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct Granted {
    /// How long an entry lives that was refreshed.
    pub(in crate::server) lifetime: Option<Duration>,
}

/// Changes decided on, not yet stored.
#[derive(Debug)]
pub(in crate::server) struct Draft<'a> {
    pub(super) core: &'a Core,
    pub(super) now: Moment,
    changes: Vec<Arc<Change>>,
    fresh: HashMap<String, Option<Arc<Entry>>>,
    revision: u64,
    last_id: EntryId,
    added: usize,
    rng: fastrand::Rng,
}

impl Write {
    /// A change, unless this connection may change nothing.
    pub(in crate::server) fn new(
        session: &Session,
        core: &Core,
        id: i32,
        tag: u8,
        task: Task,
        controls: Controls,
    ) -> Result<Self, Outcome> {
        if session.link.is_read_only {
            let message = "this server is read-only by this way";
            return Err(Outcome::new(Code::UnwillingToPerform, message));
        }
        if session.identity == Identity::Anonymous && !core.is_open {
            let message = "bind as the local user, an account or a key to change anything";
            return Err(Outcome::new(Code::StrongerAuthRequired, message));
        }
        Ok(Self {
            id,
            tag,
            identity: session.identity.clone(),
            task,
            assertion: controls.assertion,
            then: None,
        })
    }

    /// Answers it, now that it is stored.
    pub(in crate::server) fn put_result(
        &self,
        result: Result<Granted, Outcome>,
        out: &mut Vec<u8>,
    ) {
        let granted = result.as_ref().ok().and_then(|granted| granted.lifetime);
        let outcome = result.err().unwrap_or(Outcome::SUCCESS);
        match (self.tag, granted) {
            (answer::EXTENDED, Some(lifetime)) => {
                let value = refresh::response(lifetime);
                answer::extended(out, self.id, &outcome, Some(refresh::OID), Some(&value));
            }
            (answer::EXTENDED, None) => answer::extended(out, self.id, &outcome, None, None),
            _ => answer::done(out, self.id, self.tag, &outcome),
        }
    }

    /// Lets a search be answered afterwards.
    pub(super) fn before(self, search: Search) -> Self {
        Self {
            then: Some(Box::new(search)),
            ..self
        }
    }
}

impl<'a> Draft<'a> {
    /// Begins with the tree as it is.
    pub(in crate::server) fn new(core: &'a Core, now: Moment, seed: u64) -> Self {
        Self {
            core,
            now,
            changes: Vec::new(),
            fresh: HashMap::new(),
            revision: core.tree.revision(),
            last_id: core.tree.last_id(),
            added: 0,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Decides on one change; if it is refused, nothing of it remains.
    pub(in crate::server) fn decide(&mut self, write: &Write) -> Result<Granted, Outcome> {
        match &write.task {
            Task::Add { dn, attributes } => add::add(self, write, dn, attributes),
            Task::Modify { dn, changes } => modify::modify(self, write, dn, changes),
            Task::Delete { dn } => delete::delete(self, write, dn),
            Task::Refresh { dn, lifetime } => refresh::refresh(self, write, dn, *lifetime),
            Task::RefreshFound { ids, lifetime } => {
                refresh::refresh_found(self, write, ids, *lifetime)
            }
        }
    }

    /// Lets the entries go whose time is over.
    pub(in crate::server) fn expire(&mut self, limit: usize) {
        for entry in self.core.tree.expired(self.now, limit) {
            if !self.fresh.contains_key(&key_of(&entry)) {
                self.remove(&entry);
            }
        }
    }

    /// What was decided.
    pub(in crate::server) fn into_changes(self) -> Vec<Arc<Change>> {
        self.changes
    }

    /// The entry of a name as it will be.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Entry>> {
        match self.fresh.get(key) {
            Some(fresh) => fresh.clone(),
            None => self.core.tree.find(key).cloned(),
        }
    }

    /// The entry of a name that one may see, and of which what was asserted is so.
    pub(super) fn see(&self, write: &Write, key: &str) -> Result<Arc<Entry>, Outcome> {
        let entry = self.find(key).filter(|entry| !entry.is_expired(self.now));
        let entry = entry.filter(|entry| self.is_allowed(write, Wish::Read, entry));
        let entry = entry.ok_or_else(|| no_such_object(key))?;
        match &write.assertion {
            Some(filter) if !self.is_so(filter, &entry)? => {
                let message = "the entry is not as it was asserted to be";
                Err(Outcome::new(Code::AssertionFailed, message))
            }
            _ => Ok(entry),
        }
    }

    /// Whether someone may do something.
    pub(super) fn is_allowed(&self, write: &Write, wish: Wish, entry: &Entry) -> bool {
        is_allowed(&write.identity, wish, entry, &self.core.tree)
    }

    /// Refuses what someone may not do.
    pub(super) fn demand(&self, write: &Write, wish: Wish, entry: &Entry) -> Result<(), Outcome> {
        let message = match wish {
            Wish::Read | Wish::Change => "only its owner and its editors may change it",
            Wish::Rule => "only its owner may do that",
        };
        match self.is_allowed(write, wish, entry) {
            true => Ok(()),
            false => Err(Outcome::new(Code::InsufficentAccessRights, message)),
        }
    }

    /// How many entries there will be.
    pub(super) fn len(&self) -> usize {
        self.core.tree.len() + self.added
    }

    /// The number and the UUID of a new entry.
    pub(super) fn next_id(&mut self) -> (EntryId, [u8; 16]) {
        self.last_id.0 += 1;
        let bytes = self.rng.u128(..);
        // Version 4, variant 1 (RFC 9562 section 5.4).
        let uuid = bytes & !(0xF000 << 64) & !(0xC000 << 48) | 0x4000 << 64 | 0x8000 << 48;
        (self.last_id, uuid.to_be_bytes())
    }

    /// Puts an entry, of which all is said but when.
    pub(super) fn put(&mut self, before: Option<Arc<Entry>>, mut after: Entry, is_refresh: bool) {
        self.revision += 1;
        if !is_refresh {
            after.modified = self.now;
            after.revision = self.revision;
        }
        let after = Arc::new(after);
        self.added += usize::from(before.is_none());
        self.fresh.insert(key_of(&after), Some(Arc::clone(&after)));
        self.changes.push(Arc::new(Change::Put {
            before,
            after,
            is_refresh,
        }));
    }

    /// Takes an entry away.
    pub(super) fn remove(&mut self, entry: &Arc<Entry>) {
        self.revision += 1;
        self.fresh.insert(key_of(entry), None);
        self.changes.push(Arc::new(Change::Gone {
            before: Arc::clone(entry),
            revision: self.revision,
        }));
    }

    fn is_so(&self, filter: &LdapFilter, entry: &Entry) -> Result<bool, Outcome> {
        let filter = Filter::ready(&self.core.schema, filter, self.core.limits.filter_terms)
            .map_err(|_| Outcome::new(Code::AdminLimitExceeded, "too many terms"))?;
        Ok(filter.is_met(entry, self.now))
    }
}

/// A name, or the answer that it is none.
pub(super) fn parse(dn: &str) -> Result<Dn, Outcome> {
    let dn = Dn::parse(dn).ok_or_else(|| Outcome::new(Code::InvalidDNSyntax, "not a name"))?;
    Ok(super::ils::translated(dn))
}

fn key_of(entry: &Entry) -> String {
    Dn::parse(&entry.dn).map_or_else(String::new, |dn| dn.key())
}
