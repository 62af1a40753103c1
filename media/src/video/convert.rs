//! Pixels as cameras and screens give them into I420 of limited range, BT.601.
use super::{PictureBuffer, Plane};

/// How pixels lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// Blue, green, red, unused: screens.
    Bgrx,
    /// Red, green, blue, unused: screens of some graphics cards.
    Rgbx,
    /// Red, green, blue.
    Rgb,
    /// Y, U, Y, V for two pixels: most webcams.
    Yuyv,
    /// A plane of Y, then one of U and V in turn at half the width and height: phones and fast webcams.
    Nv12,
}

impl PixelFormat {
    /// Bytes of a line of so many pixels; of NV12, of its first plane.
    const fn line_bytes(self, width: usize) -> usize {
        match self {
            Self::Bgrx | Self::Rgbx => 4 * width,
            Self::Rgb => 3 * width,
            Self::Yuyv => 2 * width,
            Self::Nv12 => width,
        }
    }
}

/// Fills a picture of even sides; `stride` is the number of bytes from line to line.
///
/// `None` where there are too few bytes for a picture of this size.
#[must_use]
pub fn convert(
    pixels: &[u8],
    stride: usize,
    format: PixelFormat,
    buffer: &mut PictureBuffer,
) -> Option<()> {
    let (width, height) = (buffer.size().width as usize, buffer.size().height as usize);
    let line = format.line_bytes(width);
    let is_enough = stride >= line && pixels.len() >= stride * height.saturating_sub(1) + line;
    let is_even = |side: usize| side > 0 && side.is_multiple_of(2);
    if !is_enough || !is_even(width) || !is_even(height) {
        return None;
    }
    match format {
        PixelFormat::Bgrx => from_rgb(pixels, stride, buffer, |pixel: &[u8; 4]| {
            let [b, g, r, _] = *pixel;
            [r, g, b]
        }),
        PixelFormat::Rgbx => from_rgb(pixels, stride, buffer, |pixel: &[u8; 4]| {
            let [r, g, b, _] = *pixel;
            [r, g, b]
        }),
        PixelFormat::Rgb => from_rgb(pixels, stride, buffer, |pixel: &[u8; 3]| *pixel),
        PixelFormat::Yuyv => from_yuyv(pixels, stride, buffer),
        PixelFormat::Nv12 => return from_nv12(pixels, stride, buffer),
    }
    Some(())
}

/// ITU-R BT.601 in whole numbers.
fn from_rgb<const N: usize>(
    pixels: &[u8],
    stride: usize,
    buffer: &mut PictureBuffer,
    rgb: impl Fn(&[u8; N]) -> [u8; 3],
) {
    let width = buffer.size().width as usize;
    let chroma = width / 2;
    let [y, u, v] = buffer.planes_mut();
    let pairs = pixels.chunks(2 * stride).zip(y.chunks_exact_mut(2 * width));
    let chromas = u.chunks_exact_mut(chroma).zip(v.chunks_exact_mut(chroma));
    for ((lines, y), (u, v)) in pairs.zip(chromas) {
        let (upper, lower) = lines.split_at(stride.min(lines.len()));
        let (y_upper, y_lower) = y.split_at_mut(width);
        for (line, y) in [(upper, y_upper), (lower, y_lower)] {
            for (pixel, y) in line.as_chunks::<N>().0.iter().zip(y) {
                let [r, g, b] = rgb(pixel).map(i32::from);
                *y = ((16_843 * r + 33_030 * g + 6_423 * b + Y_OFFSET) >> 16) as u8;
            }
        }
        // Chroma is that of every other line, averaged over two pixels: text stays sharp in Y.
        let upper = upper.as_chunks::<N>().0;
        for (pair, (u, v)) in upper.chunks_exact(2).zip(u.iter_mut().zip(v)) {
            let sum = pair.iter().map(&rgb).fold([0; 3], |sum, pixel| {
                let [r, g, b] = pixel.map(i32::from);
                let [sr, sg, sb] = sum;
                [sr + r, sg + g, sb + b]
            });
            let [r, g, b] = sum;
            *u = (((-38 * r - 74 * g + 112 * b + 256) >> 9) + 128) as u8;
            *v = (((112 * r - 94 * g - 18 * b + 256) >> 9) + 128) as u8;
        }
    }
}

