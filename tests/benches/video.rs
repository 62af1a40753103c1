//! What pictures cost: received to planes beside openh264 alone and beside GStreamer; two layers encoded beside one.
//! `cargo bench --bench video`; without GStreamer it says so.
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
use conf_tests::cost::cpu_seconds;
use conf_tests::replay::{CodedFilm, CodedPicture, Coding, PAYLOAD_TYPE, painted};
use media::codec::video::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
use media::payload::h264::H264Format;
use media::rtp_time::{RtpTime, SeqNo, Ssrc};
use media::video::layers::Layer;
use media::video::{
    Scaler, Size, SourceId, VideoPacket, VideoReceiver, VideoReceiverOptions, VideoStream, View,
};
use openh264::decoder::Decoder;

const PORT: u16 = 46_100;
const FRAMES: u32 = 300;
const RATE: u32 = 30;
const ROUNDS: usize = 5;
const SECONDS: u16 = 6;

fn main() {
    if let Some(seconds) = argument("--receive") {
        return receive(Duration::from_secs(seconds.parse().unwrap()));
    }
    println!("openh264 2.x, median of {ROUNDS} alternating runs, ms of CPU per stream and second");
    let coding = Coding {
        size: Size::new(640, 360),
        rate: RATE,
        bit_rate: 800_000,
    };
    let film = CodedFilm::new(coding, FRAMES / RATE).pictures;
    for streams in [4, 9, 16] {
        let pairs =
            (0..ROUNDS).map(|_| (receive_alone(streams, &film), decode_alone(streams, &film)));
        let (ours, floor): (Vec<_>, Vec<_>) = pairs.unzip();
        let (ours, floor) = (median(ours), median(floor));
        println!(
            "{streams:>3} streams of 640x360: packets to planes {ours:.2}, openh264 alone {floor:.2}, ratio {:.3} (must: 1.3, aim: 1.1)",
            ours / floor
        );
    }
    encode();
    let Some(version) = gstreamer_version() else {
        return println!("GStreamer is not installed: nothing to compare with");
    };
    println!("through UDP in real time; {version}");
    for streams in [4, 9, 16] {
        let pairs = (0..ROUNDS).map(|_| (ours(streams, &film), gstreamer(streams, &film)));
        let (ours, theirs): (Vec<_>, Vec<_>) = pairs.unzip();
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "{streams:>3} streams of 640x360: ours {ours:.2}, GStreamer {theirs:.2}, ratio {:.2} (must: 1.0)",
            ours / theirs
        );
    }
}

fn encoder(bit_rate: u32, frame_rate: f32) -> H264Encoder {
    H264Encoder::new(VideoEncoderOptions {
        bit_rate,
        frame_rate,
        content: Content::Camera,
    })
}

/// The floor: every picture decoded, and nothing else.
fn decode_alone(streams: usize, film: &[CodedPicture]) -> f64 {
    let mut decoders: Vec<_> = (0..streams).map(|_| Decoder::new().unwrap()).collect();
    per_stream_second(streams, || {
        for coded in film {
            for decoder in &mut decoders {
                std::hint::black_box(decoder.decode(&coded.stream).unwrap().is_some());
            }
        }
    })
}

/// Packets to planes, on one thread.
fn receive_alone(streams: usize, film: &[CodedPicture]) -> f64 {
    let new = |_| VideoStream::new(H264Format::new(PAYLOAD_TYPE), Duration::ZERO).unwrap();
    let mut receivers: Vec<_> = (0..streams).map(new).collect();
    let arrival = Instant::now();
    let mut seq = SeqNo(0);
    per_stream_second(streams, || {
        for (frame, coded) in (0..).zip(film) {
            for (at, payload) in coded.payloads.iter().enumerate() {
                for (ssrc, stream) in (0..).zip(&mut receivers) {
                    stream.push(&VideoPacket {
                        source: SourceId::new(Layer::Full, Ssrc(ssrc)),
                        payload_type: PAYLOAD_TYPE,
                        seq,
                        time: RtpTime(frame * 3_000),
                        marker: at + 1 == coded.payloads.len(),
                        arrival,
                        payload,
                    });
                    while let Some(unit) = stream.poll_unit() {
                        std::hint::black_box(stream.decode(unit).unwrap().is_some());
                    }
                }
                seq = seq.next();
            }
        }
    })
}

