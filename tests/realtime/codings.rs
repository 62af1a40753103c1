//! Every coding, under loss and lateness, muted and not, once its sources run.
use std::time::{Duration, Instant};

use media::engine::{
    AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineCommand, EngineConfig,
};
use media::payload::AudioFormat;
use media::rtp_time::{SeqNo, Ssrc};

use crate::allocations;

/// Sends every captured block to the engine itself, as from two other people.
struct Room {
    engine: AudioEngine,
    now: Instant,
    seq: SeqNo,
    rng: fastrand::Rng,
    snapshot: AudioSnapshot,
}

impl Room {
    fn new(format: AudioFormat) -> Self {
        Self {
            engine: AudioEngine::new(EngineConfig::new(vec![format])),
            now: Instant::now(),
            seq: SeqNo(0),
            rng: fastrand::Rng::with_seed(1),
            snapshot: AudioSnapshot::default(),
        }
    }

    fn step(&mut self) {
        let mut capture = [0.0; 480];
        capture.fill_with(|| self.rng.f32() - 0.5);
        let mut playback = [0.0; 960];
        self.engine.step(self.now, &capture, &mut playback);
        while let Some(packet) = self.engine.poll_encoded() {
            self.seq = self.seq.next();
            for ssrc in [1, 2] {
                self.send(Ssrc(ssrc), &packet);
            }
        }
        self.engine.snapshot(&mut self.snapshot);
        self.now += Duration::from_millis(10);
    }

    /// Some are lost, some late, some come twice.
    fn send(&mut self, ssrc: Ssrc, packet: &EncodedPacket) {
        for _ in 0..self.rng.u8(0..10).min(2) {
            self.engine.push_packet(&AudioPacket {
                ssrc,
                payload_type: packet.payload_type,
                seq: self.seq,
                time: packet.time,
                marker: packet.marker,
                arrival: self.now + Duration::from_millis(self.rng.u64(0..15)),
                payload: packet.payload(),
            });
        }
    }
}

#[test]
fn sources_of_every_coding_never_allocate_once_they_run() {
    let formats = [
        Some(AudioFormat::opus(96)),
        AudioFormat::from_sdp(0, None, None, None),
        AudioFormat::from_sdp(10, None, None, None),
    ];
    for format in formats.into_iter().flatten() {
        let mut room = Room::new(format);
        (0..50).for_each(|_| room.step());
        let hits = allocations(|| {
            (0..500).for_each(|_| room.step());
            for muted in [true, false] {
                room.engine.apply(EngineCommand::MuteMicrophone(muted));
                room.engine.apply(EngineCommand::ExpectedLoss(5));
                (0..100).for_each(|_| room.step());
            }
        });
        assert_eq!(hits, 0, "{format:?}");
        assert!(
            room.snapshot
                .sources
                .iter()
                .all(|source| source.counters.concealed_ms > 0)
        );
    }
}
