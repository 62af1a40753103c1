//! The engine and the desk around it, once everybody has spoken.
use std::time::Instant;

use media::device::Terminal;
use media::engine::desk::Desk;
use media::engine::{
    AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineConfig, STEP, STEP_SAMPLES,
};
use media::payload::AudioFormat;
use media::rtp_time::{SeqNo, Ssrc};

use crate::allocations;

const PEOPLE: u32 = 5;

fn formats() -> Vec<AudioFormat> {
    let opus = AudioFormat::from_sdp(96, Some(("opus", 48_000, Some(2))), None, Some(20.0));
    let pcmu = AudioFormat::from_sdp(0, None, None, None);
    opus.into_iter().chain(pcmu).collect()
}

fn tone() -> [f32; STEP_SAMPLES] {
    std::array::from_fn(|n| (n as f32 * 500.0 / 48_000.0 * std::f32::consts::TAU).sin() / 4.0)
}

/// Three seconds of packets, as one speaker would send them.
fn packets(now: Instant) -> Vec<EncodedPacket> {
    let mut config = EngineConfig::new(formats());
    config.is_dtx_enabled = false;
    let mut engine = AudioEngine::new(config);
    let mut packets = Vec::new();
    for step in 0..300 {
        engine.step(now + STEP * step, &tone(), &mut [0.0; 2 * STEP_SAMPLES]);
        packets.extend(std::iter::from_fn(|| engine.poll_encoded()));
    }
    packets
}

/// Everybody speaks; of each ten packets one is lost and one comes late.
fn speak(engine: &mut AudioEngine, packets: &[EncodedPacket], index: usize, arrival: Instant) {
    let late = index.checked_sub(1).filter(|late| late % 10 == 7);
    let due = (!matches!(index % 10, 3 | 7)).then_some(index);
    for index in due.into_iter().chain(late) {
        let Some(packet) = packets.get(index) else {
            continue;
        };
        for person in 1..=PEOPLE {
            engine.push_packet(&AudioPacket {
                ssrc: Ssrc(person),
                payload_type: packet.payload_type,
                seq: SeqNo(index as u16),
                time: packet.time,
                marker: packet.marker,
                arrival,
                payload: packet.payload(),
            });
        }
    }
}

#[test]
fn a_conference_never_allocates_once_everybody_has_spoken() {
    let start = Instant::now();
    let packets = packets(start);
    let mut engine = AudioEngine::new(EngineConfig::new(formats()));
    let mut snapshot = AudioSnapshot::default();
    let mut playback = [0.0; 2 * STEP_SAMPLES];
    let mut run = |steps: std::ops::Range<u32>| {
        for step in steps {
            let now = start + STEP * step;
            if step % 2 == 0 {
                speak(&mut engine, &packets, step as usize / 2, now);
            }
            engine.step(now, &tone(), &mut playback);
            while engine.poll_encoded().is_some() {}
            engine.snapshot(&mut snapshot);
        }
    };
    run(0..100);
    assert_eq!(allocations(|| run(100..300)), 0);
    assert_eq!(snapshot.sources.len(), PEOPLE as usize);
    assert!(snapshot.sources.iter().all(|source| source.is_talking));
}

#[test]
fn a_desk_without_devices_never_allocates() {
    let start = Instant::now();
    let config = EngineConfig::new(formats());
    let speakers = vec![Terminal::None];
    let mut desk = Desk::new(config, Terminal::Tone(440.0), speakers, start);
    let mut snapshot = AudioSnapshot::default();
    let mut sent = 0;
    let mut run = |steps: std::ops::Range<u32>| {
        for step in steps {
            desk.step(start + STEP * step);
            sent += std::iter::from_fn(|| desk.engine().poll_encoded()).count();
            desk.snapshot(&mut snapshot);
        }
    };
    run(0..100);
    assert_eq!(allocations(|| run(100..300)), 0);
    assert!(sent > 100, "{sent}");
}
