//! Speech to send: synthetic voices made by espeak-ng, and the human voice that alsa-utils installs.

use std::path::Path;
use std::process::Command;

use crate::sound::Sound;

/// Silence before the first word, in which the others have time to join.
pub const LEAD_IN_SECONDS: f32 = 3.0;

/// A text spoken by one of espeak-ng's voices, such as `en-gb` or `en-us+f3`.
pub fn spoken(voice: &str, text: &str) -> Sound {
    let directory = tempfile::tempdir().unwrap();
    let raw = directory.path().join("raw.wav");
    let mut espeak = Command::new("espeak-ng");
    run(espeak
        .args(["-v", voice, "-s", "150", "-w"])
        .arg(&raw)
        .arg(text));
    with_lead_in(&at_our_rate(&raw, directory.path()))
}

/// A woman naming the loudspeakers of a room, recorded at 48 kHz (Debian's alsa-utils).
pub fn human() -> Sound {
    let names = [
        "Front_Center",
        "Front_Left",
        "Front_Right",
        "Rear_Center",
        "Rear_Left",
        "Rear_Right",
        "Side_Left",
        "Side_Right",
    ];
    let directory = Path::new("/usr/share/sounds/alsa");
    let words = names.map(|name| Sound::read(&directory.join(name).with_extension("wav")).unwrap());
    with_lead_in(&words.iter().fold(Sound::default(), Sound::then))
}

fn with_lead_in(speech: &Sound) -> Sound {
    let lead_in = Sound::silence(LEAD_IN_SECONDS);
    lead_in.then(speech).then(&Sound::silence(1.0))
}

fn at_our_rate(file: &Path, directory: &Path) -> Sound {
    let converted = directory.join("converted.wav");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-i"]).arg(file);
    run(ffmpeg.args(["-ar", "48000", "-ac", "1"]).arg(&converted));
    Sound::read(&converted).unwrap()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
}
