//! Which samples a YUV4MPEG2 file has, and how they become 4:2:0 of eight bits, each frame whole.
use crate::video::{PictureBuffer, Plane, Size};

/// How the samples of a frame lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Samples {
    /// Pixels that share a chroma sample, across and down; `None` where there is no chroma.
    chroma: Option<(u32, u32)>,
    /// 8 to 16; more than eight take two bytes, the lower first.
    bits: u8,
    /// Whether a fourth plane follows, which tells how much can be seen through.
    has_alpha: bool,
    /// Whether odd and even lines were taken one after the other.
    is_interlaced: bool,
}

impl Default for Samples {
    /// What holds where nothing is said.
    fn default() -> Self {
        Self {
            chroma: Some((2, 2)),
            bits: 8,
            has_alpha: false,
            is_interlaced: false,
        }
    }
}

impl Samples {
    /// What stands behind `C`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, bits) = match text.split_once('p') {
            // `420jpeg` and `420mpeg2` differ in where chroma lies, by less than can be seen.
            Some((kind, bits)) if bits.starts_with(|c: char| c.is_ascii_digit()) => (kind, bits),
            _ => match text.strip_prefix("mono") {
                Some(bits) => ("mono", bits),
                None => (text, ""),
            },
        };
        let chroma = match kind {
            "420" | "420jpeg" | "420mpeg2" | "420paldv" => Some((2, 2)),
            "422" => Some((2, 1)),
            "411" => Some((4, 1)),
            "444" | "444alpha" => Some((1, 1)),
            "mono" => None,
            _ => return None,
        };
        let bits = if bits.is_empty() {
            8
        } else {
            bits.parse().ok()?
        };
        (8..=16).contains(&bits).then_some(Self {
            chroma,
            bits,
            has_alpha: kind == "444alpha",
            ..Self::default()
        })
    }

    /// The same, in which odd and even lines were or were not taken one after the other.
    pub(super) fn interlaced(self, is_interlaced: bool) -> Self {
        Self {
            is_interlaced,
            ..self
        }
    }

    /// Whether a frame's bytes are a picture's as they are.
    pub(super) fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// Bytes of a frame.
    pub(super) const fn frame_bytes(self, size: Size) -> usize {
        let planes = size.area() as usize * if self.has_alpha { 2 } else { 1 };
        (planes + 2 * self.chroma_size(size).area() as usize) * self.width()
    }

    /// Makes a picture of a frame; both are of this size.
    pub(super) fn convert(self, frame: &[u8], picture: &mut PictureBuffer) {
        let size = picture.size();
        let (luma, rest) = self.plane(frame, size);
        for (sample, value) in picture
            .plane_mut(Plane::Y)
            .iter_mut()
            .zip(self.values(luma))
        {
            *sample = value;
        }
        let mut rest = rest;
        for plane in [Plane::U, Plane::V] {
            let Some(shared) = self.chroma else {
                picture.plane_mut(plane).fill(GREY);
                continue;
            };
            let (samples, others) = self.plane(rest, self.chroma_size(size));
            let values: Vec<u8> = self.values(samples).collect();
            thin(&values, shared, size, picture.plane_mut(plane));
            rest = others;
        }
        if self.is_interlaced {
            for plane in Plane::ALL {
                let width = picture.plane_size(plane).width as usize;
                blend(picture.plane_mut(plane), width);
            }
        }
    }

    const fn width(self) -> usize {
        if self.bits > 8 { 2 } else { 1 }
    }

    const fn chroma_size(self, size: Size) -> Size {
        match self.chroma {
            Some((across, down)) => {
                Size::new(size.width.div_ceil(across), size.height.div_ceil(down))
            }
            None => Size::new(0, 0),
        }
    }

    /// A plane of so many samples, and what comes after it.
    fn plane(self, bytes: &[u8], size: Size) -> (&[u8], &[u8]) {
        let length = size.area() as usize * self.width();
        bytes.split_at_checked(length).unwrap_or((bytes, &[]))
    }

    /// Samples, of eight bits.
    fn values(self, bytes: &[u8]) -> impl Iterator<Item = u8> {
        bytes
            .chunks_exact(self.width())
            .map(move |sample| match *sample {
                [low, high] => {
                    let value = u16::from_le_bytes([low, high]) >> (self.bits - 8);
                    u8::try_from(value).unwrap_or(u8::MAX)
                }
                [value, ..] => value,
                [] => GREY,
            })
    }
}

