//! RFC 4511, section by section: requests as bytes, answers as bytes or read by an encoder that is not the server's.
use super::super::protocol::answer;
use super::super::protocol::request::{DecodeError, frame};
use super::mstail::{
    attribute as attribute_bytes, compare_bytes, envelope, modify_bytes, text, tlv,
};
use super::*;

const BOARD: &str = "uid=1,ou=Conferences,o=rendezvous";

/// Of a result: its tag, code, matchedDN and diagnosticMessage.
type Outcome = (u8, u8, String, String);

fn with_controls(operation: &[u8], controls: &[u8]) -> Vec<u8> {
    envelope(9, &[operation, &tlv(0xA0, &[controls])].concat())
}

/// A desk with one conference, and its owner.
fn board() -> (Desk, Session) {
    let (mut desk, mut client) = (Desk::new(), local());
    let more = [attribute("applicationID", &["cranes", "lifts"])];
    let added = desk.code(&mut client, add_conference("1", "Board", &more));
    assert_eq!(added, Code::Success);
    (desk, client)
}

/// Sends an operation; gives how it ended.
fn outcome(desk: &mut Desk, client: &mut Session, operation: &[u8]) -> Outcome {
    last(&desk.converse(client, &envelope(9, operation)))
}

/// The last result in the answers.
fn last(mut answers: &[u8]) -> Outcome {
    let mut found = None;
    while let Ok(Some(length)) = frame(answers, 1 << 20) {
        let (message, rest) = answers.split_at(length);
        answers = rest;
        let (_, tag) = Parser::default().parse(message).unwrap();
        let operation = tag.expect_constructed().unwrap().swap_remove(1);
        let number = operation.id as u8 | 0x60;
        let parts = operation.expect_constructed().unwrap_or_default();
        let parts = parts.into_iter().filter_map(|part| part.expect_primitive());
        let parts: Vec<Vec<u8>> = parts.collect();
        if let [code, matched, said, ..] = parts.as_slice() {
            let string = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            found = Some((number, code[0], string(matched), string(said)));
        }
    }
    found.expect("no result")
}

/// SearchRequest; everything but what is told is as in most clients.
fn search_bytes(base: &str, scope: u8, limits: [u8; 2], filter: &[u8], names: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = names.iter().flat_map(|name| text(name)).collect();
    let [size, time] = limits;
    let rest = [10, 1, scope, 10, 1, 3, 2, 1, size, 2, 1, time, 1, 1, 0];
    tlv(0x63, &[&text(base), &rest, filter, &tlv(0x30, &[&names])])
}

fn found(desk: &mut Desk, client: &mut Session, filter: &[u8]) -> usize {
    let asked = search_bytes("o=rendezvous", 2, [0, 0], filter, &["1.1"]);
    let answers = decode(&desk.converse(client, &envelope(9, &asked)));
    assert_eq!(result(&answers).code, Code::Success);
    entries(&answers).len()
}

#[test]
fn section_4_1_1_1_the_answer_has_the_number_of_the_request() {
    let (mut desk, mut client) = board();
    for id in [1, 127, 128, 65_536, i32::MAX] {
        let number = id.to_be_bytes();
        let short = number
            .iter()
            .position(|byte| *byte != 0)
            .map_or(3, |at| at - usize::from(number[at] >= 0x80 && at > 0));
        let number = tlv(2, &[&number[short..]]);
        let bind = tlv(0x60, &[&[2, 1, 3], &[4, 0], &[0x80, 0]]);
        let answer = desk.converse(&mut client, &tlv(0x30, &[&number, &bind]));
        let success = tlv(0x61, &[&[10, 1, 0, 4, 0, 4, 0]]);
        assert_eq!(answer, tlv(0x30, &[&number, &success]), "{id}");
    }
}

#[test]
fn section_4_1_1_what_is_no_message_ends_the_connection() {
    for bytes in [
        b"\x30\x0c\x02\x01\x00\x60\x07\x02\x01\x03\x04\x00\x80\x00".as_slice(),
        b"\x30\x0c\x02\x01\xff\x60\x07\x02\x01\x03\x04\x00\x80\x00",
        b"\x30\x0c\x04\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x05\x02\x01\x01\x30\x00",
        b"\x30\x00",
    ] {
        let error = decode_request(bytes, 32).unwrap_err();
        assert_eq!(error, DecodeError::Hopeless, "{bytes:02x?}");
        let mut out = Vec::new();
        assert!(matches!(
            Session::handle_broken(error, &mut out),
            Next::Close
        ));
        assert_eq!(last(&out).1, 2, "protocolError");
    }
}

