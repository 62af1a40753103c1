//! One picture in memory that the compositor filled, and the part of it that counts.
#![expect(unsafe_code, reason = "PipeWire is a library of C")]
use super::library::{self, Buffer, Chunk, Region};
use crate::video::Size;

/// The pixels of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pixels: &'a [u8],
    stride: usize,
    /// The part that counts, where the compositor tells one.
    region: Option<Region>,
}

/// The part that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    /// From its first pixel on.
    pub(super) pixels: &'a [u8],
    /// Bytes from line to line.
    pub(super) stride: usize,
    /// Even, as 4:2:0 needs it.
    pub(super) size: Size,
}

impl<'a> Frame<'a> {
    /// What a buffer contains; `None` where there is no picture in it, or none that can be read.
    ///
    /// # Safety
    /// The buffer was taken from a stream and is not given back while this is in use.
    pub(super) unsafe fn of(buffer: *mut Buffer) -> Option<Self> {
        // SAFETY: buffers of a stream are filled in by the library, which maps their memory (`library::FLAGS`).
        unsafe {
            let buffer = (*buffer).buffer.as_ref()?;
            let datas = array(buffer.datas, buffer.data_count);
            let data = datas.first().filter(|data| !data.data.is_null())?;
            // The other side may change it meanwhile.
            let chunk = data
                .chunk
                .as_ref()
                .map(|chunk| std::ptr::read_volatile(chunk))?;
            let memory = std::slice::from_raw_parts(data.data.cast(), data.max_size as usize);
            let metas = array(buffer.metas, buffer.meta_count).iter();
            let mut crops = metas.filter(|meta| {
                let is_long_enough = meta.size as usize >= size_of::<Region>();
                meta.kind == library::META_VIDEO_CROP && is_long_enough && !meta.data.is_null()
            });
            let region = crops
                .next()
                .map(|meta| meta.data.cast::<Region>().read_unaligned());
            Self::new(memory, chunk, region)
        }
    }

    fn new(memory: &'a [u8], chunk: Chunk, region: Option<Region>) -> Option<Self> {
        let (start, length) = (chunk.offset as usize, chunk.size as usize);
        let pixels = memory.get(start..start.checked_add(length)?)?;
        let stride = usize::try_from(chunk.stride).ok()?;
        let is_picture = !pixels.is_empty() && chunk.flags & library::CHUNK_CORRUPTED == 0;
        is_picture.then_some(Self {
            pixels,
            stride,
            region: region.filter(|region| region.width > 0 && region.height > 0),
        })
    }

    /// The part that counts of a picture of this size.
    pub(super) fn cut(&self, full: Size) -> Option<Cut<'a>> {
        let whole = Region {
            x: 0,
            y: 0,
            width: full.width,
            height: full.height,
        };
        let region = self.region.unwrap_or(whole);
        let (x, y) = (u32::try_from(region.x).ok()?, u32::try_from(region.y).ok()?);
        let width = region.width.min(full.width.checked_sub(x)?);
        let height = region.height.min(full.height.checked_sub(y)?);
        let stride = if self.stride == 0 {
            full.width as usize * BYTES
        } else {
            self.stride
        };
        let start = y as usize * stride + x as usize * BYTES;
        Some(Cut {
            pixels: self.pixels.get(start..)?,
            stride,
            size: Size::new(width & !1, height & !1),
        })
    }
}

/// # Safety
/// There are so many of them, unless the pointer is null.
unsafe fn array<'a, T>(first: *const T, count: u32) -> &'a [T] {
    if first.is_null() {
        return &[];
    }
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts(first, count as usize) }
}

/// Of a pixel.
pub(super) const BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Size = Size::new(4, 4);

    fn chunk(offset: u32, size: u32) -> Chunk {
        Chunk {
            offset,
            size,
            stride: 16,
            flags: 0,
        }
    }

    fn memory() -> Vec<u8> {
        (0..80).collect()
    }

    #[test]
    fn all_of_it_counts_unless_a_part_is_told() {
        let memory = memory();
        let nothing = Some(Region::default());
        for region in [None, nothing] {
            let frame = Frame::new(&memory, chunk(16, 64), region).unwrap();
            let cut = frame.cut(FULL).unwrap();
            assert_eq!((cut.pixels, cut.stride), (&memory[16..80], 16));
            assert_eq!(cut.size, FULL);
        }
    }

    #[test]
    fn the_part_of_a_window_is_cut_out_and_even() {
        let memory = memory();
        let region = Region {
            x: 1,
            y: 1,
            width: 9,
            height: 3,
        };
        let frame = Frame::new(&memory, chunk(0, 64), Some(region)).unwrap();
        let cut = frame.cut(FULL).unwrap();
        assert_eq!((cut.pixels[0], cut.size), (20, Size::new(2, 2)));
    }

    #[test]
    fn what_is_empty_broken_or_outside_is_no_picture() {
        let memory = memory();
        let broken = Chunk {
            flags: library::CHUNK_CORRUPTED,
            ..chunk(0, 64)
        };
        for chunk in [
            chunk(0, 0),
            chunk(64, 64),
            chunk(u32::MAX, u32::MAX),
            broken,
        ] {
            assert_eq!(Frame::new(&memory, chunk, None), None);
        }
        let region = Region {
            x: 5,
            y: 0,
            width: 2,
            height: 2,
        };
        let frame = Frame::new(&memory, chunk(0, 64), Some(region)).unwrap();
        assert_eq!(frame.cut(FULL), None);
    }
}
