//! The worker's ends of the rings to the device callbacks: they bridge rate and clock of device and engine.
use std::sync::Arc;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};

use super::STEP_SAMPLES;
use super::callback::{CallbackStatus, CaptureCallback, PlaybackCallback};
use super::drift::Drift;
use crate::dsp::resample::Resampler;

/// Sound from a microphone: read at 48 kHz what the device brings at its own rate.
pub struct CaptureRing {
    ring: Consumer<f32>,
    resampler: Resampler,
    level: Level,
    status: Arc<CallbackStatus>,
    scratch: Vec<f32>,
    is_flowing: bool,
    missing_frames: u64,
}

impl CaptureRing {
    /// A ring for a device of so many frames a second and channels, and the callback that fills it.
    pub fn new(rate: u32, channels: u16) -> (Self, CaptureCallback) {
        let (producer, ring) = RingBuffer::new(rate as usize * RING_SECS);
        let status = Arc::<CallbackStatus>::default();
        let callback = CaptureCallback::new(producer, channels, Arc::clone(&status));
        let max_input = rate as usize / 50 + 512;
        let this = Self {
            ring,
            resampler: Resampler::new(rate, ENGINE_RATE, 1, max_input),
            level: Level::new(rate),
            status,
            scratch: vec![0.0; max_input],
            is_flowing: false,
            missing_frames: 0,
        };
        (this, callback)
    }

    /// Fills `out` (a step, mono); what is not there is silence.
    pub fn read(&mut self, out: &mut [f32]) {
        let target = self.level.target(&self.status) + self.level.step();
        let waiting = self.ring.slots();
        if !self.is_flowing && waiting < target {
            out.fill(0.0);
            return;
        }
        let excess = waiting.saturating_sub(target);
        if !self.is_flowing || excess > self.level.tolerance(&self.status) {
            self.discard(excess);
            self.level.drift.forget_level();
        }
        let error = self.ring.slots() as f64 - target as f64;
        self.resampler.set_drift(self.level.update(error));
        self.convert(out);
        if self.level.must_cut(out) {
            self.discard(self.level.step());
            self.level.cut_step();
        }
    }

    /// Frames that did not come in time.
    pub fn missing_frames(&self) -> u64 {
        self.missing_frames
    }

    /// What the callback tells.
    pub fn status(&self) -> &Arc<CallbackStatus> {
        &self.status
    }

    fn convert(&mut self, out: &mut [f32]) {
        let needed = self.resampler.input_needed(out.len());
        let waiting = self.ring.slots();
        let Some(input) = self.scratch.get_mut(..needed) else {
            return;
        };
        let (taken, rest) = self.ring.pop_partial_slice(input);
        if !self.is_flowing {
            fade(taken, 0.0, 1.0);
        } else if waiting < needed {
            fade(taken, 1.0, 0.0);
            self.missing_frames += (needed - waiting) as u64;
            self.level.widen();
        }
        rest.fill(0.0);
        self.is_flowing = waiting >= needed;
        self.resampler.process(input, out);
    }

    fn discard(&mut self, frames: usize) {
        if let Ok(chunk) = self.ring.read_chunk(frames) {
            chunk.commit_all();
        }
    }
}

/// Sound to a speaker: written at 48 kHz, taken by the device at its own rate.
pub struct PlaybackRing {
    ring: Producer<f32>,
    resampler: Resampler,
    level: Level,
    status: Arc<CallbackStatus>,
    scratch: Vec<f32>,
    rate: u32,
    has_begun: bool,
    missing_seen: u64,
}

