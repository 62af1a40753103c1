//! What we send, as tshark reads it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::program::{LONG, join, pause, start};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "tshark_finds_nothing_wrong_with_what_we_send",
        needs: &["tshark"],
        run: || is_well_formed(&["--address", "239.255.7.7"], "ip"),
    },
    Planned {
        name: "tshark_finds_nothing_wrong_with_what_we_send_over_ipv6",
        needs: &["tshark"],
        run: || is_well_formed(&["--address", "ff15::4d:3"], "ipv6"),
    },
    Planned {
        name: "no_packet_goes_further_than_the_scope_of_its_conference",
        needs: &["tshark"],
        run: ttl_is_of_the_scope,
    },
];

/// Everything that passes on a segment, written to a file by a host that only listens.
struct Capture {
    file: PathBuf,
    program: Running,
}

impl Capture {
    fn start(host: &Host) -> Self {
        let file = host.file("capture.pcapng");
        let mut tshark = host.command("tshark");
        tshark.args(["-i", "eth0", "-w"]).arg(&file);
        let program = Running::start(&mut tshark);
        program.wait_for("capture", LONG, |line| line.contains("Capturing on"));
        Self { file, program }
    }

    /// Ends the capture, once it has caught up with what was just sent.
    fn stop(mut self) -> Recorded {
        pause(1);
        self.program.interrupt();
        self.program.wait(LONG);
        Recorded { file: self.file }
    }
}

/// A capture that has ended.
struct Recorded {
    file: PathBuf,
}

impl Recorded {
    /// The fields of the packets that fit the filter, a row a packet; `port` is the one of RTP.
    fn rows(&self, port: u16, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
        let mut tshark = Command::new("tshark");
        tshark.arg("-r").arg(&self.file);
        let rtcp = port + 1;
        for decode in [format!("{port},rtp"), format!("{rtcp},rtcp")] {
            tshark.args(["-d", &format!("udp.port=={decode}")]);
        }
        tshark.args(["-Y", filter, "-T", "fields"]);
        for field in fields {
            tshark.args(["-e", field]);
        }
        let output = tshark.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        text.lines().map(row).collect()
    }

    /// The different values of one field, in their order.
    fn values(&self, port: u16, filter: &str, field: &str) -> Vec<String> {
        let mut values = self.rows(port, filter, &[field]).concat();
        values.sort();
        values.dedup();
        values
    }
}

/// Creates and announces a conference; gives the announcer, the description's path and its port.
fn announced(host: &Host, name: &str, more: &[&str]) -> (Running, String, u16) {
    let file = host.file(&format!("{name}.sdp")).display().to_string();
    let create = ["create", "--announce", "--name", name, "--output", &file];
    let announcer = start(host, &[&create, more].concat());
    announcer.wait_for("announcing", LONG, |line| line.contains("Announcing"));
    let port = port_of(Path::new(&file));
    (announcer, file, port)
}

fn port_of(file: &Path) -> u16 {
    let sdp = std::fs::read_to_string(file).unwrap();
    let media = sdp.lines().find_map(|line| line.strip_prefix("m=audio "));
    media.unwrap().split(' ').next().unwrap().parse().unwrap()
}

