//! A picture converted and scaled by the processor to the very pixels that are shown: several times cheaper than a shader
//! where the processor has to run that as well.
use conf_core::{Picture, Plane, Scaler, Size};
use egui::Rect;

use super::colour::ToRgb;
use super::kernel::{Four, Kernel, Table};

/// What a picture is to become.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wanted {
    /// The part of it that is seen, from 0 to 1.
    pub(super) part: Rect,
    /// Left and right change places.
    pub(super) is_mirrored: bool,
    /// Pixels across and down.
    pub(super) size: [usize; 2],
    /// Of its corners, in pixels.
    pub(super) radius: f32,
    /// Red, green and blue of what is behind the corners.
    pub(super) ground: [u8; 3],
}

/// Converts one picture after the other; keeps its buffers.
pub(super) struct Exact {
    kernel: Kernel,
    scaler: Scaler,
    luma: Line,
    chroma: [Line; 2],
    /// The samples of two colours, each twice.
    doubled: [Vec<u8>; 2],
}

/// One line of a plane on its way to the screen.
#[derive(Default)]
struct Line {
    /// For each pixel of the screen, or for two, in fours: the sample on its left.
    fours: Vec<Four>,
    /// Likewise: 256ths of the one on its right.
    weights: Vec<u16>,
    /// The lines above and below, mixed.
    mixed: Vec<u8>,
    /// For each pixel or two: the left sample, and 256 times the right one.
    pairs: Vec<u16>,
    /// Scaled.
    samples: Vec<u8>,
}

impl Wanted {
    /// Bytes of its pixels.
    pub(super) const fn length(&self) -> usize {
        self.size[0] * self.size[1] * 4
    }
}

impl Default for Exact {
    fn default() -> Self {
        Self {
            kernel: Kernel::new(),
            scaler: Scaler::default(),
            luma: Line::default(),
            chroma: Default::default(),
            doubled: Default::default(),
        }
    }
}

impl Exact {
    /// Writes blue, green, red and 255 for each pixel, line by line from the top, as many as are wanted.
    pub(super) fn convert(&mut self, picture: &Picture, wanted: &Wanted, pixels: &mut [u8]) {
        let [width, height] = wanted.size;
        let picture = self.shrink(picture, wanted);
        let part = wanted.part;
        let size = picture.plane_size(Plane::Y);
        self.luma.begin(size.width, width, part, wanted.is_mirrored);
        let half = picture.plane_size(Plane::U);
        for line in &mut self.chroma {
            line.begin(half.width, width.div_ceil(2), part, wanted.is_mirrored);
        }
        let table = Table::new(ToRgb::of(picture.colours()));
        let lines = pixels.chunks_exact_mut((width * 4).max(1));
        for (number, target) in lines.enumerate() {
            let at = |line: f32| part.top() + part.height() * line / height as f32;
            let middle = number as f32 + 0.5;
            let luma = picture.plane(Plane::Y);
            self.luma.scale(self.kernel, luma, size, at(middle));
            if number.is_multiple_of(2) {
                self.take_colours(&picture, half, at(middle + 0.5));
            }
            let [u, v] = &self.doubled;
            let samples = &self.luma.samples;
            self.kernel.to_bgr(&table, samples, [u, v], target);
        }
        round(pixels, wanted);
    }

    /// The colours at a height serve two lines, as one sample does two pixels: eyes see no finer, and it is half the work.
    fn take_colours(&mut self, picture: &Picture, size: Size, at: f32) {
        let lines = self.chroma.iter_mut().zip(&mut self.doubled);
        for ((line, doubled), plane) in lines.zip([Plane::U, Plane::V]) {
            line.scale(self.kernel, picture.plane(plane), size, at);
            doubled.resize(line.samples.len() * 2, 0);
            self.kernel.double(&line.samples, doubled);
        }
    }

    /// What is made much smaller is averaged first, so that no line is left out.
    fn shrink(&mut self, picture: &Picture, wanted: &Wanted) -> Picture {
        let size = picture.size();
        let [width, height] = wanted.size.map(|side| side.max(1) as f32);
        let across = size.width as f32 * wanted.part.width() / width;
        let down = size.height as f32 * wanted.part.height() / height;
        let step = across.min(down).clamp(1.0, 64.0) as u32;
        if step < 2 {
            return picture.clone();
        }
        let bounds = Size::new(size.width / step, size.height / step);
        self.scaler.scale(picture, bounds)
    }
}

