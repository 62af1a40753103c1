//! Messages byte by byte from RFC 2730, in both directions, and any bytes at all.
use proptest::prelude::*;

use super::*;

/// Hexadecimal digits with spaces between, to bytes.
fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap())
        .collect()
}

fn both_ways(kind: MessageKind, family: Family, xid: u32, options: Options, expected: &str) {
    let packet = Packet {
        kind,
        family,
        xid,
        options,
    };
    let expected = bytes(expected);
    assert_eq!(packet.to_bytes(), expected);
    assert_eq!(Packet::parse(&expected), Ok(packet));
}

fn id() -> Option<LeaseId> {
    LeaseId::new(&[0, 0xaa, 0xbb, 0xcc])
}

const ID: &str = "0003 0004 00aabbcc";
const END: &str = "0000 0000";

fn server() -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, 7]))
}

const SERVER: &str = "0002 0006 0001 c0000207";

#[test]
fn getinfo() {
    let options = Options {
        lease_id: id(),
        requested: Some(vec![code::SCOPE_LIST, code::FEATURES]),
        language: Some("en".to_owned()),
        ..Options::default()
    };
    let expected = format!("00 08 0001 01020304 {ID} 0005 0004 0009 000c 0008 0002 656e {END}");
    both_ways(
        MessageKind::GetInfo,
        Family::V4,
        0x0102_0304,
        options,
        &expected,
    );
}

/// The example of section 3.10, and its length of 51.
#[test]
fn scope_list_of_the_rfc() {
    let name = |name: &str| ZoneName {
        language: "en".to_owned(),
        name: name.to_owned(),
        is_default: true,
    };
    let scopes = vec![
        MulticastScope {
            first: IpAddr::from([239, 192, 0, 0]),
            last: IpAddr::from([239, 195, 255, 255]),
            ttl: 10,
            names: vec![name("Inside abcd.com")],
        },
        MulticastScope {
            first: IpAddr::from([224, 0, 1, 0]),
            last: IpAddr::from([238, 255, 255, 255]),
            ttl: 16,
            names: vec![name("world")],
        },
    ];
    let options = Options {
        server: server(),
        lease_id: id(),
        scopes: Some(scopes),
        ..Options::default()
    };
    let list = "0009 0033 02 \
        efc00000 efc3ffff 0a 01 80 02 656e 0f 496e7369646520616263642e636f6d \
        e0000100 eeffffff 10 01 80 02 656e 05 776f726c64";
    let expected = format!("00 05 0001 00000001 {SERVER} {ID} {list} {END}");
    both_ways(MessageKind::Ack, Family::V4, 1, options, &expected);
    assert!(
        Packet::parse(&bytes(&expected))
            .unwrap()
            .answers(Reply::GetInfo)
    );
    assert!(
        !Packet::parse(&bytes(&expected))
            .unwrap()
            .answers(Reply::Release)
    );
}

#[test]
fn discover_with_every_option_that_it_may_have() {
    let options = Options {
        lease_secs: Some(7200),
        lease_id: id(),
        scope: Some(IpAddr::from([239, 255, 0, 0])),
        start: Some(UnixTime(0x6000_0000)),
        count: Some(Count { min: 1, desired: 3 }),
        ranges: Some(vec![AddressRange {
            first: IpAddr::from([239, 255, 1, 2]),
            count: 3,
        }]),
        now: Some(UnixTime(0x5fff_ffff)),
        features: Some(Features {
            supported: vec![Feature::RETRY_AFTER, Feature::SHARED_LEASE_ID],
            requested: vec![Feature::SHARED_LEASE_ID],
            required: Vec::new(),
        }),
        min_lease_secs: Some(3600),
        max_start: Some(UnixTime(0x6000_0e10)),
        ..Options::default()
    };
    let expected = format!(
        "00 01 0001 ffffffff 0001 0004 00001c20 {ID} 0004 0004 efff0000 \
         0006 0004 60000000 0007 0004 0001 0003 000a 0006 efff0102 0003 \
         000b 0004 5fffffff 000c 000c 0002 0001 0002 0001 0002 0000 \
         000e 0004 00000e10 000f 0004 60000e10 {END}"
    );
    both_ways(
        MessageKind::Discover,
        Family::V4,
        u32::MAX,
        options,
        &expected,
    );
}

#[test]
fn offer() {
    let options = Options {
        lease_secs: Some(3600),
        server: server(),
        lease_id: id(),
        scope: Some(IpAddr::from([239, 255, 0, 0])),
        ..Options::default()
    };
    let expected =
        format!("00 02 0001 00000009 0001 0004 00000e10 {SERVER} {ID} 0004 0004 efff0000 {END}");
    both_ways(MessageKind::Offer, Family::V4, 9, options, &expected);
}

