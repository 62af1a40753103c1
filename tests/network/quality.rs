//! Caps of what is sent: they hold on the network, and are told with their range and who set them.

use conf_tests::netns::Segment;
use conf_tests::trials::Planned;
use serde_json::{Value, json};

use crate::program::{LONG, join, meets, parsed, tells};
use crate::video::description;

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_is_sent_stays_within_its_caps_and_they_are_told",
        needs: &[],
        run: within_caps,
    },
    Planned {
        name: "what_is_not_capped_is_told_as_automatic",
        needs: &[],
        run: automatic,
    },
];

const SILENT: [&str; 4] = ["--microphone", "none", "--speaker", "none"];

/// Sends with these words for ten seconds; tells our figures of the one stream, and what another one saw.
fn sent(words: &[&str]) -> (Value, Value) {
    let lan = Segment::new(2);
    let sdp = description(&lan.hosts[0]);
    let words = [&SILENT[..], &["--camera", "test:640x360@30"], words].concat();
    let period = ["--statistics", "1s", "--for", "12s"];
    let mut alice = join(
        &lan.hosts[0],
        &sdp,
        "Alice",
        &[&words[..], &period].concat(),
    );
    let film = ["--video-out", "none", "--statistics", "1s", "--for", "10s"];
    let mut bob = join(&lan.hosts[1], &sdp, "Bob", &[&SILENT[..], &film].concat());
    tells(&bob, "first_picture", meets(&bob, "Alice"), LONG);
    bob.succeed(LONG);
    alice.succeed(LONG);
    let last = |program: &conf_tests::running::Running| {
        let mut lines = program.lines().into_iter().map(|line| parsed(&line.text));
        lines.rfind(|json| json["event"] == "statistics").unwrap()["statistics"].take()
    };
    let ours = last(&alice)["video"]["layers"][0].take();
    (ours, last(&bob)["people"][0]["video"].take())
}

fn within_caps() {
    let (ours, theirs) = sent(&[
        "--max-bit-rate",
        "100",
        "--max-frame-rate",
        "10",
        "--max-size",
        "320x240",
    ]);
    let quality = &ours["quality"];
    let expected =
        json!({ "value": 100_000, "least": 60_000, "most": 2_500_000, "control": "manual" });
    assert_eq!(quality["max_bit_rate"], expected);
    assert_eq!(quality["min_frame_interval_ms"]["value"], 100.0);
    assert_eq!(quality["min_frame_interval_ms"]["control"], "manual");
    assert_eq!(quality["max_size"]["value"], "320x240");
    assert_eq!(quality["curr_size"]["value"], "320x180");
    assert_eq!(quality["curr_size"]["control"], "none");
    assert_eq!(
        (theirs["width"].as_u64(), theirs["height"].as_u64()),
        (Some(320), Some(180))
    );
    // Rates of a second waver.
    let rate = theirs["frame_rate"].as_f64().unwrap();
    assert!((7.0..=12.0).contains(&rate), "{theirs}");
    assert!(theirs["bit_rate"].as_u64().unwrap() < 140_000, "{theirs}");
}

fn automatic() {
    let (ours, theirs) = sent(&[]);
    let quality = &ours["quality"];
    for property in ["max_bit_rate", "min_frame_interval_ms", "max_size"] {
        assert_eq!(quality[property]["control"], "auto", "{quality}");
    }
    assert_eq!(quality["max_size"]["value"], "1280x720");
    let bits = quality["max_bit_rate"]["value"].as_u64().unwrap();
    assert!((600_000..700_000).contains(&bits), "{quality}");
    assert_eq!(theirs["width"], 640);
}