fn per_stream_second(streams: usize, work: impl FnOnce()) -> f64 {
    let before = cpu_seconds();
    work();
    1e3 * (cpu_seconds() - before) / streams as f64 / f64::from(FRAMES / RATE)
}

/// 720p alone, and with its thumbnail.
fn encode() {
    let pictures: Vec<_> = painted(Size::new(1_280, 720), RATE, 90).collect();
    let run = |layers: &[Layer]| {
        let mut encoders: Vec<_> = layers
            .iter()
            .map(|layer| {
                let bit_rate = layer.bit_rate(Size::new(1_280, 720));
                (
                    *layer,
                    encoder(bit_rate, layer.frame_rate()),
                    Scaler::default(),
                )
            })
            .collect();
        let mut encoded = EncodedPicture::default();
        let before = cpu_seconds();
        for (number, picture) in (0..).zip(&pictures) {
            for (layer, encoder, scaler) in &mut encoders {
                if *layer == Layer::Full || number % 2 == 0 {
                    let scaled = scaler.scale(picture, layer.bounds());
                    encoder.encode(&scaled, false, &mut encoded).unwrap();
                }
            }
        }
        1e3 * (cpu_seconds() - before) / 3.0
    };
    let pairs = (0..ROUNDS).map(|_| (run(&[Layer::Thumbnail, Layer::Full]), run(&[Layer::Full])));
    let (both, large): (Vec<_>, Vec<_>) = pairs.unzip();
    let (both, large) = (median(both), median(large));
    println!(
        "encoding 720p30: {large:.0} ms of CPU per second, with its thumbnail {both:.0}, ratio {:.3} (must: 1.15, and below 1000 ms)",
        both / large
    );
}

/// Our receiver: what the net thread and the decoding threads do, in a process of its own.
fn receive(span: Duration) {
    let socket = UdpSocket::bind(("127.0.0.1", PORT)).unwrap();
    let receiver = VideoReceiver::start(VideoReceiverOptions {
        default_view: View::Large,
        ..VideoReceiverOptions::new(vec![(Layer::Full, H264Format::new(PAYLOAD_TYPE))])
    });
    let receiver = receiver.unwrap();
    let handle = receiver.handle();
    let end = Instant::now() + span;
    let mut datagram = [0; 1500];
    while Instant::now() < end {
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let Ok(length) = socket.recv(&mut datagram) else {
            continue;
        };
        if let Ok(rtp) = RtpPacket::parse(&datagram[..length]) {
            handle.push_packet(&VideoPacket {
                source: SourceId::new(Layer::Full, rtp.ssrc()),
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

fn ours(streams: u16, film: &[CodedPicture]) -> f64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--receive", &(SECONDS + 1).to_string()]);
    load(streams, film).cost_of(&mut command, |_| PORT)
}

fn gstreamer(streams: u16, film: &[CodedPicture]) -> f64 {
    let caps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=97";
    // openh264dec wants to be told the profile, which only h264parse finds in the stream.
    let branch = |port| {
        format!(
            "udpsrc address=127.0.0.1 port={port} caps={caps} ! rtph264depay \
             ! h264parse ! openh264dec ! fakesink sync=false "
        )
    };
    let pipeline: String = (0..streams).map(|n| branch(PORT + n)).collect();
    let mut command = beside::gstreamer(&pipeline, SECONDS + 1);
    load(streams, film).cost_of(&mut command, |stream| PORT + stream)
}

/// Everybody's pictures.
fn load(streams: u16, film: &[CodedPicture]) -> Load<impl FnMut(u16, u32) -> Vec<Vec<u8>>> {
    let mut seqs = vec![0_u16; usize::from(streams)];
    let packets = move |stream: u16, frame: u32| {
        let coded = &film[frame as usize % film.len()];
        let last = coded.payloads.len() - 1;
        let packet = |(at, payload): (usize, &Vec<u8>)| {
            let seq = &mut seqs[usize::from(stream)];
            *seq = seq.wrapping_add(1);
            beside::rtp(
                PAYLOAD_TYPE,
                at == last,
                *seq,
                frame * 3_000,
                stream,
                payload,
            )
        };
        coded.payloads.iter().enumerate().map(packet).collect()
    };
    Load {
        streams,
        seconds: SECONDS,
        period: Duration::from_secs(1) / RATE,
        packets,
    }
}