/// IPv6 groups from a server with an IPv4 address: the message's family is not the server's (section 3.3).
#[test]
fn request_for_ipv6_groups_of_a_server_with_ipv4() {
    let options = Options {
        server: server(),
        lease_id: id(),
        scope: Some("ff15::".parse().unwrap()),
        ..Options::default()
    };
    let scope = "0004 0010 ff150000000000000000000000000000";
    let expected = format!("00 03 0002 00000009 {SERVER} {ID} {scope} {END}");
    both_ways(MessageKind::Request, Family::V6, 9, options, &expected);
}

#[test]
fn ack_of_a_lease() {
    let options = Options {
        lease_secs: Some(1),
        server: Some("2001:db8::7".parse().unwrap()),
        lease_id: id(),
        scope: Some("ff15::".parse().unwrap()),
        start: Some(UnixTime(2)),
        ranges: Some(vec![AddressRange {
            first: "ff15::8000:1".parse().unwrap(),
            count: 2,
        }]),
        now: Some(UnixTime(1)),
        ..Options::default()
    };
    let expected = format!(
        "00 05 0002 00000009 0001 0004 00000001 \
         0002 0012 0002 20010db8000000000000000000000007 {ID} \
         0004 0010 ff150000000000000000000000000000 0006 0004 00000002 \
         000a 0012 ff150000000000000000000080000001 0002 000b 0004 00000001 {END}"
    );
    both_ways(MessageKind::Ack, Family::V6, 9, options, &expected);
    let packet = Packet::parse(&bytes(&expected)).unwrap();
    assert!(packet.answers(Reply::Request) && packet.answers(Reply::Renew));
    assert!(!packet.answers(Reply::GetInfo) && !packet.answers(Reply::Discover));
}

#[test]
fn renew_and_release() {
    let options = Options {
        lease_secs: Some(60),
        lease_id: id(),
        ..Options::default()
    };
    let expected = format!("00 04 0001 00000001 0001 0004 0000003c {ID} {END}");
    both_ways(MessageKind::Renew, Family::V4, 1, options, &expected);
    let options = Options {
        lease_id: id(),
        ..Options::default()
    };
    let expected = format!("00 07 0001 00000002 {ID} {END}");
    both_ways(MessageKind::Release, Family::V4, 2, options, &expected);
}

#[test]
fn nak_with_every_reason() {
    let reasons = [
        (Refusal::CannotComplete(Some(code::COUNT)), "0004 0000 0007"),
        (Refusal::CannotComplete(None), "0004 0000 ffff"),
        (Refusal::Invalid(Some(code::SCOPE)), "0004 0001 0004"),
        (
            Refusal::ClockSkew(UnixTime(0x0102_0304)),
            "0006 0002 01020304",
        ),
        (Refusal::UnknownLease, "0002 0003"),
        (
            Refusal::Unsupported(vec![Feature(0), Feature(9)]),
            "0006 0004 0000 0009",
        ),
        (Refusal::Other(1024), "0002 0400"),
    ];
    for (refusal, value) in reasons {
        let options = Options {
            server: server(),
            lease_id: id(),
            refusal: Some(refusal),
            ..Options::default()
        };
        let expected = format!("00 06 0001 00000001 {SERVER} {ID} 0010 {value} {END}");
        both_ways(MessageKind::Nak, Family::V4, 1, options, &expected);
    }
}

#[test]
fn an_ack_that_asks_for_patience() {
    let options = Options {
        lease_secs: Some(0),
        server: server(),
        lease_id: id(),
        scope: Some(IpAddr::from([239, 255, 0, 0])),
        ranges: Some(Vec::new()),
        now: Some(UnixTime(1)),
        retry_at: Some(UnixTime(2)),
        ..Options::default()
    };
    let expected = format!(
        "00 05 0001 00000001 0001 0004 00000000 {SERVER} {ID} 0004 0004 efff0000 \
         000a 0000 000b 0004 00000001 000d 0004 00000002 {END}"
    );
    both_ways(MessageKind::Ack, Family::V4, 1, options, &expected);
}

#[test]
fn order_and_unknown_options_do_not_matter() {
    let known = format!("00 04 0001 00000001 0001 0004 0000003c {ID} {END}");
    let other = format!("00 04 0001 00000001 {ID} 03e7 0001 ff 0001 0004 0000003c {END}");
    assert_eq!(Packet::parse(&bytes(&other)), Packet::parse(&bytes(&known)));
}

