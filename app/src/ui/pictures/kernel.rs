//! The work on lines of samples, of which a window has hundreds of thousands a second: compiled once for each kind of
//! processor, since those that do sixteen samples at once take half the time of those that do eight.
//!
//! Everything is a plain loop that is inlined into where the kind is known; closures might not be.
use fearless_simd::{Level, dispatch};

use super::colour::ToRgb;

/// What the processor at hand can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel(Level);

impl Kernel {
    /// For the processor at hand.
    pub(super) fn new() -> Self {
        Self(Level::new())
    }

    /// For what every processor can do.
    #[cfg(test)]
    pub(super) const fn plain() -> Self {
        Self(Level::baseline())
    }

    /// Writes what is between two lines, so many 256ths of the lower one.
    pub(super) fn mix_lines(self, upper: &[u8], lower: &[u8], weight: u16, mixed: &mut [u8]) {
        dispatch!(self.0, _simd => mix_lines(upper, lower, weight, mixed));
    }

    /// Writes the pairs of samples that are wanted from here and there; the left one is the low byte.
    pub(super) fn fetch(self, samples: &[u8], fours: &[Four], pairs: &mut [u16]) {
        dispatch!(self.0, _simd => fetch(samples, fours, pairs));
    }

    /// Writes what is between the samples of each pair, by weights of their own.
    pub(super) fn mix_pairs(self, pairs: &[u16], weights: &[u16], mixed: &mut [u8]) {
        dispatch!(self.0, _simd => mix_pairs(pairs, weights, mixed));
    }

    /// Writes each sample twice.
    pub(super) fn double(self, samples: &[u8], doubled: &mut [u8]) {
        dispatch!(self.0, _simd => double(samples, doubled));
    }

    /// Lays pixels over others, as OpenGL mixes them: all of what is over, and as much of what is under as that leaves free.
    pub(super) fn lay_over(self, over: &[[u8; 4]], under: &mut [[u8; 4]]) {
        dispatch!(self.0, _simd => lay_over(over, under));
    }

    /// Writes blue, green, red and 255 for each pixel.
    pub(super) fn to_bgr(self, table: &Table, y: &[u8], [u, v]: [&[u8]; 2], pixels: &mut [u8]) {
        dispatch!(self.0, _simd => to_bgr(table, y, u, v, pixels));
    }
}

/// Where four pairs of samples are that lie within eight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Four {
    first: usize,
    /// From there, in bits.
    shifts: [u64; 4],
}

impl Four {
    /// For the left samples of each pair, of which none is more than six from another.
    pub(super) fn new(lefts: [usize; 4]) -> Self {
        let first = lefts.into_iter().min().unwrap_or(0);
        let shifts = lefts.map(|left| 8 * (left - first).min(6) as u64);
        Self { first, shifts }
    }

    /// Samples that are read behind the first.
    pub(super) const REACH: usize = 8;
}

/// One word has all four, so that memory is asked once for them.
#[inline(always)]
fn fetch(samples: &[u8], fours: &[Four], pairs: &mut [u16]) {
    let (pairs, _) = pairs.as_chunks_mut::<4>();
    for (pairs, four) in pairs.iter_mut().zip(fours) {
        let from = samples.get(four.first..).unwrap_or_default();
        let Some(word) = from.first_chunk() else {
            return;
        };
        let word = u64::from_le_bytes(*word);
        for (pair, shift) in pairs.iter_mut().zip(four.shifts) {
            *pair = (word >> shift) as u16;
        }
    }
}

#[inline(always)]
fn mix_lines(upper: &[u8], lower: &[u8], weight: u16, mixed: &mut [u8]) {
    for ((mixed, upper), lower) in mixed.iter_mut().zip(upper).zip(lower) {
        *mixed = mix(*upper as u16, *lower as u16, weight);
    }
}

#[inline(always)]
fn mix_pairs(pairs: &[u16], weights: &[u16], mixed: &mut [u8]) {
    for ((mixed, pair), weight) in mixed.iter_mut().zip(pairs).zip(weights) {
        *mixed = mix(*pair & 255, *pair >> 8, *weight);
    }
}

#[inline(always)]
fn double(samples: &[u8], doubled: &mut [u8]) {
    let (doubled, _) = doubled.as_chunks_mut::<2>();
    for (two, sample) in doubled.iter_mut().zip(samples) {
        *two = [*sample, *sample];
    }
}

