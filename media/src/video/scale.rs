//! Makes pictures smaller, by averaging all that falls together; larger ones are made by whoever shows them.
use super::{Picture, PicturePool, Plane, Size};

/// Scales pictures of one size after the other to a size that does not exceed its bounds.
#[derive(Clone, Default)]
pub struct Scaler {
    pool: PicturePool,
    sums: Vec<u32>,
    /// For each column: where its source columns end.
    ends: Vec<usize>,
}

impl Scaler {
    /// The picture itself where it fits and its sides are even, else a smaller one of the same shape.
    pub fn scale(&mut self, picture: &Picture, bounds: Size) -> Picture {
        let size = picture.size().fitted(bounds);
        if size == picture.size() {
            return picture.clone();
        }
        let mut scaled = self.pool.take(size, picture.time());
        scaled.colours = picture.colours();
        for plane in Plane::ALL {
            let (from, to) = (picture.plane_size(plane), scaled.plane_size(plane));
            self.average(picture.plane(plane), from, scaled.plane_mut(plane), to);
        }
        scaled.finish()
    }

    /// The picture itself where it is large enough, else in the middle of black, with even sides.
    pub fn padded(&self, picture: Picture, least: Size) -> Picture {
        let size = picture.size();
        let enough = Size::new(size.width.max(least.width), size.height.max(least.height));
        if enough == size {
            return picture;
        }
        let mut padded = self.pool.take(enough, picture.time());
        padded.colours = picture.colours();
        for plane in Plane::ALL {
            let (from, to) = (picture.plane_size(plane), padded.plane_size(plane));
            let target = padded.plane_mut(plane);
            target.fill(if plane == Plane::Y { 16 } else { 128 });
            let (left, above) = ((to.width - from.width) / 2, (to.height - from.height) / 2);
            let lines = target.chunks_exact_mut(to.width as usize);
            let lines = lines.skip(above as usize);
            let source = picture
                .plane(plane)
                .chunks_exact(from.width.max(1) as usize);
            for (target, line) in lines.zip(source) {
                let end = left as usize + line.len();
                if let Some(target) = target.get_mut(left as usize..end) {
                    target.copy_from_slice(line);
                }
            }
        }
        padded.finish()
    }

    fn average(&mut self, source: &[u8], from: Size, target: &mut [u8], to: Size) {
        let (from_width, to_width) = (from.width as usize, to.width as usize);
        self.ends.clear();
        self.ends
            .extend((1..=to_width).map(|column| column * from_width / to_width));
        let step = from_width / to_width.max(1);
        let is_whole = step * to_width == from_width;
        if step == 2 && is_whole && to.height * 2 == from.height {
            return halve(source, from_width, target);
        }
        let mut lines = source.chunks_exact(from_width.max(1));
        let mut taken = 0;
        for (number, target) in target.chunks_exact_mut(to_width.max(1)).enumerate() {
            let end = (number + 1) * from.height as usize / to.height.max(1) as usize;
            let rows = end - taken;
            self.sums.clear();
            self.sums.resize(from_width, 0);
            for line in lines.by_ref().take(rows) {
                for (sum, sample) in self.sums.iter_mut().zip(line) {
                    *sum += u32::from(*sample);
                }
            }
            taken = end;
            let means = [step, step + 1].map(|columns| Mean::of(columns * rows));
            match step {
                2 if is_whole => across::<2>(&self.sums, target, means[0]),
                3 if is_whole => across::<3>(&self.sums, target, means[0]),
                4 if is_whole => across::<4>(&self.sums, target, means[0]),
                6 if is_whole => across::<6>(&self.sums, target, means[0]),
                _ => self.across_any(target, step, means),
            }
        }
    }

    /// Columns that fall together are now one more, now one fewer.
    fn across_any(&self, target: &mut [u8], step: usize, means: [Mean; 2]) {
        let mut rest = self.sums.as_slice();
        let mut begin = 0;
        for (sample, end) in target.iter_mut().zip(&self.ends) {
            let (these, others) = rest.split_at(end - begin);
            let [few, more] = means;
            let mean = if these.len() > step { more } else { few };
            *sample = mean.of_sum(these.iter().sum());
            (rest, begin) = (others, *end);
        }
    }
}

/// Four samples become one: what is done most, and in words of sixteen bits, of which processors do many at once.
fn halve(source: &[u8], width: usize, target: &mut [u8]) {
    let pairs = source.chunks_exact(width.max(1) * 2);
    for (pair, target) in pairs.zip(target.chunks_exact_mut((width / 2).max(1))) {
        let (upper, lower) = pair.split_at(width);
        let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
        for ((sample, upper), lower) in target.iter_mut().zip(upper).zip(lower) {
            let [upper, lower] = [upper, lower].map(|two| {
                let word = u16::from_le_bytes(*two);
                (word & 255) + (word >> 8)
            });
            *sample = ((upper + lower + 2) >> 2) as u8;
        }
    }
}

