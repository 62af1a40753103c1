//! People on several hosts hear each other, and not themselves.

use std::path::PathBuf;
use std::time::Duration;

use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::trials::Planned;
use conf_tests::{speech, tone};
use serde_json::Value;

use crate::program::{LONG, announce, join, meets, parsed, tells};

const SPEECH_TOOLS: &[&str] = &[
    "espeak-ng",
    "ffmpeg",
    "/usr/share/sounds/alsa/Front_Center.wav",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "two_hosts_hear_each_others_speech_and_not_their_own",
        needs: SPEECH_TOOLS,
        run: || hear_each_other(&[]),
    },
    Planned {
        name: "two_hosts_hear_each_others_speech_over_ipv6",
        needs: SPEECH_TOOLS,
        run: || hear_each_other(&["--address", "ff15::4d:1"]),
    },
    Planned {
        name: "two_hosts_hear_each_others_speech_in_pcmu",
        needs: SPEECH_TOOLS,
        run: || hear_each_other(&["--audio", "pcmu"]),
    },
    Planned {
        name: "two_hosts_hear_each_others_speech_in_l16",
        needs: SPEECH_TOOLS,
        run: || hear_each_other(&["--audio", "l16"]),
    },
    Planned {
        name: "speech_is_understood_where_a_tenth_of_all_datagrams_is_lost",
        needs: &["espeak-ng", "ffmpeg", "nft"],
        run: loss_is_borne,
    },
    Planned {
        name: "one_who_leaves_after_a_given_time_says_goodbye_and_tells_what_came",
        needs: &[],
        run: leaves_after_a_given_time,
    },
    Planned {
        name: "three_hosts_hear_the_two_others_mixed",
        needs: &[],
        run: three_hear_two,
    },
    Planned {
        name: "ctrl_c_is_a_goodbye_that_the_others_see_at_once",
        needs: &[],
        run: ctrl_c_says_goodbye,
    },
];

/// Someone who speaks a known speech and records what comes.
struct Speaker {
    said: Sound,
    heard: PathBuf,
    program: Running,
}

impl Speaker {
    fn start(host: &Host, name: &str, said: Sound, seconds: f32) -> Self {
        let (microphone, heard) = (host.file("said.wav"), host.file("heard.wav"));
        said.write(&microphone).unwrap();
        let microphone = format!("file:{}", microphone.display());
        let speaker = format!("file:{}", heard.display());
        let span = format!("{seconds:.0}s");
        let more = [
            "--microphone",
            &microphone,
            "--speaker",
            &speaker,
            "--for",
            &span,
        ];
        let program = join(host, "Talk", name, &more);
        Self {
            said,
            heard,
            program,
        }
    }

    fn recording(&mut self, within: Duration) -> Sound {
        self.program.succeed(within);
        Sound::read(&self.heard).unwrap()
    }
}

const FERRY: &str = "The ferry leaves the harbour at a quarter past nine. Please bring the charts, \
    the yellow lamp and enough warm clothing for everybody, because the wind has turned to the north \
    and it will be a long night on the water. Whoever comes from the islands should take the early \
    boat, leave the heavy boxes with the man at the gate, and walk along the wall until the red \
    house with the clock comes into sight.";
const QUAY: &str = "Six old fishermen were mending their nets on the quay when the first snow of the year \
    began to fall, slowly and without any wind, on the boats, the cranes and the long grey roofs of \
    the warehouses behind them.";
const HAMMER: &str =
    " Nobody spoke, and from the far end of the harbour came the sound of a single hammer.";

fn hear_each_other(more: &[&str]) {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], "Talk", more);
    // So long that one accident of the machine, which two windows see, is less than the twentieth that may be bad.
    let said = [
        speech::spoken("en-gb", FERRY),
        speech::human().then(&speech::spoken("en-us+f3", &[QUAY, HAMMER].concat())),
    ];
    let seconds = said[0].seconds().max(said[1].seconds()) + 3.0;
    let [alice, bob] = said;
    let mut alice = Speaker::start(&lan.hosts[0], "Alice", alice, seconds);
    let mut bob = Speaker::start(&lan.hosts[1], "Bob", bob, seconds);
    let within = LONG + Duration::from_secs_f32(seconds);
    let heard = [alice.recording(within), bob.recording(within)];

    let pairs = [
        (&alice.program, &heard[0], &bob.said, &alice.said),
        (&bob.program, &heard[1], &alice.said, &bob.said),
    ];
    for (program, heard, other, own) in pairs {
        let likeness = speech::compare(other, heard);
        let summary = (
            likeness.0.len(),
            likeness.share_above(0.8),
            likeness.median(),
        );
        assert!(
            likeness.0.len() >= 40,
            "too little speech: {summary:?}: {program}"
        );
        assert!(
            likeness.is_same_speech(),
            "{summary:?} {likeness:?}: {program}"
        );
        let echo = speech::compare(own, heard);
        assert!(echo.is_absent(), "hears itself: {echo:?}: {program}");
    }
}

/// Drops each tenth datagram of a conference; announcements are left alone. One in ten at random would now and then be
/// two in a row, which the correction of one packet by the next cannot mend: scenarios in virtual time have those.
const LOSS: &str = "table inet loss {
 chain in { type filter hook input priority 0;
  ip daddr 239.0.0.0/8 udp dport != 9875 numgen inc mod 10 == 0 counter drop
 }
}
";