impl PlaybackRing {
    /// A ring for a device of so many frames a second and channels, and the callback that empties it.
    pub fn new(rate: u32, channels: u16) -> (Self, PlaybackCallback) {
        let (ring, consumer) = RingBuffer::new(2 * rate as usize * RING_SECS);
        let status = Arc::<CallbackStatus>::default();
        let callback = PlaybackCallback::new(consumer, channels, Arc::clone(&status));
        let resampler = Resampler::new(ENGINE_RATE, rate, 2, STEP_SAMPLES);
        let scratch = vec![0.0; 4 * (rate as usize / 100 + 64)];
        let this = Self {
            ring,
            resampler,
            level: Level::new(rate),
            status,
            scratch,
            rate,
            has_begun: false,
            missing_seen: 0,
        };
        (this, callback)
    }

    /// Takes a step of interleaved stereo. The master gives back by what part steps should take longer,
    /// and is not bent itself.
    pub fn write(&mut self, frames: &[f32], is_master: bool) -> Option<f64> {
        self.make_good();
        let target = self.level.target(&self.status);
        let waiting = self.waiting();
        let error = waiting as f64 - target as f64;
        let drift = self.level.update(error);
        self.resampler
            .set_drift(if is_master { 0.0 } else { drift });
        if waiting > target + self.level.tolerance(&self.status) {
            self.level.drift.forget_level();
        } else if self.level.must_cut(frames) {
            self.level.cut_step();
        } else {
            self.push(frames, is_master);
        }
        is_master.then_some(drift.clamp(-MAX_MASTER_DRIFT, MAX_MASTER_DRIFT))
    }

    /// What the callback tells.
    pub fn status(&self) -> &Arc<CallbackStatus> {
        &self.status
    }

    /// How long it takes until what is written is heard, on average.
    pub fn latency(&self) -> Duration {
        let waits = self.level.target(&self.status) as f64 / f64::from(self.rate);
        Duration::from_secs_f64(waits) + self.status.latency()
    }

    /// Frames that wait for the device.
    fn waiting(&self) -> usize {
        (self.ring.buffer().capacity() - self.ring.slots()) / 2
    }

    /// At the start and after a shortage the ring is brought to its level by silence: it is silent anyway.
    fn make_good(&mut self) {
        let missing = self.status.missing_frames();
        if self.has_begun && missing == self.missing_seen {
            return;
        }
        if self.has_begun {
            self.level.widen();
        }
        self.has_begun = true;
        self.missing_seen = missing;
        let full = self.level.target(&self.status) + self.level.period(&self.status) / 2;
        let silence = full.saturating_sub(self.waiting());
        if let Ok(chunk) = self.ring.write_chunk(2 * silence) {
            chunk.commit_all();
        }
        self.level.drift.forget_level();
    }

    fn push(&mut self, frames: &[f32], is_master: bool) {
        let is_full = if is_master && self.rate == ENGINE_RATE {
            self.ring.push_entire_slice(frames).is_err()
        } else {
            let converted = 2 * self.resampler.process(frames, &mut self.scratch);
            let converted = self.scratch.get(..converted).unwrap_or_default();
            self.ring.push_entire_slice(converted).is_err()
        };
        if is_full {
            self.level.drift.forget_level();
        }
    }
}

/// How full a ring should be, and how to keep it so.
struct Level {
    rate: f64,
    margin_secs: f64,
    drift: Drift,
    /// Since sound began to flow.
    steps: u32,
}

impl Level {
    fn new(rate: u32) -> Self {
        Self {
            rate: f64::from(rate),
            margin_secs: FIRST_MARGIN_SECS,
            drift: Drift::default(),
            steps: 0,
        }
    }

    /// Frames that should wait on average: the device comes in bursts of a period, so half of one, and a margin.
    fn target(&self, status: &CallbackStatus) -> usize {
        (self.margin_secs * self.rate) as usize + self.period(status) / 2
    }

    /// Frames above the target that are still worth keeping.
    fn tolerance(&self, status: &CallbackStatus) -> usize {
        (TOLERANCE_SECS * self.rate) as usize + self.period(status)
    }

    fn period(&self, status: &CallbackStatus) -> usize {
        let longest = (MAX_PERIOD_SECS * self.rate) as usize;
        (status.largest_frames() as usize).min(longest)
    }

