//! First start, a name, a conference from the list, a talk, goodbye.

use std::path::Path;
use std::time::Duration;

use conf_tests::netns::{Host, Segment, rendezvous};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::speech;
use conf_tests::trials::Planned;

use conf_tests::desktop::Desktop;

pub(crate) const TRIALS: &[Planned] = &[Planned {
    name: "a_person_at_the_window_joins_by_keyboard_talks_hears_and_leaves",
    needs: NEEDS,
    run: joins_talks_and_leaves,
}];

const NEEDS: &[&str] = &[
    "espeak-ng",
    "ffmpeg",
    "/usr/share/sounds/alsa/Front_Center.wav",
    "Xvfb",
    "xdotool",
    "import",
    "pulseaudio",
    "paplay",
];
fn joins_talks_and_leaves() {
    let lan = Segment::new(2);
    let desktop = Desktop::start(&lan.hosts[0]);
    let (here, there) = (&lan.hosts[0], &lan.hosts[1]);
    let _announcer = program(there, &["create", "--announce", "--name", "Talk"]);
    let window = Running::start(&mut desktop.command(rendezvous()));
    comes_in(&desktop, &window);
    talks(&desktop, &window, here, there);
    leaves(&desktop, &window, there);
}

fn comes_in(desktop: &Desktop<'_>, window: &Running) {
    desktop.focus("Rendezvous");
    desktop.look(2.0);
    assert!(desktop.picture("1-welcome") > COLOURS, "{window}");
    desktop.write("Ana");
    desktop.press("Return");
    desktop.look(3.0);
    assert!(desktop.picture("2-home") > COLOURS, "{window}");
    desktop.press("ctrl+k");
    desktop.write("Talk");
    desktop.press("Return Return");
    desktop.look(3.0);
    assert!(desktop.picture("3-room") > COLOURS, "{window}");
}

/// Ana at the window and Bob elsewhere talk at once.
fn talks(desktop: &Desktop<'_>, window: &Running, here: &Host, there: &Host) {
    let ana = speech::spoken("en-gb+f3", TEXT);
    let bob = speech::human();
    let (ana_says, ana_heard) = (here.file("says.wav"), here.file("heard.wav"));
    let (bob_says, bob_heard) = (there.file("says.wav"), there.file("heard.wav"));
    ana.write(&ana_says).unwrap();
    bob.write(&bob_says).unwrap();

    let recorder = desktop.record(&ana_heard);
    let (microphone, speaker) = (file(&bob_says), file(&bob_heard));
    let span = format!("{:.0}s", ana.seconds().max(bob.seconds()) + 3.0);
    let devices = [
        "--microphone",
        &microphone,
        "--speaker",
        &speaker,
        "--for",
        &span,
    ];
    let mut peer = joined(there, &devices);
    peer.wait_for("Ana", LONG, |line| line.contains("Ana"));
    let _voice = desktop.speak(&ana_says);
    desktop.look(5.0);
    assert!(desktop.picture("4-talking") > COLOURS, "{window}");
    peer.succeed(LONG);
    recorder.interrupt();

    let pairs = [
        ("Bob", &ana, &bob_heard, &bob),
        ("Ana", &bob, &ana_heard, &ana),
    ];
    for (name, said, file, own) in pairs {
        let heard = Sound::read(file).unwrap();
        let likeness = speech::compare(said, &heard);
        let is_understood = likeness.is_same_speech_but_for_an_accident();
        assert!(is_understood, "{name}: {likeness:?}");
        let echo = speech::compare(own, &heard);
        assert!(echo.is_absent(), "{name} hears itself: {echo:?}");
    }
}

fn leaves(desktop: &Desktop<'_>, window: &Running, there: &Host) {
    let watcher = joined(there, &["--microphone", "none", "--speaker", "none"]);
    watcher.wait_for("Ana", LONG, |line| line.contains("Ana"));
    desktop.press("ctrl+l");
    let second = Duration::from_secs(1);
    watcher.wait_for("goodbye", second, |line| line.contains("person_left"));
    desktop.look(1.0);
    assert!(desktop.picture("5-left") > COLOURS, "{window}");
}

fn joined(host: &Host, more: &[&str]) -> Running {
    let join = ["join", "Talk", "--headless", "--json", "--name", "Bob"];
    program(host, &[&join, more].concat())
}

fn program(host: &Host, words: &[&str]) -> Running {
    Running::start(host.command(rendezvous()).args(words))
}

fn file(path: &Path) -> String {
    format!("file:{}", path.display())
}

const LONG: Duration = Duration::from_secs(30);
/// A blank screen has a handful of colours; text alone, by its smooth edges, has more than this.
const COLOURS: u32 = 30;
const TEXT: &str =
    "The tide turns at six, so the boats have to be out before breakfast, and back by noon.";