impl Line {
    /// Plans the way from so many samples to so many pixels.
    fn begin(&mut self, samples: u32, pixels: usize, part: Rect, is_mirrored: bool) {
        let steps = (0..pixels).map(|pixel| {
            let at = (pixel as f32 + 0.5) / pixels as f32;
            let at = if is_mirrored { 1.0 - at } else { at };
            step(part.left() + part.width() * at, samples)
        });
        self.fours.clear();
        self.weights.clear();
        let mut lefts = [0; 4];
        for (number, (left, weight)) in steps.enumerate() {
            // Behind the end the last one is repeated.
            lefts
                .iter_mut()
                .skip(number % 4)
                .for_each(|one| *one = left.into());
            self.weights.push(weight);
            if number % 4 == 3 || number + 1 == pixels {
                self.fours.push(Four::new(lefts));
            }
        }
        self.mixed.clear();
        self.mixed.resize(samples as usize + Four::REACH, 0);
        self.pairs.resize(pixels.next_multiple_of(4), 0);
        self.samples.resize(pixels, 0);
    }

    /// Takes the line at a height, from 0 to 1, of a plane.
    fn scale(&mut self, kernel: Kernel, plane: &[u8], size: Size, at: f32) {
        let (row, weight) = step(at, size.height);
        let width = size.width as usize;
        let mut lines = plane.chunks_exact(width.max(1)).skip(row.into());
        let (Some(upper), lower) = (lines.next(), lines.next()) else {
            return;
        };
        let lower = lower.filter(|_| weight > 0).unwrap_or(upper);
        kernel.mix_lines(upper, lower, weight, &mut self.mixed);
        // The last sample has a neighbour, too.
        if let Some([last, neighbour]) = self.mixed.get_mut(width.saturating_sub(1)..=width) {
            *neighbour = *last;
        }
        // Fetching samples from here and there is kept apart from the sums, which processors do many at once.
        kernel.fetch(&self.mixed, &self.fours, &mut self.pairs);
        kernel.mix_pairs(&self.pairs, &self.weights, &mut self.samples);
    }
}

/// Where something from 0 to 1 is among so many samples: the one before it, and 256ths of the one after.
fn step(at: f32, samples: u32) -> (u16, u16) {
    let last = samples.saturating_sub(1) as f32;
    let place = (at * samples as f32 - 0.5).clamp(0.0, last);
    let before = place as u16;
    (before, ((place - f32::from(before)) * 256.0) as u16)
}

