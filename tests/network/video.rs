//! People see each other: frame numbers of the test pattern are read back from what was received.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use conf_core::rtcp::{Compound, FeedbackMessage, Form, PauseKind, RtcpPacket};
use conf_core::{Draft, DraftVideo};
use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::trials::Planned;
use media::device::{PatternStamp, Y4mReader};
use media::video::{Plane, Size};

use crate::program::{LONG, announce, join, meets, parsed, tells, write_sdp};

const GSTREAMER: &[&str] = &[
    "gst-launch-1.0",
    "gst:rtpbin",
    "gst:rtph264pay",
    "gst:rtph264depay",
    "gst:h264parse",
    "gst:openh264enc",
    "gst:openh264dec",
    "gst:y4menc",
    "gst:y4mdec",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "two_hosts_see_each_others_pictures_frame_by_frame",
        needs: &[],
        run: see_each_other,
    },
    Planned {
        name: "flash_and_beep_are_recorded_together",
        needs: &[],
        run: flash_and_beep,
    },
    Planned {
        name: "groups_of_large_pictures_are_joined_while_somebody_is_shown_large",
        needs: &[],
        run: follow_membership,
    },
    Planned {
        name: "who_comes_later_brings_back_a_layer_that_was_paused",
        needs: &[],
        run: second_watcher,
    },
    Planned {
        name: "no_more_are_decoded_than_wanted",
        needs: &[],
        run: decode_one,
    },
    Planned {
        name: "gstreamer_sees_our_pictures",
        needs: GSTREAMER,
        run: gstreamer_sees_us,
    },
    Planned {
        name: "we_see_pictures_of_gstreamer",
        needs: GSTREAMER,
        run: we_see_gstreamer,
    },
];

/// The frame numbers of the pattern in a file, and the sizes of its pictures.
pub(crate) fn frames(path: &Path) -> (Vec<u32>, Size) {
    let (stamps, size) = stamps(path);
    (stamps.iter().map(|(_, stamp)| stamp.frame).collect(), size)
}

/// What each picture of a film says when it is first seen, after how many frames; and the size.
fn stamps(path: &Path) -> (Vec<(u32, PatternStamp)>, Size) {
    let mut reader = Y4mReader::new(BufReader::new(File::open(path).unwrap())).unwrap();
    let mut size = Size::default();
    let mut stamps: Vec<(u32, PatternStamp)> = Vec::new();
    let mut place = 0;
    while let Some(picture) = reader.next(Instant::now()).unwrap() {
        size = picture.size();
        let is_black = picture.plane(Plane::Y).iter().all(|sample| *sample == 16);
        if !(is_black && stamps.is_empty()) {
            // What cannot be read would be rubbish: it must not be there.
            let stamp = PatternStamp::read(&picture).unwrap();
            if stamps.last().is_none_or(|(_, last)| *last != stamp) {
                stamps.push((place, stamp));
            }
        }
        place += 1;
    }
    (stamps, size)
}

/// Pictures came one after the other and nearly all of them.
pub(crate) fn is_a_film(numbers: &[u32], least: usize) {
    assert!(numbers.len() >= least, "{} pictures", numbers.len());
    assert!(
        // The frame at which a larger layer takes over may come in both.
        numbers.windows(2).all(|pair| pair[0] <= pair[1]),
        "{numbers:?}"
    );
    let span = numbers[numbers.len() - 1] - numbers[0] + 1;
    let share = numbers.len() as f64 / f64::from(span);
    assert!(share > 0.9, "{} of {span}", numbers.len());
}

fn camera(host: &Host, name: &str, seconds: u32) -> (Running, std::path::PathBuf) {
    let path = host.file(&format!("{name}.y4m"));
    let output = format!("file:{}", path.display());
    let span = format!("{seconds}s");
    let words = [
        "--microphone",
        "none",
        "--speaker",
        "none",
        "--camera",
        "test:320x180@15",
        "--video-out",
        &output,
        "--for",
        &span,
    ];
    (join(host, "Seen", name, &words), path)
}

