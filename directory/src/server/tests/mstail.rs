//! What TAPI's dialer and NetMeeting send to an ILS, and what they are answered, byte by byte ([MS-TAIL], RFC 1777).
use super::*;

/// An element, written apart from the code that is tested.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = match contents.len() {
        short @ 0..=127 => vec![short as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag][..], &length, &contents].concat()
}

pub(super) fn text(text: &str) -> Vec<u8> {
    tlv(4, &[text.as_bytes()])
}

pub(super) fn envelope(id: u8, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, id], operation])
}

pub(super) fn attribute(name: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| text(value)).collect();
    tlv(0x30, &[&text(name), &tlv(0x31, &[&values])])
}

/// A result with nothing to add, as RFC 1777 has it: code, name, message.
fn result(id: u8, tag: u8, code: u8) -> Vec<u8> {
    envelope(id, &tlv(tag, &[&[10, 1, code], &[4, 0], &[4, 0]]))
}

/// MS-TAIL section 3.5.2: version 2, no name, an empty password.
const BIND: &[u8] = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x02\x04\x00\x80\x00";

/// MS-TAIL section 4.2.2: keeps a person alive for ten minutes.
const REFRESH: &[u8] = b"\x30\x72\x02\x01\x03\x63\x6d\
    \x04\x14objectClass=rtPerson\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\
    \xa0\x40\
    \xa3\x17\x04\x0bobjectClass\x04\x08rtPerson\
    \xa3\x19\x04\x02cn\x04\x13egruber@contoso.com\
    \xa3\x0a\x04\x04sttl\x04\x0210\
    \x30\x04\x04\x02cn";

/// MS-TAIL section 4.1.2: as NetMeeting adds a person, with a lifetime of five minutes.
fn add_person() -> Vec<u8> {
    let name = "c=-, o=Microsoft, cn=egruber@contoso.com, objectClass=rtPerson";
    let attributes = [
        attribute("objectClass", &["rtPerson"]),
        attribute("cn", &["egruber@contoso.com"]),
        attribute("givenname", &["Eric"]),
        attribute("surname", &["Gruber"]),
        attribute("rfc822mailbox", &["egruber@contoso.com"]),
        attribute("sipaddress", &["3758139584"]),
        attribute("sport", &["1720"]),
        attribute("sflags", &["1"]),
        attribute("ILSA26214430", &["0"]),
        attribute("ILSA32833566", &["1"]),
        attribute("sttl", &["5"]),
    ];
    envelope(
        2,
        &tlv(0x68, &[&text(name), &tlv(0x30, &[&attributes.concat()])]),
    )
}

/// MS-TAIL section 4.7.2: as the dialer adds a conference.
fn add_conference() -> Vec<u8> {
    let attributes = [
        attribute("objectClass", &["rtConference", "dynamicObject"]),
        attribute("uid", &["7"]),
        attribute("cn", &["Board"]),
        attribute("entryTTL", &["300"]),
        attribute("conferenceBlob", &["v=0\r\n"]),
        attribute("advertisingScope", &["2"]),
        attribute("originator", &["Ann"]),
        attribute("isEncrypted", &["FALSE"]),
        attribute("startTime", &["20230802212000Z"]),
        attribute("stopTime", &["20230913132000Z"]),
    ];
    let name = text("uid=7,ou=dynamic,o=Intranet");
    envelope(4, &tlv(0x68, &[&name, &tlv(0x30, &[&attributes.concat()])]))
}

pub(super) fn modify_bytes(dn: &str, kind: u8, name: &str, values: &[&str]) -> Vec<u8> {
    let change = tlv(0x30, &[&[10, 1, kind], &attribute(name, values)]);
    tlv(0x66, &[&text(dn), &tlv(0x30, &[&change])])
}

pub(super) fn compare_bytes(dn: &str, name: &str, value: &str) -> Vec<u8> {
    tlv(0x6E, &[&text(dn), &tlv(0x30, &[&text(name), &text(value)])])
}

/// MS-TAIL section 4.6.2: entryTTL is replaced.
fn lengthen(id: u8, name: &str, secs: &str) -> Vec<u8> {
    envelope(id, &modify_bytes(name, 2, "entryTTL", &[secs]))
}

fn server() -> (Desk, Session) {
    let mut desk = Desk::new();
    desk.core.is_open = true;
    let mut session = session(Identity::Anonymous);
    assert_eq!(desk.converse(&mut session, BIND), result(1, 0x61, 0));
    (desk, session)
}

#[test]
fn a_person_comes_stays_and_goes() {
    let (mut desk, mut session) = server();
    assert_eq!(
        desk.converse(&mut session, &add_person()),
        result(2, 0x69, 0)
    );
    desk.pass(299);
    let name = text("cn=egruber@contoso.com,ou=People,o=rendezvous");
    let shown = tlv(0x30, &[&attribute("cn", &["egruber@contoso.com"])]);
    let found = envelope(3, &tlv(0x64, &[&name, &shown]));
    let answer = [found, result(3, 0x65, 0)].concat();
    assert_eq!(desk.converse(&mut session, REFRESH), answer);
    desk.pass(599);
    assert_eq!(desk.converse(&mut session, REFRESH), answer);
    desk.pass(600);
    assert_eq!(desk.converse(&mut session, REFRESH), result(3, 0x65, 0));
}

#[test]
fn a_conference_is_kept_alive_by_writing_its_lifetime_and_is_deleted() {
    let (mut desk, mut session) = server();
    let name = "uid=7,ou=dynamic,o=Intranet";
    assert_eq!(
        desk.converse(&mut session, &add_conference()),
        result(4, 0x69, 0)
    );
    desk.pass(299);
    let longer = lengthen(5, name, "1800");
    assert_eq!(desk.converse(&mut session, &longer), result(5, 0x67, 0));
    desk.pass(1_799);
    let delete = envelope(6, &tlv(0x4a, &[name.as_bytes()]));
    assert_eq!(desk.converse(&mut session, &delete), result(6, 0x6b, 0));
    let answer = desk.converse(&mut session, &longer);
    assert_eq!(super::result(&decode(&answer)).code, Code::NoSuchObject);
}

/// MS-TAIL section 4.3.2: everybody, by `%`; and what the dialer then shows of them.
#[test]
fn everybody_is_found_with_what_they_can() {
    let (mut desk, mut session) = server();
    desk.converse(&mut session, &add_person());
    let all = tlv(
        0xa0,
        &[
            &tlv(0xa3, &[&text("objectClass"), &text("rtPerson")]),
            &tlv(0xa3, &[&text("cn"), &text("%")]),
        ],
    );
    let flags = [10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
    let wanted = tlv(0x30, &[&text("sipaddress"), &text("ilsA32833566")]);
    let search = tlv(
        0x63,
        &[&text("objectClass=rtPerson"), &flags, &all, &wanted],
    );
    let answers = decode(&desk.converse(&mut session, &envelope(7, &search)));
    let person = entries(&answers).remove(0);
    assert_eq!(values(&person, "sipaddress"), ["3758139584"]);
    assert_eq!(values(&person, "ilsA32833566"), ["1"]);
}
