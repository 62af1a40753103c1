//! Sample-rate conversion by any ratio, which may be bent a little while it runs (clock drift).
use std::f64::consts::PI;

/// A windowed-sinc interpolator: interleaved frames at one rate in, frames at another rate out.
///
/// It keeps aliases and images below −80 dB and delays by half its length (0.5 ms at 48 kHz).
/// Everything is allocated in [`Resampler::new`]. Positions are 32.32 fixed-point numbers of
/// input frames, so [`Resampler::input_needed`] is exact.
#[derive(Debug)]
pub struct Resampler {
    channels: usize,
    taps: usize,
    /// [`PHASES`]` + 1` impulse responses of `taps` each; one more so that interpolation has a neighbour.
    table: Vec<f32>,
    /// One row of `capacity` samples a channel, `len` of them in use.
    history: Vec<f32>,
    capacity: usize,
    len: usize,
    /// Of the next output, from the start of the history.
    position: u64,
    nominal_step: u64,
    step: u64,
}

impl Resampler {
    /// Converts from `from_hz` to `to_hz`; no call will bring more than `max_input` frames.
    pub fn new(from_hz: u32, to_hz: u32, channels: usize, max_input: usize) -> Self {
        let (from_hz, to_hz) = (from_hz.max(1), to_hz.max(1));
        let shrink = (f64::from(from_hz) / f64::from(to_hz)).max(1.0);
        let taps = ((BASE_TAPS * shrink) as usize).next_multiple_of(LANES);
        let nominal_step = (u64::from(from_hz) << 32) / u64::from(to_hz);
        // What is left from the call before is less than one length and one step.
        let capacity = max_input + taps + (nominal_step >> 32) as usize + 2;
        Self {
            channels,
            taps,
            table: impulse_responses(taps, CUTOFF / shrink),
            history: vec![0.0; capacity * channels],
            capacity,
            // Silence before the first sample, so that it comes out at once.
            len: taps / 2,
            position: 0,
            nominal_step,
            step: nominal_step,
        }
    }

    /// Takes `1 + drift` times as much input for the same output from now on (1e-4 is 100 ppm).
    pub fn set_drift(&mut self, drift: f64) {
        let drift = drift.clamp(-MAX_DRIFT, MAX_DRIFT);
        self.step = (self.nominal_step as f64 * (1.0 + drift)) as u64;
    }

    /// Converts all of `input` and gives the number of frames written to `output`.
    ///
    /// Input beyond `max_input` frames is left out. What does not fit into `output` comes with
    /// the next call; [`Resampler::max_output`] tells how much fits for sure.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        self.append(input);
        let mut written = 0;
        for frame in output.chunks_exact_mut(self.channels.max(1)) {
            let Some(start) = self.ready_at() else { break };
            let phase = self.position as u32;
            let rows = self.history.chunks_exact(self.capacity);
            for (sample, row) in frame.iter_mut().zip(rows) {
                let window = row.get(start..start + self.taps).unwrap_or_default();
                *sample = interpolate(&self.table, self.taps, phase, window);
            }
            self.position += self.step;
            written += 1;
        }
        self.forget_used();
        written
    }

    /// How many input frames make exactly `frames` of output.
    pub fn input_needed(&self, frames: usize) -> usize {
        let steps = (frames as u64).saturating_sub(1);
        let last = ((self.position + steps * self.step) >> 32) as usize;
        (last + self.taps).saturating_sub(self.len)
    }

    /// Frames of input that sound is behind; so much silence brings out the last of it.
    pub fn delay(&self) -> usize {
        self.taps / 2
    }

    /// At most so many frames come out for `frames` of input.
    pub fn max_output(&self, frames: usize) -> usize {
        let end = ((self.len + frames) as u64) << 32;
        (end.saturating_sub(self.position) / self.step.max(1)) as usize + 1
    }

    fn append(&mut self, input: &[f32]) {
        let room = self.capacity - self.len;
        let frames = (input.len() / self.channels.max(1)).min(room);
        let rows = self.history.chunks_exact_mut(self.capacity);
        for (channel, row) in rows.enumerate() {
            let samples = input.iter().skip(channel).step_by(self.channels);
            let free = row.iter_mut().skip(self.len).take(frames);
            for (slot, sample) in free.zip(samples) {
                *slot = *sample;
            }
        }
        self.len += frames;
    }

    /// Where the window of the next output begins, if all of it is there.
    fn ready_at(&self) -> Option<usize> {
        let start = (self.position >> 32) as usize;
        (start + self.taps <= self.len).then_some(start)
    }

    fn forget_used(&mut self) {
        let used = ((self.position >> 32) as usize).min(self.len);
        for row in self.history.chunks_exact_mut(self.capacity) {
            row.copy_within(used..self.len, 0);
        }
        self.len -= used;
        self.position -= (used as u64) << 32;
    }
}

