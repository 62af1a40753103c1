//! Pictures: planes of I420 in pooled memory, which all who show one share.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Size {
    /// Pixels in a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

impl Size {
    /// So many pixels wide and high.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Pixels in all.
    #[must_use]
    pub const fn area(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The largest size of the same shape that fits into `bounds`, never larger than itself; even, as 4:2:0 needs it.
    #[must_use]
    pub fn fitted(self, bounds: Self) -> Self {
        if self.area() == 0 {
            return self;
        }
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let (most_wide, most_high) = (u64::from(bounds.width), u64::from(bounds.height));
        let (wide, high) = if width <= most_wide && height <= most_high {
            (width, height)
        } else if most_wide * height <= most_high * width {
            (most_wide, most_wide * height / width)
        } else {
            (most_high * width / height, most_high)
        };
        let even = |length: u64| u32::try_from(length & !1).unwrap_or(u32::MAX).max(2);
        Self::new(even(wide), even(high))
    }

    /// Width and height of a chroma plane.
    const fn halved(self) -> Self {
        Self::new(self.width.div_ceil(2), self.height.div_ceil(2))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Which sums of red, green and blue the planes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Matrix {
    /// ITU-R BT.601: standard definition, and most webcams.
    #[default]
    Bt601,
    /// ITU-R BT.709: high definition.
    Bt709,
}

/// How samples are to be turned into red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Colours {
    /// Which sums.
    pub matrix: Matrix,
    /// Whether black is 0 and white 255, and not 16 and 235.
    pub is_full_range: bool,
}

/// Which plane of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// Brightness, at full size.
    Y,
    /// Blue difference, at half the width and height.
    U,
    /// Red difference, likewise.
    V,
}

impl Plane {
    /// All three, in the order of I420.
    pub const ALL: [Self; 3] = [Self::Y, Self::U, Self::V];
}

/// A picture that is complete and no longer changes; a copy of it costs a counter.
#[derive(Clone)]
pub struct Picture(Arc<PictureBuffer>);

impl Picture {
    /// How large it is.
    #[must_use]
    pub fn size(&self) -> Size {
        self.0.size
    }

    /// Size of one of its planes.
    #[must_use]
    pub fn plane_size(&self, plane: Plane) -> Size {
        self.0.plane_size(plane)
    }

    /// A plane: lines one after the other without gaps.
    #[must_use]
    pub fn plane(&self, plane: Plane) -> &[u8] {
        self.0.bytes.get(self.0.range(plane)).unwrap_or_default()
    }

    /// What its samples mean.
    #[must_use]
    pub fn colours(&self) -> Colours {
        self.0.colours
    }

    /// When it was taken; of one received, when it is due to be shown.
    #[must_use]
    pub fn time(&self) -> Instant {
        self.0.time
    }

    /// The same of another time; one that others hold as well stays as it is.
    #[must_use]
    pub(crate) fn at(self, time: Instant) -> Self {
        match Arc::try_unwrap(self.0) {
            Ok(mut buffer) => {
                buffer.time = time;
                buffer.finish()
            }
            Err(shared) => Self(shared),
        }
    }

    /// Whether two are the same picture, not only alike.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {:?})", self.size(), self.colours())
    }
}

/// A picture that is being filled.
pub struct PictureBuffer {
    size: Size,
    /// What its samples mean.
    pub colours: Colours,
    /// When it was taken, or is due.
    pub time: Instant,
    bytes: Vec<u8>,
    pool: Weak<Shared>,
}

impl PictureBuffer {
    /// How large it is.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Size of one of its planes.
    #[must_use]
    pub const fn plane_size(&self, plane: Plane) -> Size {
        match plane {
            Plane::Y => self.size,
            Plane::U | Plane::V => self.size.halved(),
        }
    }

    /// A plane to be filled: lines one after the other without gaps.
    pub fn plane_mut(&mut self, plane: Plane) -> &mut [u8] {
        let range = self.range(plane);
        self.bytes.get_mut(range).unwrap_or_default()
    }

