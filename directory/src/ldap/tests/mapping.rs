//! Each dialect's mapping on known attributes, in both directions.
use std::time::Duration;

use proptest::prelude::*;

use super::super::active_directory::ActiveDirectory;
use super::super::dialect::Mapping;
use super::super::ils::{self, Ils};
use super::super::standard::Standard;
use super::{conference, entries, kept, lines, person};
use crate::description::Description;
use crate::directory::Query;
use crate::object::{Entry, Kind, ObjectId, PersonEntry, Principal};

const HOUR: Option<Duration> = Some(Duration::from_secs(3_600));
const SDP: &str = "v=0|o=ann 7 3 IN IP4 10.0.0.1|s=Board, (weekly)|i=All * of us|u=http://example.org/|\
                   e=ann@example.org|c=IN IP4 239.255.7.7/15|t=3900000000 3903600000|r=604800 3600 0|\
                   m=audio 5004 RTP/AVP 0|";

fn standard() -> Standard {
    Standard {
        base: "o=x".to_owned(),
        identities: vec![Principal::Account("uid=ann,o=x".to_owned())],
    }
}

fn active_directory() -> ActiveDirectory {
    ActiveDirectory {
        base: "OU=Dynamic,DC=x".to_owned(),
    }
}

fn ils() -> Ils {
    Ils {
        base: ils::BASE.to_owned(),
    }
}

#[test]
fn standard_conference() {
    let entry = Entry::Conference(conference());
    let id = conference().description.id();
    let attributes = standard().to_add(&entry, HOUR);
    let expected = format!(
        "objectClass: rtConference\nobjectClass: rendezvousEntry\nobjectClass: dynamicObject\nuid: {id}\n\
         cn: Board, (weekly)\nconferenceBlob: {SDP}\noriginator: Ann <ann@example.org>\n\
         generalDescription: All * of us\ncontactInformation: ann@example.org\nurl: http://example.org/\n\
         isEncrypted: FALSE\nadvertisingScope: 2\nconfAddr: 239.255.7.7\n\
         startTime: 20230802212000Z\nstopTime: 20230913132000Z\n\
         conferenceRepeat: 604800 3600 0\nrendezvousReader: everyone\n"
    );
    assert_eq!(lines(&attributes), expected);
    let name = standard().name_of(&entry.id());
    assert_eq!(name, format!("uid={id},ou=Conferences,o=x"));
    let by_server = [
        ("entryCSN", "c1"),
        ("creatorsName", "UID=Ann, O=x"),
        ("entryTtl", "3600"),
    ];
    let found = standard()
        .read(Kind::Conference, &kept(&name, &attributes, &by_server))
        .unwrap();
    assert_eq!(found.entry, entry);
    assert_eq!(found.published.lifetime, HOUR);
    assert_eq!(found.published.revision.as_deref(), Some("c1"));
    assert_eq!(found.is_mine, Some(true));
}

#[test]
fn standard_person() {
    let entry = Entry::Person(person());
    let attributes = standard().to_add(&entry, None);
    let expected = "objectClass: rtPerson\nobjectClass: rendezvousEntry\nuid: ann@example.org\ncn: Ann Other\n\
                    mail: ann@example.org\nipAddress: 192.168.0.224\nlocation: Room 7\ncomment: at my desk\n";
    assert_eq!(lines(&attributes), expected);
    let name = standard().name_of(&entry.id());
    assert_eq!(name, "uid=ann@example.org,ou=People,o=x");
    let raw = kept(&name, &attributes, &[("rendezvousOwner", "dn:cn=else,o=x")]);
    let found = standard().read(Kind::Person, &raw).unwrap();
    assert_eq!((found.entry, found.is_mine), (entry, Some(false)));
    assert_eq!(standard().read(Kind::Conference, &raw), None);
}

#[test]
fn active_directory_conference() {
    let entry = Entry::Conference(conference());
    let id = conference().description.id();
    let attributes = active_directory().to_add(&entry, HOUR);
    let expected = format!(
        "objectClass: msTAPI-RtConference\nobjectClass: dynamicObject\nmsTAPI-uid: {id}\nentryTTL: 3600\n\
         displayName: Board, (weekly)\nmsTAPI-ConferenceBlob: {SDP}\ndescription: All * of us\n\
         url: http://example.org/\nadminDescription: Ann <ann@example.org>\n"
    );
    assert_eq!(lines(&attributes), expected);
    // Samba writes the name so.
    let name = format!("MSTAPI-UID={id},OU=Dynamic,DC=x");
    let found = active_directory()
        .read(Kind::Conference, &kept(&name, &attributes, &[]))
        .unwrap();
    assert_eq!(found.entry, entry);
    let ours = active_directory().name_of(&entry.id());
    assert!(super::super::dn::is_same(&ours, &found.published.name));
}