fn see_each_other() {
    let lan = Segment::new(2);
    let words = ["--video", "--video-repair", "fec"];
    let _announcer = announce(&lan.hosts[0], "Seen", &words);
    let (mut alice, of_bob) = camera(&lan.hosts[0], "Alice", 8);
    let (mut bob, of_alice) = camera(&lan.hosts[1], "Bob", 8);
    for (program, other) in [(&alice, "Bob"), (&bob, "Alice")] {
        let id = meets(program, other);
        tells(program, "video_joined", id, LONG);
        let first = tells(program, "first_picture", id, LONG);
        assert_eq!(first["pictures"], "camera");
        assert_eq!(
            (first["width"].as_u64(), first["height"].as_u64()),
            (Some(320), Some(180))
        );
    }
    for (program, path) in [(&mut alice, of_bob), (&mut bob, of_alice)] {
        program.succeed(LONG);
        let (numbers, size) = frames(&path);
        assert_eq!(size, Size::new(320, 180));
        is_a_film(&numbers, 60);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    assert!(values.len() > 5, "{values:?}");
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Between -500 and 500 milliseconds: flash and beep come once a second.
fn around(milliseconds: f64) -> f64 {
    (milliseconds + 500.0).rem_euclid(1_000.0) - 500.0
}

fn flash_and_beep() {
    let lan = Segment::new(2);
    let sdp = description(&lan.hosts[0]);
    let (film, sound) = (
        lan.hosts[1].file("seen.y4m"),
        lan.hosts[1].file("heard.wav"),
    );
    let (seen, heard) = (
        format!("file:{}", film.display()),
        format!("file:{}", sound.display()),
    );
    let sent = [
        "--microphone",
        "beep",
        "--speaker",
        "none",
        "--camera",
        "test:320x180@30",
    ];
    let taken = [
        "--microphone",
        "none",
        "--speaker",
        &heard,
        "--video-out",
        &seen,
    ];
    // She stays until he has gone: he tells only of those who are there.
    let (longer, span) = (["--for", "20s"], ["--for", "16s"]);
    let mut alice = join(&lan.hosts[0], &sdp, "Alice", &[&sent[..], &longer].concat());
    let mut bob = join(&lan.hosts[1], &sdp, "Bob", &[&taken[..], &span].concat());
    let left = bob.wait_for("left", LONG + Duration::from_secs(16), |line| {
        parsed(line)["event"] == "left"
    });
    let told = parsed(&left.text)["statistics"]["people"][0]["video"]["lip_sync_ms"].as_f64();
    alice.succeed(LONG);
    bob.succeed(LONG);
    // By then the sender has reported.
    let settled = 6;
    let beeps = Sound::read(&sound).unwrap();
    let loud = |block: &[f32]| block.iter().any(|sample| sample.abs() > 0.02);
    let millis: Vec<bool> = beeps.0.chunks_exact(48).map(loud).collect();
    let places = millis.windows(50).enumerate().skip(settled * 1_000);
    let begins = places.filter(|(_, window)| window[49] && !window[..49].contains(&true));
    let begins = begins.map(|(place, _)| around(place as f64 + 49.0));
    let voice = median(begins.collect());
    let (stamps, _) = stamps(&film);
    let late = stamps
        .iter()
        .filter(|(place, _)| *place > 30 * settled as u32);
    let pictures = late.map(|(place, stamp)| {
        let at = f64::from(*place) * 1_000.0 / 30.0;
        around(at - f64::from(stamp.clock_ms % 1_000) - voice)
    });
    let behind = median(pictures.collect());
    eprintln!("pictures are {behind:.0} ms behind the voice on file, {told:?} by our own account");
    // The two files begin as soon as each can be opened, and the film has 30 frames a second.
    assert!(behind.abs() <= 80.0, "{behind}");
    assert!(told.unwrap().abs() <= 45.0, "{told:?}");
}

/// The groups that the kernel of this host is a member of.
fn memberships(host: &Host) -> BTreeSet<String> {
    let output = host.command("cat").arg("/proc/net/igmp").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words = text.lines().filter(|line| line.starts_with('\t'));
    let groups = words.filter_map(|line| line.split_whitespace().next());
    groups.map(str::to_owned).collect()
}

fn follow_membership() {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[1], "Seen", &["--video"]);
    let (mut alice, _) = camera(&lan.hosts[0], "Alice", 18);
    alice.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let alone = memberships(&lan.hosts[0]);
    let (mut bob, _) = camera(&lan.hosts[1], "Bob", 6);
    let id = meets(&alice, "Bob");
    let is_full = |line: &str| {
        let json = parsed(line);
        json["id"] == id && json["layer"] == "full"
    };
    alice.wait_for("full size", LONG, is_full);
    let together = memberships(&lan.hosts[0]);
    assert_eq!(together.difference(&alone).count(), 1, "{together:?}");
    bob.succeed(LONG);
    tells(&alice, "person_left", id, LONG);
    let left = Instant::now();
    while memberships(&lan.hosts[0]) != alone {
        assert!(left.elapsed() < Duration::from_millis(200));
    }
    // Alice's large pictures went out while Bob showed them, and stopped when nobody did.
    let line = alice.wait_for("left", LONG + Duration::from_secs(18), |line| {
        parsed(line)["event"] == "left"
    });
    let told = parsed(&line.text);
    let layers = told["statistics"]["video"]["layers"].as_array().unwrap();
    let full = layers
        .iter()
        .find(|layer| layer["layer"] == "full")
        .unwrap();
    assert!(full["encoded"].as_u64().unwrap() > 15, "{full}");
    assert_eq!(full["is_paused"], true, "{full}");
    alice.succeed(LONG);
}

/// Thumbnails in one group, where all RTCP of pictures goes as well, and large pictures in a range.
fn layered(host: &Host) -> String {
    let mut draft = Draft::new("Seen", host.v4.into());
    draft.group = "239.255.77.3:5120".parse().ok();
    draft.ttl = Some(4);
    let mut video = DraftVideo::plain("239.255.77.4:5122".parse().unwrap());
    video.full = (0..16).map(|n| [239, 255, 76, n].into()).collect();
    video.full_port = 5_124;
    draft.video = Some(video);
    let mut rng = fastrand::Rng::with_seed(1);
    let description = draft.describe(SystemTime::now(), &mut rng).unwrap();
    let path = host.file("layered.sdp");
    std::fs::write(&path, description.to_string()).unwrap();
    path.display().to_string()
}

/// Waits until somebody says that they have stopped (RFC 7728 section 7.3).
fn hears_paused(reports: &UdpSocket) {
    let end = Instant::now() + 2 * LONG;
    let mut datagram = [0; 1_500];
    let is_paused = |packet: RtcpPacket<'_>| match packet {
        RtcpPacket::Feedback(feedback) => match feedback.message {
            FeedbackMessage::Pause(entries) => entries
                .iter()
                .any(|entry| matches!(entry.kind, PauseKind::Paused(_))),
            _ => false,
        },
        _ => false,
    };
    loop {
        assert!(Instant::now() < end, "nobody has stopped");
        let length = reports.recv(&mut datagram).unwrap_or(0);
        let compound = Compound::parse(&datagram[..length], Form::ReducedSize);
        if compound.is_ok_and(|compound| compound.packets().flatten().any(is_paused)) {
            return;
        }
    }
}

