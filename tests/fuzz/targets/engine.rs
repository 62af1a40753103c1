//! Sequences of packets for the audio engine: order, times, sizes and contents as they please (jitter buffer and coders).
#![no_main]
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use media::engine::{AudioEngine, AudioPacket, EngineConfig};
use media::payload::AudioFormat;
use media::rtp_time::{RtpTime, SeqNo, Ssrc};

fuzz_target!(|bytes: &[u8]| {
    let pcmu = AudioFormat::from_sdp(0, None, None, None);
    let formats = [Some(AudioFormat::opus(96)), pcmu]
        .into_iter()
        .flatten()
        .collect();
    // Encoding silence would take most of the time and find nothing.
    let mut engine = AudioEngine::new(EngineConfig {
        send: None,
        ..EngineConfig::new(formats)
    });
    let mut now = Instant::now();
    let mut playback = [0.0; 960];
    let mut rest = bytes;
    while let [what, seq, time, much, tail @ ..] = rest {
        let (payload, tail) = tail.split_at(tail.len().min(usize::from(*much)));
        rest = tail;
        engine.push_packet(&AudioPacket {
            ssrc: Ssrc(u32::from(what >> 6)),
            payload_type: if what & 1 == 0 { 96 } else { 0 },
            // Sequence and time around where both wrap.
            seq: SeqNo(u16::from(*seq).wrapping_sub(128)),
            time: RtpTime(u32::from(*time).wrapping_sub(128).wrapping_mul(480)),
            marker: what & 2 != 0,
            arrival: now,
            payload,
        });
        for _ in 0..what >> 2 & 7 {
            engine.step(now, &[0.0; 480], &mut playback);
            assert!(playback.iter().all(|sample| sample.abs() <= 1.0));
            now += Duration::from_millis(10);
        }
    }
});