#[test]
fn active_directory_person() {
    let entry = Entry::Person(person());
    let attributes = active_directory().to_add(&entry, None);
    let expected = "objectClass: msTAPI-RtPerson\ncn: ann@example.org\ndisplayName: Ann Other\n\
                    msTAPI-IpAddress: 192.168.0.224\nproxyAddresses: SMTP:ann@example.org\n\
                    description: at my desk\nadminDescription: Room 7\n";
    assert_eq!(lines(&attributes), expected);
    let name = active_directory().name_of(&entry.id());
    assert_eq!(name, "cn=ann@example.org,OU=Dynamic,DC=x");
    let found = active_directory()
        .read(Kind::Person, &kept(&name, &attributes, &[]))
        .unwrap();
    assert_eq!(found.entry, entry);
}

#[test]
fn ils_conference() {
    let entry = Entry::Conference(conference());
    let id = conference().description.id();
    let attributes = ils().to_add(&entry, Some(Duration::from_secs(1)));
    let expected = format!(
        "objectClass: rtConference\nobjectClass: dynamicObject\nuid: {id}\nentryTTL: 300\ncn: Board, (weekly)\n\
         conferenceBlob: {SDP}\noriginator: Ann <ann@example.org>\ngeneralDescription: All * of us\n\
         contactInformation: ann@example.org\nurl: http://example.org/\nisEncrypted: FALSE\nadvertisingScope: 2\n\
         confAddr: 239.255.7.7\nstartTime: 20230802212000Z\nstopTime: 20230913132000Z\n"
    );
    assert_eq!(lines(&attributes), expected);
    let name = ils().name_of(&entry.id());
    assert_eq!(name, format!("uid={id},ou=dynamic,o=Intranet"));
    let found = ils()
        .read(Kind::Conference, &kept(&name, &attributes, &[]))
        .unwrap();
    assert_eq!(found.entry, entry);
}

/// The entry that MS-TAIL section 4.1.2 shows, as NetMeeting adds it.
#[test]
fn ils_person_as_netmeeting_writes_it() {
    let mail = "egruber@contoso.com";
    let shown = [
        ("objectClass", "rtPerson"),
        ("cn", mail),
        ("givenname", "Eric"),
        ("surname", "Gruber"),
        ("rfc822mailbox", mail),
        ("location", "Seattle"),
        ("comment", "Participant"),
        ("c", "-"),
        ("sipaddress", "3758139584"),
        ("sflags", "1"),
        ("ILSA26214430", "1"),
        ("ILSA32833566", "1"),
        ("ILSA32964638", "0"),
    ];
    let name = "c=-,o=Microsoft,cn=egruber@contoso.com,objectClass=rtPerson";
    let found = ils().read(Kind::Person, &kept(name, &[], &shown)).unwrap();
    let expected = PersonEntry {
        uid: mail.to_owned(),
        name: "Eric Gruber".to_owned(),
        mail: Some(mail.to_owned()),
        addresses: vec!["192.168.0.224".parse().unwrap()],
        location: Some("Seattle".to_owned()),
        comment: Some("Participant".to_owned()),
        is_in_call: Some(true),
        sends_sound: Some(true),
        sends_pictures: Some(false),
    };
    assert_eq!(found.entry, Entry::Person(expected));
}

#[test]
fn ils_person() {
    let entry = Entry::Person(person());
    let attributes = ils().to_add(&entry, HOUR);
    let expected = "objectClass: rtPerson\nobjectClass: dynamicObject\ncn: ann@example.org\nentryTTL: 3600\n\
                    givenName: Ann\nsurname: Other\nrfc822mailbox: ann@example.org\nsipaddress: 3758139584\n\
                    location: Room 7\ncomment: at my desk\nsflags: 1\n";
    assert_eq!(lines(&attributes), expected);
    let name = ils().name_of(&entry.id());
    assert_eq!(name, "cn=ann@example.org,ou=dynamic,o=Intranet");
    let found = ils()
        .read(Kind::Person, &kept(&name, &attributes, &[]))
        .unwrap();
    assert_eq!(found.entry, entry);
}

#[test]
fn what_a_person_can_is_said_as_netmeeting_does() {
    let entry = Entry::Person(PersonEntry {
        is_in_call: Some(false),
        sends_sound: Some(true),
        sends_pictures: Some(false),
        ..person()
    });
    let mappings: [&dyn Mapping; 2] = [&standard(), &ils()];
    for mapping in mappings {
        let attributes = mapping.to_add(&entry, None);
        let said = "ilsA26214430: 0\nilsA32833566: 1\nilsA32964638: 0\n";
        let lines = lines(&attributes);
        assert!(lines.ends_with(said), "{lines}");
        let raw = kept("cn=a", &attributes, &[]);
        assert_eq!(mapping.read(Kind::Person, &raw).unwrap().entry, entry);
    }
}