/// Averages the chroma samples of each square of two by two pixels.
fn thin(values: &[u8], (across, down): (u32, u32), size: Size, target: &mut [u8]) {
    let width = size.width.div_ceil(across) as usize;
    let lines: Vec<&[u8]> = values.chunks_exact(width.max(1)).collect();
    let places = |pixel: u32, end: u32, shared: u32| {
        (pixel / shared) as usize..=((pixel + 1).min(end - 1) / shared) as usize
    };
    let target = target.chunks_exact_mut(size.width.div_ceil(2).max(1) as usize);
    for (row, target) in (0..).step_by(2).zip(target) {
        let rows = lines
            .get(places(row, size.height, down))
            .unwrap_or_default();
        for (column, sample) in (0..).step_by(2).zip(target) {
            let columns = places(column, size.width, across);
            let of_rows = rows.iter().filter_map(|line| line.get(columns.clone()));
            let (sum, count) = of_rows.flatten().fold((0_u32, 0), |(sum, count), value| {
                (sum + u32::from(*value), count + 1)
            });
            *sample = (sum + count / 2).checked_div(count).unwrap_or(0) as u8;
        }
    }
}

/// Lines taken at two times become one picture without combs: each is averaged with its neighbours.
fn blend(plane: &mut [u8], width: usize) {
    let before = plane.to_vec();
    let lines: Vec<&[u8]> = before.chunks_exact(width.max(1)).collect();
    for (row, line) in plane.chunks_exact_mut(width.max(1)).enumerate() {
        let above = lines
            .get(row.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let below = lines
            .get(row + 1)
            .or_else(|| lines.last())
            .copied()
            .unwrap_or_default();
        for (sample, (above, below)) in line.iter_mut().zip(above.iter().zip(below)) {
            let sum = 2 * u16::from(*sample) + u16::from(*above) + u16::from(*below);
            *sample = ((sum + 2) / 4) as u8;
        }
    }
}

/// No colour.
const GREY: u8 = 128;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::video::PicturePool;

    /// The three planes that become of a frame.
    fn converted(samples: Samples, size: Size, frame: &[u8]) -> [Vec<u8>; 3] {
        assert_eq!(samples.frame_bytes(size), frame.len());
        let mut buffer = PicturePool::default().take(size, Instant::now());
        buffer.bytes_mut().fill(99);
        samples.convert(frame, &mut buffer);
        let picture = buffer.finish();
        Plane::ALL.map(|plane| picture.plane(plane).to_vec())
    }

    fn read(text: &str) -> Samples {
        Samples::parse(text).unwrap()
    }

    #[test]
    fn chroma_that_is_finer_is_averaged_and_that_is_coarser_repeated() {
        let size = Size::new(3, 2);
        let luma = [1, 2, 3, 4, 5, 6];
        let fine = [&luma[..], &[10, 20, 30, 40, 50, 60], &[7; 6]].concat();
        assert_eq!(
            converted(read("444"), size, &fine),
            [luma.to_vec(), vec![30, 45], vec![7, 7]]
        );
        let tall = [&luma[..], &[10, 20, 30, 40], &[7; 4]].concat();
        assert_eq!(
            converted(read("422"), size, &tall),
            [luma.to_vec(), vec![20, 30], vec![7, 7]]
        );
        let wide = [&luma[..], &[10, 30], &[7; 2]].concat();
        assert_eq!(
            converted(read("411"), size, &wide),
            [luma.to_vec(), vec![20, 20], vec![7, 7]]
        );
    }

    #[test]
    fn without_chroma_it_is_grey_and_what_can_be_seen_through_is_not() {
        let size = Size::new(2, 2);
        let grey = converted(read("mono"), size, &[1, 2, 3, 4]);
        assert_eq!(grey, [vec![1, 2, 3, 4], vec![128], vec![128]]);
        let clear = [[1_u8; 4], [2; 4], [3; 4], [4; 4]].concat();
        let seen = converted(read("444alpha"), size, &clear);
        assert_eq!(seen, [vec![1; 4], vec![2], vec![3]]);
    }

    #[test]
    fn of_more_bits_the_upper_eight_are_taken() {
        let ten: Vec<u8> = [4_u16, 1_023, 512, 2_047, 400, 800]
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        let planes = converted(read("420p10"), Size::new(2, 2), &ten);
        assert_eq!(planes, [vec![1, 255, 128, 255], vec![100], vec![200]]);
        let sixteen = [0, 1, 0, 2, 0, 3, 0, 4];
        let planes = converted(read("mono16"), Size::new(2, 2), &sixteen);
        assert_eq!(planes[0], [1, 2, 3, 4]);
    }

    #[test]
    fn combs_are_blended() {
        let samples = read("mono").interlaced(true);
        let combed = [200, 100, 200, 100];
        let planes = converted(samples, Size::new(1, 4), &combed);
        assert_eq!(planes[0], [175, 150, 150, 125]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in ["", "440", "420p7", "420p17", "420px", "monoo", "rgb"] {
            assert_eq!(Samples::parse(text), None, "{text}");
        }
        assert!(read("420jpeg").is_plain() && read("420paldv").is_plain());
    }
}