fn second_watcher() {
    let lan = Segment::new(3);
    let silent = ["--microphone", "none", "--speaker", "none"];
    let words = [
        &silent[..],
        &["--camera", "test:640x360@30", "--for", "60s"],
    ]
    .concat();
    let alice = join(&lan.hosts[0], &layered(&lan.hosts[0]), "Alice", &words);
    alice.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    for (host, name) in [(&lan.hosts[1], "Bob"), (&lan.hosts[2], "Carol")] {
        let film = format!("file:{}", host.file("seen.y4m").display());
        let words = [&silent[..], &["--video-out", &film]].concat();
        let mut watcher = join(host, &layered(host), name, &words);
        let id = meets(&watcher, "Alice");
        watcher.wait_for("full size", LONG, |line| {
            let json = parsed(line);
            json["id"] == id && json["layer"] == "full"
        });
        watcher.interrupt();
        watcher.succeed(LONG);
        // It has left the port; who has stopped says so again and again.
        let reports = host.inside(|| {
            let socket = UdpSocket::bind(("239.255.77.4", 5_125)).unwrap();
            let group = Ipv4Addr::new(239, 255, 77, 4);
            socket
                .join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)
                .unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(200)))
                .unwrap();
            socket
        });
        hears_paused(&reports);
    }
}

fn decode_one() {
    let lan = Segment::new(3);
    let silent = ["--microphone", "none", "--speaker", "none"];
    let seen = ["--camera", "test:320x180@15", "--for", "60s"];
    let join = |host: usize, name, words: &[&str]| {
        let host = &lan.hosts[host];
        join(
            host,
            &description(host),
            name,
            &[&silent[..], words].concat(),
        )
    };
    let _senders = [join(0, "Alice", &seen), join(1, "Bob", &seen)];
    let words = ["--video-out", "none", "--max-videos", "1", "--for", "8s"];
    let mut carol = join(2, "Carol", &words);
    for name in ["Alice", "Bob"] {
        tells(&carol, "video_joined", meets(&carol, name), LONG);
    }
    carol.succeed(LONG);
    let lines = carol.lines().into_iter().map(|line| parsed(&line.text));
    let lines: Vec<_> = lines.collect();
    let first = lines.iter().filter(|json| json["event"] == "first_picture");
    assert_eq!(first.count(), 1, "{carol}");
    let left = lines.iter().find(|json| json["event"] == "left").unwrap();
    let people = left["statistics"]["people"].as_array().unwrap();
    let decoded = people.iter().map(|one| &one["video"]["decoded"]);
    let decoded = decoded.filter(|count| count.as_u64() > Some(0));
    assert_eq!(decoded.count(), 1, "{carol}");
}

