//! Tests of the client without any server: mappings, known bytes, servers that mean ill.
mod flood;
mod hostile;
mod mapping;
mod mstail;
mod schema;
mod watching;

use std::sync::Arc;

use super::entry::RawEntry;
use crate::description::Description;
use crate::object::{ConferenceEntry, Entry, PersonEntry};

/// What a directory keeps of a conference is what was put in.
fn conference() -> ConferenceEntry {
    let text = "v=0\r\no=ann 7 3 IN IP4 10.0.0.1\r\ns=Board, (weekly)\r\ni=All * of us\r\nu=http://example.org/\r\n\
                e=ann@example.org\r\nc=IN IP4 239.255.7.7/15\r\nt=3900000000 3903600000\r\nr=7d 1h 0\r\n\
                m=audio 5004 RTP/AVP 0\r\n";
    let description = Arc::new(Description::parse(text.as_bytes()).unwrap());
    ConferenceEntry {
        originator: Some("Ann <ann@example.org>".to_owned()),
        ..ConferenceEntry::new(description)
    }
}

fn person() -> PersonEntry {
    PersonEntry {
        uid: "ann@example.org".to_owned(),
        name: "Ann Other".to_owned(),
        mail: Some("ann@example.org".to_owned()),
        addresses: vec!["192.168.0.224".parse().unwrap()],
        location: Some("Room 7".to_owned()),
        comment: Some("at my desk".to_owned()),
        ..PersonEntry::default()
    }
}

fn entries() -> [Entry; 2] {
    [Entry::Conference(conference()), Entry::Person(person())]
}

/// Attributes as `name: value` lines.
fn lines(attributes: &[(&str, Vec<String>)]) -> String {
    let mut text = String::new();
    for (name, values) in attributes {
        for value in values {
            text += &format!("{name}: {}\n", value.replace("\r\n", "|"));
        }
    }
    text
}

/// The entry that a server would keep of what was added.
fn kept(name: &str, attributes: &[(&str, Vec<String>)], by_server: &[(&str, &str)]) -> RawEntry {
    let more = by_server
        .iter()
        .map(|(name, value)| (*name, vec![(*value).to_owned()]));
    let all: Vec<_> = attributes.iter().cloned().chain(more).collect();
    RawEntry::new(name, &all)
}
