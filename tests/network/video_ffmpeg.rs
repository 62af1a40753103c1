//! Pictures from and to ffmpeg: frame numbers of the test pattern are read back from what was received.

use conf_tests::netns::Segment;
use conf_tests::trials::Planned;
use media::video::Size;

use crate::program::{LONG, ffmpeg, join, parsed};
use crate::video::{GROUP, PORT, description, frames, is_a_film};

const NEEDS: &[&str] = &["ffmpeg"];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "ffmpeg_sees_our_pictures",
        needs: NEEDS,
        run: ffmpeg_sees_us,
    },
    Planned {
        name: "we_see_pictures_of_ffmpeg_in_the_baseline_profile",
        needs: NEEDS,
        run: || we_see_ffmpeg("-profile:v baseline"),
    },
    Planned {
        name: "we_see_pictures_of_ffmpeg_that_come_in_another_order",
        needs: NEEDS,
        run: || we_see_ffmpeg("-profile:v high -bf 2"),
    },
    Planned {
        name: "a_coded_film_is_sent_at_its_own_rate",
        needs: NEEDS,
        run: own_rate,
    },
];

const SILENT: [&str; 4] = ["--microphone", "none", "--speaker", "none"];

fn ffmpeg_sees_us() {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let sdp = description(us);
    let words = [&SILENT[..], &["--camera", "test:640x360@15"]].concat();
    let alice = join(us, &sdp, "Alice", &words);
    alice.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let seen = peer.file("seen.y4m");
    let words = format!(
        "-protocol_whitelist file,rtp,udp -i {sdp} -map 0:v -t 6 -fps_mode passthrough -pix_fmt yuv420p {}",
        seen.display()
    );
    ffmpeg(peer, &words).succeed(LONG * 2);
    let (numbers, size) = frames(&seen);
    assert_eq!(size, Size::new(640, 360));
    is_a_film(&numbers, 40);
}

fn we_see_ffmpeg(profile: &str) {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let film = peer.file("film.y4m");
    conf_tests::film::write(&film, Size::new(640, 360), 150);
    let seen = us.file("seen.y4m");
    let output = format!("file:{}", seen.display());
    let words = [&SILENT[..], &["--video-out", &output, "--for", "9s"]].concat();
    let mut alice = join(us, &description(us), "Alice", &words);
    alice.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let words = format!(
        "-re -i {} -c:v libx264 -preset veryfast {profile} -g 15 -b:v 1M -payload_type 97 -sdp_file ours.sdp \
         -f rtp rtp://{GROUP}:{PORT}?ttl=4&pkt_size=1200",
        film.display()
    );
    let _sender = ffmpeg(peer, &words);
    alice.wait_for("first_picture", LONG, |line| {
        parsed(line)["event"] == "first_picture"
    });
    alice.succeed(LONG);
    let (numbers, size) = frames(&seen);
    assert_eq!(size, Size::new(640, 360));
    is_a_film(&numbers, 40);
}

/// 12.5 pictures a second, as the film says, and not the 30 of one that says nothing.
fn own_rate() {
    let lan = Segment::new(1);
    let us = &lan.hosts[0];
    let film = us.file("film.h264");
    let words = format!(
        "-f lavfi -i testsrc2=size=320x180:rate=12.5 -frames:v 200 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -f h264 {}",
        film.display()
    );
    ffmpeg(us, &words).succeed(LONG);
    let camera = format!("file:{}", film.display());
    let words = ["--camera", &camera, "--statistics", "2s", "--for", "7s"];
    let mut alice = join(
        us,
        &description(us),
        "Alice",
        &[&SILENT[..], &words].concat(),
    );
    alice.succeed(LONG);
    let told = alice.lines().into_iter().map(|line| parsed(&line.text));
    let told: Vec<u64> = told
        .filter(|json| json["event"] == "statistics")
        .map(|json| json["statistics"]["video"]["captured"].as_u64().unwrap())
        .collect();
    let [first, .., last] = told.as_slice() else {
        panic!("{told:?}");
    };
    // Four seconds lie between the first and the third.
    assert!((45..=55).contains(&(last - first)), "{told:?}");
}
