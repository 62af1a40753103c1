//! What an ILS is asked, byte by byte as [MS-TAIL] and RFC 1777 say it.
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::{Client, DirectoryConfig, DirectoryUrl, Protocol, message};
use super::{conference, person};
use crate::directory::{Dialect, Directory as _, DirectoryError, Query};
use crate::object::{Entry, Kind, ObjectId};

/// One request, in whichever ways it may be written, and what is answered.
type Step = (Vec<Vec<u8>>, Vec<u8>);

/// An element, written apart from the code that is tested.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    assert!(contents.len() < 0x1_0000);
    let [high, low] = (contents.len() as u16).to_be_bytes();
    let length = match (high, low) {
        (0, 0..=127) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag][..], &length, &contents].concat()
}

fn text(text: &str) -> Vec<u8> {
    tlv(4, &[text.as_bytes()])
}

fn envelope(id: u8, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, id], operation])
}

/// A result without anything to add.
fn result(id: u8, tag: u8, code: u8) -> Vec<u8> {
    envelope(id, &tlv(tag, &[&[10, 1, code], &[4, 0], &[4, 0]]))
}

/// LDAPMessage 1, BindRequest: version 2, no name, simple with an empty password (MS-TAIL section 3.5.2).
const BIND: &[u8] = &[
    0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x02, 0x04, 0x00, 0x80, 0x00,
];

/// MS-TAIL section 4.2.2: base `objectClass=rtPerson`, base object, never dereferencing, no limits, both types and
/// values, `(&(objectClass=rtPerson)(cn=egruber@contoso.com)(sttl=10))`, attribute `cn`.
const REFRESH: &[u8] = b"\x30\x72\x02\x01\x02\x63\x6d\
    \x04\x14objectClass=rtPerson\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\
    \xa0\x40\
    \xa3\x17\x04\x0bobjectClass\x04\x08rtPerson\
    \xa3\x19\x04\x02cn\x04\x13egruber@contoso.com\
    \xa3\x0a\x04\x04sttl\x04\x0210\
    \x30\x04\x04\x02cn";

/// Base object, never dereferencing, no limits, types and values.
const FLAGS: &[u8] = &[10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];

fn presence() -> Vec<u8> {
    tlv(0x87, &[b"objectClass"])
}

fn wanted(attributes: &[&str]) -> Vec<u8> {
    let attributes = attributes.iter().map(|attribute| text(attribute));
    tlv(0x30, &[&attributes.collect::<Vec<_>>().concat()])
}

/// An old server has no root entry.
fn opening() -> Vec<Step> {
    let search = tlv(0x63, &[&[4, 0], FLAGS, &presence(), &wanted(&["*", "+"])]);
    vec![
        (vec![BIND.to_vec()], result(1, 0x61, 0)),
        (vec![envelope(1, &search)], result(1, 0x65, 32)),
    ]
}

/// Runs a client against a server that expects just these requests; whether it got them all.
fn play<T>(steps: Vec<Step>, act: impl AsyncFnOnce(Client) -> T) -> T {
    crate::runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for (expected, answer) in opening().into_iter().chain(steps) {
                let mut request = Vec::new();
                while message::length(&request).unwrap() != Some(request.len()) {
                    request.push(stream.read_u8().await.unwrap());
                }
                let shown = String::from_utf8_lossy(&request);
                assert!(expected.contains(&request), "{shown:?}");
                stream.write_all(&answer).await.unwrap();
            }
        });
        let url = DirectoryUrl {
            port,
            ..DirectoryUrl::new(Protocol::Ils, "127.0.0.1")
        };
        let config = Arc::new(DirectoryConfig::new(vec![url.clone()]));
        let client = Client::connect(config, &url).await.unwrap();
        assert_eq!(client.about().unwrap().dialect, Dialect::Ils);
        let done = act(client).await;
        server.await.unwrap();
        done
    })
}

#[test]
fn a_person_is_kept_alive_by_a_search() {
    let name = text("c=-,o=Microsoft,cn=egruber@contoso.com,objectClass=rtPerson");
    let found = envelope(2, &tlv(0x64, &[&name, &[0x30, 0]]));
    let answer = [found, result(2, 0x65, 0)].concat();
    let steps = vec![(vec![REFRESH.to_vec()], answer)];
    let lived = play(steps, async |mut client| {
        let id = ObjectId::Person("egruber@contoso.com".to_owned());
        client.refresh(&id, Duration::from_secs(600)).await.unwrap()
    });
    assert_eq!(lived, Duration::from_secs(600));
}

