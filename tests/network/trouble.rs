//! What goes wrong on a network, and how the program takes it.

use std::time::Duration;

use conf_tests::netns::Segment;
use conf_tests::sound::Sound;
use conf_tests::tone;
use conf_tests::trials::Planned;

use crate::program::{LONG, announce, join, meets, pause, problem, start, tells, write_sdp};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_link_that_goes_down_and_up_is_heard_again_within_two_seconds",
        needs: &[],
        run: link_comes_back,
    },
    Planned {
        name: "a_host_that_dies_is_reported_as_gone",
        needs: &[],
        run: death_is_noticed,
    },
    Planned {
        name: "a_host_without_a_network_says_so_and_joins_when_there_is_one",
        needs: &[],
        run: network_comes_later,
    },
    Planned {
        name: "a_port_that_another_program_holds_is_named_until_it_is_free",
        needs: &[],
        run: port_is_taken,
    },
    Planned {
        name: "a_missing_microphone_is_said_and_the_others_are_heard_all_the_same",
        needs: &[],
        run: microphone_is_missing,
    },
];

fn link_comes_back() {
    let lan = Segment::new(2);
    let (near, far) = (&lan.hosts[0], &lan.hosts[1]);
    let _announcer = announce(near, "Talk", &[]);
    let heard = near.file("heard.wav");
    let speaker = format!("file:{}", heard.display());
    let listen = [
        "--microphone",
        "none",
        "--speaker",
        &speaker,
        "--for",
        "18s",
    ];
    let mut alice = join(near, "Talk", "Alice", &listen);
    let speak = ["--microphone", "tone:700", "--speaker", "none"];
    let bob = join(far, "Talk", "Bob", &speak);
    // The recording begins about here.
    let began = alice
        .wait_for("joined", LONG, |line| line.contains("\"joined\""))
        .at;
    meets(&alice, "Bob");
    pause(2);
    let down = began.elapsed().as_secs_f32();
    near.ip("link set eth0 down");
    problem(&alice, "problem_started", "no_network", LONG);
    pause(2);
    near.ip("link set eth0 up");
    near.address();
    let up = began.elapsed().as_secs_f32();
    problem(
        &alice,
        "problem_ended",
        "no_network",
        Duration::from_secs(2),
    );
    alice.succeed(LONG);
    drop(bob);
    let heard = Sound::read(&heard).unwrap();
    let level = |from: f32| tone::level_dbfs(&heard.between(from, from + 1.0), 700.0);
    let times = [down - 1.5, up - 1.5, up + 2.0];
    let levels = times.map(level);
    let is_loud = levels.map(|level| level > -30.0);
    assert_eq!(
        is_loud,
        [true, false, true],
        "{levels:?} dB at {times:?} s: {alice}"
    );
}

fn death_is_noticed() {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], "Talk", &[]);
    let nothing = ["--microphone", "none", "--speaker", "none"];
    let alice = join(&lan.hosts[0], "Talk", "Alice", &nothing);
    let bob = join(&lan.hosts[1], "Talk", "Bob", &nothing);
    let id = meets(&alice, "Bob");
    bob.signal("KILL");
    // Five intervals of at least five seconds, randomised (RFC 3550 section 6.3.5).
    tells(&alice, "person_timed_out", id, Duration::from_secs(60));
}

/// A conference of today's port that needs no announcement.
const GIVEN: [&str; 7] = [
    "v=0",
    "o=- 1 1 IN IP4 10.77.0.1",
    "s=Talk",
    "c=IN IP4 239.255.9.9/1",
    "t=0 0",
    "m=audio 5100 RTP/AVP 96",
    "a=rtpmap:96 opus/48000/2",
];
const SPEAK: [&str; 4] = ["--microphone", "tone:700", "--speaker", "none"];
const NOTHING: [&str; 4] = ["--microphone", "none", "--speaker", "none"];

fn network_comes_later() {
    let lan = Segment::new(2);
    let (near, far) = (&lan.hosts[0], &lan.hosts[1]);
    near.ip("link set eth0 down");
    for (more, sentence) in [
        (&[][..], "No network"),
        (&["--interface", "eth0"], "no interface eth0"),
    ] {
        let mut list = start(near, &[&["list"], more].concat());
        list.wait_for(sentence, LONG, |line| line.contains(sentence));
        list.interrupt();
        list.succeed(LONG);
    }
    let alice = join(
        near,
        &write_sdp(near, "talk.sdp", &GIVEN),
        "Alice",
        &NOTHING,
    );
    problem(&alice, "problem_started", "no_network", LONG);
    let _bob = join(far, &write_sdp(far, "talk.sdp", &GIVEN), "Bob", &SPEAK);
    near.ip("link set eth0 up");
    near.address();
    let within = Duration::from_secs(2);
    problem(&alice, "problem_ended", "no_network", within);
    let bob = meets(&alice, "Bob");
    tells(&alice, "talking_started", bob, LONG);
}

fn port_is_taken() {
    let lan = Segment::new(2);
    let (near, far) = (&lan.hosts[0], &lan.hosts[1]);
    let other_program = near.hold_port(5100);
    let alice = join(
        near,
        &write_sdp(near, "talk.sdp", &GIVEN),
        "Alice",
        &NOTHING,
    );
    problem(&alice, "problem_started", "port_taken", LONG);
    let _bob = join(far, &write_sdp(far, "talk.sdp", &GIVEN), "Bob", &SPEAK);
    drop(other_program);
    problem(
        &alice,
        "problem_ended",
        "port_taken",
        Duration::from_secs(3),
    );
    let bob = meets(&alice, "Bob");
    tells(&alice, "talking_started", bob, LONG);
}

fn microphone_is_missing() {
    let lan = Segment::new(2);
    let (near, far) = (&lan.hosts[0], &lan.hosts[1]);
    let sdp = [near, far].map(|host| write_sdp(host, "talk.sdp", &GIVEN));
    let _bob = join(far, &sdp[1], "Bob", &SPEAK);
    let heard = near.file("heard.wav");
    let speaker = format!("file:{}", heard.display());
    let devices = ["--microphone", "device:nosuch", "--speaker", &speaker];
    let mut alice = join(
        near,
        &sdp[0],
        "Alice",
        &[&devices[..], &["--for", "6s"]].concat(),
    );
    problem(&alice, "problem_started", "no_microphone", LONG);
    alice.succeed(LONG);
    let level = tone::level_dbfs(&Sound::read(&heard).unwrap().between(3.0, 5.0), 700.0);
    assert!(level > -30.0, "Bob is heard at {level} dB: {alice}");
}
