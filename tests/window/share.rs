//! A screen and a window are shared from a real desktop, and read back by somebody else.

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use conf_tests::netns::{Host, Segment, rendezvous};
use conf_tests::running::Running;
use conf_tests::trials::Planned;
use media::device::{PatternStamp, TestPattern, Y4mReader};
use media::video::{Plane, Size};
use serde_json::Value;

use conf_tests::desktop::Desktop;

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_screen_is_shared_and_a_window_alone_although_it_is_covered",
        needs: &["Xvfb", "display", "pulseaudio"],
        run: shares,
    },
    Planned {
        name: "one_of_two_monitors_is_shared_without_memory_in_common",
        needs: &["Xvfb", "display", "xrandr"],
        run: monitor,
    },
];

fn shares() {
    let lan = Segment::new(2);
    let (here, there) = (&lan.hosts[0], &lan.hosts[1]);
    let desktop = Desktop::start(here);
    let sdp = conference(there);
    let [whole, crane, cover] = [11, 22, 33].map(|frame| pattern(here, frame));
    let _whole = display(&desktop, "Whole", "1280x800", &whole);
    let seen = share(&desktop, there, &sdp, "screen", &["--for", "5s"]);
    assert_eq!(seen, (11, Size::new(1280, 800)));

    let crane = display(&desktop, "Crane 4", "640x400", &crane);
    let _cover = display(&desktop, "Cover", "640x400", &cover);
    let seen = share(&desktop, there, &sdp, "window:Crane", &["--for", "5s"]);
    assert_eq!(seen, (22, Size::new(640, 400)));

    let sharer = join(
        &mut desktop.command(rendezvous()),
        &sdp,
        &["--share", "window:Crane"],
    );
    sharer.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    desktop.look(1.0);
    // Not interrupted: whoever starts the tests in the background has that ignored.
    drop(crane);
    let line = sharer.wait_for("closed", LONG, |line| {
        parsed(line)["problem"] == "nothing_shared"
    });
    assert!(line.text.contains("has been closed"), "{}", line.text);
}

fn monitor() {
    let lan = Segment::new(2);
    let (here, there) = (&lan.hosts[0], &lan.hosts[1]);
    let desktop = Desktop::remote(here);
    for (name, place, output) in [
        ("LEFT", "640/170x800/200+0+0", "screen"),
        ("RIGHT", "640/170x400/100+640+0", "none"),
    ] {
        let mut xrandr = desktop.command("xrandr");
        let set = xrandr.args(["--setmonitor", name, place, output]);
        Running::start(set).succeed(LONG);
    }
    let right = pattern(here, 44);
    let _right = display_at(&desktop, "Right", ("640x400", "+640+0"), &right);
    let sdp = conference(there);
    let seen = share(&desktop, there, &sdp, "screen:RIGHT", &["--for", "5s"]);
    assert_eq!(seen, (44, Size::new(640, 400)));
}

/// A conference with pictures, as a file.
pub(crate) fn conference(there: &Host) -> PathBuf {
    let sdp = there.file("shared.sdp");
    let create = ["create", "--video", "--name", "Shared", "--output"];
    let mut command = there.command(rendezvous());
    Running::start(command.args(create).arg(&sdp)).succeed(LONG);
    sdp
}

/// A picture of the pattern, with this number, as a file.
fn pattern(host: &Host, frame: u32) -> PathBuf {
    let mut pattern = TestPattern::new(SCREEN);
    for _ in 0..frame {
        pattern.skip();
    }
    let picture = pattern.paint(Instant::now(), Duration::ZERO);
    let path = host.file(&format!("{frame}.pgm"));
    let mut file = File::create(&path).unwrap();
    writeln!(file, "P5 {} {} 255", SCREEN.width, SCREEN.height).unwrap();
    file.write_all(picture.plane(Plane::Y)).unwrap();
    path
}

/// Shows a picture in a window, and waits until it is there.
fn display(desktop: &Desktop<'_>, title: &str, size: &str, picture: &Path) -> Running {
    display_at(desktop, title, (size, "+0+0"), picture)
}

fn display_at(
    desktop: &Desktop<'_>,
    title: &str,
    (size, place): (&str, &str),
    picture: &Path,
) -> Running {
    let mut command = desktop.command("display");
    let resized = format!("{size}!");
    let how = ["-title", title, "-resize", &resized, "-geometry", place];
    let program = Running::start(command.args(how).arg(picture));
    let is_there = || {
        let listed = desktop.command(rendezvous()).arg("devices").output();
        String::from_utf8(listed.unwrap().stdout)
            .unwrap()
            .contains(title)
    };
    let began = Instant::now();
    while !is_there() {
        assert!(began.elapsed() < 2 * LONG, "{program}");
        desktop.look(0.2);
    }
    program
}

/// Shares something for a while; what somebody else saw of it last: its number and size.
fn share(
    desktop: &Desktop<'_>,
    there: &Host,
    sdp: &Path,
    what: &str,
    more: &[&str],
) -> (u32, Size) {
    let file = there.file("seen.y4m");
    let output = format!("file:{}", file.display());
    let watcher = join(
        &mut there.command(rendezvous()),
        sdp,
        &["--video-out", &output],
    );
    watcher.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let words = [&["--share", what], more].concat();
    let mut sharer = join(&mut desktop.command(rendezvous()), sdp, &words);
    watcher.wait_for("a screen", LONG, |line| {
        parsed(line)["event"] == "screen_shared"
    });
    watcher.wait_for("its first picture", LONG, |line| {
        let json = parsed(line);
        json["event"] == "first_picture" && json["pictures"] == "screen"
    });
    sharer.succeed(LONG);
    watcher.interrupt();
    watcher.wait_for("left", LONG, |line| parsed(line)["event"] == "left");
    let mut reader = Y4mReader::new(BufReader::new(File::open(file).unwrap())).unwrap();
    let mut seen = None;
    while let Some(picture) = reader.next(Instant::now()).unwrap() {
        seen = PatternStamp::read(&picture).map(|stamp| (stamp.frame, picture.size()));
    }
    seen.unwrap_or_else(|| panic!("{what} was not seen: {watcher}"))
}

pub(crate) fn join(command: &mut std::process::Command, sdp: &Path, more: &[&str]) -> Running {
    let silent = ["--microphone", "none", "--speaker", "none"];
    command.arg("join").arg(sdp).args(["--headless", "--json"]);
    Running::start(command.args(silent).args(more))
}

pub(crate) fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_default()
}

const LONG: Duration = Duration::from_secs(30);
/// As the desktop has it.
const SCREEN: Size = Size::new(1280, 800);
