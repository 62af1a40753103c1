//! With ffmpeg's SAP announcer and player, both ways.

use conf_tests::netns::Segment;
use conf_tests::sound::Sound;
use conf_tests::tone;
use conf_tests::trials::Planned;

use crate::program::{LONG, announce, ffmpeg, join, start};

const NEEDS: &[&str] = &["ffmpeg"];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_ffmpeg_announces_in_opus_is_listed_joined_and_heard",
        needs: NEEDS,
        run: || we_hear_ffmpeg("libopus -b:a 48k"),
    },
    Planned {
        name: "what_ffmpeg_announces_in_pcmu_is_listed_joined_and_heard",
        needs: NEEDS,
        run: || we_hear_ffmpeg("pcm_mulaw -ar 8000"),
    },
    Planned {
        name: "what_ffmpeg_announces_in_l16_is_listed_joined_and_heard",
        needs: NEEDS,
        run: || we_hear_ffmpeg("pcm_s16be"),
    },
    Planned {
        name: "ffmpeg_finds_our_announcement_and_hears_us",
        needs: NEEDS,
        run: ffmpeg_hears_us,
    },
    Planned {
        name: "ffmpeg_plays_our_description_in_opus",
        needs: NEEDS,
        run: || ffmpeg_plays_our_file("opus"),
    },
    Planned {
        name: "ffmpeg_plays_our_description_in_pcmu",
        needs: NEEDS,
        run: || ffmpeg_plays_our_file("pcmu"),
    },
    Planned {
        name: "ffmpeg_plays_our_description_in_l16",
        needs: NEEDS,
        run: || ffmpeg_plays_our_file("l16"),
    },
];

fn we_hear_ffmpeg(encoder: &str) {
    let lan = Segment::new(2);
    let (peer, us) = (&lan.hosts[0], &lan.hosts[1]);
    let tone = "-f lavfi -i sine=frequency=660:sample_rate=48000:duration=30";
    let to = "sap://239.255.10.1:5004?announce_addr=224.2.127.254&announce_port=9875&ttl=15";
    let words = format!("-re {tone} -c:a {encoder} -metadata title=Peer -f sap {to}");
    let peer = ffmpeg(peer, &words);
    let list = start(us, &["list", "--watch", "--json"]);
    list.wait_for("Peer", LONG, |line| line.contains("Peer"));
    let heard = us.file("heard.wav");
    let speaker = format!("file:{}", heard.display());
    let mut joined = join(
        us,
        "Peer",
        "Us",
        &["--microphone", "none", "--speaker", &speaker, "--for", "5s"],
    );
    joined.succeed(LONG);
    assert_tone(&Sound::read(&heard).unwrap().between(1.0, 4.5), 660.0);
    peer.interrupt();
    list.wait_for("deletion", LONG, |line| line.contains("gone"));
}

fn ffmpeg_hears_us() {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let _announcer = announce(us, "Ours", &[]);
    let _speaker = join(
        us,
        "Ours",
        "Us",
        &["--microphone", "tone:660", "--speaker", "none"],
    );
    let heard = peer.file("heard.wav");
    // Where conferences of a site are announced (RFC 2974 section 3).
    let words = format!(
        "-i sap://239.255.255.255:9875 -t 4 -ar 48000 {}",
        heard.display()
    );
    ffmpeg(peer, &words).succeed(LONG * 2);
    assert_tone(&Sound::read(&heard).unwrap(), 660.0);
}

fn ffmpeg_plays_our_file(audio: &str) {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let sdp = us.file("ours.sdp").display().to_string();
    let create = [
        "create", "--name", "Ours", "--audio", audio, "--output", &sdp,
    ];
    start(us, &create).succeed(LONG);
    let _speaker = join(
        us,
        &sdp,
        "Us",
        &["--microphone", "tone:440", "--speaker", "none"],
    );
    let heard = peer.file("heard.wav");
    let words = format!(
        "-protocol_whitelist file,rtp,udp -i {sdp} -t 4 -ar 48000 {}",
        heard.display()
    );
    ffmpeg(peer, &words).succeed(LONG * 2);
    assert_tone(&Sound::read(&heard).unwrap(), 440.0);
}

/// The tone is there, loud, and nothing else is louder.
pub(crate) fn assert_tone(heard: &Sound, hz: f32) {
    let level = tone::level_dbfs(heard, hz);
    assert!(
        level > -40.0,
        "{hz} Hz at {level} dB in {} s",
        heard.seconds()
    );
    let loudest = tone::loudest_hz(heard);
    assert!((loudest - hz).abs() <= 5.0, "{loudest} Hz instead of {hz}");
}