fn from_yuyv(pixels: &[u8], stride: usize, buffer: &mut PictureBuffer) {
    let width = buffer.size().width as usize;
    let chroma = width / 2;
    let [y, u, v] = buffer.planes_mut();
    for (line, y) in pixels.chunks(stride).zip(y.chunks_exact_mut(width)) {
        for (pair, y) in line.chunks_exact(2).zip(y) {
            *y = pair.first().copied().unwrap_or_default();
        }
    }
    let chromas = u.chunks_exact_mut(chroma).zip(v.chunks_exact_mut(chroma));
    for (line, (u, v)) in pixels.chunks(stride).step_by(2).zip(chromas) {
        for (four, (u, v)) in line.as_chunks::<4>().0.iter().zip(u.iter_mut().zip(v)) {
            let [_, blue, _, red] = *four;
            (*u, *v) = (blue, red);
        }
    }
}

fn from_nv12(pixels: &[u8], stride: usize, buffer: &mut PictureBuffer) -> Option<()> {
    let (width, height) = (buffer.size().width as usize, buffer.size().height as usize);
    let (luma, chroma) = pixels.split_at_checked(stride * height)?;
    if chroma.len() < stride * (height / 2 - 1) + width {
        return None;
    }
    let lines = buffer.plane_mut(Plane::Y).chunks_exact_mut(width);
    for (to, from) in lines.zip(luma.chunks(stride)) {
        to.copy_from_slice(from.get(..width)?);
    }
    let [_, u, v] = buffer.planes_mut();
    let chromas = u
        .chunks_exact_mut(width / 2)
        .zip(v.chunks_exact_mut(width / 2));
    for (line, (u, v)) in chroma.chunks(stride).zip(chromas) {
        for (pair, (u, v)) in line.as_chunks::<2>().0.iter().zip(u.iter_mut().zip(v)) {
            [*u, *v] = *pair;
        }
    }
    Some(())
}

/// Black is 16; a half, to round.
const Y_OFFSET: i32 = (16 << 16) + (1 << 15);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;
    use crate::video::{PicturePool, Size};

    fn converted(pixels: &[u8], stride: usize, format: PixelFormat, size: Size) -> Option<Vec<u8>> {
        let mut buffer = PicturePool::default().take(size, Instant::now());
        convert(pixels, stride, format, &mut buffer)?;
        Some(buffer.bytes_mut().to_vec())
    }

    /// ITU-R BT.601: the colour bars at full amplitude.
    #[test]
    fn colours_are_those_of_bt_601() {
        let table = [
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
            ([255, 0, 0], [82, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ];
        let size = Size::new(2, 2);
        for ([r, g, b], [y, u, v]) in table {
            let expected = Some(vec![y, y, y, y, u, v]);
            let rgb = [r, g, b].repeat(4);
            assert_eq!(
                converted(&rgb, 6, PixelFormat::Rgb, size),
                expected,
                "{r} {g} {b}"
            );
            let bgrx = [b, g, r, 9].repeat(4);
            assert_eq!(converted(&bgrx, 8, PixelFormat::Bgrx, size), expected);
        }
    }

    #[test]
    fn planes_are_sorted_out_of_packed_pixels_and_padding_is_left_out() {
        let size = Size::new(2, 2);
        let yuyv = [1, 2, 3, 4, 99, 5, 6, 7, 8, 99];
        let expected = Some(vec![1, 3, 5, 7, 2, 4]);
        assert_eq!(converted(&yuyv, 5, PixelFormat::Yuyv, size), expected);
        let nv12 = [1, 2, 99, 3, 4, 99, 5, 6, 99];
        let expected = Some(vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(converted(&nv12, 3, PixelFormat::Nv12, size), expected);
    }

    proptest! {
        #[test]
        fn too_few_bytes_are_refused_and_never_a_panic(length in 0..200_usize, stride in 0..40_usize, width in 0..12_u32, height in 0..12_u32, which in 0..4_usize) {
            let formats = [PixelFormat::Bgrx, PixelFormat::Rgb, PixelFormat::Yuyv, PixelFormat::Nv12];
            converted(&vec![0; length], stride, formats[which], Size::new(width, height));
        }
    }
}