pub(crate) const GROUP: &str = "239.255.77.1";
pub(crate) const PORT: u16 = 5_106;

/// A conference of sound and pictures, of which only the pictures matter.
pub(crate) fn description(host: &Host) -> String {
    let origin = format!("o=- 1 1 IN IP4 {}", host.v4);
    let audio = format!("m=audio 5104 RTP/AVP 96\r\nc=IN IP4 {GROUP}/15");
    let video =
        format!("m=video {PORT} RTP/AVP 97\r\nc=IN IP4 {GROUP}/15\r\nb=RS:16000\r\nb=RR:48000");
    let lines = [
        "v=0",
        &origin,
        "s=Seen",
        "t=0 0",
        &audio,
        "a=rtpmap:96 opus/48000/2",
        &video,
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 packetization-mode=1",
    ];
    write_sdp(host, "seen.sdp", &lines)
}

fn pipeline(host: &Host, text: &str) -> Running {
    let mut command = host.command("gst-launch-1.0");
    Running::start(command.arg("-q").args(text.split_whitespace()))
}

fn gstreamer_sees_us() {
    let lan = Segment::new(2);
    let seen = lan.hosts[1].file("seen.y4m");
    let _player = pipeline(
        &lan.hosts[1],
        &format!(
            "udpsrc address={GROUP} port={PORT} auto-multicast=true multicast-iface=eth0 \
             caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=97 \
             ! rtpjitterbuffer latency=100 ! rtph264depay ! h264parse ! openh264dec ! videoconvert \
             ! video/x-raw,format=I420 ! y4menc ! filesink location={}",
            seen.display()
        ),
    );
    let sdp = description(&lan.hosts[0]);
    let words = [
        "--microphone",
        "none",
        "--speaker",
        "none",
        "--camera",
        "test:640x360@15",
        "--for",
        "8s",
    ];
    let mut alice = join(&lan.hosts[0], &sdp, "Alice", &words);
    alice.succeed(LONG);
    let (numbers, size) = frames(&seen);
    assert_eq!(size, Size::new(640, 360));
    is_a_film(&numbers, 60);
}

fn we_see_gstreamer() {
    let lan = Segment::new(2);
    // The pattern, painted by us into a file that GStreamer plays.
    let film = lan.hosts[1].file("film.y4m");
    conf_tests::film::write(&film, Size::new(640, 360), 150);
    let sdp = description(&lan.hosts[0]);
    let seen = lan.hosts[0].file("seen.y4m");
    let output = format!("file:{}", seen.display());
    let words = [
        "--microphone",
        "none",
        "--speaker",
        "none",
        "--video-out",
        &output,
        "--for",
        "9s",
    ];
    let mut alice = join(&lan.hosts[0], &sdp, "Alice", &words);
    alice.wait_for("joined", LONG, |line| parsed(line)["event"] == "joined");
    let _sender = pipeline(
        &lan.hosts[1],
        &format!(
            "rtpbin name=b filesrc location={} ! y4mdec ! clocksync ! openh264enc bitrate=1000000 gop-size=15 \
             ! h264parse config-interval=-1 ! rtph264pay pt=97 mtu=1200 ! b.send_rtp_sink_0 \
             b.send_rtp_src_0 ! udpsink host={GROUP} port={PORT} auto-multicast=true multicast-iface=eth0 \
             b.send_rtcp_src_0 ! udpsink host={GROUP} port={} auto-multicast=true multicast-iface=eth0 sync=false async=false",
            film.display(),
            PORT + 1
        ),
    );
    alice.wait_for("first_picture", LONG, |line| {
        parsed(line)["event"] == "first_picture"
    });
    alice.succeed(LONG + Duration::from_secs(9));
    let (numbers, size) = frames(&seen);
    assert_eq!(size, Size::new(640, 360));
    is_a_film(&numbers, 40);
}