/// A server to which `sttl` means nothing still lets the lifetime be written.
#[test]
fn a_person_whom_the_search_does_not_find_is_kept_alive_by_writing() {
    let name = "cn=egruber@contoso.com,ou=dynamic,o=Intranet";
    for refusal in [0, 53] {
        let steps = vec![
            (vec![REFRESH.to_vec()], result(2, 0x65, refusal)),
            (vec![lengthen(3, name, "600")], result(3, 0x67, 0)),
        ];
        let lived = play(steps, async |mut client| {
            let id = ObjectId::Person("egruber@contoso.com".to_owned());
            client.refresh(&id, Duration::from_secs(600)).await.unwrap()
        });
        assert_eq!(lived, Duration::from_secs(600));
    }
}

#[test]
fn a_person_who_is_not_found_is_no_more() {
    let name = "cn=egruber@contoso.com,ou=dynamic,o=Intranet";
    let steps = vec![
        (vec![REFRESH.to_vec()], result(2, 0x65, 0)),
        (vec![lengthen(3, name, "600")], result(3, 0x67, 32)),
    ];
    let error = play(steps, async |mut client| {
        let id = ObjectId::Person("egruber@contoso.com".to_owned());
        client
            .refresh(&id, Duration::from_secs(600))
            .await
            .err()
            .unwrap()
    });
    assert!(matches!(error, DirectoryError::NotFound), "{error}");
}

/// MS-TAIL section 4.6.2: ModifyRequest of `cn=…,ou=dynamic,o=Intranet`, replace, entryTTL in seconds.
fn lengthen(id: u8, name: &str, secs: &str) -> Vec<u8> {
    let change = tlv(
        0x30,
        &[
            &[10, 1, 2],
            &tlv(0x30, &[&text("entryTTL"), &tlv(0x31, &[&text(secs)])]),
        ],
    );
    envelope(id, &tlv(0x66, &[&text(name), &tlv(0x30, &[&change])]))
}

#[test]
fn an_entry_by_name_is_kept_alive_by_writing_its_lifetime() {
    let name = "cn=egruber]w2kils.testdomain.int,ou=dynamic,o=Intranet";
    let steps = vec![(vec![lengthen(2, name, "1800")], result(2, 0x67, 0))];
    let lived = play(steps, async |mut client| {
        let id = ObjectId::Name(Kind::Person, name.to_owned());
        client
            .refresh(&id, Duration::from_secs(1_800))
            .await
            .unwrap()
    });
    assert_eq!(lived, Duration::from_secs(1_800));
}

/// Of two who change one person, the second is told: what was read is taken away, byte for byte.
#[test]
fn nobodys_change_of_a_person_is_lost() {
    let name = "cn=a,ou=dynamic,o=Intranet";
    let stands = |id: u8, comment: &str| {
        let attributes = [
            attribute("objectClass", &["rtPerson"]),
            attribute("cn", &["a"]),
            attribute("givenName", &["a"]),
            attribute("sflags", &["1"]),
            attribute("comment", &[comment]),
        ];
        let found = tlv(0x64, &[&text(name), &tlv(0x30, &[&attributes.concat()])]);
        [envelope(id, &found), result(id, 0x65, 0)].concat()
    };
    let read = |id: u8| {
        let wanted = wanted(&["*", "entryTTL"]);
        envelope(id, &tlv(0x63, &[&text(name), FLAGS, &presence(), &wanted]))
    };
    let change =
        |kind: u8, comment: &str| tlv(0x30, &[&[10, 1, kind], &attribute("comment", &[comment])]);
    let changes = [change(1, "here"), change(0, "away")].concat();
    let modify = envelope(4, &tlv(0x66, &[&text(name), &tlv(0x30, &[&changes])]));
    let steps = vec![
        (vec![read(2)], stands(2, "here")),
        (vec![read(3)], stands(3, "here")),
        (vec![modify], result(4, 0x67, 16)),
        (vec![read(5)], stands(5, "gone for lunch")),
    ];
    let error = play(steps, async |mut client| {
        let id = ObjectId::Person("a".to_owned());
        let found = client.search(&Query::one(id.clone())).await.unwrap();
        let Entry::Person(mut person) = found[0].entry.clone() else {
            panic!("a person");
        };
        person.comment = Some("away".to_owned());
        let revision = found[0].published.revision.as_deref();
        let entry = Entry::Person(person);
        client.modify(&id, &entry, revision).await.err().unwrap()
    });
    let DirectoryError::Changed { theirs } = error else {
        panic!("{error}");
    };
    let Entry::Person(theirs) = theirs.entry else {
        panic!("a person");
    };
    assert_eq!(theirs.comment.as_deref(), Some("gone for lunch"));
}

