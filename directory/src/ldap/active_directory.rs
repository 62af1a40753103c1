//! Active Directory, and Samba as one: the classes that Windows Server 2003 brought for TAPI 3.1 (MS-ADSC).
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ldap3::Scope;

use super::dialect::{Attributes, Mapping, Refreshing, below, lifetime_of, one, revision_of};
use super::entry::RawEntry;
use super::{filter, rt, security};
use crate::description::Description;
use crate::directory::{Dialect, Query};
use crate::object::{
    ConferenceEntry, Entry, Found, Kind, ObjectId, Permissions, PersonEntry, Published,
};

/// All entries beside each other in one organisational unit.
#[derive(Clone, Debug)]
pub(super) struct ActiveDirectory {
    pub(super) base: String,
}

impl Mapping for ActiveDirectory {
    fn dialect(&self) -> Dialect {
        Dialect::ActiveDirectory
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn search_base(&self, _: Kind) -> (String, Scope) {
        (self.base.clone(), Scope::OneLevel)
    }

    fn filter(&self, query: &Query) -> String {
        let class = filter::equals("objectClass", class(query.kind));
        let name = query
            .name
            .as_deref()
            .map(|name| filter::like("displayName", name));
        let others = query
            .attributes
            .iter()
            .map(|(attribute, value)| filter::like(attribute, value));
        filter::and([class].into_iter().chain(name).chain(others))
    }

    fn operational(&self) -> &'static [&'static str] {
        &["entryTTL", "msDS-Entry-Time-To-Die", security::ATTRIBUTE]
    }

    fn name_of(&self, id: &ObjectId) -> String {
        match id {
            ObjectId::Conference(id) => below("msTAPI-uid", &id.to_string(), &self.base),
            ObjectId::Person(uid) => below("cn", uid, &self.base),
            ObjectId::Name(_, name) => name.clone(),
        }
    }

    fn to_add(&self, entry: &Entry, lifetime: Option<Duration>) -> Attributes {
        let mut classes = vec![class(entry.kind()).to_owned()];
        classes.extend(lifetime.map(|_| "dynamicObject".to_owned()));
        let naming = match entry {
            Entry::Conference(conference) => {
                ("msTAPI-uid", conference.description.id().to_string())
            }
            Entry::Person(person) => ("cn", person.uid.clone()),
        };
        let mut attributes = vec![("objectClass", classes), (naming.0, vec![naming.1])];
        attributes.push((
            "entryTTL",
            one(lifetime.map(|time| time.as_secs().to_string())),
        ));
        attributes.extend(self.to_replace(entry));
        attributes.retain(|(_, values)| !values.is_empty());
        attributes
    }

    /// The classes hold little of their own; the rest is what every entry may have.
    fn to_replace(&self, entry: &Entry) -> Attributes {
        match entry {
            Entry::Conference(conference) => written_conference(conference),
            Entry::Person(person) => written_person(person),
        }
    }

    fn changing(&self, kind: Kind) -> Option<&'static str> {
        (kind == Kind::Conference).then_some("msTAPI-ConferenceBlob")
    }

    fn read(&self, kind: Kind, raw: &RawEntry) -> Option<Found> {
        let entry = match kind {
            _ if !raw.is_a(class(kind)) => return None,
            Kind::Conference => Entry::Conference(read_conference(raw)?),
            Kind::Person => Entry::Person(read_person(raw)?),
        };
        Some(Found {
            entry,
            published: Published {
                name: raw.name.clone(),
                lifetime: lifetime_of(raw),
                // Neither uSNChanged nor whenChanged is the same on every domain controller.
                revision: Some(revision_of(raw, WRITTEN)),
            },
            owner: None,
            is_mine: None,
        })
    }

    fn refreshing(&self) -> Refreshing {
        Refreshing::Modify
    }

    /// DynamicObjectMinTTLSeconds of a forest that nobody changed.
    fn min_lifetime(&self) -> Duration {
        Duration::from_secs(900)
    }
}

/// The class of a kind.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Conference => "msTAPI-RtConference",
        Kind::Person => "msTAPI-RtPerson",
    }
}

fn written_conference(conference: &ConferenceEntry) -> Attributes {
    let description = &conference.description;
    let name = rt::display_name(conference.name(), "conference");
    vec![
        ("displayName", vec![short(&name)]),
        ("msTAPI-ConferenceBlob", vec![description.to_string()]),
        (
            "description",
            short_or_none(description.information.as_deref()),
        ),
        ("url", one(rt::filled(conference.url()))),
        (
            "adminDescription",
            short_or_none(conference.originator.as_deref()),
        ),
    ]
}

fn written_person(person: &PersonEntry) -> Attributes {
    let name = rt::display_name(&person.name, &person.uid);
    let addresses: Vec<String> = person.addresses.iter().map(IpAddr::to_string).collect();
    let mail = rt::filled(person.mail.as_deref());
    vec![
        ("displayName", vec![short(&name)]),
        (
            "msTAPI-IpAddress",
            rt::unique(addresses.iter().map(String::as_str)),
        ),
        (
            "proxyAddresses",
            one(mail.map(|mail| format!("{MAIL}{mail}"))),
        ),
        ("description", short_or_none(person.comment.as_deref())),
        (
            "adminDescription",
            short_or_none(person.location.as_deref()),
        ),
    ]
}

fn read_conference(raw: &RawEntry) -> Option<ConferenceEntry> {
    let blob = raw.bytes("msTAPI-ConferenceBlob").first()?;
    Some(ConferenceEntry {
        description: Arc::new(Description::parse(blob).ok()?),
        originator: raw.text("adminDescription").map(str::to_owned),
        permissions: Permissions::default(),
    })
}

fn read_person(raw: &RawEntry) -> Option<PersonEntry> {
    let uid = raw.text("cn").or_else(|| raw.text("msTAPI-uid"))?;
    let mail = raw
        .texts("proxyAddresses")
        .find_map(|text| text.strip_prefix(MAIL));
    let addresses = raw.texts("msTAPI-IpAddress");
    Some(PersonEntry {
        uid: uid.to_owned(),
        name: raw.text("displayName").unwrap_or(uid).to_owned(),
        mail: mail.map(str::to_owned),
        addresses: addresses.filter_map(|text| text.parse().ok()).collect(),
        location: raw.text("adminDescription").map(str::to_owned),
        comment: raw.text("description").map(str::to_owned),
        ..PersonEntry::default()
    })
}

/// `rangeUpper` of displayName, in characters; description and adminDescription hold more.
fn short(text: &str) -> String {
    text.chars().take(256).collect()
}

fn short_or_none(text: Option<&str>) -> Vec<String> {
    one(rt::filled(text).map(short))
}

/// What a mail address begins with in proxyAddresses.
const MAIL: &str = "SMTP:";

/// All that a change can touch.
const WRITTEN: &[&str] = &[
    "displayName",
    "msTAPI-ConferenceBlob",
    "msTAPI-IpAddress",
    "description",
    "adminDescription",
    "proxyAddresses",
    "url",
    security::ATTRIBUTE,
];
