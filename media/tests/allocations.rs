//! Proves that the engine allocates nothing once its sources run: the audio thread never waits for the allocator.
#![expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

use media::engine::{
    AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineCommand, EngineConfig,
};
use media::payload::AudioFormat;
use media::rtp_time::{SeqNo, Ssrc};

struct Counting;

thread_local!(static HITS: Cell<u64> = const { Cell::new(0) });

fn hit() {
    // The thread's storage may be gone at its end.
    HITS.try_with(|hits| hits.set(hits.get() + 1))
        .unwrap_or_default();
}

// SAFETY: every call is forwarded unchanged to `System`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        hit();
        // SAFETY: the contract is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        hit();
        // SAFETY: the contract is ours.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
        #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
        let now = Instant::now();
        Self {
            engine: AudioEngine::new(EngineConfig::new(vec![format])),
            now,
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
fn running_sources_never_allocate() {
    let formats = [
        Some(AudioFormat::opus(96)),
        AudioFormat::from_sdp(0, None, None, None),
        AudioFormat::from_sdp(10, None, None, None),
    ];
    for format in formats.into_iter().flatten() {
        let mut room = Room::new(format);
        (0..50).for_each(|_| room.step());
        HITS.set(0);
        (0..500).for_each(|_| room.step());
        for muted in [true, false] {
            room.engine.apply(EngineCommand::MuteMicrophone(muted));
            room.engine.apply(EngineCommand::ExpectedLoss(5));
            (0..100).for_each(|_| room.step());
        }
        assert_eq!(HITS.get(), 0, "{format:?}");
        assert!(
            room.snapshot
                .sources
                .iter()
                .all(|source| source.counters.concealed_ms > 0)
        );
    }
}

#[test]
fn the_allocator_counts() {
    HITS.set(0);
    drop(std::hint::black_box(vec![0_u8; 9]));
    assert_eq!(HITS.get(), 2);
}
