//! What goes wrong on a network, and how the program takes it.

use std::time::{Duration, Instant};

use conf_tests::netns::Segment;
use conf_tests::sound::Sound;
use conf_tests::tone;
use conf_tests::trials::Planned;

use crate::program::{LONG, announce, join, meets, pause, start, tells};

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
        name: "an_encrypted_conference_is_refused_with_the_reason",
        needs: &[],
        run: encrypted_is_refused,
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
        "14s",
    ];
    let mut alice = join(near, "Talk", "Alice", &listen);
    let speak = ["--microphone", "tone:700", "--speaker", "none"];
    let bob = join(far, "Talk", "Bob", &speak);
    meets(&alice, "Bob");
    let met = Instant::now();
    pause(2);
    near.ip("link set eth0 down");
    pause(2);
    near.ip("link set eth0 up");
    near.address();
    let up = met.elapsed();
    alice.succeed(LONG);
    drop(bob);
    // The recording began with Alice, a little before Bob was seen to join.
    let heard = Sound::read(&heard).unwrap();
    let back = up.as_secs_f32() + 2.5;
    let level = |from: f32| tone::level_dbfs(&heard.between(from, from + 1.0), 700.0);
    assert!(level(1.0) > -30.0, "not heard before: {}", level(1.0));
    assert!(
        level(back) > -30.0,
        "not heard again {back} s in: {}",
        level(back)
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

fn encrypted_is_refused() {
    let lan = Segment::new(1);
    let host = &lan.hosts[0];
    let sdp = "v=0\r\no=- 1 1 IN IP4 10.77.0.1\r\ns=Secret\r\nc=IN IP4 239.255.9.9/1\r\nt=0 0\r\n\
        m=audio 5004 RTP/SAVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
    let file = host.file("secret.sdp");
    std::fs::write(&file, sdp).unwrap();
    let mut program = start(
        host,
        &[
            "join",
            &file.display().to_string(),
            "--headless",
            "--for",
            "1s",
        ],
    );
    let status = program.wait(LONG);
    assert!(!status.success(), "{program}");
    program.wait_for("reason", LONG, |line| line.contains("encrypted"));
}