/// The dot product of the window with the impulse response of this phase, of which the table
/// holds [`PHASES`]; between two of them it is linear (error −94 dB).
fn interpolate(table: &[f32], taps: usize, phase: u32, window: &[f32]) -> f32 {
    let index = (phase >> (32 - PHASE_BITS)) as usize;
    let fraction = (phase << PHASE_BITS) as f32 / 2f32.powi(32);
    let mut responses = table.chunks_exact(taps).skip(index);
    let before = responses.next().map_or(0.0, |r| dot(r, window));
    let after = responses.next().map_or(0.0, |r| dot(r, window));
    before + (after - before) * fraction
}

/// In lanes that the compiler can turn into vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn impulse_responses(taps: usize, cutoff: f64) -> Vec<f32> {
    let half = taps as f64 / 2.0;
    let mut table = Vec::with_capacity((PHASES + 1) * taps);
    for phase in 0..=PHASES {
        let fraction = phase as f64 / PHASES as f64;
        let response = |tap: usize| {
            let x = tap as f64 - (half - 1.0) - fraction;
            cutoff * sinc(cutoff * x) * kaiser(x / half)
        };
        let sum: f64 = (0..taps).map(response).sum();
        table.extend((0..taps).map(|tap| (response(tap) / sum) as f32));
    }
    table
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else {
        (PI * x).sin() / (PI * x)
    }
}

