//! Whatever may come is read or refused, and what is written is read as it was.
use proptest::prelude::*;

use super::encryption::KEY_WITHHELD;
use super::*;

const LECTURE: &[u8] = include_bytes!("../../../tests/vectors/sdp/sdr_weekly_lecture.sdp");

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        check_all_readings(&bytes)?;
        check_all_readings(&[b"v=0\n", bytes.as_slice()].concat())?;
    }

    #[test]
    fn any_lines_are_read_or_refused(lines in proptest::collection::vec(line(), 0..12)) {
        let text = format!("v=0\no=- 1 1 IN IP4 10.0.0.1\nt=3900000000 0\n{}\n", lines.join("\n"));
        check_all_readings(text.as_bytes())?;
    }

    #[test]
    fn one_wrong_byte_is_survived(at in 0..400usize, byte: u8) {
        let mut bytes = LECTURE.to_vec();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        check_all_readings(&bytes)?;
        check_all_readings(&bytes[..at.min(bytes.len())])?;
    }

    #[test]
    fn what_is_written_is_read_as_it_was(description in description()) {
        prop_assert_eq!(Description::parse(description.to_string().as_bytes()), Ok(description));
    }
}

/// What writing does not keep: `k=`, of which a note remains, the old charset, and that `t=` was missing.
fn as_written(mut description: Description) -> Description {
    withhold(&mut description.key, &mut description.attributes);
    for media in &mut description.media {
        withhold(&mut media.key, &mut media.attributes);
    }
    if description.times.is_empty() {
        description.times.push(Time::permanent());
    }
    description
}

fn withhold(key: &mut Option<Key>, attributes: &mut Attributes) {
    if key.take().is_some() && !attributes.has(KEY_WITHHELD) {
        attributes.push(KEY_WITHHELD, None);
    }
}

fn check_all_readings(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(description) = Description::parse(bytes) else {
        return Ok(());
    };
    let wall = NtpTime(3_950_000_500).to_system().unwrap();
    description.activity(wall);
    description.occurrences(wall).take(3).for_each(drop);
    let calendar = description.to_icalendar("rendezvous:0", wall);
    let mut lines = calendar.iter().flat_map(|file| file.split("\r\n"));
    prop_assert!(lines.all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
    prop_assert!(serde_json::to_string(&description).is_ok());
    let written = description.to_string();
    prop_assert_eq!(
        Description::parse(written.as_bytes()),
        Ok(as_written(description))
    );
    Ok(())
}

/// Lines as they are sent, some of them wrong; whole descriptions arise by chance and by the lines before them.
fn line() -> impl Strategy<Value = String> {
    let typed = "[voiuepcbtrzkam]=[ -~é]{0,30}";
    let numbers = "[trz]=[0-9]{1,12}[dhms]? -?[0-9]{1,12}[dhms]?( [0-9]{1,6})?";
    let connection = "c=IN IP[46] (2[23][0-9]\\.0\\.1\\.1|ff1[0-9a-f]::1)(/[0-9]{1,3}){0,2}";
    let media = "m=(audio|video) [0-9]{1,5}(/[1-9])? RTP/AVP( [0-9]{1,3}){0,3}";
    let attribute =
        "a=(rtpmap|fmtp|rtcp|extmap|crypto|source-filter|ptime|group|rtcp-fb|mid):[ -~]{0,20}";
    prop_oneof![typed, numbers, connection, media, attribute]
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9.-]{1,12}[a-z]"
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let line = (word(), proptest::option::of("[ -~ü]{0,20}"));
    let lines = proptest::collection::vec(line, 0..4);
    lines.prop_map(|lines| {
        let mut attributes = Attributes::default();
        lines
            .iter()
            .for_each(|(name, value)| attributes.push(&format!("x{name}"), value.as_deref()));
        attributes
    })
}

fn connection() -> impl Strategy<Value = Connection> {
    let group = prop_oneof![
        (0..0x0f00_0000u32).prop_map(|n| std::net::IpAddr::from((0xe000_0000 | n).to_be_bytes())),
        any::<u32>().prop_map(|n| std::net::Ipv6Addr::from((0xff15 << 112) | u128::from(n)).into()),
    ];
    (group, any::<u8>(), 1..256u16).prop_map(|(group, ttl, count)| {
        let mut connection = Connection::new(group, ttl);
        connection.count = count;
        connection
    })
}

fn time() -> impl Strategy<Value = Time> {
    let secs = 0..NtpTime::MAX_SECS;
    let repeat = (
        1..1_000_000u64,
        0..1_000_000u64,
        proptest::collection::vec(0..1_000_000u64, 1..4),
    );
    let repeat = repeat.prop_map(|(interval_secs, duration_secs, offsets_secs)| Repeat {
        interval_secs,
        duration_secs,
        offsets_secs,
    });
    let zone = (secs.clone(), -90_000..90_000i64);
    let zone = zone.prop_map(|(at, offset_secs)| ZoneAdjustment {
        at: NtpTime(at),
        offset_secs,
    });
    let lists = (
        proptest::collection::vec(repeat, 0..3),
        proptest::collection::vec(zone, 0..3),
    );
    (secs.clone(), secs, lists).prop_map(|(start, stop, (repeats, mut zones))| {
        zones.sort_by_key(|zone| zone.at);
        let (start, stop) = (NtpTime(start), NtpTime(stop));
        Time {
            start,
            stop,
            repeats,
            zones,
        }
    })
}

fn media() -> impl Strategy<Value = Media> {
    let connections = proptest::collection::vec(connection(), 0..3);
    let parts = (any::<u16>(), 1..9u16, word(), proptest::option::of(word()));
    (parts, connections, attributes()).prop_map(|(parts, connections, attributes)| {
        let (port, port_count, protocol, title) = parts;
        let new = Media::new("audio", port, &protocol, &[0, 96]);
        Media {
            port_count,
            title,
            connections,
            attributes,
            ..new
        }
    })
}

fn description() -> impl Strategy<Value = Description> {
    let origin =
        (word(), "[0-9]{1,30}", "[0-9]{1,30}").prop_map(|(username, session_id, version)| Origin {
            username,
            session_id,
            version: Version::new(&version),
            net_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            address: "host.example".to_owned(),
        });
    let text = (
        word(),
        proptest::option::of(word()),
        proptest::collection::vec(word(), 0..3),
    );
    let lists = (
        proptest::collection::vec(time(), 1..4),
        proptest::collection::vec(media(), 0..4),
    );
    let session = (
        proptest::option::of(connection()),
        attributes(),
        any::<u64>(),
    );
    (origin, text, lists, session).prop_map(|(origin, text, (times, media), session)| Description {
        origin: Some(origin),
        name: text.0,
        information: text.1.clone(),
        uri: text.1,
        emails: text.2.clone(),
        phones: text.2,
        connection: session.0,
        bandwidths: vec![Bandwidth::new(
            BandwidthKind::TransportIndependent,
            session.2,
        )],
        times,
        key: None,
        attributes: session.1,
        media,
    })
}
