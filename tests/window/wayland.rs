//! What a person chose in the dialog of a Wayland desktop is seen by the others, until they end it there.

use std::fs::File;
use std::io::BufReader;
use std::time::{Duration, Instant};

use conf_tests::film;
use conf_tests::netns::{Segment, rendezvous};
use conf_tests::portal::Portal;
use conf_tests::trials::Planned;
use media::device::{PatternStamp, Y4mReader};
use media::video::Size;

use crate::share::{conference, join, parsed};

pub(crate) const TRIALS: &[Planned] = &[Planned {
    name: "under_wayland_the_portal_shares_what_the_person_chose_until_they_end_it",
    needs: &[
        "pipewire",
        "pw-dump",
        "pw-link",
        "dbus-daemon",
        "gst:pipewiresink",
    ],
    run: chosen,
}];

fn chosen() {
    let lan = Segment::new(2);
    let (here, there) = (&lan.hosts[0], &lan.hosts[1]);
    let film = here.file("film.y4m");
    film::write(&film, SIZE, 150);
    let portal = Portal::start(here, &film);
    let listed = portal.command(rendezvous()).arg("devices").output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    assert!(listed.contains("which your desktop asks for"), "{listed}");

    let sdp = conference(there);
    let seen = there.file("seen.y4m");
    let output = format!("file:{}", seen.display());
    let watch = ["--video-out", &output];
    let watcher = join(&mut there.command(rendezvous()), &sdp, &watch);
    watcher.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let sharer = join(
        &mut portal.command(rendezvous()),
        &sdp,
        &["--share", "screen"],
    );
    portal.link();
    watcher.wait_for("a screen", LONG, |line| {
        parsed(line)["event"] == "screen_shared"
    });
    // Longer than the film, whose last picture is shown on.
    std::thread::sleep(Duration::from_secs(7));
    portal.end_sharing();
    let line = sharer.wait_for("the end", LONG, |line| {
        parsed(line)["problem"] == "nothing_shared"
    });
    assert!(line.text.contains("ended by the system"), "{}", line.text);
    watcher.interrupt();
    watcher.wait_for("left", LONG, |line| parsed(line)["event"] == "left");

    let mut reader = Y4mReader::new(BufReader::new(File::open(seen).unwrap())).unwrap();
    let mut frames = Vec::new();
    while let Some(picture) = reader.next(Instant::now()).unwrap() {
        if let Some(stamp) = PatternStamp::read(&picture) {
            assert_eq!(picture.size(), SIZE);
            frames.push(stamp.frame);
        }
    }
    let is_in_order = frames.is_sorted();
    frames.dedup();
    assert!(is_in_order && frames.len() > 5, "{frames:?} {watcher}");
}

const SIZE: Size = Size::new(320, 180);
const LONG: Duration = Duration::from_secs(30);
