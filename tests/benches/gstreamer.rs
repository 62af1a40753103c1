//! Our audio receive path beside GStreamer's: the same Opus packets by UDP, buffered, decoded and mixed.
//! `cargo bench --bench gstreamer`; without GStreamer it says so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use conf_core::rtp::RtpPacket;
use conf_tests::cost::children_cpu_seconds;
use conf_tests::speech;
use media::codec::{EncoderOptions, encoder};
use media::engine::{AudioEngine, AudioPacket, EngineConfig};
use media::payload::AudioFormat;

const PAYLOAD_TYPE: u8 = 96;
const FIRST_PORT: u16 = 46_000;
const SECONDS: u16 = 6;
const ROUNDS: usize = 5;
/// GStreamer takes its time to start.
const WARM_UP: Duration = Duration::from_secs(1);

fn main() {
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != "--receive")
        .skip(1);
    if let Some(seconds) = arguments.next() {
        return receive(Duration::from_secs(seconds.parse().unwrap()));
    }
    let Some(version) = version() else {
        return println!("GStreamer is not installed: nothing to compare with");
    };
    println!(
        "receive, buffer, decode and mix Opus speech; {version}; median of {ROUNDS} alternating runs"
    );
    let payloads = opus_speech();
    for streams in [16, 64] {
        let pairs = (0..ROUNDS).map(|_| (ours(streams, &payloads), gstreamer(streams, &payloads)));
        let (ours, theirs): (Vec<_>, Vec<_>) = pairs.unzip();
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "{streams:>3} streams: ours {ours:.2} ms of CPU per stream and second, GStreamer {theirs:.2}, ratio {:.2} (must: 0.35)",
            ours / theirs
        );
    }
}

/// Our receiver: what the net thread and the audio worker do, in a process of its own.
fn receive(span: Duration) {
    let socket = UdpSocket::bind(("127.0.0.1", FIRST_PORT)).unwrap();
    let mut engine = AudioEngine::new(EngineConfig::new(vec![AudioFormat::opus(PAYLOAD_TYPE)]));
    let step = Duration::from_millis(10);
    let (mut datagram, mut playback) = ([0; 1500], [0.0; 960]);
    let start = Instant::now();
    let mut next = start + step;
    while start.elapsed() < span {
        let wait = next.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            engine.step(next, &[0.0; 480], &mut playback);
            std::hint::black_box(&playback);
            next += step;
            continue;
        }
        socket.set_read_timeout(Some(wait)).unwrap();
        let Ok(length) = socket.recv(&mut datagram) else {
            continue;
        };
        let bytes = datagram.get(..length).unwrap_or_default();
        if let Ok(rtp) = RtpPacket::parse(bytes) {
            engine.push_packet(&AudioPacket {
                ssrc: rtp.ssrc(),
                payload_type: rtp.payload_type(),
                seq: rtp.seq(),
                time: rtp.time(),
                marker: rtp.marker(),
                arrival: Instant::now(),
                payload: rtp.payload(),
            });
        }
    }
}

fn ours(streams: u16, payloads: &[Vec<u8>]) -> f64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--receive", &(SECONDS + 1).to_string()]);
    cost_of(&mut command, streams, payloads, |_| FIRST_PORT)
}

fn gstreamer(streams: u16, payloads: &[Vec<u8>]) -> f64 {
    let caps = "application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=96";
    let branch = |port| {
        format!(
            "udpsrc address=127.0.0.1 port={port} caps={caps} ! rtpjitterbuffer latency=60 do-lost=true \
             ! rtpopusdepay ! opusdec plc=true ! audioconvert ! mix. "
        )
    };
    let branches: String = (0..streams).map(|n| branch(FIRST_PORT + n)).collect();
    let pipeline = format!("audiomixer name=mix ! fakesink sync=true {branches}");
    let mut command = Command::new("timeout");
    command.args([
        "-s",
        "INT",
        &(SECONDS + 1).to_string(),
        "gst-launch-1.0",
        "-q",
    ]);
    command.args(pipeline.split_whitespace());
    cost_of(&mut command, streams, payloads, |stream| {
        FIRST_PORT + stream
    })
}

/// Milliseconds of CPU per stream and second of a receiver, to which all streams are sent in real time.
fn cost_of(
    receiver: &mut Command,
    streams: u16,
    payloads: &[Vec<u8>],
    port: impl Fn(u16) -> u16,
) -> f64 {
    let before = children_cpu_seconds();
    let quiet = receiver
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut receiver = quiet.spawn().unwrap();
    std::thread::sleep(WARM_UP);
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let start = Instant::now();
    let mut tick = 0;
    while receiver.try_wait().unwrap().is_none() {
        for stream in 0..streams {
            // Everybody says the same, but not at the same time.
            let payload = &payloads[(tick as usize + 37 * usize::from(stream)) % payloads.len()];
            let packet = rtp(stream, tick, payload);
            // Once the receiver has gone, nobody minds.
            socket.send_to(&packet, ("127.0.0.1", port(stream))).ok();
        }
        tick += 1;
        let due = start + Duration::from_millis(20) * tick;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let cost = children_cpu_seconds() - before;
    1e3 * cost / f64::from(streams) / f64::from(SECONDS)
}

fn rtp(stream: u16, tick: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, PAYLOAD_TYPE];
    packet.extend((tick as u16).to_be_bytes());
    packet.extend((tick * 960).to_be_bytes());
    packet.extend(u32::from(stream + 1).to_be_bytes());
    packet.extend(payload);
    packet
}

/// The words of the human speech, without the silence before, in packets of 20 ms at 32 kbit/s.
fn opus_speech() -> Vec<Vec<u8>> {
    let format = AudioFormat::opus(PAYLOAD_TYPE);
    let options = EncoderOptions {
        bit_rate: Some(32_000),
        is_dtx_enabled: false,
        max_payload: 1200,
    };
    let mut encoder = encoder(&format, &options).unwrap();
    let frame = encoder.frame_samples();
    let words = speech::human().between(speech::LEAD_IN_SECONDS, f32::MAX);
    let mut payload = [0; 1200];
    let encode = |samples: &[f32]| {
        let length = encoder.encode(samples, &mut payload).unwrap()?;
        Some(payload[..length].to_vec())
    };
    words.0.chunks_exact(frame).filter_map(encode).collect()
}

fn version() -> Option<String> {
    let output = Command::new("gst-launch-1.0")
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1).map(str::to_owned)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
