//! People on several hosts hear each other, and not themselves.

use std::path::PathBuf;
use std::time::Duration;

use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::trials::Planned;
use conf_tests::{speech, tone};

use crate::program::{LONG, announce, join, meets, tells};

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

fn hear_each_other(more: &[&str]) {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], "Talk", more);
    let text = "The ferry leaves the harbour at a quarter past nine. Please bring the charts, \
        the yellow lamp and enough warm clothing for everybody, because the wind has turned \
        to the north and it will be a long night on the water.";
    let said = [speech::spoken("en-gb", text), speech::human()];
    let seconds = said[0].seconds().max(said[1].seconds()) + 3.0;
    let [alice, bob] = said;
    let mut alice = Speaker::start(&lan.hosts[0], "Alice", alice, seconds);
    let mut bob = Speaker::start(&lan.hosts[1], "Bob", bob, seconds);
    let within = LONG + Duration::from_secs_f32(seconds);
    let heard = [alice.recording(within), bob.recording(within)];

    let pairs = [
        ("Alice", &heard[0], &bob.said, &alice.said),
        ("Bob", &heard[1], &alice.said, &bob.said),
    ];
    for (name, heard, other, own) in pairs {
        let likeness = speech::compare(other, heard);
        let summary = (
            likeness.0.len(),
            likeness.share_above(0.8),
            likeness.median(),
        );
        assert!(
            likeness.0.len() >= 8,
            "{name}: too little speech: {summary:?}"
        );
        assert!(
            likeness.is_same_speech(),
            "{name}: {summary:?} {likeness:?}"
        );
        let echo = speech::compare(own, heard);
        assert!(echo.is_absent(), "{name} hears itself: {echo:?}");
    }
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
