//! Microsoft's Internet Locator Service, as TAPI's dialer and NetMeeting spoke to it (MS-TAIL).
use std::time::Duration;

use ldap3::Scope;

use super::dialect::{Attributes, Mapping, Refreshing, below, lifetime_of, one, revision_of};
use super::entry::RawEntry;
use super::standard::{WRITTEN, class};
use super::{filter, rt};
use crate::directory::{Dialect, Query};
use crate::object::{Entry, Found, Kind, ObjectId, Permissions, PersonEntry, Published};

/// All entries beside each other in one container.
#[derive(Clone, Debug)]
pub(super) struct Ils {
    pub(super) base: String,
}

/// Where dynamic entries are (MS-TAIL section 4.7.2).
pub(super) const BASE: &str = "ou=dynamic,o=Intranet";

/// The shortest lifetime that a client asks for (MS-TAIL section 4.7.2, T-13).
const MIN_LIFETIME: Duration = Duration::from_secs(300);

impl Mapping for Ils {
    fn dialect(&self) -> Dialect {
        Dialect::Ils
    }

    fn base(&self) -> &str {
        &self.base
    }

    /// The class as if it were an entry, of which only itself is searched (MS-TAIL sections 4.2.2 and 4.3.2).
    fn search_base(&self, kind: Kind) -> (String, Scope) {
        (format!("objectClass={}", class(kind)), Scope::Base)
    }

    /// `%` is ILS's way of saying any text (MS-TAIL section 4.3.2). Names are compared here: of further
    /// filters, what an ILS understands is not specified.
    fn filter(&self, query: &Query) -> String {
        let class = filter::equals("objectClass", class(query.kind));
        let named = query.attributes.iter();
        let named = named.map(|(attribute, value)| filter::like(attribute, value));
        filter::and([class, "(cn=%)".to_owned()].into_iter().chain(named))
    }

    fn operational(&self) -> &'static [&'static str] {
        &["entryTTL"]
    }

    fn name_of(&self, id: &ObjectId) -> String {
        match id {
            ObjectId::Conference(id) => below("uid", &id.to_string(), &self.base),
            ObjectId::Person(uid) => below("cn", uid, &self.base),
            ObjectId::Name(_, name) => name.clone(),
        }
    }

    fn to_add(&self, entry: &Entry, lifetime: Option<Duration>) -> Attributes {
        let mut attributes = vec![(
            "objectClass",
            vec![class(entry.kind()).to_owned(), "dynamicObject".to_owned()],
        )];
        match entry {
            Entry::Conference(conference) => {
                attributes.push(("uid", vec![conference.description.id().to_string()]));
            }
            Entry::Person(person) => attributes.push(("cn", vec![person.uid.clone()])),
        }
        let lifetime = lifetime.unwrap_or(MIN_LIFETIME).max(MIN_LIFETIME);
        attributes.push(("entryTTL", vec![lifetime.as_secs().to_string()]));
        attributes.extend(self.to_replace(entry));
        attributes.retain(|(_, values)| !values.is_empty());
        attributes
    }

    fn to_replace(&self, entry: &Entry) -> Attributes {
        match entry {
            Entry::Conference(conference) => rt::conference(conference),
            // The name is part of the entry's own name here, and cannot change.
            Entry::Person(person) => {
                let (given_name, surname) = names(person);
                vec![
                    ("givenName", vec![given_name]),
                    ("surname", one(surname)),
                    ("rfc822mailbox", one(rt::mail(person))),
                    ("sipaddress", one(rt::netmeeting_address(&person.addresses))),
                    ("location", one(rt::filled(person.location.as_deref()))),
                    ("comment", one(rt::filled(person.comment.as_deref()))),
                    // The person is to be seen (NetMeeting).
                    ("sflags", vec!["1".to_owned()]),
                ]
                .into_iter()
                .chain(rt::abilities(person))
                .collect()
            }
        }
    }

    fn changing(&self, kind: Kind) -> Option<&'static str> {
        (kind == Kind::Conference).then_some("conferenceBlob")
    }

    fn read(&self, kind: Kind, raw: &RawEntry) -> Option<Found> {
        let entry = match kind {
            _ if !raw.is_a(class(kind)) => return None,
            Kind::Conference => {
                Entry::Conference(rt::read_conference(raw, Permissions::default())?)
            }
            Kind::Person => {
                let mut person = rt::read_person(raw)?;
                person.uid.clone_from(&person.name);
                let names = [
                    raw.text("givenName"),
                    raw.text("surname").or_else(|| raw.text("sn")),
                ];
                let names: Vec<&str> = names.into_iter().flatten().collect();
                if !names.is_empty() {
                    person.name = names.join(" ");
                }
                Entry::Person(person)
            }
        };
        Some(Found {
            entry,
            published: Published {
                name: raw.name.clone(),
                lifetime: lifetime_of(raw),
                revision: Some(revision_of(
                    raw,
                    &[
                        WRITTEN,
                        &["givenName", "surname", "sipaddress", "rfc822mailbox"],
                    ]
                    .concat(),
                )),
            },
            owner: None,
            is_mine: None,
        })
    }

    fn refreshing(&self) -> Refreshing {
        Refreshing::SearchOrModify
    }

    fn min_lifetime(&self) -> Duration {
        MIN_LIFETIME
    }
}

/// First and last name: NetMeeting shows them beside each other.
fn names(person: &PersonEntry) -> (String, Option<&str>) {
    let name = person.name.rsplit_once(' ');
    let name = name.filter(|(given, last)| !given.trim().is_empty() && !last.is_empty());
    match name {
        Some((given_name, surname)) => (given_name.to_owned(), Some(surname)),
        None => (rt::display_name(&person.name, &person.uid), None),
    }
}

/// The search by which a person is kept alive: filter with the lifetime in whole minutes (MS-TAIL section 4.2.2).
pub(super) fn refresh_filter(cn: &str, lifetime: Duration) -> String {
    let minutes = lifetime.max(MIN_LIFETIME).as_secs().div_ceil(60);
    filter::and([
        filter::equals("objectClass", class(Kind::Person)),
        filter::equals("cn", cn),
        filter::equals("sttl", &minutes.to_string()),
    ])
}
