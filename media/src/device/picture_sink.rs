//! Where pictures go besides the screen: into a file, on a thread of its own.
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::y4m::Y4mWriter;
use crate::video::{Picture, Scaler, Size, SourceId};

/// A way in for pictures, for any number of threads.
#[derive(Clone)]
pub struct PictureSink {
    pictures: SyncSender<(SourceId, Picture)>,
    dropped: Arc<AtomicU64>,
}

impl PictureSink {
    /// Gives a picture; it goes if the file is slower than the pictures are.
    pub fn put(&self, source: SourceId, picture: &Picture) {
        if self.pictures.try_send((source, picture.clone())).is_err() {
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
///
/// Dropping it ends the file, once every [`PictureSink`] is gone.
pub struct PictureRecorder {
    sink: Option<PictureSink>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl PictureRecorder {
    /// Creates the file and starts the thread `video-out`.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        let (pictures, receiver) = sync_channel(QUEUE);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("video-out".into())
            .spawn(move || record(file, &path, &receiver))?;
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

fn record(file: File, path: &Path, pictures: &Receiver<(SourceId, Picture)>) -> io::Result<()> {
    let mut file = Some(BufWriter::with_capacity(BUFFER, file));
    let (mut writer, mut size) = (None, Size::default());
    let mut scaler = Scaler::default();
    let mut watched: Option<(SourceId, Instant)> = None;
    for (source, picture) in pictures {
        let time = picture.time();
        let is_watched =
            watched.is_none_or(|(who, last)| takes_over(source, who) || last + SILENCE < time);
        if !is_watched {
            continue;
        }
        watched = Some((source, time));
        if let Some(file) = file.take() {
            tracing::info!(path = %path.display(), size = %picture.size(), "pictures are written");
            size = picture.size();
            writer = Some(Y4mWriter::new(file, &picture, FRAME_RATE)?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&scaler.scale(&picture, size))?;
        }
    }
    writer.map_or(Ok(()), |mut writer| writer.flush())
}

/// Whether pictures of `source` are written after those of `before`: the same ones, or the same person's larger.
fn takes_over(source: SourceId, before: SourceId) -> bool {
    source == before || (source.ssrc == before.ssrc && source.layer > before.layer)
}

/// A source that has shown nothing for so long makes way for another.
const SILENCE: Duration = Duration::from_secs(2);
/// One second: disks pause.
const QUEUE: usize = 30;
/// What the header says; pictures are written as they come.
const FRAME_RATE: u32 = 30;
const BUFFER: usize = 1 << 20;
