//! `rtConference` and `rtPerson`, whose attributes ILS and our own schema share (MS-TAIL section 2.2).
use std::net::IpAddr;
use std::sync::Arc;

use super::dialect::{Attributes, one};
use super::entry::RawEntry;
use crate::address::Scope;
use crate::description::Description;
use crate::object::{ConferenceEntry, Permissions, PersonEntry};

/// What an entry of a conference says, but who may do what.
pub(super) fn conference(entry: &ConferenceEntry) -> Attributes {
    let description = &entry.description;
    let contacts = description.emails.iter().chain(&description.phones);
    let flag = if entry.is_encrypted() {
        "TRUE"
    } else {
        "FALSE"
    };
    vec![
        ("cn", vec![display_name(entry.name(), "conference")]),
        ("conferenceBlob", vec![description.to_string()]),
        ("originator", one(filled(entry.originator.as_deref()))),
        (
            "generalDescription",
            one(filled(description.information.as_deref())),
        ),
        ("contactInformation", unique(contacts.map(String::as_str))),
        ("url", one(filled(entry.url()))),
        ("isEncrypted", vec![flag.to_owned()]),
        ("advertisingScope", one(entry.scope().map(scope_number))),
    ]
}

/// The conference of an entry; its description is what counts.
pub(super) fn read_conference(raw: &RawEntry, permissions: Permissions) -> Option<ConferenceEntry> {
    let blob = raw.bytes("conferenceBlob").first()?;
    Some(ConferenceEntry {
        description: Arc::new(Description::parse(blob).ok()?),
        originator: raw.text("originator").map(str::to_owned),
        permissions,
    })
}

/// What an entry of a person says in our schema.
pub(super) fn person(entry: &PersonEntry) -> Attributes {
    let addresses = entry.addresses.iter().map(IpAddr::to_string);
    vec![
        ("cn", vec![display_name(&entry.name, &entry.uid)]),
        ("mail", one(mail(entry))),
        (
            "ipAddress",
            unique(addresses.collect::<Vec<_>>().iter().map(String::as_str)),
        ),
        ("location", one(filled(entry.location.as_deref()))),
        ("comment", one(filled(entry.comment.as_deref()))),
    ]
}

/// The person of an entry, also of one that NetMeeting wrote.
pub(super) fn read_person(raw: &RawEntry) -> Option<PersonEntry> {
    let name = raw.text("cn").or_else(|| raw.text("uid"))?;
    let mail = raw.text("mail").or_else(|| raw.text("rfc822Mailbox"));
    let mut addresses: Vec<IpAddr> = raw
        .texts("ipAddress")
        .chain(raw.texts("sipaddress"))
        .filter_map(read_address)
        .collect();
    addresses.dedup();
    Some(PersonEntry {
        uid: raw.text("uid").unwrap_or(name).to_owned(),
        name: name.to_owned(),
        mail: mail.map(str::to_owned),
        addresses,
        location: raw.text("location").map(str::to_owned),
        comment: raw.text("comment").map(str::to_owned),
    })
}

/// The mail address, where it is one that directories take: ASCII (RFC 4524 section 2.16).
pub(super) fn mail(entry: &PersonEntry) -> Option<&str> {
    filled(entry.mail.as_deref()).filter(|mail| mail.is_ascii())
}

/// An address as text, or as one decimal number, lowest byte first: `3758139584` is 192.168.0.224
/// (MS-TAIL section 4.1.2).
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(number) => Some(IpAddr::from(number.to_le_bytes())),
        Err(_) => text.parse().ok(),
    }
}

/// The same number for NetMeeting, which knows IPv4 only.
pub(super) fn netmeeting_address(addresses: &[IpAddr]) -> Option<String> {
    addresses.iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(u32::from_le_bytes(address.octets()).to_string()),
        IpAddr::V6(_) => None,
    })
}

/// TAPI's RND_ADVERTISING_SCOPE: local, site, region, world.
fn scope_number(scope: Scope) -> &'static str {
    match scope {
        Scope::Room => "1",
        Scope::Site => "2",
        Scope::Organisation => "3",
        Scope::World => "4",
    }
}

/// A name that a directory accepts: not empty.
pub(super) fn display_name(name: &str, instead: &str) -> String {
    filled(Some(name)).unwrap_or(instead).to_owned()
}

/// Directory strings are not empty (RFC 4517 section 3.3.6).
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// Each value once, in any case, since a server refuses a second.
pub(super) fn unique<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in values.filter_map(|value| filled(Some(value))) {
        if !all
            .iter()
            .any(|known| known.to_lowercase() == value.to_lowercase())
        {
            all.push(value.to_owned());
        }
    }
    all
}