#[test]
fn what_must_be_ignored_is_told_from_what_can_be_answered() {
    let parse = |text: &str| Packet::parse(&bytes(text)).unwrap_err();
    assert_eq!(parse("00 07 0001 000000"), PacketError::Truncated(7));
    let released = format!("01 07 0001 00000002 {ID} {END}");
    assert_eq!(parse(&released), PacketError::UnknownVersion(1));
    for damaged in [
        format!("00 07 0001 00000002 {ID}"),
        format!("00 07 0001 00000002 {ID} {END} 00"),
        format!("00 07 0001 00000002 {ID} 0000 0001 00"),
        format!("00 07 0001 00000002 {END} {ID}"),
        "00 07 0001 00000002 0003 0005 00aabbcc".to_owned(),
    ] {
        assert_eq!(parse(&damaged), PacketError::DamagedOptions, "{damaged}");
    }
}

#[test]
fn faults_are_answered_by_naming_the_option() {
    let cases = [
        (format!("00 07 0001 00000002 {ID} {ID} {END}"), "0003"),
        (
            format!("00 07 0001 00000002 {ID} 0001 0004 00000001 {END}"),
            "0001",
        ),
        (
            format!("00 04 0001 00000002 {ID} 0001 0003 000001 {END}"),
            "0001",
        ),
        (format!("00 01 0001 00000002 {ID} {END}"), "0004"),
        (
            format!("00 03 0001 00000002 {ID} 0004 0004 efff0000 0007 0004 0002 0001 {END}"),
            "0007",
        ),
        (format!("00 09 0001 00000002 {ID} {END}"), "ffff"),
        (format!("00 07 0009 00000002 {ID} {END}"), "ffff"),
    ];
    for (text, option) in cases {
        let Err(PacketError::NotConforming(fault)) = Packet::parse(&bytes(&text)) else {
            panic!("{text} is refused");
        };
        let nak = fault.nak(server().unwrap()).unwrap();
        let family = if text.contains(" 0009 ") {
            "0009"
        } else {
            "0001"
        };
        let expected =
            format!("00 06 {family} 00000002 {SERVER} {ID} 0010 0004 0001 {option} {END}");
        assert_eq!(nak, bytes(&expected), "{text}");
    }
}

#[test]
fn nobody_answers_a_nak_or_what_names_no_lease() {
    for text in [
        format!("00 06 0001 00000002 {ID} {END}"),
        format!("00 07 0001 00000002 {END}"),
    ] {
        let Err(PacketError::NotConforming(fault)) = Packet::parse(&bytes(&text)) else {
            panic!("{text} is refused");
        };
        assert_eq!(fault.nak(server().unwrap()), None);
    }
}

#[test]
fn ranges_are_made_of_neighbours() {
    let group = |last| IpAddr::from([239, 255, 255, last]);
    let ranges =
        AddressRange::from_addresses(&[group(3), group(1), group(2), group(255), group(1)]);
    let expected = [(group(1), 3), (group(255), 1)];
    assert_eq!(
        ranges,
        expected.map(|(first, count)| AddressRange { first, count })
    );
    let all: Vec<IpAddr> = ranges.iter().flat_map(|range| range.addresses()).collect();
    assert_eq!(all, [group(1), group(2), group(3), group(255)]);
    let last = AddressRange {
        first: IpAddr::from([255; 4]),
        count: 9,
    };
    assert_eq!(last.addresses().count(), 1, "addresses end");
}

proptest! {
    #[test]
    fn any_bytes_never_panic(head in 0u8..10, rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&[0, head, 0, 1][..], &rest].concat();
        if let Ok(packet) = Packet::parse(&bytes) {
            prop_assert_eq!(Packet::parse(&packet.to_bytes()), Ok(packet));
        }
    }

    /// Random bytes are hardly ever options; these are, with values of any length and content.
    #[test]
    fn any_options_never_panic(
        kind in 0u8..10,
        family in 0u16..4,
        options in prop::collection::vec((0u16..20, prop::collection::vec(any::<u8>(), 0..20)), 0..8),
    ) {
        let mut bytes = vec![0, kind];
        bytes.extend(family.to_be_bytes());
        bytes.extend([0; 4]);
        for (code, value) in options {
            bytes.extend(code.to_be_bytes());
            bytes.extend((value.len() as u16).to_be_bytes());
            bytes.extend(value);
        }
        bytes.extend([0; 4]);
        match Packet::parse(&bytes) {
            Ok(packet) => prop_assert_eq!(Packet::parse(&packet.to_bytes()), Ok(packet)),
            Err(PacketError::NotConforming(fault)) => {
                let nak = fault.nak(IpAddr::from([10, 0, 0, 1]));
                prop_assert!(nak.is_none_or(|nak| nak.len() < 200));
            }
            Err(_) => {}
        }
    }
}