    /// Frames of the device in a step of the engine.
    fn step(&self) -> usize {
        (self.rate / 100.0) as usize
    }

    /// Whether there is a whole step too much, for no passing reason, and nobody will miss these
    /// samples: delay is cut in pauses, where it does not click, and while a device begins.
    fn must_cut(&self, samples: &[f32]) -> bool {
        let is_beginning = self.steps < BEGINNING_STEPS;
        let is_late = self.drift.level_secs() > LATE_SECS;
        is_late && (is_beginning || samples.iter().all(|sample| sample.abs() < QUIET))
    }

    /// A step has been left out.
    fn cut_step(&mut self) {
        self.drift.shift_level(-0.01);
    }

    /// There was a shortage: keep more from now on.
    fn widen(&mut self) {
        self.margin_secs = (self.margin_secs + WIDEN_SECS).min(MAX_MARGIN_SECS);
    }

    fn update(&mut self, error_frames: f64) -> f64 {
        self.steps = self.steps.saturating_add(1);
        self.drift.update(error_frames / self.rate)
    }
}

fn fade(samples: &mut [f32], from: f32, to: f32) {
    let step = (to - from) / samples.len().max(1) as f32;
    let mut gain = from;
    for sample in samples {
        *sample *= gain;
        gain += step;
    }
}