fn loss_is_borne() {
    let lan = Segment::new(2);
    let rules = lan.hosts[1].file("loss.nft");
    std::fs::write(&rules, LOSS).unwrap();
    Running::start(lan.hosts[1].command("nft").arg("-f").arg(&rules)).succeed(LONG);
    let _announcer = announce(&lan.hosts[0], "Talk", &[]);
    // One sentence: in the pause between two, sound may be moved to where the delay should be.
    let said = speech::spoken("en-us", QUAY);
    let seconds = said.seconds() + 3.0;
    let mut bob = Speaker::start(&lan.hosts[1], "Bob", Sound::silence(1.0), seconds);
    // She stays until he has gone: he tells only of those who are there.
    let mut alice = Speaker::start(&lan.hosts[0], "Alice", said, seconds + 3.0);
    let within = LONG + Duration::from_secs_f32(seconds + 3.0);
    let likeness = speech::compare(&alice.said, &bob.recording(within));
    let share = likeness.share_above(0.8);
    assert!(share >= 0.6, "{share}: {likeness:?}");
    // By then he has reported the loss twice, and she sends error correction.
    let end = likeness.second_half();
    assert!(end.is_same_speech_but_for_an_accident(), "{likeness:?}");
    let lost = statistics_of(&bob.program, "Alice")["loss_percent"].as_f64();
    assert!(
        lost.is_some_and(|lost| (4.0..20.0).contains(&lost)),
        "{lost:?} % lost"
    );
    alice.program.succeed(within);
}

/// What the program tells of one person when it leaves.
fn statistics_of(program: &Running, name: &str) -> Value {
    let left = program.wait_for("left", LONG, |line| parsed(line)["event"] == "left");
    let people = parsed(&left.text)["statistics"]["people"].take();
    let found = people
        .as_array()
        .unwrap()
        .iter()
        .find(|person| person["name"] == name);
    found
        .unwrap_or_else(|| panic!("{name} is not in {people}"))
        .clone()
}

fn leaves_after_a_given_time() {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], "Talk", &[]);
    let stay = ["--microphone", "tone:500", "--speaker", "none"];
    let alice = join(&lan.hosts[0], "Talk", "Alice", &stay);
    let mut bob = join(
        &lan.hosts[1],
        "Talk",
        "Bob",
        &[&stay[..], &["--for", "5s"]].concat(),
    );
    let is = |event| move |line: &str| parsed(line)["event"] == event;
    let joined = bob.wait_for("joined", LONG, is("joined"));
    let id = meets(&alice, "Bob");
    tells(&alice, "talking_started", id, LONG);
    assert_eq!(tells(&alice, "person_left", id, LONG)["how"], "goodbye");
    bob.succeed(LONG);
    let left = bob.wait_for("left", LONG, is("left"));
    let stayed = left.at - joined.at;
    assert!(
        stayed.abs_diff(Duration::from_secs(5)) < Duration::from_secs(1),
        "{stayed:?}"
    );
    let totals = parsed(&left.text)["statistics"].take();
    // Fifty packets a second, and less than a second to find the other.
    assert!(totals["rtp_sent"].as_u64() > Some(200), "{totals}");
    assert!(totals["rtp_received"].as_u64() > Some(150), "{totals}");
    assert_eq!(totals["refused"], 0, "{totals}");
    let alice = statistics_of(&bob, "Alice");
    assert!(alice["packets"].as_u64() > Some(150), "{alice}");
    assert_eq!(alice["loss_percent"], 0.0, "{alice}");
    assert!(alice["delay_ms"].as_f64() < Some(200.0), "{alice}");
}

fn three_hear_two() {
    let lan = Segment::new(3);
    let _announcer = announce(&lan.hosts[0], "Talk", &[]);
    let tones = [500.0, 700.0, 1100.0];
    let speakers = lan.hosts.iter().zip(tones).map(|(host, hz)| {
        let heard = host.file("heard.wav");
        let (microphone, speaker) = (format!("tone:{hz}"), format!("file:{}", heard.display()));
        let more = [
            "--microphone",
            &microphone,
            "--speaker",
            &speaker,
            "--for",
            "8s",
        ];
        (heard, join(host, "Talk", &format!("tone {hz}"), &more))
    });
    let speakers: Vec<_> = speakers.collect();
    for ((heard, mut program), own) in speakers.into_iter().zip(tones) {
        program.succeed(LONG);
        let heard = Sound::read(&heard).unwrap().between(3.0, 6.0);
        let levels = tones.map(|hz| tone::level_dbfs(&heard, hz));
        for (hz, level) in tones.into_iter().zip(levels) {
            let is_right = if hz == own {
                level < -60.0
            } else {
                level > -30.0
            };
            assert!(is_right, "{own} Hz heard {tones:?} Hz at {levels:?} dB");
        }
    }
}

fn ctrl_c_says_goodbye() {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], "Talk", &[]);
    let alice = join(
        &lan.hosts[0],
        "Talk",
        "Alice",
        &["--microphone", "none", "--speaker", "none"],
    );
    let mut bob = join(
        &lan.hosts[1],
        "Talk",
        "Bob",
        &["--microphone", "none", "--speaker", "none"],
    );
    let id = meets(&alice, "Bob");
    meets(&bob, "Alice");
    bob.interrupt();
    let left = tells(&alice, "person_left", id, Duration::from_secs(1));
    assert_eq!(left["how"], "goodbye");
    bob.succeed(LONG);
}
