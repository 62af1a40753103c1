//! What receiving costs: N speaking streams through the engine, beside libopus alone, and beside GStreamer.
//!
//! CPU time of the process, runs alternating, median of five, in milliseconds per stream and second of sound. GStreamer
//! is measured where `gst-launch-1.0` is installed, over loopback and in real time, without its start-up.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark reads the clock and may panic"
)]
mod gstreamer;
mod sound;

use std::hint::black_box;
use std::time::{Duration, Instant};

use media::engine::{AudioEngine, AudioPacket, AudioSnapshot, EngineConfig, STEP};
use media::payload::AudioFormat;
use media::rtp_time::{RtpTime, SeqNo, Ssrc};
use rustix::time::{ClockId, clock_gettime};

const RUNS: usize = 5;
const PAYLOAD_TYPE: u8 = 96;
/// Packets of 20 ms in each run: 10 s.
const PACKETS: usize = 500;

fn main() {
    let packets = sound::packets(PACKETS);
    let bytes: usize = packets.iter().map(Vec::len).sum();
    println!(
        "{}; Opus, 20 ms, mono, {} kbit/s; {RUNS} runs, median",
        opus::version(),
        bytes * 8 / 10_000
    );
    for streams in [16, 64] {
        compare(streams, &packets);
    }
    delays(&packets);
    for streams in [16, 64] {
        match gstreamer::cost(streams, &packets) {
            Ok(ms) => println!("{streams} streams: GStreamer {ms:.2} ms per stream and second"),
            Err(why) => println!("{streams} streams: GStreamer not measured: {why}"),
        }
    }
}

fn compare(streams: usize, packets: &[Vec<u8>]) {
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        floor.push(cpu_time(|| decode_alone(streams, packets)));
        ours.push(cpu_time(|| receive(streams, packets)));
    }
    let per_stream_second = |times: &mut Vec<Duration>| {
        times.sort();
        times[RUNS / 2].as_secs_f64() * 1000.0 / (streams as f64 * PACKETS as f64 * 0.02)
    };
    let (ours, floor) = (per_stream_second(&mut ours), per_stream_second(&mut floor));
    println!(
        "{streams} streams: ours {ours:.3}, libopus alone {floor:.3} ms per stream and second, ratio {:.3}",
        ours / floor
    );
}

/// The floor: every packet decoded as it comes, and nothing else.
fn decode_alone(streams: usize, packets: &[Vec<u8>]) {
    let mut decoders: Vec<opus::Decoder> = (0..streams)
        .map(|_| opus::Decoder::new(48_000, opus::Channels::Mono).unwrap())
        .collect();
    let mut out = [0.0_f32; 5_760];
    for round in 0..packets.len() {
        for (stream, decoder) in decoders.iter_mut().enumerate() {
            decoder
                .decode_float(packet(packets, stream, round), &mut out, false)
                .unwrap();
            black_box(&out);
        }
    }
}

/// The whole path: packets in, mixed sound out.
fn receive(streams: usize, packets: &[Vec<u8>]) {
    let mut engine = AudioEngine::new(config());
    let mut now = Instant::now();
    let mut playback = [0.0; 960];
    for round in 0..packets.len() {
        for stream in 0..streams {
            push(&mut engine, packets, stream, round, now);
        }
        for _ in 0..2 {
            engine.step(now, &[], &mut playback);
            black_box(&playback);
            now += STEP;
        }
    }
    let mut snapshot = AudioSnapshot::default();
    engine.snapshot(&mut snapshot);
    assert_eq!(snapshot.sources.len(), streams);
    assert!(
        snapshot
            .sources
            .iter()
            .all(|source| source.counters.concealed_ms == 0)
    );
}

fn push(
    engine: &mut AudioEngine,
    packets: &[Vec<u8>],
    stream: usize,
    round: usize,
    arrival: Instant,
) {
    engine.push_packet(&AudioPacket {
        ssrc: Ssrc(u32::try_from(stream).unwrap()),
        payload_type: PAYLOAD_TYPE,
        seq: SeqNo(u16::try_from(round).unwrap()),
        time: RtpTime(u32::try_from(round * 960).unwrap()),
        marker: round == 0,
        arrival,
        payload: packet(packets, stream, round),
    });
}

/// Every stream is at another place of the same talk.
fn packet(packets: &[Vec<u8>], stream: usize, round: usize) -> &[u8] {
    &packets[(round + stream * 37) % packets.len()]
}

/// In virtual time: from the first packet to the first sound, and how long sound waits in the jitter buffer.
fn delays(packets: &[Vec<u8>]) {
    let mut engine = AudioEngine::new(config());
    let start = Instant::now();
    let mut playback = [0.0; 960];
    let mut first_sound = None;
    for step in 0..2 * packets.len() {
        let now = start + STEP * u32::try_from(step).unwrap();
        if step % 2 == 0 {
            push(&mut engine, packets, 0, step / 2, now);
        }
        engine.step(now, &[], &mut playback);
        let is_heard = playback.iter().any(|sample| sample.abs() > 1e-3);
        if is_heard && first_sound.is_none() {
            first_sound = Some(now + STEP - start);
        }
    }
    let mut snapshot = AudioSnapshot::default();
    engine.snapshot(&mut snapshot);
    let waits_ms = snapshot.sources[0].delay_ms;
    let coder_ms = 20.0 + 6.5;
    println!(
        "first packet to first sound {:?} (virtual time); sound waits {waits_ms:.1} ms, with 20 ms packets and the look-ahead of Opus {:.1} ms",
        first_sound.unwrap_or_default(),
        waits_ms + coder_ms
    );
}

fn config() -> EngineConfig {
    EngineConfig {
        send: None,
        ..EngineConfig::new(vec![AudioFormat::opus(PAYLOAD_TYPE)])
    }
}

fn cpu_time(work: impl FnOnce()) -> Duration {
    let clock = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap();
    let start = clock();
    work();
    clock() - start
}