fn is_well_formed(address: &[&str], ip: &str) {
    let lan = Segment::new(3);
    let capture = Capture::start(&lan.hosts[2]);
    let (mut announcer, file, port) = announced(&lan.hosts[0], "Talk", address);
    let tones = lan.hosts.iter().take(2).zip(["tone:500", "tone:700"]);
    let speakers = tones.map(|(host, tone)| {
        let devices = ["--microphone", tone, "--speaker", "none"];
        join(
            host,
            &file,
            tone,
            &[&devices[..], &["--for", "7s"]].concat(),
        )
    });
    for mut speaker in speakers.collect::<Vec<_>>() {
        speaker.succeed(LONG);
    }
    announcer.interrupt();
    announcer.succeed(LONG);
    let seen = capture.stop();

    let wrong = "_ws.malformed || _ws.expert.severity == error || ip.checksum.status == 0";
    let wrong = seen.rows(
        port,
        wrong,
        &["frame.number", "_ws.col.Protocol", "_ws.col.Info"],
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    rtp_is_right(&seen, port, ip);
    rtcp_is_right(&seen, port);
    // An announcement with the description within, and a deletion. (What asks announcers to repeat
    // themselves is an announcement of something else.)
    assert_eq!(seen.values(port, "sap", "sap.flags.t"), ["0", "1"]);
    let named = seen.values(
        port,
        "sap.flags.t == 0 && sdp.session_name",
        "sdp.session_name",
    );
    assert_eq!(named, ["Talk"]);
}

/// Two senders whose packets are marked expedited (RFC 4594 section 4.1), one every 20 ms, none missing.
fn rtp_is_right(seen: &Recorded, port: u16, ip: &str) {
    let field = if ip == "ip" {
        "ip.dsfield.dscp"
    } else {
        "ipv6.tclass.dscp"
    };
    assert_eq!(seen.values(port, "rtp", field), ["46"]);
    assert_eq!(seen.values(port, "rtp", "rtp.version"), ["2"]);
    let ssrcs = seen.values(port, "rtp", "rtp.ssrc");
    assert_eq!(ssrcs.len(), 2, "{ssrcs:?}");
    for ssrc in ssrcs {
        let fields = ["rtp.seq", "rtp.timestamp", "rtp.marker"];
        let rows = seen.rows(port, &format!("rtp.ssrc == {ssrc}"), &fields);
        assert!(rows.len() > 250, "{} packets", rows.len());
        let number = |text: &String| text.parse::<u32>().unwrap();
        for pair in rows.windows(2) {
            let seq = number(&pair[1][0]).wrapping_sub(number(&pair[0][0])) & 0xffff;
            let time = number(&pair[1][1]).wrapping_sub(number(&pair[0][1]));
            assert_eq!((seq, time), (1, 960), "after {:?}", pair[0]);
        }
        // The first of a talk spurt, and a tone is one (RFC 3551 section 4.1).
        let is_marked = |row: &Vec<String>| ["1", "True"].contains(&row[2].as_str());
        let marked = rows.iter().filter(|row| is_marked(row)).count();
        assert!(is_marked(&rows[0]) && marked == 1, "{marked} marked");
    }
}

/// Compound packets that begin with a report and name their sender, and a goodbye from each (RFC 3550 section 6.1).
fn rtcp_is_right(seen: &Recorded, port: u16) {
    let rows = seen.rows(
        port,
        "rtcp",
        &["rtcp.pt", "rtcp.sdes.type", "rtcp.length_check"],
    );
    assert!(rows.len() >= 4, "{rows:?}");
    for row in &rows {
        let types: Vec<&str> = row[0].split(',').collect();
        assert!(["200", "201"].contains(&types[0]), "{row:?}");
        assert!(types.contains(&"202"), "{row:?}");
        assert!(
            row[1].split(',').any(|item| item == "1"),
            "no CNAME: {row:?}"
        );
        assert!(["1", "True"].contains(&row[2].as_str()), "{row:?}");
    }
    let goodbyes = rows.iter().filter(|row| row[0].ends_with("203"));
    assert_eq!(goodbyes.count(), 2, "{rows:?}");
}

fn ttl_is_of_the_scope() {
    let lan = Segment::new(2);
    let (us, listener) = (&lan.hosts[0], &lan.hosts[1]);
    let scopes = [
        ("room", "1"),
        ("site", "15"),
        ("organisation", "63"),
        ("world", "127"),
    ];
    let capture = Capture::start(listener);
    let conferences = scopes.map(|(scope, ttl)| {
        let (announcer, file, port) = announced(us, scope, &["--scope", scope]);
        let devices = ["--microphone", "tone:500", "--speaker", "none"];
        let speaker = join(us, &file, "Us", &[&devices[..], &["--for", "3s"]].concat());
        (announcer, speaker, port, ttl)
    });
    let mut ports = Vec::new();
    for (announcer, mut speaker, port, ttl) in conferences {
        speaker.succeed(LONG + Duration::from_secs(5));
        drop(announcer);
        ports.push((port, ttl));
    }
    let seen = capture.stop();
    for (port, ttl) in ports {
        for protocol in ["rtp", "rtcp"] {
            let filter = format!(
                "{protocol} && (udp.dstport == {port} || udp.dstport == {})",
                port + 1
            );
            assert_eq!(seen.values(port, &filter, "ip.ttl"), [ttl], "{protocol}");
        }
    }
    for (scope, ttl) in scopes {
        let filter = format!("sap && sdp.session_name == \"{scope}\"");
        assert_eq!(
            seen.values(5004, &filter, "ip.ttl"),
            [ttl],
            "announcement of {scope}"
        );
    }
}
