//! With GStreamer's rtpbin as a member that speaks, and as one that listens.

use std::path::Path;

use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::speech;
use conf_tests::trials::Planned;

use crate::program::{LONG, join, meets, write_sdp};

const NEEDS: &[&str] = &[
    "espeak-ng",
    "ffmpeg",
    "gst-launch-1.0",
    "gst:rtpbin",
    "gst:opusenc",
    "gst:mulawenc",
    "gst:rtpopuspay",
    "gst:udpsink",
    "gst:wavparse",
    "gst:audiorate",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "opus_speech_from_gstreamer_is_heard_and_its_sender_is_named",
        needs: NEEDS,
        run: || we_hear_gstreamer(&OPUS),
    },
    Planned {
        name: "pcmu_speech_from_gstreamer_is_heard_and_its_sender_is_named",
        needs: NEEDS,
        run: || we_hear_gstreamer(&PCMU),
    },
    Planned {
        name: "l16_speech_from_gstreamer_is_heard_and_its_sender_is_named",
        needs: NEEDS,
        run: || we_hear_gstreamer(&L16),
    },
    Planned {
        name: "gstreamer_hears_our_speech_in_opus",
        needs: NEEDS,
        run: || gstreamer_hears_us(&OPUS),
    },
    Planned {
        name: "gstreamer_hears_our_speech_in_pcmu",
        needs: NEEDS,
        run: || gstreamer_hears_us(&PCMU),
    },
    Planned {
        name: "gstreamer_hears_our_speech_in_l16",
        needs: NEEDS,
        run: || gstreamer_hears_us(&L16),
    },
];

/// A coding, in SDP's words and as elements of a pipeline.
struct Coding {
    payload_type: u8,
    map: &'static str,
    encode: &'static str,
    caps: &'static str,
    decode: &'static str,
}

const OPUS: Coding = Coding {
    payload_type: 96,
    map: "opus/48000/2",
    encode: "opusenc bitrate=32000 audio-type=voice frame-size=20 ! rtpopuspay pt=96",
    caps: "clock-rate=48000,encoding-name=OPUS,payload=96",
    decode: "rtpopusdepay ! opusdec plc=true",
};
const PCMU: Coding = Coding {
    payload_type: 0,
    map: "PCMU/8000",
    encode: "audioresample ! audio/x-raw,rate=8000 ! mulawenc ! rtppcmupay",
    caps: "clock-rate=8000,encoding-name=PCMU,payload=0",
    decode: "rtppcmudepay ! mulawdec",
};
const L16: Coding = Coding {
    payload_type: 96,
    map: "L16/48000",
    encode: "audio/x-raw,format=S16BE,rate=48000,channels=1 ! rtpL16pay pt=96",
    caps: "clock-rate=48000,encoding-name=L16,channels=1,payload=96",
    decode: "rtpL16depay",
};

const GROUP: &str = "239.255.50.1";
const TEXT: &str = "Seven grey geese are grazing in the green valley below the old railway bridge, \
    while nine young boys row a heavy wooden boat slowly along the river towards the mill.";

fn gst(host: &Host, pipeline: &str) -> Running {
    let mut command = host.command("gst-launch-1.0");
    Running::start(command.args(["-e", "-q"]).args(pipeline.split_whitespace()))
}

/// A description of the group where GStreamer is; written by hand, so that it is not ours that is tested.
fn described(host: &Host, coding: &Coding) -> String {
    let number = coding.payload_type;
    let lines = [
        "v=0",
        "o=- 7 1 IN IP4 10.77.0.1",
        "s=Studio",
        &format!("c=IN IP4 {GROUP}/4"),
        "t=0 0",
        &format!("m=audio 5100 RTP/AVP {number}"),
        &format!("a=rtpmap:{number} {}", coding.map),
    ];
    write_sdp(host, "studio.sdp", &lines)
}

fn we_hear_gstreamer(coding: &Coding) {
    let lan = Segment::new(2);
    let (peer, us) = (&lan.hosts[0], &lan.hosts[1]);
    let said = speech::spoken("en-us", TEXT);
    let (file, heard) = (peer.file("said.wav"), us.file("heard.wav"));
    said.write(&file).unwrap();
    let speaker = format!("file:{}", heard.display());
    let seconds = format!("{:.0}s", said.seconds() + 2.0);
    let listen = [
        "--microphone",
        "none",
        "--speaker",
        &speaker,
        "--for",
        &seconds,
    ];
    let mut joined = join(us, &described(us, coding), "Us", &listen);
    let _peer = gst(peer, &sender(&file, coding));
    meets(&joined, "Alice");
    joined.succeed(LONG * 2);
    let likeness = speech::compare(&said, &Sound::read(&heard).unwrap());
    assert!(
        likeness.is_same_speech_but_for_an_accident(),
        "{likeness:?}: {joined}"
    );
}

fn sender(file: &Path, coding: &Coding) -> String {
    let (file, encode) = (file.display(), coding.encode);
    let sdes =
        "application/x-rtp-source-sdes,cname=(string)\"alice\\@peers.test\",name=(string)Alice";
    format!(
        "rtpbin name=b sdes={sdes} \
         filesrc location={file} ! wavparse ! audioconvert ! {encode} ! b.send_rtp_sink_0 \
         b.send_rtp_src_0 ! udpsink host={GROUP} port=5100 auto-multicast=false ttl-mc=4 multicast-iface=eth0 \
         b.send_rtcp_src_0 ! udpsink host={GROUP} port=5101 auto-multicast=false ttl-mc=4 multicast-iface=eth0 \
         sync=false async=false"
    )
}

/// The receiver fills what was not sent with silence, as a player does whose clock runs on: without
/// `audiorate`, `wavenc` writes one word right after the other.
fn gstreamer_hears_us(coding: &Coding) {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let said = speech::spoken("en-us", TEXT);
    let (file, heard) = (us.file("said.wav"), peer.file("heard.wav"));
    said.write(&file).unwrap();
    let receiver = gst(
        peer,
        &format!(
            "udpsrc address={GROUP} port=5100 multicast-iface=eth0 \
         caps=application/x-rtp,media=audio,{} ! rtpjitterbuffer latency=100 do-lost=true ! {} \
         ! audioconvert ! audiorate tolerance=15000000 ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 \
         ! wavenc ! filesink location={}",
            coding.caps,
            coding.decode,
            heard.display()
        ),
    );
    let microphone = format!("file:{}", file.display());
    let seconds = format!("{:.0}s", said.seconds() + 1.0);
    let speak = [
        "--microphone",
        &microphone,
        "--speaker",
        "none",
        "--for",
        &seconds,
    ];
    join(us, &described(us, coding), "Us", &speak).succeed(LONG * 2);
    let mut receiver = receiver;
    receiver.interrupt();
    receiver.wait(LONG);
    let likeness = speech::compare(&said, &Sound::read(&heard).unwrap());
    assert!(
        likeness.is_same_speech_but_for_an_accident(),
        "{likeness:?}"
    );
}
