//! Fixed-ratio sample-rate conversion, for formats that do not run at 48 kHz.
use std::f64::consts::PI;

/// One channel from one rate to another. Every output sample is one short scalar product.
#[derive(Clone, Debug)]
pub struct Polyphase {
    /// `up` filters of `taps` coefficients, one after the other, each newest sample last.
    phases: Vec<f32>,
    taps: usize,
    up: usize,
    down: usize,
    /// The samples that outputs to come still need, oldest first.
    buffer: Vec<f32>,
    phase: usize,
    /// Where in `buffer` the samples of the next output begin.
    next: usize,
}

impl Polyphase {
    /// From `from_hz` to `to_hz`, for at most `max_input` samples at a time; `None` if a rate is zero.
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32, max_input: usize) -> Option<Self> {
        let divisor = gcd(from_hz, to_hz);
        let up = usize::try_from(to_hz.checked_div(divisor)?).ok()?;
        let down = usize::try_from(from_hz.checked_div(divisor)?).ok()?;
        if up == 0 || down == 0 {
            return None;
        }
        // The filter spans the same number of samples of the slower rate either way.
        let taps = LOBES * down.div_ceil(up).max(1);
        let mut buffer = Vec::with_capacity(taps + max_input);
        buffer.resize(taps - 1, 0.0);
        Some(Self {
            phases: design(up, down, taps),
            taps,
            up,
            down,
            buffer,
            phase: 0,
            next: 0,
        })
    }

    /// Converts all of `input` and appends to `output`, which has room; allocates nothing then.
    pub fn process(&mut self, input: impl Iterator<Item = f32>, output: &mut Vec<f32>) {
        self.buffer.extend(input);
        while let Some(window) = self.buffer.get(self.next..self.next + self.taps) {
            let start = self.phase * self.taps;
            let filter = self.phases.get(start..start + self.taps);
            output.push(dot(window, filter.unwrap_or_default()));
            self.phase += self.down;
            self.next += self.phase / self.up;
            self.phase %= self.up;
        }
        let used = self.next.min(self.buffer.len());
        self.buffer.drain(..used);
        self.next -= used;
    }

    /// At most so many outputs come of one input, on average.
    #[must_use]
    pub fn most_per_input(&self) -> usize {
        self.up.div_ceil(self.down)
    }

    /// Forgets the sound before.
    pub fn reset(&mut self) {
        self.buffer.clear();
        self.buffer.resize(self.taps - 1, 0.0);
        (self.phase, self.next) = (0, 0);
    }
}

fn dot(window: &[f32], filter: &[f32]) -> f32 {
    let ((a, _), (b, _)) = (window.as_chunks::<8>(), filter.as_chunks::<8>());
    let mut sums = [0.0_f32; 8];
    for (x, y) in a.iter().zip(b) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    sums.iter().sum()
}

/// A windowed sinc at `up` times the input rate, cut into its phases; newest sample last, so each phase is reversed.
fn design(up: usize, down: usize, taps: usize) -> Vec<f32> {
    let length = float(up * taps);
    let cutoff = PASS / float(up.max(down));
    let prototype = |index: usize| {
        let x = float(index) - (length - 1.0) / 2.0;
        let sinc = if x == 0.0 {
            1.0
        } else {
            (PI * cutoff * x).sin() / (PI * cutoff * x)
        };
        let position = 2.0 * x / length;
        sinc * bessel(KAISER_BETA * (1.0 - position * position).max(0.0).sqrt())
    };
    let mut phases = Vec::with_capacity(up * taps);
    for phase in 0..up {
        let raw: Vec<f64> = (0..taps)
            .rev()
            .map(|tap| prototype(tap * up + phase))
            .collect();
        // Each phase alone has unit gain at 0 Hz, so a constant stays exactly constant.
        let sum: f64 = raw.iter().sum();
        phases.extend(raw.iter().map(|value| narrow(value / sum)));
    }
    phases
}

