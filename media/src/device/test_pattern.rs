//! A moving picture to test with: every frame tells its number and the time at which it was made, so that whoever
//! sees it, even after coding and in a smaller size, can tell what came, what did not, and how late.
use std::time::{Duration, Instant};

use crate::video::{Colours, Picture, PictureBuffer, PicturePool, Plane, Size};

/// What a picture of the pattern says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternStamp {
    /// Number of the frame, from 0.
    pub frame: u32,
    /// When it was made: milliseconds of a clock that sender and receiver share, modulo 2³².
    pub clock_ms: u32,
}

impl PatternStamp {
    /// Reads it from a picture of any size; `None` where it cannot be read for certain.
    #[must_use]
    pub fn read(picture: &Picture) -> Option<Self> {
        let frame = read_row(picture, 0);
        let clock_ms = read_row(picture, 1);
        let stamp = Self { frame, clock_ms };
        (read_row(picture, 2) == stamp.check_word()).then_some(stamp)
    }

    /// Marks the row, and guards the two others.
    fn check_word(self) -> u32 {
        let bytes = [self.frame.to_be_bytes(), self.clock_ms.to_be_bytes()].concat();
        MARK << 16 | u32::from(crc16(&bytes))
    }

    /// Whether the flash is lit, once in a second for 100 ms: with a beep beside it, sound and picture can be compared.
    #[must_use]
    pub const fn is_flash(self) -> bool {
        self.clock_ms % 1_000 < 100
    }
}

/// Paints the frames of the pattern.
pub struct TestPattern {
    size: Size,
    pool: PicturePool,
    next_frame: u32,
}

impl TestPattern {
    /// A pattern of this size, which should be at least 128x72 to be readable after coding.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let even = |length: u32| length.max(MIN_SIDE) & !1;
        Self {
            size: Size::new(even(size.width), even(size.height)),
            pool: PicturePool::default(),
            next_frame: 0,
        }
    }

    /// The next frame, made at `now`, which is `clock` by the clock that receivers share.
    pub fn paint(&mut self, now: Instant, clock: Duration) -> Picture {
        let stamp = PatternStamp {
            frame: self.next_frame,
            clock_ms: (clock.as_millis() & u128::from(u32::MAX)) as u32,
        };
        self.next_frame = self.next_frame.wrapping_add(1);
        let mut buffer = self.pool.take(self.size, now);
        buffer.colours = Colours::default();
        paint_background(&mut buffer, stamp.frame);
        paint_flash(&mut buffer, stamp);
        for (row, word) in (0..).zip([stamp.frame, stamp.clock_ms, stamp.check_word()]) {
            paint_row(&mut buffer, row, word);
        }
        buffer.finish()
    }

    /// Leaves out a frame for which there was no time, so that its number is missed.
    pub const fn skip(&mut self) {
        self.next_frame = self.next_frame.wrapping_add(1);
    }
}

/// Slanting stripes that wander, over colours that change slowly: something to do for an encoder.
fn paint_background(buffer: &mut PictureBuffer, frame: u32) {
    for plane in Plane::ALL {
        let width = buffer.plane_size(plane).width as usize;
        let lines = buffer.plane_mut(plane).chunks_exact_mut(width.max(1));
        for (y, line) in (0_u32..).zip(lines) {
            for (x, sample) in (0_u32..).zip(line) {
                *sample = match plane {
                    Plane::Y => stripe(x + y / 2 + frame * 2),
                    Plane::U => 96 + ((x / 4 + frame) & 63) as u8,
                    Plane::V => 96 + ((y / 4 + frame) & 63) as u8,
                };
            }
        }
    }
}

/// Rises and falls between 64 and 191.
const fn stripe(place: u32) -> u8 {
    let place = (place & 255) as u8;
    64 + if place < 128 { place } else { 255 - place }
}

fn paint_flash(buffer: &mut PictureBuffer, stamp: PatternStamp) {
    let Size { width, height } = buffer.size();
    let value = if stamp.is_flash() { WHITE } else { BLACK };
    let across = width * 3 / 4..width;
    fill(buffer, across, height * 3 / 4..height, value);
}

/// Thirty-two blocks from left to right, the highest bit first.
fn paint_row(buffer: &mut PictureBuffer, row: u32, word: u32) {
    let size = buffer.size();
    for place in 0..BLOCKS {
        let (across, down) = block(size, row, place);
        let is_set = word >> (BLOCKS - 1 - place) & 1 == 1;
        fill(buffer, across, down, if is_set { WHITE } else { BLACK });
    }
}