#[test]
fn section_4_1_1_a_request_that_is_broken_within_is_answered_as_what_it_is() {
    for (request, answer) in [
        (0x60, 0x61),
        (0x63, 0x65),
        (0x66, 0x67),
        (0x68, 0x69),
        (0x6C, 0x6D),
        (0x6E, 0x6F),
        (0x77, 0x78),
    ] {
        let broken = envelope(7, &tlv(request, &[&[4, 0]]));
        let Err(error) = decode_request(&broken, 32) else {
            panic!("{request:#x} is read")
        };
        let mut out = Vec::new();
        let next = Session::handle_broken(error, &mut out);
        assert!(matches!(next, Next::Answered), "{request:#x}");
        let (tag, code, ..) = last(&out);
        assert_eq!((tag, code), (answer, 2), "{request:#x}");
        assert_eq!(out[2..5], [2, 1, 7]);
    }
}

#[test]
fn section_4_1_4_attributes_have_several_names_in_any_case_and_a_number() {
    let (mut desk, mut client) = board();
    for name in ["cn", "CN", "commonName", "2.5.4.3"] {
        let (.., code, _, _) =
            outcome(&mut desk, &mut client, &compare_bytes(BOARD, name, "board"));
        assert_eq!(code, 6, "{name}");
    }
    let (.., code, _, said) = outcome(&mut desk, &mut client, &compare_bytes(BOARD, "nose", "1"));
    assert_eq!(
        (code, said.is_empty()),
        (17, false),
        "undefinedAttributeType"
    );
}

#[test]
fn section_4_1_9_a_missing_name_is_told_how_far_it_is_known() {
    let (mut desk, mut client) = board();
    let lost = "uid=2,ou=Conferences,o=rendezvous";
    let (tag, code, matched, _) = outcome(&mut desk, &mut client, &tlv(0x4A, &[lost.as_bytes()]));
    assert_eq!((tag, code), (0x6B, 32), "noSuchObject");
    assert_eq!(matched.to_lowercase(), CONFERENCES.to_lowercase());
    let asked = search_bytes("o=elsewhere", 0, [0, 0], &tlv(0x87, &[b"cn"]), &[]);
    let (tag, code, matched, _) = outcome(&mut desk, &mut client, &asked);
    assert_eq!((tag, code, matched.as_str()), (0x65, 32, ""));
}

#[test]
fn section_4_1_9_a_name_that_is_none_is_said_to_be_none() {
    let (mut desk, mut client) = board();
    for name in ["nonsense", "cn=", "=a", "cn=a,", "cn=\\zz", "cn=a\\"] {
        let (_, code, ..) = outcome(&mut desk, &mut client, &tlv(0x4A, &[name.as_bytes()]));
        assert!(matches!(code, 32 | 34), "{name}: {code}");
    }
    let (_, code, ..) = outcome(&mut desk, &mut client, &tlv(0x4A, &[b"nonsense"]));
    assert_eq!(code, 34, "invalidDNSyntax");
}

#[test]
fn section_4_1_11_a_control_counts_if_it_is_critical() {
    let (mut desk, mut client) = board();
    let unknown = |rest: &[u8]| tlv(0x30, &[&text("1.2.3.4"), rest]);
    let operations = [
        compare_bytes(BOARD, "cn", "Board"),
        modify_bytes(BOARD, 2, "generalDescription", &["x"]),
        search_bytes(BOARD, 0, [0, 0], &tlv(0x87, &[b"cn"]), &[]),
        tlv(0x4A, &[BOARD.as_bytes()]),
    ];
    for operation in &operations {
        let critical = with_controls(operation, &unknown(&[1, 1, 0xFF]));
        let (_, code, ..) = last(&desk.converse(&mut client, &critical));
        assert_eq!(code, 12, "unavailableCriticalExtension");
    }
    for rest in [&[][..], &[1, 1, 0], &[4, 1, 7]] {
        let ignored = with_controls(&operations[0], &unknown(rest));
        let (_, code, ..) = last(&desk.converse(&mut client, &ignored));
        assert_eq!(code, 6, "compareTrue");
    }
}

