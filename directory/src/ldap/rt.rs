//! `rtConference` and `rtPerson`, whose attributes ILS and our own schema share (MS-TAIL sections 2.2 and 2.3).
//!
//! Written is what is known. What other programs put into `announcementScope`, `applicationID`, `attendees`,
//! `attendeesCount`, `maxAttendeesCount`, `protocolID`, `rating`, `subtype` and NetMeeting's `sappid`, `sprotid`, `sport`,
//! `ssecurity`, `c`, `ilsA26279966`, `ilsA39321630` is neither needed nor specified, and a change leaves it as it is.
use std::net::IpAddr;
use std::sync::Arc;

use super::dialect::{Attributes, one};
use super::entry::RawEntry;
use crate::address::Scope;
use crate::description::{Description, NtpTime, Time};
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
        ("confAddr", groups(description)),
        ("startTime", one(start(&description.times))),
        ("stopTime", one(stop(&description.times))),
    ]
}

/// Each group once.
fn groups(description: &Description) -> Vec<String> {
    let groups = description.mediums().flat_map(|medium| medium.groups());
    let groups: Vec<String> = groups.map(|group| group.ip().to_string()).collect();
    unique(groups.iter().map(String::as_str))
}

/// When it begins for the first time.
fn start(times: &[Time]) -> Option<String> {
    times.iter().map(|time| time.start).min()?.to_generalized()
}

/// When it ends for the last time; nothing where it never does.
fn stop(times: &[Time]) -> Option<String> {
    let is_endless = times.iter().any(|time| time.stop == NtpTime(0));
    let last = times.iter().map(|time| time.stop).max()?;
    last.to_generalized().filter(|_| !is_endless)
}

/// The conference of an entry; its description is what counts, and attributes are what it leaves open.
pub(super) fn read_conference(raw: &RawEntry, permissions: Permissions) -> Option<ConferenceEntry> {
    let blob = raw.bytes("conferenceBlob").first()?;
    let mut description = Description::parse(blob).ok()?;
    complete(&mut description, raw);
    Some(ConferenceEntry {
        description: Arc::new(description),
        originator: raw.text("originator").map(str::to_owned),
        permissions,
    })
}

/// Takes from the attributes what the SDP does not say: other programs keep it there only.
fn complete(description: &mut Description, raw: &RawEntry) {
    // Without an origin the text itself says which conference it is, and has to stay.
    if description.origin.is_none() {
        return;
    }
    // RFC 8866 section 5.3: what is written where there is no name.
    if matches!(description.name.trim(), "" | "-")
        && let Some(name) = raw.text("cn")
    {
        description.name = plain(name);
    }
    if description.information.is_none() {
        description.information = raw.text("generalDescription").map(plain);
    }
    if description.uri.is_none() {
        description.uri = raw.text("url").map(plain);
    }
    let time = |attribute| raw.text(attribute).and_then(NtpTime::from_generalized);
    let is_open = description
        .times
        .iter()
        .all(|time| *time == Time::permanent());
    if let Some(start) = time("startTime").filter(|_| is_open) {
        let stop = time("stopTime").filter(|stop| *stop > start);
        description.times = vec![Time {
            start,
            stop: stop.unwrap_or_default(),
            ..Time::permanent()
        }];
    }
}

/// What fits into a line of SDP.
fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
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
    .into_iter()
    .chain(abilities(entry))
    .collect()
}

/// What NetMeeting says of a person's computer (MS-TAIL section 2.2.2).
pub(super) fn abilities(entry: &PersonEntry) -> Attributes {
    let flag = |is: Option<bool>| one(is.map(|is| if is { "1" } else { "0" }));
    vec![
        (IN_CALL, flag(entry.is_in_call)),
        (SENDS_SOUND, flag(entry.sends_sound)),
        (SENDS_PICTURES, flag(entry.sends_pictures)),
    ]
}

/// Whether the person is in a call.
const IN_CALL: &str = "ilsA26214430";
/// Whether sound can be sent.
const SENDS_SOUND: &str = "ilsA32833566";
/// Whether pictures can be sent.
const SENDS_PICTURES: &str = "ilsA32964638";

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
        is_in_call: read_flag(raw, IN_CALL),
        sends_sound: read_flag(raw, SENDS_SOUND),
        sends_pictures: read_flag(raw, SENDS_PICTURES),
    })
}

fn read_flag(raw: &RawEntry, attribute: &str) -> Option<bool> {
    match raw.text(attribute)?.trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
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
