//! Many sources, wrong ones and hostile ones.
use std::time::Instant;

use proptest::prelude::*;

use super::line::{Line, ms};
use super::sound::tone;
use crate::engine::{
    AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineCommand, EngineConfig,
};
use crate::payload::AudioFormat;
use crate::rtp_time::{RtpTime, SeqNo, Ssrc};

fn packets(gain: f32) -> Vec<EncodedPacket> {
    let mut line = Line::opus();
    let tone = tone(997.0);
    line.microphone = Box::new(move |n| gain * tone(n));
    line.run(ms(3_000));
    line.sent.into_iter().map(|(_, packet)| packet).collect()
}

/// Plays `streams` (SSRC and packets) for a number of packets.
fn play(
    engine: &mut AudioEngine,
    start: Instant,
    streams: &[(u32, &[EncodedPacket])],
    count: usize,
) {
    for round in 0..count {
        let now = start + ms(20) * u32::try_from(round).unwrap();
        for (ssrc, packets) in streams {
            engine.push_packet(&AudioPacket {
                ssrc: Ssrc(*ssrc),
                payload_type: 96,
                seq: SeqNo(u16::try_from(round).unwrap()),
                time: packets[round].time,
                marker: false,
                arrival: now,
                payload: packets[round].payload(),
            });
        }
        engine.step(now, &[], &mut [0.0; 960]);
        engine.step(now + ms(10), &[], &mut [0.0; 960]);
    }
}

fn snapshot(engine: &AudioEngine) -> AudioSnapshot {
    let mut snapshot = AudioSnapshot::default();
    engine.snapshot(&mut snapshot);
    snapshot
}

fn config(max_sources: usize, max_decoded: usize) -> EngineConfig {
    EngineConfig {
        max_sources,
        max_decoded,
        ..EngineConfig::new(vec![AudioFormat::opus(96)])
    }
}

fn epoch() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
    Instant::now()
}

#[test]
fn when_too_many_speak_the_loudest_are_heard() {
    let (loud, soft) = (packets(1.0), packets(0.05));
    let streams: Vec<(u32, &[EncodedPacket])> = (0..6)
        .map(|ssrc| (ssrc, if ssrc % 2 == 0 { &soft[..] } else { &loud[..] }))
        .collect();
    let mut engine = AudioEngine::new(config(16, 3));
    play(&mut engine, epoch(), &streams, 120);
    let snapshot = snapshot(&engine);
    assert!(snapshot.counters.over_cap > 0);
    for source in &snapshot.sources {
        assert_eq!(
            source.level_dbfs > -20.0,
            source.ssrc.0 % 2 == 1,
            "{source:?}"
        );
    }
}

#[test]
fn the_source_least_recently_heard_makes_room() {
    let packets = packets(1.0);
    let mut engine = AudioEngine::new(config(2, 2));
    let start = epoch();
    play(&mut engine, start, &[(1, &packets)], 3);
    play(&mut engine, start + ms(100), &[(2, &packets)], 3);
    play(&mut engine, start + ms(200), &[(3, &packets)], 3);
    let snapshot = snapshot(&engine);
    let known: Vec<u32> = snapshot
        .sources
        .iter()
        .map(|source| source.ssrc.0)
        .collect();
    assert_eq!(known, [2, 3]);
    assert_eq!(snapshot.counters.sources_evicted, 1);
}

#[test]
fn settings_made_before_the_first_packet_hold() {
    let packets = packets(1.0);
    let mut engine = AudioEngine::new(config(4, 4));
    engine.apply(EngineCommand::SetSource {
        ssrc: Ssrc(5),
        gain_db: 0.0,
        pan: 0.0,
        muted: true,
    });
    play(&mut engine, epoch(), &[(5, &packets)], 50);
    assert!(snapshot(&engine).sources[0].is_muted);
    engine.apply(EngineCommand::RemoveSource(Ssrc(5)));
    assert!(snapshot(&engine).sources.is_empty());
}

#[test]
fn unknown_payload_types_are_counted() {
    let mut engine = AudioEngine::new(config(4, 4));
    engine.push_packet(&AudioPacket {
        ssrc: Ssrc(1),
        payload_type: 13,
        seq: SeqNo(0),
        time: RtpTime(0),
        marker: false,
        arrival: epoch(),
        payload: &[0; 10],
    });
    let snapshot = snapshot(&engine);
    assert_eq!(
        (
            snapshot.counters.unknown_payload_type,
            snapshot.sources.len()
        ),
        (1, 0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever comes, and whenever: no panic, nothing beyond full scale, no more sources than allowed.
    #[test]
    fn any_packets_are_survived(
        packets in prop::collection::vec(
            (0u32..6, 0u8..6, any::<u16>(), any::<u32>(), -50i32..50, prop::collection::vec(any::<u8>(), 0..1_600)),
            1..80,
        ),
        regular: bool,
    ) {
        let types = [0, 8, 10, 96, 97, 33];
        let formats = [0, 8, 10].into_iter().filter_map(|pt| AudioFormat::from_sdp(pt, None, None, None));
        let l16 = AudioFormat::from_sdp(97, Some(("L16", 16_000, Some(2))), None, None);
        let formats = formats.chain([AudioFormat::opus(96)]).chain(l16).collect();
        let mut engine = AudioEngine::new(EngineConfig { max_sources: 4, max_decoded: 2, ..EngineConfig::new(formats) });
        let mut now = epoch() + ms(1_000);
        for (index, (ssrc, kind, seq, time, early_ms, payload)) in packets.iter().enumerate() {
            let index = u16::try_from(index).unwrap();
            engine.push_packet(&AudioPacket {
                ssrc: Ssrc(*ssrc),
                payload_type: types[usize::from(*kind)],
                seq: SeqNo(if regular { index } else { *seq }),
                time: RtpTime(if regular { u32::from(index) * 960 } else { *time }),
                marker: false,
                arrival: if *early_ms < 0 { now - ms(u64::from(early_ms.unsigned_abs())) } else { now + ms(u64::from(early_ms.unsigned_abs())) },
                payload,
            });
            let mut playback = [0.0; 960];
            engine.step(now, &[], &mut playback);
            prop_assert!(playback.iter().all(|sample| sample.abs() <= 1.0));
            now += ms(10);
        }
        prop_assert!(snapshot(&engine).sources.len() <= 4);
    }
}