#[test]
fn section_4_2_the_bind_of_nobody_byte_by_byte() {
    let (mut desk, mut client) = board();
    let bind = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
    let answer = desk.converse(&mut client, bind);
    assert_eq!(
        answer,
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"
    );
    assert_eq!(
        client.identity,
        Identity::Anonymous,
        "whoever it was before"
    );
}

#[test]
fn section_4_2_other_versions_and_ways_are_refused_by_their_codes() {
    let (mut desk, mut client) = board();
    let bind = |version: u8, proof: &[u8]| tlv(0x60, &[&[2, 1, version], &[4, 0], proof]);
    let (_, code, ..) = outcome(&mut desk, &mut client, &bind(4, &[0x80, 0]));
    assert_eq!(code, 2, "protocolError");
    let unknown = tlv(0xA3, &[&text("NONESUCH")]);
    let (_, code, ..) = outcome(&mut desk, &mut client, &bind(3, &unknown));
    assert_eq!(code, 7, "authMethodNotSupported");
    assert_eq!(client.identity, Identity::Anonymous);
}

#[test]
fn section_4_3_unbind_ends_without_an_answer() {
    let (desk, mut client) = board();
    let request = decode_request(b"\x30\x05\x02\x01\x03\x42\x00", 32).unwrap();
    let mut out = Vec::new();
    let next = client.handle(&desk.core, desk.now, request, &mut out);
    assert!(matches!(next, Next::Close) && out.is_empty());
}

#[test]
fn section_4_4_1_the_notice_of_disconnection_byte_by_byte() {
    let mut out = Vec::new();
    answer::disconnection(&mut out, Code::ProtocolError, "why");
    let name = tlv(0x8A, &[b"1.3.6.1.4.1.1466.20036"]);
    let notice = tlv(0x78, &[&[10, 1, 2, 4, 0], &text("why"), &name]);
    assert_eq!(out, envelope(0, &notice));
}

#[test]
fn section_4_5_1_what_is_asked_for_is_what_is_given_byte_by_byte() {
    let (mut desk, mut client) = board();
    let filter = tlv(0xA3, &[&text("cn"), &text("BOARD")]);
    let asked = search_bytes(
        "o=rendezvous",
        2,
        [0, 0],
        &filter,
        &["cn", "2.5.4.3", "nose"],
    );
    let answer = desk.converse(&mut client, &envelope(9, &asked));
    let attributes = tlv(0x30, &[&attribute_bytes("cn", &["Board"])]);
    let entry = tlv(0x64, &[&text(BOARD), &attributes]);
    let done = tlv(0x65, &[&[10, 1, 0, 4, 0, 4, 0]]);
    assert_eq!(answer, [envelope(9, &entry), envelope(9, &done)].concat());
}

#[test]
fn section_4_5_1_4_more_than_was_wanted_is_said_to_be_more() {
    let (mut desk, mut client) = board();
    let asked = search_bytes(
        "o=rendezvous",
        2,
        [1, 0],
        &tlv(0x87, &[b"objectClass"]),
        &["1.1"],
    );
    let answer = desk.converse(&mut client, &envelope(9, &asked));
    assert_eq!(last(&answer).1, 4, "sizeLimitExceeded");
    assert_eq!(entries(&decode(&answer)).len(), 1);
}

#[test]
fn section_4_5_1_6_types_only_have_no_values() {
    let (mut desk, mut client) = board();
    let types = [10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0xFF];
    let names = tlv(0x30, &[&text("cn")]);
    let asked = tlv(0x63, &[&text(BOARD), &types, &tlv(0x87, &[b"cn"]), &names]);
    let answer = desk.converse(&mut client, &envelope(9, &asked));
    let attributes = tlv(0x30, &[&attribute_bytes("cn", &[])]);
    let entry = envelope(9, &tlv(0x64, &[&text(BOARD), &attributes]));
    assert_eq!(answer[..entry.len()], entry);
}