/// The Kaiser window at `x` from −1 to 1.
fn kaiser(x: f64) -> f64 {
    bessel_i0(KAISER_BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel_i0(KAISER_BETA)
}

/// The modified Bessel function of the first kind and order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

/// Impulse response at equal rates; the test below asks for 80 dB, and 48 taps give it up to 19 kHz.
const BASE_TAPS: f64 = 48.0;
const LANES: usize = 8;
const PHASE_BITS: u32 = 8;
const PHASES: usize = 1 << PHASE_BITS;
/// Of the lower Nyquist frequency.
const CUTOFF: f64 = 0.94;
/// Stopband of −90 dB.
const KAISER_BETA: f64 = 9.0;
/// Cheap crystals are within 200 ppm; this leaves room to catch up.
const MAX_DRIFT: f64 = 0.01;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sine(hz: f64, rate: u32, frames: usize) -> Vec<f32> {
        let turn = 2.0 * PI * hz / f64::from(rate);
        (0..frames)
            .map(|n| (0.5 * (turn * n as f64).sin()) as f32)
            .collect()
    }

    /// Least-squares fit of a sine; gives what remains in dB below it.
    fn signal_to_noise_db(samples: &[f32], hz: f64, rate: u32) -> f64 {
        let turn = 2.0 * PI * hz / f64::from(rate);
        let wave = |n: usize| (turn * n as f64).sin_cos();
        let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (n, y) in samples.iter().enumerate() {
            let (s, c) = wave(n);
            let y = f64::from(*y);
            ss += s * s;
            cc += c * c;
            sc += s * c;
            ys += y * s;
            yc += y * c;
        }
        let det = ss * cc - sc * sc;
        let (a, b) = ((ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det);
        let (mut signal, mut noise) = (0.0, 0.0);
        for (n, y) in samples.iter().enumerate() {
            let (s, c) = wave(n);
            let fit = a * s + b * c;
            signal += fit * fit;
            noise += (f64::from(*y) - fit).powi(2);
        }
        10.0 * (signal / noise).log10()
    }

    fn convert(from: u32, to: u32, input: &[f32]) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to, 1, 480);
        let mut output = Vec::new();
        let mut block = [0.0; 8192];
        for piece in input.chunks(480) {
            let n = resampler.process(piece, &mut block);
            output.extend_from_slice(&block[..n]);
        }
        output
    }

    #[test]
    fn tones_stay_pure_at_every_rate() {
        for from in [8_000, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
            for hz in [440.0, 3_000.0] {
                let output = convert(from, 48_000, &sine(hz, from, from as usize));
                assert!((47_800..=48_000).contains(&output.len()), "{from}");
                let snr = signal_to_noise_db(&output[1_000..40_000], hz, 48_000);
                assert!(snr > 80.0, "{hz} Hz from {from}: {snr:.1} dB");
            }
        }
        let output = convert(48_000, 44_100, &sine(15_000.0, 48_000, 48_000));
        let snr = signal_to_noise_db(&output[1_000..40_000], 15_000.0, 44_100);
        assert!(snr > 80.0, "15 kHz to 44100: {snr:.1} dB");
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_removed() {
        let output = convert(48_000, 8_000, &sine(7_000.0, 48_000, 48_000));
        let peak = output[500..].iter().fold(0.0f32, |a, b| a.max(b.abs()));
        assert!(peak < 0.5e-4, "{peak}");
    }

    #[test]
    fn channels_do_not_mix() {
        let mut resampler = Resampler::new(44_100, 48_000, 2, 441);
        let left = sine(440.0, 44_100, 441);
        let stereo: Vec<f32> = left.iter().flat_map(|l| [*l, 0.25]).collect();
        let mut output = [0.0; 2_048];
        let n = resampler.process(&stereo, &mut output);
        assert!((450..=481).contains(&n), "{n}");
        for frame in output[..2 * n].chunks_exact(2).skip(60) {
            assert!((frame[1] - 0.25).abs() < 1e-4, "{}", frame[1]);
        }
    }

    #[test]
    fn drift_bends_the_rate() {
        let mut resampler = Resampler::new(48_000, 48_000, 1, 480);
        resampler.set_drift(1e-3);
        let mut block = [0.0; 1_024];
        let total: usize = (0..1_000)
            .map(|_| resampler.process(&[0.0; 480], &mut block))
            .sum();
        assert!((479_480..=479_520).contains(&total), "{total}");
    }

    proptest! {
        #[test]
        fn input_needed_gives_exactly_what_was_asked(
            from in 4_000u32..200_000, drift in -0.01f64..0.01, asks in prop::collection::vec(1usize..480, 1..50),
        ) {
            let mut resampler = Resampler::new(from, 48_000, 1, 48_000);
            resampler.set_drift(drift);
            let mut output = [0.0; 480];
            for ask in asks {
                let input = vec![0.1; resampler.input_needed(ask)];
                prop_assert_eq!(resampler.process(&input, &mut output[..ask]), ask);
            }
        }

        #[test]
        fn max_output_is_never_exceeded(to in 4_000u32..200_000, pieces in prop::collection::vec(0usize..480, 1..50)) {
            let mut resampler = Resampler::new(48_000, to, 1, 480);
            let mut output = [0.0; 4_096];
            for piece in pieces {
                let limit = resampler.max_output(piece);
                prop_assert!(resampler.process(&[0.1; 480][..piece], &mut output) <= limit);
            }
        }
    }
}
