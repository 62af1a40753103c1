//! Our audio receive path beside GStreamer's: the same Opus packets by UDP, buffered, decoded and mixed.
//! `cargo bench --bench gstreamer`; without GStreamer it says so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use conf_core::rtp::RtpPacket;
use conf_tests::beside::{self, Load, argument, gstreamer_version, median};
use conf_tests::speech;
use media::codec::{EncoderOptions, encoder};
use media::engine::{AudioEngine, AudioPacket, EngineConfig};
use media::payload::AudioFormat;

const PAYLOAD_TYPE: u8 = 96;
const FIRST_PORT: u16 = 46_000;
const SECONDS: u16 = 6;
const ROUNDS: usize = 5;

fn main() {
    if let Some(seconds) = argument("--receive") {
        return receive(Duration::from_secs(seconds.parse().unwrap()));
    }
    let Some(version) = gstreamer_version() else {
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
    load(streams, payloads).cost_of(&mut command, |_| FIRST_PORT)
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
    let mut command = beside::gstreamer(&pipeline, SECONDS + 1);
    load(streams, payloads).cost_of(&mut command, |stream| FIRST_PORT + stream)
}

/// Everybody says the same, but not at the same time.
fn load(streams: u16, payloads: &[Vec<u8>]) -> Load<impl FnMut(u16, u32) -> Vec<Vec<u8>>> {
    let packets = |stream: u16, tick: u32| {
        let payload = &payloads[(tick as usize + 37 * usize::from(stream)) % payloads.len()];
        vec![beside::rtp(
            PAYLOAD_TYPE,
            false,
            tick as u16,
            tick * 960,
            stream,
            payload,
        )]
    };
    Load {
        streams,
        seconds: SECONDS,
        period: Duration::from_millis(20),
        packets,
    }
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