/// TAPI's dialer keeps in attributes what its SDP does not say.
#[test]
fn attributes_say_what_the_sdp_leaves_open() {
    let bare = "v=0\r\no=- 7 3 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 239.255.7.7/15\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n";
    let more = [
        ("objectClass", "rtConference"),
        ("cn", "Board"),
        ("conferenceBlob", bare),
        ("generalDescription", "All\nof us"),
        ("url", "http://example.org/"),
        ("originator", "Ann"),
        ("startTime", "20230802212000Z"),
        ("stopTime", "20230913132000Z"),
    ];
    let read = |more: &[(&str, &str)]| {
        let found = ils().read(Kind::Conference, &kept("uid=7", &[], more));
        let Entry::Conference(conference) = found.unwrap().entry else {
            panic!("a conference");
        };
        conference
    };
    let conference = read(&more);
    assert_eq!(conference.name(), "Board");
    assert_eq!(conference.url(), Some("http://example.org/"));
    assert_eq!(conference.originator.as_deref(), Some("Ann"));
    let description = conference.description.to_string();
    assert!(description.contains("i=All of us\r\n"), "{description}");
    assert!(
        description.contains("t=3900000000 3903600000\r\n"),
        "{description}"
    );
    assert_eq!(
        Description::parse(description.as_bytes()).unwrap(),
        *conference.description
    );
    // What is said twice is taken from the SDP.
    let full = SDP.replace('|', "\r\n");
    let mut more = more;
    more[2].1 = &full;
    assert_eq!(read(&more).description.to_string(), full);
}

#[test]
fn filters_say_what_is_searched() {
    let query = Query {
        attributes: vec![("originator".to_owned(), "Ann*".to_owned())],
        ..Query::named(Kind::Conference, "Bo*(w")
    };
    let standard = standard().filter(&query);
    assert_eq!(
        standard,
        "(&(objectClass=rtConference)(cn=Bo*\\28w)(originator=Ann*))"
    );
    let person = Query::named(Kind::Person, "Ann*");
    let ad = active_directory().filter(&person);
    assert_eq!(ad, "(&(objectClass=msTAPI-RtPerson)(displayName=Ann*))");
    assert_eq!(ils().filter(&person), "(&(objectClass=rtPerson)(cn=%))");
    let refresh = ils::refresh_filter("egruber@contoso.com", Duration::from_secs(600));
    assert_eq!(
        refresh,
        "(&(objectClass=rtPerson)(cn=egruber@contoso.com)(sttl=10))"
    );
    let least = ils::refresh_filter("a", Duration::from_secs(1));
    assert_eq!(least, "(&(objectClass=rtPerson)(cn=a)(sttl=5))");
}

#[test]
fn an_entry_that_changed_has_another_revision() {
    let mappings: [&dyn Mapping; 3] = [&standard(), &active_directory(), &ils()];
    for mapping in mappings {
        for entry in entries() {
            let changed = match entry.clone() {
                Entry::Person(person) => Entry::Person(PersonEntry {
                    comment: Some("away".to_owned()),
                    ..person
                }),
                Entry::Conference(mut conference) => {
                    let mut description = (*conference.description).clone();
                    description.name = "Other".to_owned();
                    conference.description = description.into();
                    Entry::Conference(conference)
                }
            };
            let revision = |entry: &Entry| {
                let raw = kept("cn=a", &mapping.to_add(entry, None), &[]);
                mapping
                    .read(entry.kind(), &raw)
                    .unwrap()
                    .published
                    .revision
                    .unwrap()
            };
            assert_eq!(revision(&entry), revision(&entry));
            assert_ne!(revision(&entry), revision(&changed));
        }
    }
}

proptest! {
    /// Whatever a person is called comes back, and the name is one that the library can parse as part of a filter.
    #[test]
    fn any_person_survives(
        uid in "\\PC{0,20}[a-z]",
        name in "\\PC{0,20}[a-z]",
        comment in proptest::option::of("\\PC{0,20}[a-z]"),
    ) {
        let entry = Entry::Person(PersonEntry { uid, name, comment, ..PersonEntry::default() });
        let mappings: [&dyn Mapping; 3] = [&standard(), &active_directory(), &ils()];
        for mapping in mappings {
            let raw = kept(&mapping.name_of(&entry.id()), &mapping.to_add(&entry, None), &[]);
            prop_assert_eq!(&mapping.read(Kind::Person, &raw).unwrap().entry, &entry);
        }
    }

    /// What a server says of an entry is understood or not.
    #[test]
    fn any_entry_is_read_or_not(
        class in "rtConference|rtPerson|msTAPI-RtPerson|msTAPI-RtConference",
        attribute in "cn|uid|conferenceBlob|msTAPI-ConferenceBlob|sipaddress|ipAddress|entryTtl|rendezvousOwner",
        value in "\\PC{0,30}",
    ) {
        let raw = kept("cn=a", &[], &[("objectClass", &class), (&attribute, &value)]);
        let mappings: [&dyn Mapping; 3] = [&standard(), &active_directory(), &ils()];
        for mapping in mappings {
            for kind in [Kind::Conference, Kind::Person] {
                let _found = mapping.read(kind, &raw);
            }
        }
    }
}

#[test]
fn names_that_were_found_are_taken_as_they_are() {
    let id = ObjectId::Name(Kind::Person, "c=-,cn=a,objectClass=rtPerson".to_owned());
    assert_eq!(ils().name_of(&id), "c=-,cn=a,objectClass=rtPerson");
}