#[test]
fn section_4_5_1_7_each_filter_by_its_bytes() {
    let (mut desk, mut client) = board();
    let pair = |tag: u8, name: &str, value: &str| tlv(tag, &[&text(name), &text(value)]);
    let is_board = pair(0xA3, "cn", "board");
    let is_other = pair(0xA3, "cn", "other");
    let unknown = pair(0xA3, "nose", "1");
    let pieces = |parts: &[&[u8]]| tlv(0xA4, &[&text("cn"), &tlv(0x30, parts)]);
    let matching = |parts: &[&[u8]]| tlv(0xA9, parts);
    for (what, filter, count) in [
        ("and", tlv(0xA0, &[&is_board, &tlv(0x87, &[b"uid"])]), 1),
        ("and of nothing (RFC 4526)", tlv(0xA0, &[]), 5),
        ("or", tlv(0xA1, &[&is_other, &is_board]), 1),
        ("or of nothing (RFC 4526)", tlv(0xA1, &[]), 0),
        (
            "or with what is undefined",
            tlv(0xA1, &[&unknown, &is_board]),
            1,
        ),
        (
            "and with what is undefined",
            tlv(0xA0, &[&unknown, &is_board]),
            0,
        ),
        ("not", tlv(0xA2, &[&is_other]), 5),
        ("not of what is undefined", tlv(0xA2, &[&unknown]), 0),
        ("equality", is_board.clone(), 1),
        ("initial", pieces(&[&tlv(0x80, &[b"bo"])]), 1),
        ("any", pieces(&[&tlv(0x81, &[b"oar"])]), 1),
        ("final", pieces(&[&tlv(0x82, &[b"RD"])]), 1),
        (
            "all of them, which may not overlap",
            pieces(&[&tlv(0x80, &[b"boa"]), &tlv(0x82, &[b"ard"])]),
            0,
        ),
        ("greater or equal", pair(0xA5, "startTime", "1"), 0),
        ("less or equal", pair(0xA6, "stopTime", "9"), 0),
        ("present", tlv(0x87, &[b"applicationID"]), 1),
        ("approximately", pair(0xA8, "cn", "BOARD"), 1),
        (
            "extensible, by an attribute",
            matching(&[&tlv(0x82, &[b"cn"]), &tlv(0x83, &[b"board"])]),
            1,
        ),
        (
            "extensible, by a rule and an attribute",
            matching(&[
                &tlv(0x81, &[b"2.5.13.2"]),
                &tlv(0x82, &[b"cn"]),
                &tlv(0x83, &[b"board"]),
            ]),
            1,
        ),
    ] {
        assert_eq!(found(&mut desk, &mut client, &filter), count, "{what}");
    }
}

#[test]
fn section_4_5_1_7_a_filter_that_is_none_is_refused() {
    let broken = [
        tlv(0xAA, &[&[4, 0]]),
        tlv(0xA2, &[]),
        tlv(0xA4, &[&text("cn"), &tlv(0x30, &[])]),
        tlv(0xA3, &[&text("cn")]),
        text("(cn=a)"),
    ];
    for filter in broken {
        let asked = envelope(9, &search_bytes("o=rendezvous", 2, [0, 0], &filter, &[]));
        let error = decode_request(&asked, 32).unwrap_err();
        assert_eq!(
            error,
            DecodeError::Operation { id: 9, tag: 3 },
            "{filter:02x?}"
        );
    }
}

#[test]
fn section_4_6_modify_adds_takes_away_and_replaces_by_their_codes() {
    let (mut desk, mut client) = board();
    let name = "applicationID";
    for (kind, values, code) in [
        (0, &["masts"][..], 0),
        (0, &["Masts"], 20),
        (1, &["lifts"], 0),
        (1, &["lifts"], 16),
        (2, &["hooks"], 0),
        (1, &[], 0),
        (1, &[], 16),
        (2, &[], 0),
        (0, &[], 2),
    ] {
        let asked = modify_bytes(BOARD, kind, name, values);
        let (tag, said, ..) = outcome(&mut desk, &mut client, &asked);
        assert_eq!((tag, said), (0x67, code), "{kind} {values:?}");
    }
    let rename = modify_bytes(BOARD, 2, "uid", &["2"]);
    assert_eq!(
        outcome(&mut desk, &mut client, &rename).1,
        67,
        "notAllowedOnRDN"
    );
}

#[test]
fn section_4_7_add_says_what_stands_against_it() {
    let (mut desk, mut client) = board();
    let class = attribute_bytes("objectClass", &["rtConference"]);
    let name = attribute_bytes("cn", &["A"]);
    let entry = |dn: &str, list: &[&[u8]]| tlv(0x68, &[&text(dn), &tlv(0x30, list)]);
    let new = "uid=2,ou=Conferences,o=rendezvous";
    for (dn, list, code) in [
        (BOARD, &[&class[..], &name][..], 68),
        ("uid=2,ou=Nowhere,o=rendezvous", &[&class, &name], 32),
        (new, &[&name], 65),
        (new, &[&class], 65),
        (new, &[&class, &name, &attribute_bytes("nose", &["1"])], 17),
        (
            new,
            &[&class, &name, &attribute_bytes("entryUUID", &["1"])],
            19,
        ),
        (new, &[&class, &name], 0),
    ] {
        let (tag, said, ..) = outcome(&mut desk, &mut client, &entry(dn, list));
        assert_eq!((tag, said), (0x69, code), "{dn}");
    }
}

