//! Any LDAPv3 server with our schema (`assets/ldap`): OpenLDAP, the embedded one.
use std::time::Duration;

use ldap3::Scope;

use super::dialect::{Attributes, Mapping, Refreshing, below, lifetime_of, revision_of};
use super::entry::RawEntry;
use super::{dn, filter, rt};
use crate::directory::{Dialect, Query};
use crate::object::{
    ConferenceEntry, Entry, Found, Kind, ObjectId, Permissions, Principal, Published,
};

/// Conferences in `ou=Conferences`, people in `ou=People`, both below `base`.
#[derive(Clone, Debug)]
pub(super) struct Standard {
    pub(super) base: String,
    /// As whom the server may know us; nobody for anonymous.
    pub(super) identities: Vec<Principal>,
}

/// The container's name below the base.
pub(super) fn container(kind: Kind) -> &'static str {
    match kind {
        Kind::Conference => "Conferences",
        Kind::Person => "People",
    }
}

/// The class of a kind.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Conference => "rtConference",
        Kind::Person => "rtPerson",
    }
}

impl Standard {
    fn container(&self, kind: Kind) -> String {
        below("ou", container(kind), &self.base)
    }

    fn owner(&self, raw: &RawEntry) -> Option<Principal> {
        let said = raw.text("rendezvousOwner");
        let said = said.and_then(|owner| owner.parse().ok());
        said.or_else(|| {
            raw.text("creatorsName")
                .map(|name| Principal::Account(name.to_owned()))
        })
    }
}

impl Mapping for Standard {
    fn dialect(&self) -> Dialect {
        Dialect::Standard
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn search_base(&self, kind: Kind) -> (String, Scope) {
        (self.container(kind), Scope::OneLevel)
    }

    fn filter(&self, query: &Query) -> String {
        let class = filter::equals("objectClass", class(query.kind));
        let name = query.name.as_deref().map(|name| filter::like("cn", name));
        let others = query
            .attributes
            .iter()
            .map(|(attribute, value)| filter::like(attribute, value));
        filter::and([class].into_iter().chain(name).chain(others))
    }

    fn operational(&self) -> &'static [&'static str] {
        &["entryTtl", "entryCSN", "creatorsName"]
    }

    fn name_of(&self, id: &ObjectId) -> String {
        match id {
            ObjectId::Conference(id) => {
                below("uid", &id.to_string(), &self.container(Kind::Conference))
            }
            ObjectId::Person(uid) => below("uid", uid, &self.container(Kind::Person)),
            ObjectId::Name(_, name) => name.clone(),
        }
    }

    fn to_add(&self, entry: &Entry, lifetime: Option<Duration>) -> Attributes {
        let mut classes = vec![class(entry.kind()).to_owned(), "rendezvousEntry".to_owned()];
        classes.extend(lifetime.map(|_| "dynamicObject".to_owned()));
        let uid = match entry {
            Entry::Conference(conference) => conference.description.id().to_string(),
            Entry::Person(person) => person.uid.clone(),
        };
        let mut attributes = vec![("objectClass", classes), ("uid", vec![uid])];
        attributes.extend(self.to_replace(entry));
        attributes.retain(|(_, values)| !values.is_empty());
        attributes
    }

    fn to_replace(&self, entry: &Entry) -> Attributes {
        match entry {
            Entry::Person(person) => rt::person(person),
            Entry::Conference(conference) => {
                let mut attributes = rt::conference(conference);
                attributes.extend(repeats(conference));
                attributes.extend(permissions(&conference.permissions));
                attributes
            }
        }
    }

    fn changing(&self, kind: Kind) -> Option<&'static str> {
        (kind == Kind::Conference).then_some("conferenceBlob")
    }

    fn read(&self, kind: Kind, raw: &RawEntry) -> Option<Found> {
        let entry = match kind {
            _ if !raw.is_a(class(kind)) => return None,
            Kind::Person => Entry::Person(rt::read_person(raw)?),
            Kind::Conference => Entry::Conference(rt::read_conference(raw, read_permissions(raw))?),
        };
        let owner = self.owner(raw);
        let revision = raw.text("entryCSN").map(str::to_owned);
        Some(Found {
            entry,
            published: Published {
                name: raw.name.clone(),
                lifetime: lifetime_of(raw),
                revision: revision.or_else(|| Some(revision_of(raw, WRITTEN))),
            },
            is_mine: owner
                .as_ref()
                .map(|owner| self.identities.iter().any(|me| is_same(owner, me))),
            owner,
        })
    }

    fn refreshing(&self) -> Refreshing {
        Refreshing::Extended
    }

    fn min_lifetime(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// Whether both are the same somebody.
fn is_same(owner: &Principal, me: &Principal) -> bool {
    match (owner, me) {
        (Principal::Account(owner), Principal::Account(me)) => dn::is_same(owner, me),
        (owner, me) => owner == me,
    }
}

/// Each `r=` line.
fn repeats(conference: &ConferenceEntry) -> Attributes {
    let repeats = conference.times().iter().flat_map(|time| &time.repeats);
    let repeats: Vec<String> = repeats.map(ToString::to_string).collect();
    let repeats = rt::unique(repeats.iter().map(String::as_str));
    vec![("conferenceRepeat", repeats)]
}

fn permissions(permissions: &Permissions) -> Attributes {
    let written = |principals: &[Principal]| {
        let texts: Vec<String> = principals.iter().map(ToString::to_string).collect();
        rt::unique(texts.iter().map(String::as_str))
    };
    vec![
        ("rendezvousReader", written(&permissions.readers)),
        ("rendezvousEditor", written(&permissions.editors)),
    ]
}

/// What names nobody is left out, which lets fewer people in.
fn read_permissions(raw: &RawEntry) -> Permissions {
    let read = |attribute| {
        let texts = raw.texts(attribute);
        texts.filter_map(|text| text.parse().ok()).collect()
    };
    Permissions {
        readers: read("rendezvousReader"),
        editors: read("rendezvousEditor"),
    }
}

/// All that a change can touch.
pub(super) const WRITTEN: &[&str] = &[
    "cn",
    "conferenceBlob",
    "originator",
    "rendezvousReader",
    "rendezvousEditor",
    "mail",
    "ipAddress",
    "location",
    "comment",
    "ilsA26214430",
    "ilsA32833566",
    "ilsA32964638",
];