fn fill(
    buffer: &mut PictureBuffer,
    across: std::ops::Range<u32>,
    down: std::ops::Range<u32>,
    value: u8,
) {
    for (plane, value) in Plane::ALL.into_iter().zip([value, GREY, GREY]) {
        let divisor = if plane == Plane::Y { 1 } else { 2 };
        let width = buffer.plane_size(plane).width as usize;
        let (from, to) = (across.start / divisor, across.end / divisor);
        let (top, bottom) = (
            (down.start / divisor) as usize,
            (down.end / divisor) as usize,
        );
        let lines = buffer.plane_mut(plane).chunks_exact_mut(width.max(1));
        for line in lines.take(bottom).skip(top) {
            if let Some(samples) = line.get_mut(from as usize..to as usize) {
                samples.fill(value);
            }
        }
    }
}

fn read_row(picture: &Picture, row: u32) -> u32 {
    (0..BLOCKS).fold(0, |word, place| {
        word << 1 | u32::from(read_block(picture, row, place))
    })
}

/// Whether the middle of a block is bright.
fn read_block(picture: &Picture, row: u32, place: u32) -> bool {
    let (across, down) = block(picture.size(), row, place);
    let middle = |range: std::ops::Range<u32>| {
        let quarter = (range.end - range.start) / 4;
        range.start + quarter..(range.end - quarter).max(range.start + quarter + 1)
    };
    let (across, down) = (middle(across), middle(down));
    let width = picture.size().width as usize;
    let lines = picture.plane(Plane::Y).chunks_exact(width.max(1));
    let lines = lines.take(down.end as usize).skip(down.start as usize);
    let (mut sum, mut count) = (0_u32, 0);
    for line in lines {
        let samples = line.get(across.start as usize..across.end as usize);
        for sample in samples.unwrap_or_default() {
            sum += u32::from(*sample);
            count += 1;
        }
    }
    sum > count * 128
}

/// Where a block lies: the same part of the picture at every size.
const fn block(size: Size, row: u32, place: u32) -> (std::ops::Range<u32>, std::ops::Range<u32>) {
    let Size { width, height } = size;
    let left = place * width / BLOCKS;
    let right = (place + 1) * width / BLOCKS;
    let top = row * height / ROWS;
    let bottom = (row + 1) * height / ROWS;
    (left..right, top..bottom)
}

/// CRC-16/CCITT-FALSE.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            let carry = if crc & 0x8000 == 0 { 0 } else { 0x1021 };
            crc << 1 ^ carry
        })
    })
}

/// Any word that neither black nor white nor noise is likely to spell.
const MARK: u32 = 0xA5C3;
const BLOCKS: u32 = 32;
/// Rows would so many fill the picture; three of them are used.
const ROWS: u32 = 18;
/// Limited range (ITU-R BT.601).
const BLACK: u8 = 16;
const WHITE: u8 = 235;
const GREY: u8 = 128;
const MIN_SIDE: u32 = 64;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use super::*;
    use crate::video::Scaler;

    const CLOCK: Duration = Duration::from_millis(0x0123_4567_89AB);

    #[test]
    fn the_check_sum_is_the_usual_one() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn number_and_clock_are_read_at_every_size() {
        let mut pattern = TestPattern::new(Size::new(1280, 720));
        pattern.skip();
        let picture = pattern.paint(Instant::now(), CLOCK);
        for (width, height) in [(1280, 720), (640, 360), (320, 180), (160, 90), (426, 240)] {
            let small = Scaler::default().scale(&picture, Size::new(width, height));
            let stamp = PatternStamp::read(&small).unwrap();
            assert_eq!(
                (stamp.frame, stamp.clock_ms),
                (1, 0x4567_89AB),
                "{width}x{height}"
            );
        }
    }

    #[test]
    fn another_picture_says_nothing() {
        for value in [0, 128, 255] {
            let mut buffer = PicturePool::default().take(Size::new(640, 360), Instant::now());
            buffer.bytes_mut().fill(value);
            assert_eq!(PatternStamp::read(&buffer.finish()), None);
        }
    }

    #[test]
    fn every_frame_differs_from_the_one_before() {
        let mut pattern = TestPattern::new(Size::new(128, 72));
        let first = pattern.paint(Instant::now(), CLOCK);
        let second = pattern.paint(Instant::now(), CLOCK);
        let differing = first.plane(Plane::Y).iter().zip(second.plane(Plane::Y));
        assert!(differing.filter(|(a, b)| a != b).count() > 1_000);
    }
}
