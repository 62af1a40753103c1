//! Descriptions that cannot be read, and conferences that cannot be joined: each says why, and by its exit code.

use conf_tests::netns::Segment;
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::program::{LONG, join, start, write_sdp};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "an_encrypted_conference_is_refused_with_the_reason",
        needs: &[],
        run: encrypted_is_refused,
    },
    Planned {
        name: "a_broken_description_is_refused_naming_line_and_reason",
        needs: &[],
        run: broken_is_refused,
    },
    Planned {
        name: "a_conference_that_is_over_is_refused_as_such",
        needs: &[],
        run: over_is_refused,
    },
    Planned {
        name: "a_conference_without_a_common_codec_is_refused_naming_what_it_offers",
        needs: &[],
        run: foreign_codec_is_refused,
    },
    Planned {
        name: "a_conference_of_two_only_is_refused",
        needs: &[],
        run: unicast_is_refused,
    },
    Planned {
        name: "a_conference_that_nobody_announces_is_not_found",
        needs: &[],
        run: unknown_is_not_found,
    },
];

/// What --help promises.
const NOT_FOUND: i32 = 3;
const BROKEN: i32 = 4;
const REFUSED: i32 = 5;

/// Joins a description of these lines; it has to end with this code and to say all of these words in one line.
fn refuses(lines: &[&str], code: i32, words: &[&str]) {
    let lan = Segment::new(1);
    let host = &lan.hosts[0];
    let file = write_sdp(host, "given.sdp", lines);
    let mut program = join(host, &file, "Us", &["--for", "1s"]);
    ends_with(&mut program, code, words);
    let has_joined = |line: &str| line.contains("\"joined\"");
    assert!(
        !program.lines().iter().any(|line| has_joined(&line.text)),
        "{program}"
    );
}

fn ends_with(program: &mut Running, code: i32, words: &[&str]) {
    let status = program.wait(LONG);
    assert_eq!(status.code(), Some(code), "{program}");
    let says = |line: &str| words.iter().all(|word| line.contains(word));
    program.wait_for(&format!("{words:?}"), LONG, says);
}

/// The first lines of a description, for a group that nobody else uses.
const HEAD: [&str; 5] = [
    "v=0",
    "o=- 1 1 IN IP4 10.77.0.1",
    "s=Given",
    "c=IN IP4 239.255.9.9/1",
    "t=0 0",
];

fn encrypted_is_refused() {
    let map = "a=rtpmap:96 opus/48000/2";
    let key = "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";
    let crypto = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {key}");
    let clear = "m=audio 5004 RTP/AVP 96";
    let kinds: [(&[&str], &str); 3] = [
        (&["m=audio 5004 RTP/SAVP 96", map], "RTP/SAVP"),
        (&[clear, map, &crypto], "a=crypto"),
        (&[clear, "k=clear:secret", map], "k="),
    ];
    for (lines, reason) in kinds {
        refuses(&[&HEAD, lines].concat(), REFUSED, &["encrypted", reason]);
    }
}

fn broken_is_refused() {
    let lines = [&HEAD[..], &["m=audio many RTP/AVP 0"]].concat();
    refuses(&lines, BROKEN, &["given.sdp", "line 6", "port", "many"]);
    refuses(&HEAD[..2], BROKEN, &["line 2", "cut off"]);
}

fn over_is_refused() {
    // 1 January 1998, an hour long.
    let times = "t=3092601600 3092605200";
    let lines = [&HEAD[..4], &[times, "m=audio 5004 RTP/AVP 0"]].concat();
    refuses(&lines, REFUSED, &["Given", "is over"]);
}

fn foreign_codec_is_refused() {
    let media = ["m=audio 5004 RTP/AVP 97", "a=rtpmap:97 AMR/8000"];
    let lines = [&HEAD[..], &media].concat();
    refuses(&lines, REFUSED, &["does not know", "AMR"]);
}

fn unicast_is_refused() {
    let address = "c=IN IP4 10.77.0.9";
    let lines = [&HEAD[..3], &[address, "t=0 0", "m=audio 5004 RTP/AVP 0"]].concat();
    refuses(&lines, REFUSED, &["one receiver only"]);
}

fn unknown_is_not_found() {
    let lan = Segment::new(1);
    let host = &lan.hosts[0];
    let mut looking = start(host, &["show", "No such conference"]);
    ends_with(&mut looking, NOT_FOUND, &["No such conference", "heard in"]);
    let mut reading = start(host, &["show", "nowhere.sdp"]);
    ends_with(&mut reading, NOT_FOUND, &["nowhere.sdp"]);
}