#[inline(always)]
fn to_bgr(table: &Table, y: &[u8], u: &[u8], v: &[u8], pixels: &mut [u8]) {
    let (pixels, _) = pixels.as_chunks_mut::<4>();
    for (((pixel, y), u), v) in pixels.iter_mut().zip(y).zip(u).zip(v) {
        let y = eighths(*y as i16 - table.black, table.luma) + 4;
        let (u, v) = (*u as i16 - 128, *v as i16 - 128);
        let red = y + eighths(v, table.red_of_v);
        let green = y + eighths(u, table.green_of_u) + eighths(v, table.green_of_v);
        let blue = y + eighths(u, table.blue_of_u);
        *pixel = [whole(blue), whole(green), whole(red), 255];
    }
}

#[inline(always)]
fn lay_over(over: &[[u8; 4]], under: &mut [[u8; 4]]) {
    for (under, over) in under.iter_mut().zip(over) {
        let free = 255 - over[3] as u16;
        *under = [
            left_of(under[0], free).saturating_add(over[0]),
            left_of(under[1], free).saturating_add(over[1]),
            left_of(under[2], free).saturating_add(over[2]),
            left_of(under[3], free).saturating_add(over[3]),
        ];
    }
}

/// So many 255ths of a sample, rounded.
#[inline(always)]
const fn left_of(sample: u8, free: u16) -> u8 {
    let product = sample as u16 * free + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// Something between two samples: 256ths of the second, the rest of the first.
#[inline(always)]
const fn mix(first: u16, second: u16, weight: u16) -> u8 {
    ((first * (256 - weight) + second * weight) >> 8) as u8
}

/// A product in eighths. The sample is made larger within its sixteen bits: then this is one instruction for many of them.
#[inline(always)]
const fn eighths(sample: i16, factor: i16) -> i16 {
    let sample = sample.wrapping_mul(64);
    ((sample as i32 * factor as i32) >> 16) as i16
}

/// Of eighths.
#[inline(always)]
fn whole(eighths: i16) -> u8 {
    (eighths >> 3).clamp(0, 255) as u8
}

/// The matrix in whole numbers of 1/8192, for sixteen bits: what processors multiply many of at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    luma: i16,
    black: i16,
    red_of_v: i16,
    green_of_u: i16,
    green_of_v: i16,
    blue_of_u: i16,
}

impl Table {
    pub(super) fn new(to_rgb: ToRgb) -> Self {
        let [
            [luma, _, red_of_v],
            [_, green_of_u, green_of_v],
            [_, blue_of_u, _],
        ] = to_rgb
            .rows
            .map(|row| row.map(|factor| (factor * 8_192.0).round() as i16));
        Self {
            luma,
            black: (to_rgb.offset[0] * 255.0).round() as i16,
            red_of_v,
            green_of_u,
            green_of_v,
            blue_of_u,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_covered_is_half_of_both() {
        for (under, over, both) in [
            ([100, 200, 0, 0], [64, 0, 0, 128], [114, 100, 0, 128]),
            ([1, 2, 3, 0], [7, 8, 9, 255], [7, 8, 9, 255]),
            ([1, 2, 3, 0], [0, 0, 0, 0], [1, 2, 3, 0]),
        ] {
            for kernel in [Kernel::new(), Kernel::plain()] {
                let mut pixels = [under; 70];
                kernel.lay_over(&[over; 69], &mut pixels);
                assert!(pixels[..69].iter().all(|pixel| *pixel == both), "{under:?}");
                assert_eq!(pixels[69], under);
            }
        }
    }

    #[test]
    fn pairs_are_fetched_from_where_they_are() {
        let samples: Vec<u8> = (0..40).collect();
        let fours = [[0, 1, 3, 4], [31, 29, 27, 25], [5, 5, 5, 5]].map(Four::new);
        for kernel in [Kernel::new(), Kernel::plain()] {
            let mut pairs = [0; 12];
            kernel.fetch(&samples, &fours, &mut pairs);
            let lefts = pairs.map(|pair| pair & 255);
            assert_eq!(lefts, [0, 1, 3, 4, 31, 29, 27, 25, 5, 5, 5, 5]);
            assert!(pairs.iter().all(|pair| (pair >> 8) == (pair & 255) + 1));
        }
    }
}