#[test]
fn section_4_8_delete_takes_leaves_and_says_why_not() {
    let (mut desk, mut client) = board();
    for (dn, code) in [(CONFERENCES, 66), (BOARD, 0), (BOARD, 32)] {
        let (tag, said, ..) = outcome(&mut desk, &mut client, &tlv(0x4A, &[dn.as_bytes()]));
        assert_eq!((tag, said), (0x6B, code), "{dn}");
    }
}

#[test]
fn section_4_9_entries_keep_their_names() {
    let (mut desk, mut client) = board();
    let asked = tlv(0x6C, &[&text(BOARD), &text("uid=2"), &[1, 1, 0xFF]]);
    let (tag, code, _, said) = outcome(&mut desk, &mut client, &asked);
    assert_eq!((tag, code), (0x6D, 53), "unwillingToPerform");
    assert!(!said.is_empty());
}

#[test]
fn section_4_10_compare_is_true_false_or_says_why_not() {
    let (mut desk, mut client) = board();
    for (dn, name, value, code) in [
        (BOARD, "cn", "BOARD", 6),
        (BOARD, "cn", "other", 5),
        (BOARD, "url", "x", 16),
        ("uid=9,ou=Conferences,o=rendezvous", "cn", "x", 32),
    ] {
        let (tag, said, ..) = outcome(&mut desk, &mut client, &compare_bytes(dn, name, value));
        assert_eq!((tag, said), (0x6F, code), "{name}={value}");
    }
}

#[test]
fn section_4_11_abandon_has_no_answer_whatever_it_names() {
    let (desk, mut client) = board();
    for number in [b"\x50\x01\x05".as_slice(), b"\x50\x02\x7f\xff"] {
        let request = decode_request(&envelope(9, number), 32).unwrap();
        let mut out = Vec::new();
        let next = client.handle(&desk.core, desk.now, request, &mut out);
        assert!(matches!(next, Next::Abandon(5 | 0x7FFF)) && out.is_empty());
    }
}

#[test]
fn section_4_12_an_unknown_extended_operation_is_a_protocol_error() {
    let (mut desk, mut client) = board();
    let asked = tlv(0x77, &[&tlv(0x80, &[b"1.2.3.4"])]);
    let (tag, code, ..) = outcome(&mut desk, &mut client, &asked);
    assert_eq!((tag, code), (0x78, 2));
}

/// The one intermediate response is RFC 4533's, which a request without its control never gets.
#[test]
fn section_4_13_nothing_comes_between_that_was_not_asked_for() {
    let (mut desk, mut client) = board();
    let asked = search_bytes(
        "o=rendezvous",
        2,
        [0, 0],
        &tlv(0x87, &[b"objectClass"]),
        &[],
    );
    let answers = decode(&desk.converse(&mut client, &envelope(9, &asked)));
    let is_usual = |answer: &LdapMsg| {
        matches!(
            answer.op,
            LdapOp::SearchResultEntry(_) | LdapOp::SearchResultDone(_)
        )
    };
    assert!(answers.len() > 1 && answers.iter().all(is_usual));
}

#[test]
fn section_4_14_start_tls_byte_by_byte() {
    let (desk, mut client) = board();
    let name = b"1.3.6.1.4.1.1466.20037";
    let request = envelope(9, &tlv(0x77, &[&tlv(0x80, &[name])]));
    let ask = |client: &mut Session| {
        let mut out = Vec::new();
        let request = decode_request(&request, 32).unwrap();
        let next = client.handle(&desk.core, desk.now, request, &mut out);
        (matches!(next, Next::StartTls), out)
    };
    let success = tlv(0x78, &[&[10, 1, 0, 4, 0, 4, 0], &tlv(0x8A, &[name])]);
    assert_eq!(ask(&mut client), (true, envelope(9, &success)));
    client.link.is_encrypted = true;
    let (begins, answer) = ask(&mut client);
    assert!(!begins);
    assert_eq!(last(&answer).1, 1, "operationsError");
}