/// MS-TAIL section 4.7.2: `uid=…,ou=dynamic,o=Intranet`; its lifetime is written, at least 300; it is deleted.
#[test]
fn a_conference_lives_at_least_five_minutes_and_is_deleted() {
    let id = conference().description.id();
    let name = format!("uid={id},ou=dynamic,o=Intranet");
    let delete = envelope(3, &tlv(0x4a, &[name.as_bytes()]));
    let steps = vec![
        (vec![lengthen(2, &name, "300")], result(2, 0x67, 0)),
        (vec![delete], result(3, 0x6b, 0)),
    ];
    let lived = play(steps, async |mut client| {
        let id = ObjectId::Conference(id);
        let lived = client.refresh(&id, Duration::from_secs(60)).await.unwrap();
        client.withdraw(&id).await.unwrap();
        lived
    });
    assert_eq!(lived, Duration::from_secs(300));
}

fn attribute(name: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = values.iter().map(|value| text(value)).collect();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    tlv(0x30, &[&text(name), &tlv(0x31, &values)])
}

/// MS-TAIL section 2.3.3: the class with its required attributes, and of the optional ones all that is known.
#[test]
fn a_conference_is_added_with_its_times() {
    let entry = conference();
    let id = entry.description.id().to_string();
    let sdp = entry.description.to_string();
    let attributes = |classes: &[&str]| {
        tlv(
            0x30,
            &[
                &attribute("objectClass", classes),
                &attribute("uid", &[&id]),
                &attribute("entryTTL", &["1800"]),
                &attribute("cn", &["Board, (weekly)"]),
                &attribute("conferenceBlob", &[&sdp]),
                &attribute("originator", &["Ann <ann@example.org>"]),
                &attribute("generalDescription", &["All * of us"]),
                &attribute("contactInformation", &["ann@example.org"]),
                &attribute("url", &["http://example.org/"]),
                &attribute("isEncrypted", &["FALSE"]),
                &attribute("advertisingScope", &["2"]),
                &attribute("confAddr", &["239.255.7.7"]),
                &attribute("startTime", &["20230802212000Z"]),
                &attribute("stopTime", &["20230913132000Z"]),
            ],
        )
    };
    let name = format!("uid={id},ou=dynamic,o=Intranet");
    let add = |classes: &[&str]| envelope(2, &tlv(0x68, &[&text(&name), &attributes(classes)]));
    let classes = ["rtConference", "dynamicObject"];
    let orders = [classes, [classes[1], classes[0]]].map(|order| add(&order));
    let wanted = wanted(&["*", "entryTTL"]);
    let read_back = tlv(0x63, &[&text(&name), FLAGS, &presence(), &wanted]);
    let steps = vec![
        (orders.to_vec(), result(2, 0x69, 0)),
        (vec![envelope(3, &read_back)], result(3, 0x65, 32)),
    ];
    play(steps, async |mut client| {
        let lifetime = Some(Duration::from_secs(1_800));
        let entry = Entry::Conference(entry);
        client.publish(&entry, lifetime).await.unwrap();
    });
}

#[test]
fn a_person_is_added_with_classes_and_lifetime() {
    let mut bare = person();
    bare.mail = None;
    bare.location = None;
    bare.comment = None;
    let attributes = |classes: &[&str]| {
        tlv(
            0x30,
            &[
                &attribute("objectClass", classes),
                &attribute("cn", &["ann@example.org"]),
                &attribute("entryTTL", &["600"]),
                &attribute("givenName", &["Ann"]),
                &attribute("surname", &["Other"]),
                &attribute("sipaddress", &["3758139584"]),
                &attribute("sflags", &["1"]),
            ],
        )
    };
    let name = "cn=ann@example.org,ou=dynamic,o=Intranet";
    let add = |classes: &[&str]| envelope(2, &tlv(0x68, &[&text(name), &attributes(classes)]));
    // Values are a set: either order is the same request.
    let orders = [["rtPerson", "dynamicObject"], ["dynamicObject", "rtPerson"]].map(|o| add(&o));
    let read_back = tlv(
        0x63,
        &[&text(name), FLAGS, &presence(), &wanted(&["*", "entryTTL"])],
    );
    let steps = vec![
        (orders.to_vec(), result(2, 0x69, 0)),
        (vec![envelope(3, &read_back)], result(3, 0x65, 32)),
    ];
    let published = play(steps, async |mut client| {
        let lifetime = Some(Duration::from_secs(600));
        client
            .publish(&Entry::Person(bare), lifetime)
            .await
            .unwrap()
    });
    assert_eq!(published.name, name);
}