/// Modified Bessel function of order zero, by its power series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..32_u8 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "filter sizes are far below 2^53"
)]
const fn float(value: usize) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coefficients are below 1 and stored as f32"
)]
const fn narrow(value: f64) -> f32 {
    value as f32
}

/// Filter length in samples of the slower rate; a multiple of 8 for [`dot`]. 32 give 3 ms at 8 kHz, both ways together 4.
const LOBES: usize = 32;
/// The pass band ends at 0.91 of the lower Nyquist frequency: 3640 Hz for telephone sound, whose band ends at 3400.
const PASS: f64 = 0.91;
/// 70 dB in the stop band (Kaiser's formula).
const KAISER_BETA: f64 = 6.8;

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: u32, samples: usize) -> Vec<f32> {
        let step = 2.0 * PI * hz / f64::from(rate);
        (0..samples)
            .map(|n| narrow((step * float(n)).sin()))
            .collect()
    }

    fn convert(from: u32, to: u32, input: &[f32], block: usize) -> Vec<f32> {
        let mut converter = Polyphase::new(from, to, block).unwrap();
        let mut out = Vec::new();
        for chunk in input.chunks(block) {
            converter.process(chunk.iter().copied(), &mut out);
        }
        out
    }

    fn rms(samples: &[f32]) -> f32 {
        crate::dsp::level::power(samples).sqrt()
    }

    const RATES: [u32; 4] = [8_000, 16_000, 32_000, 44_100];

    #[test]
    fn every_rate_gives_the_right_number_of_samples() {
        for hz in RATES {
            let block = usize::try_from(hz / 100).unwrap();
            assert_eq!(
                convert(hz, 48_000, &vec![0.0; 100 * block], block).len(),
                48_000
            );
            assert_eq!(
                convert(48_000, hz, &vec![0.0; 48_000], 480).len(),
                100 * block
            );
        }
    }

    #[test]
    fn a_tone_goes_there_and_back_unharmed() {
        for hz in RATES {
            let input = tone(1_000.0, 48_000, 48_000);
            let narrow = convert(48_000, hz, &input, 480);
            let back = convert(hz, 48_000, &narrow, narrow.len() / 100);
            assert!(
                (rms(&back[4_800..43_200]) - 0.5_f32.sqrt()).abs() < 0.002,
                "{hz}"
            );
            // A tone obeys x[n+1] + x[n-1] = 2 cos(w) x[n]; what is left is distortion.
            let turn = 2.0 * (2.0 * PI * 1_000.0 / 48_000.0).cos();
            let error: Vec<f32> = back[4_800..43_200]
                .windows(3)
                .map(|w| w[0] + w[2] - narrow_turn(turn) * w[1])
                .collect();
            assert!(rms(&error) < 1e-3, "{hz}: {}", rms(&error));
        }
    }

    fn narrow_turn(turn: f64) -> f32 {
        narrow(turn)
    }

    #[test]
    fn what_does_not_fit_is_removed_and_not_folded() {
        let out = convert(48_000, 8_000, &tone(5_000.0, 48_000, 48_000), 480);
        assert!(rms(&out[800..7_200]) < 1e-3, "{}", rms(&out[800..7_200]));
        let out = convert(8_000, 48_000, &tone(3_000.0, 8_000, 8_000), 80);
        // An image of 3 kHz would lie at 5 kHz; the sum above 0.707 would show it.
        assert!((rms(&out[4_800..43_200]) - 0.5_f32.sqrt()).abs() < 0.002);
    }

    #[test]
    fn the_size_of_blocks_does_not_matter() {
        let input = tone(440.0, 44_100, 4_410);
        assert_eq!(
            convert(44_100, 48_000, &input, 441),
            convert(44_100, 48_000, &input, 7)
        );
        let input = tone(440.0, 48_000, 4_800);
        assert_eq!(
            convert(48_000, 8_000, &input, 480),
            convert(48_000, 8_000, &input, 5)
        );
    }
}
