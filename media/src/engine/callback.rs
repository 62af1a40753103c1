//! Everything that runs in a device callback: copying between the device's buffer and a ring.
//!
//! No allocation, lock, log, system call, drop or panic; `tests/realtime` proves it.
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use cpal::{FromSample, Sample};
use rtrb::{Consumer, Producer};

/// What a callback tells the audio worker.
#[derive(Debug, Default)]
pub struct CallbackStatus {
    calls: AtomicU64,
    largest_frames: AtomicU32,
    missing_frames: AtomicU64,
    fault: AtomicU8,
    latency_micros: AtomicU32,
}

impl CallbackStatus {
    /// How often the device has called; a device that lives calls again and again.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The most frames that one call brought or took.
    pub fn largest_frames(&self) -> u32 {
        self.largest_frames.load(Ordering::Relaxed)
    }

    /// Frames that the speaker wanted and the ring had not, or that the microphone brought and found no room.
    pub fn missing_frames(&self) -> u64 {
        self.missing_frames.load(Ordering::Relaxed)
    }

    /// What the device has reported with [`CallbackStatus::set_fault`] since the last time; 0 is nothing.
    pub fn take_fault(&self) -> u8 {
        self.fault.swap(0, Ordering::Relaxed)
    }

    /// Notes what the device complains of.
    pub fn set_fault(&self, fault: u8) {
        self.fault.store(fault, Ordering::Relaxed);
    }

    /// How long the device takes from a call until what it was given is heard.
    pub fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_micros.load(Ordering::Relaxed).into())
    }

    /// Notes that, as the device tells it.
    pub fn note_latency(&self, latency: Duration) {
        let micros = u32::try_from(latency.min(MAX_LATENCY).as_micros()).unwrap_or(0);
        self.latency_micros.store(micros, Ordering::Relaxed);
    }

    /// Takes a guess before the first call has come.
    pub fn expect_frames(&self, frames: u32) {
        self.largest_frames.fetch_max(frames, Ordering::Relaxed);
    }

    fn note_call(&self, frames: usize) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.expect_frames(u32::try_from(frames).unwrap_or(u32::MAX));
    }

    fn note_missing(&self, frames: usize) {
        self.missing_frames
            .fetch_add(frames as u64, Ordering::Relaxed);
    }
}

/// The speaker's side: from a ring of interleaved stereo to whatever channels the device has.
///
/// When the ring runs short, the sound fades out over its last samples; it fades in again when
/// the ring holds a whole buffer.
pub struct PlaybackCallback {
    ring: Consumer<f32>,
    channels: usize,
    status: Arc<CallbackStatus>,
    gain: f32,
    last: [f32; 2],
    has_begun: bool,
}

impl PlaybackCallback {
    /// For a device with so many channels.
    pub fn new(ring: Consumer<f32>, channels: u16, status: Arc<CallbackStatus>) -> Self {
        Self {
            ring,
            channels: usize::from(channels.max(1)),
            status,
            gain: 0.0,
            last: [0.0; 2],
            has_begun: false,
        }
    }

    /// Fills the device's buffer.
    pub fn fill<S: Sample + FromSample<f32>>(&mut self, out: &mut [S]) {
        let wanted = out.len() / self.channels;
        self.status.note_call(wanted);
        let waiting = self.ring.slots() / 2;
        let is_short = waiting < wanted;
        self.has_begun |= !is_short;
        if is_short && self.has_begun {
            self.status.note_missing(wanted - waiting);
        }
        // What is left after a fade-out stays, so that sound begins again with a whole buffer.
        let given = if is_short && self.gain == 0.0 {
            0
        } else {
            waiting.min(wanted)
        };
        // Too few samples for a whole fade: the last of them is held for the rest of it.
        let fade_from = if is_short {
            given.saturating_sub(FADE_FRAMES)
        } else {
            usize::MAX
        };
        let Ok(chunk) = self.ring.read_chunk(2 * given) else {
            return;
        };
        let mut samples = chunk.into_iter();
        for (index, frame) in out.chunks_exact_mut(self.channels).enumerate() {
            if let (Some(left), Some(right)) = (samples.next(), samples.next()) {
                self.last = [left, right];
            }
            let step = if index < fade_from { FADE } else { -FADE };
            self.gain = (self.gain + step).clamp(0.0, 1.0);
            spread(self.last.map(|sample| sample * self.gain), frame);
        }
    }
}

fn spread<S: Sample + FromSample<f32>>([left, right]: [f32; 2], frame: &mut [S]) {
    let convert = |sample: f32| S::from_sample(sample.clamp(-1.0, 1.0));
    match frame {
        [mono] => *mono = convert((left + right) / 2.0),
        [first, second, rest @ ..] => {
            *first = convert(left);
            *second = convert(right);
            rest.fill(S::EQUILIBRIUM);
        }
        [] => {}
    }
}

