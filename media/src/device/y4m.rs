//! YUV4MPEG2 files: pictures without compression, one after the other; what ffmpeg and GStreamer read and write.
use std::io::{self, BufRead, Read, Write};
use std::time::{Duration, Instant};

use super::y4m_samples::Samples;
use crate::video::{Colours, MAX_SIDE, Matrix, Picture, PicturePool, Plane, Size};

/// Why a file cannot be read as YUV4MPEG2.
#[derive(Debug, thiserror::Error)]
pub enum Y4mError {
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is something else, or broken.
    #[error("it is no YUV4MPEG2 file")]
    NotY4m,
    /// Nothing is known here of such samples.
    #[error("its samples are `{0}`, of which nothing is known here")]
    UnknownSamples(String),
    /// It is too large.
    #[error("its pictures of {0} are too large")]
    TooLarge(Size),
}

/// Reads pictures one after the other.
pub struct Y4mReader<R> {
    input: R,
    size: Size,
    frame_time: Duration,
    is_full_range: bool,
    samples: Samples,
    /// A frame that is to be converted.
    frame: Vec<u8>,
    pool: PicturePool,
}

impl<R: BufRead> Y4mReader<R> {
    /// Reads the header.
    pub fn new(mut input: R) -> Result<Self, Y4mError> {
        let header = line(&mut input)?.ok_or(Y4mError::NotY4m)?;
        let mut words = header.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err(Y4mError::NotY4m);
        }
        let (mut size, mut frame_time) = (Size::default(), DEFAULT_FRAME_TIME);
        let (mut is_full_range, mut is_interlaced) = (false, false);
        let mut samples = Samples::default();
        for word in words {
            let (kind, value) = word.split_at_checked(1).unwrap_or((word, ""));
            match kind {
                "W" => size.width = value.parse().map_err(|_| Y4mError::NotY4m)?,
                "H" => size.height = value.parse().map_err(|_| Y4mError::NotY4m)?,
                "F" => frame_time = ratio(value).unwrap_or(DEFAULT_FRAME_TIME),
                "I" => is_interlaced = matches!(value, "t" | "b" | "m"),
                "C" => {
                    let unknown = || Y4mError::UnknownSamples(value.to_owned());
                    samples = Samples::parse(value).ok_or_else(unknown)?;
                }
                "X" => is_full_range |= value == "COLORRANGE=FULL",
                _ => {}
            }
        }
        if size.area() == 0 {
            return Err(Y4mError::NotY4m);
        }
        if size.width > MAX_SIDE || size.height > MAX_SIDE {
            return Err(Y4mError::TooLarge(size));
        }
        Ok(Self {
            input,
            size,
            frame_time,
            is_full_range,
            samples: samples.interlaced(is_interlaced),
            frame: Vec::new(),
            pool: PicturePool::default(),
        })
    }

    /// How long each picture is shown.
    pub const fn frame_time(&self) -> Duration {
        self.frame_time
    }

    /// The next picture; `None` at the end.
    pub fn next(&mut self, now: Instant) -> Result<Option<Picture>, Y4mError> {
        let Some(header) = line(&mut self.input)? else {
            return Ok(None);
        };
        if header.split(' ').next() != Some("FRAME") {
            return Err(Y4mError::NotY4m);
        }
        let mut buffer = self.pool.take(self.size, now);
        let is_large = self.size.height >= 720;
        buffer.colours = Colours {
            matrix: if is_large {
                Matrix::Bt709
            } else {
                Matrix::Bt601
            },
            is_full_range: self.is_full_range,
        };
        let read = if self.samples.is_plain() {
            self.input.read_exact(buffer.bytes_mut())
        } else {
            self.frame.resize(self.samples.frame_bytes(self.size), 0);
            self.input.read_exact(&mut self.frame)
        };
        match read {
            Ok(()) => {
                if !self.samples.is_plain() {
                    self.samples.convert(&self.frame, &mut buffer);
                }
                Ok(Some(buffer.finish()))
            }
            // Cut off: whoever wrote it was stopped.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Writes pictures, all of the size of the first.
pub struct Y4mWriter<W> {
    output: W,
    size: Size,
}

impl<W: Write> Y4mWriter<W> {
    /// Writes the header for pictures like this one.
    pub fn new(mut output: W, like: &Picture, frames_per_second: u32) -> io::Result<Self> {
        let size = like.size();
        let range = if like.colours().is_full_range {
            "FULL"
        } else {
            "LIMITED"
        };
        let Size { width, height } = size;
        writeln!(
            output,
            "YUV4MPEG2 W{width} H{height} F{frames_per_second}:1 Ip A1:1 C420jpeg XCOLORRANGE={range}"
        )?;
        Ok(Self { output, size })
    }

    /// Appends a picture; one of another size is cut, and what remains is black.
    pub fn write(&mut self, picture: &Picture) -> io::Result<()> {
        self.output.write_all(b"FRAME\n")?;
        for plane in Plane::ALL {
            let wanted = if plane == Plane::Y {
                self.size
            } else {
                Size::new(self.size.width.div_ceil(2), self.size.height.div_ceil(2))
            };
            let have = picture.plane_size(plane);
            if have == wanted {
                self.output.write_all(picture.plane(plane))?;
                continue;
            }
            let black = vec![if plane == Plane::Y { 16 } else { 128 }; wanted.width as usize];
            let mut lines = picture
                .plane(plane)
                .chunks_exact(have.width.max(1) as usize);
            for _ in 0..wanted.height {
                let line = lines.next().unwrap_or_default();
                let line = line.get(..line.len().min(black.len())).unwrap_or_default();
                self.output.write_all(line)?;
                self.output
                    .write_all(black.get(line.len()..).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Hands everything over to the system.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }
}

/// A header line without its end; `None` at the end of the file.
fn line(input: &mut impl BufRead) -> Result<Option<String>, Y4mError> {
    let mut bytes = Vec::new();
    input
        .by_ref()
        .take(MAX_LINE)
        .read_until(b'\n', &mut bytes)?;
    match bytes.pop() {
        None => Ok(None),
        Some(b'\n') => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Y4mError::NotY4m),
        Some(_) => Err(Y4mError::NotY4m),
    }
}

/// `30000:1001` frames per second.
fn ratio(text: &str) -> Option<Duration> {
    let (frames, seconds) = text.split_once(':')?;
    let (frames, seconds): (u32, u32) = (frames.parse().ok()?, seconds.parse().ok()?);
    let rate = f64::from(frames) / f64::from(seconds);
    (MIN_RATE..=MAX_RATE)
        .contains(&rate)
        .then(|| Duration::from_secs_f64(1.0 / rate))
}

const DEFAULT_FRAME_TIME: Duration = Duration::from_millis(40);
const MIN_RATE: f64 = 0.1;
const MAX_RATE: f64 = 240.0;
const MAX_LINE: u64 = 1_024;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use super::*;

    const FILE: &[u8] = b"YUV4MPEG2 W4 H2 F30000:1001 Ip A1:1 C420jpeg XCOLORRANGE=FULL\nFRAME\n\
        abcdefghUUVVFRAME X\nABCDEFGHuuvvFRAME\ncut";

    #[test]
    fn a_file_is_read_until_its_end_or_where_it_is_cut_off() {
        let mut reader = Y4mReader::new(FILE).unwrap();
        let now = Instant::now();
        let first = reader.next(now).unwrap().unwrap();
        assert_eq!(first.size(), Size::new(4, 2));
        assert_eq!(
            (first.plane(Plane::Y), first.plane(Plane::V)),
            (&b"abcdefgh"[..], &b"VV"[..])
        );
        assert!(first.colours().is_full_range);
        assert_eq!(reader.frame_time().as_micros(), 33_366);
        assert_eq!(reader.next(now).unwrap().unwrap().plane(Plane::U), b"uu");
        assert!(reader.next(now).unwrap().is_none());
    }

    #[test]
    fn what_is_written_is_as_it_was_read() {
        let mut reader = Y4mReader::new(FILE).unwrap();
        let picture = reader.next(Instant::now()).unwrap().unwrap();
        let mut bytes = Vec::new();
        let mut writer = Y4mWriter::new(&mut bytes, &picture, 30).unwrap();
        writer.write(&picture).unwrap();
        let small = PicturePool::default().take(Size::new(2, 2), Instant::now());
        writer.write(&small.finish()).unwrap();
        assert!(bytes.starts_with(
            b"YUV4MPEG2 W4 H2 F30:1 Ip A1:1 C420jpeg XCOLORRANGE=FULL\nFRAME\nabcdefghUUVVFRAME\n"
        ));
        assert!(bytes.ends_with(&[0, 0, 16, 16, 0, 0, 16, 16, 0, 128, 0, 128]));
    }

    #[test]
    fn other_samples_become_a_picture_as_well() {
        let file = b"YUV4MPEG2 W2 H2 F25:1 It C422\nFRAME Itp\nabcdUUVVFRAME\nefghuuvv";
        let mut reader = Y4mReader::new(&file[..]).unwrap();
        let picture = reader.next(Instant::now()).unwrap().unwrap();
        let planes = Plane::ALL.map(|plane| picture.plane(plane));
        // Combs are blended: a quarter of c in a, and so on.
        assert_eq!(planes, [&b"bccd"[..], b"U", b"V"]);
        let next = reader.next(Instant::now()).unwrap().unwrap();
        assert_eq!(next.plane(Plane::U), b"u");
    }

    #[test]
    fn what_is_no_such_file_is_an_error() {
        let error = |bytes: &[u8]| Y4mReader::new(bytes).err().unwrap();
        assert!(matches!(error(b"RIFF"), Y4mError::NotY4m));
        assert!(matches!(error(b"YUV4MPEG2 W4\n"), Y4mError::NotY4m));
        assert!(matches!(
            error(b"YUV4MPEG2 W4 H2 C440\n"),
            Y4mError::UnknownSamples(_)
        ));
        assert!(matches!(
            error(b"YUV4MPEG2 W9999 H2\n"),
            Y4mError::TooLarge(_)
        ));
    }
}
