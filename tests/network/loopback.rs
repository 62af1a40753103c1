//! Two windows on one computer, in each of the three loopback modes.

use conf_tests::netns::Segment;
use conf_tests::sound::Sound;
use conf_tests::tone;
use conf_tests::trials::Planned;

use crate::program::{LONG, announce, join};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "with_selective_loopback_windows_on_one_computer_hear_each_other_only",
        needs: &[],
        run: || {
            hear(
                "selective",
                Heard {
                    own: false,
                    other: true,
                },
            )
        },
    },
    Planned {
        name: "with_full_loopback_one_hears_oneself_too",
        needs: &[],
        run: || {
            hear(
                "full",
                Heard {
                    own: true,
                    other: true,
                },
            )
        },
    },
    Planned {
        name: "without_loopback_nobody_on_the_same_computer_is_heard",
        needs: &[],
        run: || {
            hear(
                "none",
                Heard {
                    own: false,
                    other: false,
                },
            )
        },
    },
];

/// Which of the two tones is in the recording.
#[derive(Debug, PartialEq)]
struct Heard {
    own: bool,
    other: bool,
}

fn hear(mode: &str, expected: Heard) {
    let lan = Segment::new(1);
    let host = &lan.hosts[0];
    let _announcer = announce(host, "Talk", &[]);
    let tones = [500.0, 900.0];
    let windows = tones.map(|hz| {
        let heard = host.file(&format!("{hz}.wav"));
        let (microphone, speaker) = (format!("tone:{hz}"), format!("file:{}", heard.display()));
        let devices = ["--microphone", &microphone, "--speaker", &speaker];
        let more = [&devices[..], &["--loopback", mode, "--for", "6s"]].concat();
        (heard, join(host, "Talk", &format!("tone {hz}"), &more))
    });
    for ((heard, mut program), own) in windows.into_iter().zip(tones) {
        program.succeed(LONG);
        let heard = Sound::read(&heard).unwrap().between(2.0, 5.0);
        let other = tones[0] + tones[1] - own;
        let has = |hz| tone::level_dbfs(&heard, hz) > -40.0;
        let heard = Heard {
            own: has(own),
            other: has(other),
        };
        assert_eq!(heard, expected, "{own} Hz");
    }
}