/// The microphone's side: from whatever channels the device has to a ring of mono.
pub struct CaptureCallback {
    ring: Producer<f32>,
    channels: usize,
    status: Arc<CallbackStatus>,
}

impl CaptureCallback {
    /// For a device with so many channels.
    pub fn new(ring: Producer<f32>, channels: u16, status: Arc<CallbackStatus>) -> Self {
        Self {
            ring,
            channels: usize::from(channels.max(1)),
            status,
        }
    }

    /// Takes the device's buffer.
    pub fn take<S: Sample>(&mut self, input: &[S])
    where
        f32: FromSample<S>,
    {
        let brought = input.len() / self.channels;
        self.status.note_call(brought);
        let room = self.ring.slots().min(brought);
        if room < brought {
            self.status.note_missing(brought - room);
        }
        let Ok(chunk) = self.ring.write_chunk_uninit(room) else {
            return;
        };
        let share = 1.0 / self.channels as f32;
        let frames = input.chunks_exact(self.channels);
        chunk.fill_from_iter(frames.map(|frame| {
            let sum: f32 = frame.iter().map(|s| f32::from_sample(*s)).sum();
            sum * share
        }));
    }
}

/// More is a clock that tells nonsense.
const MAX_LATENCY: Duration = Duration::from_millis(500);
/// 5 ms at 48 kHz: long enough not to click, short enough not to be missed.
const FADE_FRAMES: usize = 240;
const FADE: f32 = 1.0 / FADE_FRAMES as f32;

#[cfg(test)]
mod tests {
    use rtrb::RingBuffer;

    use super::*;

    fn playback(channels: u16) -> (Producer<f32>, PlaybackCallback, Arc<CallbackStatus>) {
        let (producer, consumer) = RingBuffer::new(4_800);
        let status = Arc::<CallbackStatus>::default();
        let callback = PlaybackCallback::new(consumer, channels, Arc::clone(&status));
        (producer, callback, status)
    }

    fn largest_jump(samples: &[f32]) -> f32 {
        let jumps = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        jumps.fold(0.0, f32::max)
    }

    #[test]
    fn shortage_fades_out_and_counts() {
        let (mut ring, mut callback, status) = playback(1);
        ring.push_entire_slice(&[0.8; 2 * 700]).unwrap();
        let mut out = [0.0f32; 1_200];
        let (first, second) = out.split_at_mut(600);
        callback.fill(first);
        callback.fill(second);
        assert!(largest_jump(&out) < 0.005, "{}", largest_jump(&out));
        assert!((out[400] - 0.8).abs() < 1e-6);
        assert!(out[1_199].abs() < 1e-6);
        assert_eq!(status.missing_frames(), 500);
        assert_eq!(status.calls(), 2);
        assert_eq!(status.largest_frames(), 600);
    }

    #[test]
    fn sound_begins_again_with_a_whole_buffer() {
        let (mut ring, mut callback, _) = playback(1);
        let mut out = [1.0f32; 480];
        ring.push_entire_slice(&[0.5; 2 * 479]).unwrap();
        callback.fill(&mut out);
        assert!(out.iter().all(|sample| *sample == 0.0));
        ring.push_entire_slice(&[0.5; 2]).unwrap();
        callback.fill(&mut out);
        assert!((out[479] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_missed_before_the_first_sound() {
        let (_ring, mut callback, status) = playback(2);
        callback.fill(&mut [0i16; 960]);
        assert_eq!(status.missing_frames(), 0);
    }

    #[test]
    fn channels_are_spread() {
        let frame = |channels: usize| {
            let mut out = vec![9.0f32; channels];
            spread([0.5, -0.25], &mut out);
            out
        };
        assert_eq!(frame(1), [0.125]);
        assert_eq!(frame(2), [0.5, -0.25]);
        assert_eq!(frame(6), [0.5, -0.25, 0.0, 0.0, 0.0, 0.0]);
        let mut unsigned = [0u8; 3];
        spread([1.0, -2.0], &mut unsigned);
        assert_eq!(unsigned, [255, 0, 128]);
    }

    #[test]
    fn the_microphone_is_mixed_down_and_overruns_are_counted() {
        let (producer, mut consumer) = RingBuffer::new(3);
        let status = Arc::<CallbackStatus>::default();
        let mut callback = CaptureCallback::new(producer, 2, Arc::clone(&status));
        callback.take(&[16_384i16, 0, -16_384, -16_384, 0, 0, 8_192, 8_192]);
        let taken: Vec<f32> = std::iter::from_fn(|| consumer.pop().ok()).collect();
        assert_eq!(taken, [0.25, -0.5, 0.0]);
        assert_eq!(status.missing_frames(), 1);
    }
}
