//! Whole descriptions: the vectors of `tests/vectors/sdp`.
use super::*;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/vectors/sdp/", $name, ".sdp"))
    };
}

/// Name, scope, then for each medium its kind, destinations and rtpmaps.
fn summary(description: &Description) -> Vec<String> {
    let scope = description.scope().map(Scope::name).unwrap_or("-");
    let mut lines = vec![format!("{} | {scope}", description.name)];
    lines.extend(description.mediums().map(|medium| {
        let to = medium.destinations();
        let to: Vec<_> = to
            .iter()
            .map(|to| format!("{}+{}", to.rtp, to.rtcp.port()))
            .collect();
        let maps = medium.media.attributes.rtpmaps();
        let maps: Vec<_> = maps
            .map(|map| format!("{}/{}", map.encoding, map.clock_rate))
            .collect();
        format!(
            "{} | {} | {}",
            medium.media.kind,
            to.join(" "),
            maps.join(" ")
        )
    }));
    lines
}

fn read(bytes: &[u8]) -> Description {
    Description::parse(bytes).unwrap()
}

#[test]
fn examples_of_the_rfcs_are_written_as_they_are_read() {
    for bytes in [
        &vector!("rfc2327_section_6")[..],
        vector!("rfc8866_section_5"),
    ] {
        assert_eq!(read(bytes).to_string().as_bytes(), bytes);
    }
}

#[test]
fn rfc2327_section_6() {
    let description = read(vector!("rfc2327_section_6"));
    let expected = [
        "SDP Seminar | world",
        "audio | 224.2.17.12:49170+49171 | ",
        "video | 224.2.17.12:51372+51373 | ",
        "application | 224.2.17.12:32416+32417 | ",
    ];
    assert_eq!(summary(&description), expected);
    assert_eq!(description.id().to_string(), "7ae5e5810401cae7");
    assert_eq!(description.times[0].start, NtpTime(2_873_397_496));
    assert_eq!(
        description.medium(1).unwrap().direction(),
        Direction::ReceiveOnly
    );
    let wb = &description.media[2];
    assert_eq!(
        (wb.protocol.as_str(), wb.formats.as_slice()),
        ("udp", &["wb".to_owned()][..])
    );
}

#[test]
fn rfc8866_section_5() {
    let description = read(vector!("rfc8866_section_5"));
    let expected = [
        "Call to John Smith | -",
        "audio | 198.51.100.1:49170+49171 | ",
        "audio | 198.51.100.1:49180+49181 | ",
        "video | [2001:db8::2]:51372+51373 | h263-1998/90000",
    ];
    assert_eq!(summary(&description), expected);
    assert_eq!(description.information.as_deref(), Some("SDP Offer #1"));
    assert_eq!(description.emails, ["Jane Doe <jane@jdoe.example.com>"]);
    assert_eq!(description.phones, ["+1 617 555-6011"]);
    assert_eq!(
        description.version().map(Version::as_str),
        Some("3724394405")
    );
}

#[test]
fn sdr_weekly_lecture() {
    let description = read(vector!("sdr_weekly_lecture"));
    let expected = [
        "Weekly lecture | world",
        "audio | 224.2.200.11:22334+22335 | ",
        "video | 224.2.200.12:51200+51201 224.2.200.13:51202+51203 | ",
        "whiteboard | 224.2.200.14:33456+33457 | ",
    ];
    assert_eq!(summary(&description), expected);
    let wall = NtpTime(3_951_000_001).to_system().unwrap();
    let next = description.occurrences(wall).next().unwrap();
    let start = next.start.map(|start| NtpTime::from_system(start).0);
    assert_eq!(start, Some(3_950_000_400 + 14 * 86_400 - 3_600));
    let text = description.to_string();
    assert!(text.contains("a=tool:sdr v2.4a6\r\na=type:broadcast\r\na=x-plugin:slides\r\nm=audio"));
    assert!(text.contains("r=604800 7200 0 86400\r\nz=3951000000 -3600 3959000000 0\r\n"));
}

#[test]
fn windows_2000_dialer() {
    let description = read(vector!("windows_2000_dialer"));
    let expected = [
        "Budget meeting | site",
        "audio | 239.255.20.31:16384+16385 | ",
        "video | 239.255.20.31:16386+16387 | ",
    ];
    assert_eq!(summary(&description), expected);
    assert_eq!(description.origin.unwrap().address, "DIALER-PC");
}

#[test]
fn aes67_stage_box() {
    let description = read(vector!("aes67_stage_box"));
    let expected = [
        "Stage box : 8 | organisation",
        "audio | 239.69.11.90:5004+5005 | L24/48000",
    ];
    assert_eq!(summary(&description), expected);
    let medium = description.medium(0).unwrap();
    let source: std::net::IpAddr = "192.0.2.90".parse().unwrap();
    assert_eq!(medium.sources("239.69.11.90".parse().unwrap()), [source]);
    assert_eq!(medium.ptime_ms(), Some(1.0));
    assert_eq!(medium.media.title.as_deref(), Some("8 channels: 1 to 8"));
}

#[test]
fn camera_rtsp() {
    let description = read(vector!("camera_rtsp"));
    assert_eq!(
        summary(&description),
        ["Media Presentation | -", "video |  | H264/90000"]
    );
    assert_eq!(description.origin, None);
    let attributes = &description.media[0].attributes;
    let parameters = attributes.fmtp(96).unwrap();
    assert_eq!(
        parameters.value("sprop-parameter-sets"),
        Some("Z00AKZ==,aO48gA==")
    );
    assert_eq!(
        attributes.value("Media_header"),
        Some("MEDIAINFO=494D4B48;")
    );
}