const ENGINE_RATE: u32 = 48_000;
/// Far more than is ever kept, so that only a stalled worker fills it.
const RING_SECS: usize = 1;
/// What a busy desktop needs; with a period of 10 ms about 20 ms wait in each direction.
const FIRST_MARGIN_SECS: f64 = 0.008;
const WIDEN_SECS: f64 = 0.005;
const MAX_MARGIN_SECS: f64 = 0.100;
/// A step, and what the level sways by itself.
const LATE_SECS: f64 = 0.012;
/// Two seconds: a sound server takes some time before it plays evenly.
const BEGINNING_STEPS: u32 = 200;
/// What steps are bent by shows in the clock of the stream that is sent: no more than a bad crystal would.
const MAX_MASTER_DRIFT: f64 = 5e-4;
/// -54 dB.
const QUIET: f32 = 0.002;
/// Beyond it delay is worth a small cut.
const TOLERANCE_SECS: f64 = 0.060;
const MAX_PERIOD_SECS: f64 = 0.200;

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    const HZ: f32 = 500.0;

    /// A device clock that is off by `ppm`, seen from the engine's: how many periods have passed at a step.
    fn periods_until(step: usize, period: usize, ppm: f64) -> usize {
        let device_frames = step as f64 * 480.0 * (1.0 + ppm * 1e-6);
        (device_frames / period as f64) as usize
    }

    fn sine(from: usize, frames: usize) -> Vec<f32> {
        let turn = |n: usize| ((n % 96) as f32 * HZ / 48_000.0 * TAU).sin();
        (from..from + frames).map(turn).collect()
    }

    /// A pure tone of amplitude 1 bends by at most this much from sample to sample; a click bends more.
    fn largest_bend(samples: &[f32]) -> f32 {
        let bends = samples.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs());
        bends.fold(0.0, f32::max)
    }

    const PURE_BEND: f32 = (TAU * HZ / 48_000.0) * (TAU * HZ / 48_000.0);

    #[test]
    fn a_drifting_microphone_never_clicks_and_keeps_its_delay() {
        for (ppm, period) in [(-200.0, 480), (200.0, 480), (200.0, 1_024), (0.0, 320)] {
            let (mut ring, mut callback) = CaptureRing::new(48_000, 1);
            let mut periods = 0;
            let mut heard = Vec::new();
            let mut block = [0.0; STEP_SAMPLES];
            for step in 1..6_000 {
                while periods < periods_until(step, period, ppm) {
                    callback.take(&sine(periods * period, period));
                    periods += 1;
                }
                ring.read(&mut block);
                heard.extend_from_slice(&block);
                assert!(ring.ring.slots() < 2_880, "{ppm} ppm, step {step}");
            }
            let bend = largest_bend(&heard[48_000..]);
            assert!(bend < 1.02 * PURE_BEND, "{ppm} ppm of {period}: {bend}");
            assert_eq!(ring.status.missing_frames(), 0);
        }
    }

    #[test]
    fn a_second_speaker_that_drifts_never_clicks_and_keeps_its_delay() {
        for (ppm, period) in [(-200.0, 480), (200.0, 480), (200.0, 1_024), (0.0, 320)] {
            let (mut ring, mut callback) = PlaybackRing::new(48_000, 1);
            ring.status.expect_frames(period as u32);
            let mut periods = 0;
            let mut heard = Vec::new();
            let mut buffer = vec![0.0f32; period];
            for step in 1..6_000 {
                while periods < periods_until(step, period, ppm) {
                    callback.fill(&mut buffer);
                    heard.extend_from_slice(&buffer);
                    periods += 1;
                }
                let frames = sine(step * 480, 480);
                let stereo: Vec<f32> = frames.iter().flat_map(|s| [*s, *s]).collect();
                assert_eq!(ring.write(&stereo, false), None);
                assert!(ring.waiting() < 2_880, "{ppm} ppm, step {step}");
            }
            let bend = largest_bend(&heard[48_000..]);
            assert!(bend < 1.02 * PURE_BEND, "{ppm} ppm of {period}: {bend}");
            assert_eq!(ring.status.missing_frames(), 0);
        }
    }

    #[test]
    fn the_master_bends_the_steps_and_not_the_sound() {
        let (mut ring, mut callback) = PlaybackRing::new(48_000, 2);
        ring.status.expect_frames(480);
        let frames: Vec<f32> = (0..960).map(|n| n as f32 / 1_000.0).collect();
        let mut drift = 0.0;
        for _ in 0..200 {
            drift = ring.write(&frames, true).unwrap();
            callback.fill(&mut [0.0f32; 900]);
        }
        assert!(drift > 1e-4, "a slow device slows the steps: {drift}");
        let mut buffer = [0.0f32; 960];
        callback.fill(&mut buffer);
        assert!(frames.windows(100).any(|window| buffer.starts_with(window)));
    }

    #[test]
    fn after_a_shortage_more_is_kept() {
        let (mut ring, mut callback) = PlaybackRing::new(48_000, 2);
        ring.write(&[0.1; 960], true);
        let before = ring.level.target(&ring.status);
        callback.fill(&mut [0.0f32; 960]);
        callback.fill(&mut [0.0f32; 9_600]);
        ring.write(&[0.1; 960], true);
        assert!(ring.status.missing_frames() > 0);
        assert!(ring.level.target(&ring.status) > before);
        assert!(ring.waiting() >= ring.level.target(&ring.status));
    }

    #[test]
    fn too_much_delay_is_cut_in_pauses() {
        let (mut ring, mut callback) = PlaybackRing::new(48_000, 2);
        ring.status.expect_frames(480);
        ring.level.steps = BEGINNING_STEPS;
        for is_quiet in [false, true] {
            let frames = [if is_quiet { 0.0 } else { 0.5 }; 960];
            ring.write(&frames, true);
            ring.write(&frames, true);
            ring.write(&frames, true);
            let before = ring.waiting();
            for _ in 0..300 {
                callback.fill(&mut [0.0f32; 960]);
                ring.write(&frames, true);
            }
            let cut = before - ring.waiting();
            assert_eq!(cut > 0, is_quiet, "{cut} frames");
        }
    }

    #[test]
    fn a_stalled_worker_comes_back_to_a_short_delay() {
        let (mut ring, mut callback) = CaptureRing::new(44_100, 1);
        for _ in 0..90 {
            callback.take(&[0.5f32; 441]);
        }
        ring.read(&mut [0.0; STEP_SAMPLES]);
        assert!(ring.ring.slots() < 44_100 / 20, "{}", ring.ring.slots());
    }
}
