//! Where pictures go besides the screen: into a file, on a thread of its own.
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::y4m::Y4mWriter;
use crate::video::{Picture, PicturePool, Plane, Scaler, Size, SourceId};

/// A way in for pictures, for any number of threads.
#[derive(Clone)]
pub struct PictureSink {
    pictures: SyncSender<Shown>,
    dropped: Arc<AtomicU64>,
}

/// A picture, whose it is, and when it was shown.
struct Shown {
    source: SourceId,
    at: Instant,
    picture: Picture,
}

impl PictureSink {
    /// Gives a picture that is shown now; it goes if the file is slower than the pictures are.
    pub fn put(&self, source: SourceId, now: Instant, picture: &Picture) {
        let shown = Shown {
            source,
            at: now,
            picture: picture.clone(),
        };
        if self.pictures.try_send(shown).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Pictures for which there was no time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Writes the pictures of one source, the first that comes, to a YUV4MPEG2 file; of another once that one has stopped.
/// The film runs in real time from [`PictureRecorder::create`] on, black until there is a picture.
///
/// Dropping it ends the file, once every [`PictureSink`] is gone.
pub struct PictureRecorder {
    sink: Option<PictureSink>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl PictureRecorder {
    /// Creates the file and starts the thread `video-out`; the film begins now.
    pub fn create(path: &Path, now: Instant) -> io::Result<Self> {
        let file = File::create(path)?;
        let (pictures, receiver) = sync_channel(QUEUE);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("video-out".into())
            .spawn(move || record(file, &path, now, &receiver))?;
        Ok(Self {
            sink: Some(PictureSink {
                pictures,
                dropped: Arc::default(),
            }),
            thread: Some(thread),
        })
    }

    /// The way in.
    pub fn sink(&self) -> Option<PictureSink> {
        self.sink.clone()
    }
}

impl Drop for PictureRecorder {
    fn drop(&mut self) {
        self.sink = None;
        let Some(thread) = self.thread.take() else {
            return;
        };
        match thread.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the picture file is not complete"),
            Err(_) => tracing::error!("the thread that writes pictures has panicked"),
        }
    }
}

fn record(file: File, path: &Path, start: Instant, pictures: &Receiver<Shown>) -> io::Result<()> {
    let mut file = Some(BufWriter::with_capacity(BUFFER, file));
    let mut film = None;
    let mut watched: Option<(SourceId, Instant)> = None;
    for Shown {
        source,
        at,
        picture,
    } in pictures
    {
        let is_watched =
            watched.is_none_or(|(who, last)| takes_over(source, who) || last + SILENCE < at);
        if !is_watched {
            continue;
        }
        watched = Some((source, at));
        if let Some(file) = file.take() {
            tracing::info!(path = %path.display(), size = %picture.size(), "pictures are written");
            film = Some(Film::begin(file, &picture)?);
        }
        if let Some(film) = &mut film {
            film.show(at.saturating_duration_since(start), &picture)?;
        }
    }
    film.map_or(Ok(()), |film| film.writer.finish().map(drop))
}

/// A film at a steady rate, of pictures that come as they like.
struct Film<W> {
    writer: Y4mWriter<W>,
    scaler: Scaler,
    size: Size,
    /// What is seen until something else comes.
    last: Picture,
    /// Frames written.
    frames: u32,
    /// Frames left out where nothing came for very long.
    cut: f64,
}

impl<W: Write> Film<W> {
    fn begin(file: W, first: &Picture) -> io::Result<Self> {
        let mut black = PicturePool::default().take(first.size(), first.time());
        for plane in Plane::ALL {
            black
                .plane_mut(plane)
                .fill(if plane == Plane::Y { 16 } else { 128 });
        }
        Ok(Self {
            writer: Y4mWriter::new(file, first, FRAME_RATE)?,
            scaler: Scaler::default(),
            size: first.size(),
            last: black.finish(),
            frames: 0,
            cut: 0.0,
        })
    }

    /// A picture was shown so long after the beginning. What was seen before it fills the time; one frame more or less is
    /// no matter, so that pictures at the rate of the film are written each once, however they sway.
    fn show(&mut self, at: Duration, picture: &Picture) -> io::Result<()> {
        let place = at.as_secs_f64() * f64::from(FRAME_RATE);
        let still = place - self.cut - f64::from(self.frames);
        self.cut += (still - LONGEST_STILL).max(0.0);
        let place = place - self.cut;
        while place >= f64::from(self.frames) + 1.0 {
            self.writer.write(&self.last)?;
            self.frames += 1;
        }
        self.last = self.scaler.scale(picture, self.size);
        if place > f64::from(self.frames) - 1.0 {
            self.writer.write(&self.last)?;
            self.frames += 1;
        }
        Ok(())
    }
}

/// Whether pictures of `source` are written after those of `before`: the same ones, or the same person's larger.
fn takes_over(source: SourceId, before: SourceId) -> bool {
    source == before || (source.ssrc == before.ssrc && source.layer > before.layer)
}

/// A source that has shown nothing for so long makes way for another.
const SILENCE: Duration = Duration::from_secs(2);
/// Frames of a minute: a room that stays empty must not fill the disk.
const LONGEST_STILL: f64 = 1_800.0;
/// One second: disks pause.
const QUEUE: usize = 30;
/// Cameras do no more.
const FRAME_RATE: u32 = 30;
const BUFFER: usize = 1 << 20;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use super::super::y4m::Y4mReader;
    use super::*;

    fn picture(value: u8) -> Picture {
        let mut buffer = PicturePool::default().take(Size::new(2, 2), Instant::now());
        buffer.bytes_mut().fill(value);
        buffer.finish()
    }

    /// Shows pictures at these milliseconds, the first of value 1, and gives the values of the frames written.
    fn film(times: &[u64]) -> Vec<u8> {
        let mut film = Film::begin(Vec::new(), &picture(1)).unwrap();
        for (value, at) in (1..).zip(times) {
            film.show(Duration::from_millis(*at), &picture(value))
                .unwrap();
        }
        let written = film.writer.finish().unwrap();
        let mut reader = Y4mReader::new(written.as_slice()).unwrap();
        let next = || reader.next(Instant::now()).unwrap();
        let frames = std::iter::from_fn(next);
        frames.map(|frame| frame.plane(Plane::Y)[0]).collect()
    }

    #[test]
    fn a_film_is_black_at_first_and_stands_still_where_nothing_comes() {
        assert_eq!(film(&[110, 250]), [16, 16, 16, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn an_hour_without_pictures_takes_a_minute() {
        let frames = film(&[0, 3_600_000]);
        assert!((1_800..1_810).contains(&frames.len()), "{}", frames.len());
    }

    #[test]
    fn pictures_at_its_rate_are_in_it_once_each() {
        assert_eq!(film(&[10, 30, 72, 98, 130, 190]), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn of_more_than_its_rate_the_newest_are_in_it() {
        let times: Vec<u64> = (0..60).map(|number| number * 1_000 / 60).collect();
        let frames = film(&times);
        assert!((30..=31).contains(&frames.len()), "{}", frames.len());
        assert!(frames.is_sorted());
    }
}