/// Gives the corners to what is behind.
fn round(pixels: &mut [u8], wanted: &Wanted) {
    let [width, height] = wanted.size;
    let [red, green, blue] = wanted.ground;
    let reach = wanted.radius.ceil() as usize;
    if reach == 0 || reach * 2 > width.min(height) {
        return;
    }
    for y in 0..reach {
        for x in 0..reach {
            let [across, down] = [x, y].map(|place| wanted.radius - place as f32 - 0.5);
            let outside = across.max(0.0).hypot(down.max(0.0)) - wanted.radius;
            let inside = (0.5 - outside).clamp(0.0, 1.0);
            for (x, y) in [
                (x, y),
                (width - 1 - x, y),
                (x, height - 1 - y),
                (width - 1 - x, height - 1 - y),
            ] {
                let at = (y * width + x) * 4;
                let pixel = pixels.get_mut(at..at + 3).into_iter().flatten();
                for (part, behind) in pixel.zip([blue, green, red]) {
                    let mixed = f32::from(*part) * inside + f32::from(behind) * (1.0 - inside);
                    *part = mixed.round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use conf_core::{Colours, PicturePool};
    use egui::pos2;

    use super::*;

    const ALL: Rect = Rect {
        min: pos2(0.0, 0.0),
        max: pos2(1.0, 1.0),
    };

    fn picture(size: Size, sample: impl Fn(Plane, u32, u32) -> u8) -> Picture {
        let mut buffer = PicturePool::default().take(size, Instant::now());
        buffer.colours = Colours::default();
        for plane in Plane::ALL {
            let width = buffer.plane_size(plane).width;
            for (at, value) in (0..).zip(buffer.plane_mut(plane)) {
                *value = sample(plane, at % width, at / width);
            }
        }
        buffer.finish()
    }

    fn wanted(width: usize, height: usize) -> Wanted {
        Wanted {
            part: ALL,
            is_mirrored: false,
            size: [width, height],
            radius: 0.0,
            ground: [0; 3],
        }
    }

    fn converted(picture: &Picture, wanted: &Wanted) -> Vec<u8> {
        let mut pixels = vec![255; wanted.length()];
        Exact::default().convert(picture, wanted, &mut pixels);
        pixels
    }

    const RED: [u8; 3] = [81, 90, 240];

    fn red(size: Size) -> Picture {
        picture(size, |plane, _, _| RED[plane as usize])
    }

    #[test]
    fn red_is_red_at_every_size() {
        for (from, to) in [
            ((2, 2), (7, 5)),
            ((640, 360), (391, 220)),
            ((640, 360), (33, 19)),
            ((6, 6), (1, 1)),
        ] {
            let pixels = converted(&red(Size::new(from.0, from.1)), &wanted(to.0, to.1));
            assert_eq!(pixels.len(), to.0 * to.1 * 4);
            let is_red =
                |pixel: &[u8]| pixel[2] > 250 && pixel[1] < 4 && pixel[0] < 4 && pixel[3] == 255;
            assert!(pixels.chunks(4).all(is_red), "{from:?} {to:?}");
        }
    }

    #[test]
    fn at_its_own_size_it_is_what_the_matrix_makes_of_it() {
        let size = Size::new(64, 4);
        let picture = picture(size, |plane, x, _| {
            if plane == Plane::Y {
                (x * 4) as u8
            } else {
                128
            }
        });
        let found = converted(&picture, &wanted(64, 4));
        let exact = super::super::soft::image(&picture, 1);
        for (pixel, exact) in found.chunks(4).zip(exact.pixels) {
            assert!(pixel[0].abs_diff(exact.b()) <= 1 && pixel[2].abs_diff(exact.r()) <= 1);
        }
    }

    #[test]
    fn every_kind_of_processor_makes_the_same_of_it() {
        let mut random = fastrand::Rng::with_seed(7);
        let noise = picture(Size::new(46, 30), |_, _, _| 0);
        let mut buffer = PicturePool::default().take(noise.size(), Instant::now());
        for plane in Plane::ALL {
            buffer.plane_mut(plane).fill_with(|| random.u8(..));
        }
        let noise = buffer.finish();
        for size in [(46, 30), (33, 21), (75, 70)] {
            let wanted = wanted(size.0, size.1);
            let mut plain = vec![255; wanted.length()];
            let mut exact = Exact {
                kernel: Kernel::plain(),
                ..Exact::default()
            };
            exact.convert(&noise, &wanted, &mut plain);
            assert!(plain == converted(&noise, &wanted), "{size:?}");
        }
    }

    #[test]
    fn a_mirror_turns_left_and_right() {
        let size = Size::new(32, 4);
        let shades = picture(size, |plane, x, _| {
            if plane == Plane::Y {
                16 + (x * 7) as u8
            } else {
                128
            }
        });
        let straight = converted(&shades, &wanted(50, 4));
        let mirrored = Wanted {
            is_mirrored: true,
            ..wanted(50, 4)
        };
        let mirrored = converted(&shades, &mirrored);
        let grey = |pixels: &[u8]| {
            pixels
                .chunks(4)
                .take(50)
                .map(|pixel| pixel[0])
                .collect::<Vec<_>>()
        };
        let mut turned = grey(&mirrored);
        turned.reverse();
        let near = grey(&straight)
            .into_iter()
            .zip(turned)
            .all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(near);
    }

    #[test]
    fn corners_belong_to_the_ground() {
        let wanted = Wanted {
            radius: 12.0,
            ground: [1, 2, 3],
            ..wanted(100, 60)
        };
        let pixels = converted(&red(Size::new(100, 60)), &wanted);
        for corner in [0, 99, 59 * 100, 59 * 100 + 99] {
            assert_eq!(pixels[corner * 4..corner * 4 + 3], [3, 2, 1]);
        }
        assert!(pixels[50 * 4 + 2] > 250);
    }
}