#[test]
fn ffmpeg_rtp_muxer() {
    let description = read(vector!("ffmpeg_rtp_muxer"));
    let expected = [
        "No Name | site",
        "audio | 239.255.1.1:5004+5005 | opus/48000",
    ];
    assert_eq!(summary(&description), expected);
    assert_eq!(description.encryption(), None);
    let wall = NtpTime(4_000_000_000).to_system().unwrap();
    assert_eq!(description.activity(wall), Activity::Permanent);
}

#[test]
fn ipv6_layers() {
    let description = read(vector!("ipv6_layers"));
    let expected = [
        "Three layers | site",
        "video | [ff15::db8:0:101]:40000+40001 [ff15::db8:0:102]:40000+40001 [ff15::db8:0:103]:40000+40001 | H264/90000",
        "audio | [ff15::db8:0:200]:40010+40010 | opus/48000",
    ];
    assert_eq!(summary(&description), expected);
    assert_eq!(
        description.origin.unwrap().session_id,
        "99999999999999999999999999"
    );
}

#[test]
fn encrypted_savp() {
    let encryption = read(vector!("encrypted_savp")).encryption();
    let (medium, protocol) = (0, "RTP/SAVP".to_owned());
    assert_eq!(
        encryption,
        Some(Encryption::SecureProtocol { medium, protocol })
    );
}

#[test]
fn encrypted_key() {
    let description = read(vector!("encrypted_key"));
    assert_eq!(
        description.encryption(),
        Some(Encryption::Key { medium: None })
    );
    let text = description.to_string();
    assert!(!text.contains("opensesame") && !text.contains("\r\nk="));
    let again = read(text.as_bytes());
    assert_eq!(again.encryption(), description.encryption());
    assert_eq!(again.to_string(), text);
}

#[test]
fn latin1_declared() {
    let description = read(vector!("latin1_declared"));
    assert_eq!(description.name, "Besprechung in Zürich");
    assert!(description.to_string().contains("a=charset:UTF-8\r\n"));
    assert_eq!(
        read(description.to_string().as_bytes()).name,
        description.name
    );
}

#[test]
fn latin1_undeclared() {
    assert_eq!(
        read(vector!("latin1_undeclared")).name,
        "Besprechung in Zürich"
    );
}

#[test]
fn mixed_line_ends() {
    let description = read(vector!("mixed_line_ends"));
    assert_eq!(
        summary(&description),
        [" | room", "audio | 239.255.6.6:6000+6001 | "]
    );
    let origin = description.origin.unwrap();
    assert_eq!(
        (origin.username.as_str(), origin.session_id.as_str()),
        ("john of the lab", "abc-1")
    );
}

#[test]
fn what_is_broken_is_told_by_line_and_field() {
    let table: [(&[u8], &str); 6] = [
        (
            vector!("broken_port"),
            "line 5, m=: the port `70000` is not within 0 to 65535",
        ),
        (
            vector!("broken_ttl"),
            "line 6, c=: the group 239.255.5.5 has no TTL, as in 224.2.1.1/127",
        ),
        (
            vector!("broken_cut_off"),
            "line 3, t=: the description ends before it says when and what: it seems cut off",
        ),
        (
            vector!("broken_no_origin"),
            "line 2, o=: the origin is missing, so this conference cannot be told from another",
        ),
        (
            vector!("broken_time"),
            "line 4, t=: the start time `tomorrow` is not a number",
        ),
        (
            vector!("broken_version"),
            "line 1, v=: version `1` of SDP is not known, only 0 is",
        ),
    ];
    for (bytes, message) in table {
        assert_eq!(Description::parse(bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn limits_hold() {
    let with = |lines: String| {
        let text = format!("v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\n{lines}");
        Description::parse(text.as_bytes()).map_err(|error| error.to_string())
    };
    let refused = |line: &str, times: usize| with(line.repeat(times)).unwrap_err();
    assert!(with("m=audio 9 RTP/AVP 0\n".repeat(64)).is_ok());
    assert_eq!(
        refused("m=audio 9 RTP/AVP 0\n", 65),
        "line 69, m=: more than 64 media"
    );
    assert_eq!(refused("t=0 0\n", 40), "line 36, t=: more than 32 times");
    assert_eq!(
        refused("r=1 1 0\n", 70),
        "line 69, r=: more than 64 repetitions"
    );
    assert_eq!(
        refused("a=x\n", 2100),
        "line 2049, a=: more than 2048 lines"
    );
    let ranges = format!(
        "m=audio 9 RTP/AVP 0\n{}",
        "c=IN IP4 224.2.1.1/1/256\n".repeat(33)
    );
    assert_eq!(
        with(ranges).unwrap_err(),
        "line 38, c=: more than 32 addresses"
    );
    assert_eq!(refused("\n", 70_000), "line 1, v=: more than 65536 bytes");
}

#[test]
fn nothing_breaks_out_of_its_line() {
    let mut description = read(vector!("ffmpeg_rtp_muxer"));
    description.name = "x\r\nk=clear:y\0".to_owned();
    description.attributes.push("a\nm=audio", Some("1\r2"));
    let text = description.to_string();
    assert!(text.contains("s=x  k=clear:y \r\n"));
    assert!(text.contains("a=a m=audio:1 2\r\n"));
}
