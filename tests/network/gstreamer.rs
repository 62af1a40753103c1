//! With GStreamer's rtpbin as a member that speaks, and as one that listens.

use std::path::Path;

use conf_tests::netns::{Host, Segment};
use conf_tests::running::Running;
use conf_tests::sound::Sound;
use conf_tests::speech;
use conf_tests::trials::Planned;

use crate::program::{LONG, join, meets};

const NEEDS: &[&str] = &[
    "espeak-ng",
    "ffmpeg",
    "gst-launch-1.0",
    "gst:rtpbin",
    "gst:opusenc",
    "gst:rtpopuspay",
    "gst:udpsink",
    "gst:wavparse",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "speech_from_gstreamer_is_heard_and_its_sender_is_named",
        needs: NEEDS,
        run: we_hear_gstreamer,
    },
    Planned {
        name: "gstreamer_hears_our_speech",
        needs: NEEDS,
        run: gstreamer_hears_us,
    },
];

const GROUP: &str = "239.255.50.1";
const TEXT: &str = "Seven grey geese are grazing in the green valley below the old railway bridge, \
    while nine young boys row a heavy wooden boat slowly along the river towards the mill.";

fn gst(host: &Host, pipeline: &str) -> Running {
    let mut command = host.command("gst-launch-1.0");
    Running::start(command.args(["-e", "-q"]).args(pipeline.split_whitespace()))
}

/// A description of the group where GStreamer is; written by hand, so that it is not ours that is tested.
fn described(host: &Host) -> String {
    let sdp = format!(
        "v=0\r\no=- 7 1 IN IP4 10.77.0.1\r\ns=Studio\r\nc=IN IP4 {GROUP}/4\r\nt=0 0\r\n\
         m=audio 5100 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
    );
    let file = host.file("studio.sdp");
    std::fs::write(&file, sdp).unwrap();
    file.display().to_string()
}

fn we_hear_gstreamer() {
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
    let mut joined = join(us, &described(us), "Us", &listen);
    let _peer = gst(peer, &sender(&file));
    meets(&joined, "Alice");
    joined.succeed(LONG * 2);
    let likeness = speech::compare(&said, &Sound::read(&heard).unwrap());
    assert!(likeness.is_same_speech(), "{likeness:?}");
}

fn sender(file: &Path) -> String {
    let sdes =
        "application/x-rtp-source-sdes,cname=(string)\"alice\\@peers.test\",name=(string)Alice";
    format!(
        "rtpbin name=b sdes={sdes} \
         filesrc location={} ! wavparse ! audioconvert ! opusenc bitrate=32000 audio-type=voice frame-size=20 \
         ! rtpopuspay pt=96 ! b.send_rtp_sink_0 \
         b.send_rtp_src_0 ! udpsink host={GROUP} port=5100 auto-multicast=false ttl-mc=4 multicast-iface=eth0 \
         b.send_rtcp_src_0 ! udpsink host={GROUP} port=5101 auto-multicast=false ttl-mc=4 multicast-iface=eth0 \
         sync=false async=false",
        file.display()
    )
}

fn gstreamer_hears_us() {
    let lan = Segment::new(2);
    let (us, peer) = (&lan.hosts[0], &lan.hosts[1]);
    let said = speech::spoken("en-us", TEXT);
    let (file, heard) = (us.file("said.wav"), peer.file("heard.wav"));
    said.write(&file).unwrap();
    let receiver = gst(
        peer,
        &format!(
            "udpsrc address={GROUP} port=5100 multicast-iface=eth0 \
         caps=application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=96 \
         ! rtpjitterbuffer latency=100 do-lost=true ! rtpopusdepay ! opusdec plc=true \
         ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 \
         ! wavenc ! filesink location={}",
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
    join(us, &described(us), "Us", &speak).succeed(LONG * 2);
    let mut receiver = receiver;
    receiver.interrupt();
    receiver.wait(LONG);
    let likeness = speech::compare(&said, &Sound::read(&heard).unwrap());
    assert!(likeness.is_same_speech(), "{likeness:?}");
}