/// Always as many columns fall together.
fn across<const COLUMNS: usize>(sums: &[u32], target: &mut [u8], mean: Mean) {
    for (sample, these) in target.iter_mut().zip(sums.chunks_exact(COLUMNS)) {
        *sample = mean.of_sum(these.iter().sum());
    }
}

/// Divides by how many samples there are, by a multiplication.
#[derive(Clone, Copy)]
struct Mean {
    reciprocal: u64,
}

impl Mean {
    fn of(count: usize) -> Self {
        let count = (count as u64).max(1);
        Self {
            reciprocal: ((1 << Self::BITS) + count / 2) / count,
        }
    }

    const fn of_sum(self, sum: u32) -> u8 {
        ((sum as u64 * self.reciprocal + (1 << (Self::BITS - 1))) >> Self::BITS) as u8
    }

    /// Right to a hundredth of a sample for as many as a picture has.
    const BITS: u32 = 32;
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use std::time::Instant;

    use super::*;

    fn filled(size: Size, sample: impl Fn(u32, u32) -> u8) -> Picture {
        let mut buffer = PicturePool::default().take(size, Instant::now());
        for plane in Plane::ALL {
            let width = buffer.plane_size(plane).width;
            for (at, value) in (0..).zip(buffer.plane_mut(plane)) {
                *value = sample(at % width, at / width);
            }
        }
        buffer.finish()
    }

    #[test]
    fn four_pixels_become_their_mean() {
        let picture = filled(
            Size::new(8, 8),
            |x, y| if (x + y) % 2 == 0 { 10 } else { 20 },
        );
        let small = Scaler::default().scale(&picture, Size::new(4, 4));
        assert_eq!(small.size(), Size::new(4, 4));
        assert!(small.plane(Plane::Y).iter().all(|sample| *sample == 15));
    }

    #[test]
    fn every_way_to_average_gives_the_mean() {
        for (width, to) in [(96, 48), (96, 32), (96, 24), (96, 16), (90, 18), (96, 64)] {
            let picture = filled(Size::new(width, width), |x, y| (x * 7 + y * 13) as u8);
            let small = Scaler::default().scale(&picture, Size::new(to, to));
            let source = picture.plane(Plane::Y);
            for (at, sample) in (0..).zip(small.plane(Plane::Y)) {
                let span = |at: u32| at * width / to..(at + 1) * width / to;
                let (columns, rows) = (span(at % to), span(at / to));
                let all = rows.flat_map(|y| columns.clone().map(move |x| (y * width + x) as usize));
                let all: Vec<u32> = all.map(|at| u32::from(source[at])).collect();
                let mean = all.iter().sum::<u32>() as f32 / all.len() as f32;
                assert!((f32::from(*sample) - mean).abs() <= 0.51, "{width} to {to}");
            }
        }
    }

    #[test]
    fn any_ratio_keeps_a_flat_picture_flat() {
        let picture = filled(Size::new(637, 359), |_, _| 200);
        for bounds in [Size::new(320, 180), Size::new(100, 33), Size::new(2, 2)] {
            let small = Scaler::default().scale(&picture, bounds);
            for plane in Plane::ALL {
                assert!(small.plane(plane).iter().all(|sample| *sample == 200));
            }
        }
    }

    #[test]
    fn what_is_too_small_to_be_coded_lies_in_black() {
        let strip = filled(Size::new(20, 2), |_, _| 99);
        let padded = Scaler::default().padded(strip.clone(), Size::new(16, 6));
        assert_eq!(padded.size(), Size::new(20, 6));
        let rows: Vec<u8> = padded
            .plane(Plane::Y)
            .chunks(20)
            .map(|row| row[19])
            .collect();
        assert_eq!(rows, [16, 16, 99, 99, 16, 16]);
        let rows: Vec<u8> = padded
            .plane(Plane::V)
            .chunks(10)
            .map(|row| row[0])
            .collect();
        assert_eq!(rows, [128, 99, 128]);
        assert!(
            Scaler::default()
                .padded(strip.clone(), Size::new(16, 2))
                .is_same(&strip)
        );
    }

    #[test]
    fn what_fits_is_not_copied() {
        let picture = filled(Size::new(64, 36), |_, _| 1);
        let same = Scaler::default().scale(&picture, Size::new(320, 180));
        assert!(same.is_same(&picture));
    }
}
