//! Films of the test pattern, for programs that play files.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

use media::device::{TestPattern, Y4mWriter};
use media::video::Size;

/// Writes so many frames of the pattern to a YUV4MPEG2 file of 30 frames a second.
pub fn write(path: &Path, size: Size, frames: u32) {
    let mut pattern = TestPattern::new(size);
    let start = Instant::now();
    let mut paint = |frame| {
        let time = Duration::from_millis(33) * frame;
        pattern.paint(start + time, time)
    };
    let first = paint(0);
    let file = BufWriter::new(File::create(path).unwrap());
    let mut writer = Y4mWriter::new(file, &first, 30).unwrap();
    writer.write(&first).unwrap();
    for frame in 1..frames {
        writer.write(&paint(frame)).unwrap();
    }
    writer.finish().unwrap();
}