    /// All three planes to be filled.
    pub fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        let (luma, chroma) = (
            self.size.area() as usize,
            self.size.halved().area() as usize,
        );
        let (y, rest) = self.bytes.split_at_mut(luma);
        let (u, v) = rest.split_at_mut(chroma);
        [y, u, v]
    }

    /// All of I420 as one: Y, U, V.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Ends the filling.
    #[must_use]
    pub fn finish(self) -> Picture {
        Picture(Arc::new(self))
    }

    fn range(&self, plane: Plane) -> std::ops::Range<usize> {
        let (luma, chroma) = (
            self.size.area() as usize,
            self.size.halved().area() as usize,
        );
        match plane {
            Plane::Y => 0..luma,
            Plane::U => luma..luma + chroma,
            Plane::V => luma + chroma..luma + 2 * chroma,
        }
    }
}

impl Drop for PictureBuffer {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.take_back(std::mem::take(&mut self.bytes));
        }
    }
}

/// Memory for pictures, used again when nobody shows a picture any more.
#[derive(Clone, Default)]
pub struct PicturePool(Arc<Shared>);

impl PicturePool {
    /// Room for a picture, whose samples are whatever was there before. Sizes are bounded by [`MAX_SIDE`].
    #[must_use]
    pub fn take(&self, size: Size, time: Instant) -> PictureBuffer {
        let size = Size::new(size.width.min(MAX_SIDE), size.height.min(MAX_SIDE));
        let length = (size.area() + 2 * size.halved().area()) as usize;
        let mut bytes = self.0.spare().pop().unwrap_or_default();
        bytes.resize(length, 0);
        PictureBuffer {
            size,
            colours: Colours::default(),
            time,
            bytes,
            pool: Arc::downgrade(&self.0),
        }
    }
}

#[derive(Default)]
struct Shared(Mutex<Vec<Vec<u8>>>);

impl Shared {
    fn spare(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_back(&self, bytes: Vec<u8>) {
        let mut spare = self.spare();
        if spare.len() < MAX_SPARE {
            spare.push(bytes);
        }
    }
}

/// Largest width and height; openh264 decodes no more.
pub const MAX_SIDE: u32 = 4_096;
/// Pictures waiting, shown and being filled are few for each source.
const MAX_SPARE: usize = 8;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use super::*;

    #[test]
    fn planes_of_odd_sizes_round_up() {
        let mut buffer = PicturePool::default().take(Size::new(5, 3), Instant::now());
        for (plane, value) in Plane::ALL.into_iter().zip([1, 2, 3]) {
            buffer.plane_mut(plane).fill(value);
        }
        let lengths = buffer.planes_mut().map(|plane| plane.len());
        assert_eq!(lengths, [15, 6, 6]);
        let picture = buffer.finish();
        for (plane, value) in Plane::ALL.into_iter().zip([1, 2, 3]) {
            assert!(picture.plane(plane).iter().all(|sample| *sample == value));
        }
        assert_eq!(picture.plane_size(Plane::U), Size::new(3, 2));
    }

    #[test]
    fn memory_is_used_again_when_the_last_one_lets_go() {
        let pool = PicturePool::default();
        let picture = pool.take(Size::new(64, 64), Instant::now()).finish();
        let place = picture.plane(Plane::Y).as_ptr();
        let other = picture.clone();
        drop(picture);
        assert_ne!(
            pool.take(Size::new(64, 64), Instant::now()).bytes.as_ptr(),
            place
        );
        drop(other);
        let places: Vec<_> = (0..2)
            .map(|_| pool.take(Size::new(64, 64), Instant::now()))
            .collect();
        assert!(places.iter().any(|buffer| buffer.bytes.as_ptr() == place));
    }

    #[test]
    fn a_size_is_fitted_without_losing_its_shape() {
        let hd = Size::new(1280, 720);
        assert_eq!(hd.fitted(Size::new(320, 180)), Size::new(320, 180));
        assert_eq!(hd.fitted(Size::new(1920, 1080)), hd);
        assert_eq!(
            Size::new(640, 480).fitted(Size::new(320, 180)),
            Size::new(240, 180)
        );
        assert_eq!(
            Size::new(1000, 10).fitted(Size::new(320, 180)),
            Size::new(320, 2)
        );
        assert_eq!(Size::new(641, 361).fitted(hd), Size::new(640, 360));
    }
}
