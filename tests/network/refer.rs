//! The ways to name a conference, and what is shown of it.

use conf_tests::netns::{Host, Segment, rendezvous};
use conf_tests::running::Running;
use conf_tests::trials::Planned;
use serde_json::Value;

use crate::program::{LONG, announce, join, parsed, start, write_sdp};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_conference_is_joined_by_id_by_beginning_of_its_name_by_link_and_by_file",
        needs: &[],
        run: is_joined_by_each,
    },
    Planned {
        name: "every_field_of_a_description_is_shown_from_a_file_and_from_standard_input",
        needs: &[],
        run: every_field_is_shown,
    },
    Planned {
        name: "what_is_shown_as_sdp_is_what_was_created",
        needs: &[],
        run: sdp_survives_the_way,
    },
];

fn is_joined_by_each() {
    let lan = Segment::new(2);
    let (far, near) = (&lan.hosts[0], &lan.hosts[1]);
    let file = near.file("weekly.sdp").display().to_string();
    let _announcer = announce(far, "Weekly meeting", &["--output", &file]);
    let watcher = start(near, &["list", "--watch", "--json"]);
    let seen = watcher.wait_for("conference", LONG, |line| line.contains("Weekly"));
    let seen = parsed(&seen.text);
    let (id, link) = (&seen["id"], seen["link"].as_str().unwrap());
    let id = id.as_str().unwrap();
    assert_eq!(link, format!("rendezvous:{id}"));
    let encoded = "rendezvous:Weekly%20meeting";
    for reference in [id, "weekly", link, encoded, &file] {
        let quiet = ["--microphone", "none", "--speaker", "none", "--for", "1s"];
        let mut program = join(near, reference, "Us", &quiet);
        program.succeed(LONG);
        let joining = program.wait_for("joining", LONG, |line| line.contains("\"joining\""));
        assert_eq!(parsed(&joining.text)["conference"]["id"], id, "{reference}");
        program.wait_for("joined", LONG, |line| line.contains("\"joined\""));
    }
}

/// A description as sdr and its friends would write it, with something unknown in it.
const RICH: [&str; 14] = [
    "v=0",
    "o=ann 3092601600 7 IN IP4 10.77.0.1",
    "s=Sea ice seminar",
    "i=Thickness, from below and from above",
    "u=https://ice.test/seminar",
    "e=ann@ice.test (Ann)",
    "p=+47 55 00 00 00",
    "c=IN IP4 239.255.9.9/15",
    "b=AS:128",
    "t=0 0",
    "a=tool:elsewhere 9",
    "m=audio 5004 RTP/AVP 96 0",
    "a=rtpmap:96 opus/48000/2",
    "a=x-colour:blue",
];

fn every_field_is_shown() {
    let lan = Segment::new(1);
    let host = &lan.hosts[0];
    let file = write_sdp(host, "rich.sdp", &RICH);
    let program = rendezvous().display().to_string();
    let from_input = format!("{program} show - --json < {file}");
    let mut shell = host.command("sh");
    let shown = [
        shown(&mut start(host, &["show", "--json", &file])),
        shown(&mut Running::start(shell.args(["-c", &from_input]))),
    ];
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0]["name"], "Sea ice seminar");
    // Wherever the members are, every word of the description is among them.
    let text = shown[0].to_string();
    let words = [
        "ann",
        "3092601600",
        "\"7\"",
        "10.77.0.1",
        "Thickness, from below and from above",
        "https://ice.test/seminar",
        "ann@ice.test",
        "+47 55 00 00 00",
        "239.255.9.9",
        "15",
        "128",
        "elsewhere 9",
        "5004",
        "RTP/AVP",
        "96 opus/48000/2",
        "x-colour",
        "blue",
    ];
    for word in words {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

fn shown(program: &mut Running) -> Value {
    program.succeed(LONG);
    let lines = program.lines();
    assert_eq!(lines.len(), 1, "{program}");
    parsed(&lines[0].text)
}

fn sdp_survives_the_way() {
    let lan = Segment::new(2);
    let file = lan.hosts[0].file("ours.sdp").display().to_string();
    let _announcer = announce(&lan.hosts[0], "Ours", &["--output", &file]);
    let heard = printed(&lan.hosts[1], &["show", "--sdp", "Ours"]);
    let read = printed(&lan.hosts[1], &["show", "--sdp", &file]);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(heard, read);
    assert_eq!(heard.join("\r\n") + "\r\n", written);
}

/// The lines of a description that a command prints.
fn printed(host: &Host, words: &[&str]) -> Vec<String> {
    let mut program = start(host, words);
    program.succeed(LONG);
    let is_sdp = |line: &String| line.as_bytes().get(1) == Some(&b'=');
    let lines = program.lines().into_iter().map(|line| line.text);
    let lines = lines.map(|text| text.trim_end_matches('\r').to_owned());
    lines.filter(is_sdp).collect()
}
