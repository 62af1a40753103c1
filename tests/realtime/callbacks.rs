//! What runs in a device callback, and the worker's ends of its rings.
use media::engine::ring::{CaptureRing, PlaybackRing};

use crate::allocations;

#[test]
fn the_speaker_callback_never_allocates() {
    for (rate, channels) in [(48_000, 2), (44_100, 1), (96_000, 6)] {
        let (mut ring, mut callback) = PlaybackRing::new(rate, channels);
        ring.write(&[0.5; 960], true);
        let mut buffer = vec![0i16; 480 * usize::from(channels)];
        let mut floats = vec![0.0f32; 333 * usize::from(channels)];
        let plenty_shortage_and_nothing = || {
            for _ in 0..20 {
                callback.fill(&mut buffer);
                callback.fill(&mut floats);
            }
        };
        assert_eq!(allocations(plenty_shortage_and_nothing), 0);
        assert!(ring.status().missing_frames() > 0, "there was no shortage");
    }
}

#[test]
fn the_microphone_callback_never_allocates() {
    for (rate, channels) in [(48_000, 2), (44_100, 1), (96_000, 6)] {
        let (ring, mut callback) = CaptureRing::new(rate, channels);
        let buffer = vec![100i16; 480 * usize::from(channels)];
        let floats = vec![0.1f32; 333 * usize::from(channels)];
        let until_it_overflows = || {
            for _ in 0..200 {
                callback.take(&buffer);
                callback.take(&floats);
            }
        };
        assert_eq!(allocations(until_it_overflows), 0);
        assert!(ring.status().missing_frames() > 0, "there was no overflow");
    }
}

#[test]
fn the_workers_ends_never_allocate() {
    for rate in [44_100, 48_000] {
        let (mut microphone, mut take) = CaptureRing::new(rate, 1);
        let (mut speaker, mut fill) = PlaybackRing::new(rate, 2);
        let brought = vec![0.1f32; rate as usize / 100];
        let mut wanted = vec![0.0f32; rate as usize / 50];
        let mut step = [0.0; 480];
        let a_minute_with_gaps = || {
            for n in 0..6_000 {
                if n % 1_000 < 990 {
                    take.take(&brought);
                    fill.fill(&mut wanted);
                }
                microphone.read(&mut step);
                speaker.write(&[0.1; 960], n % 2_000 < 1_000);
            }
        };
        assert_eq!(allocations(a_minute_with_gaps), 0);
    }
}
