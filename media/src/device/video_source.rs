//! A source of pictures at work: a thread that opens it, takes its pictures, and opens it again when it fails.
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use super::h264_file::H264File;
use super::keeper::{Fault, Signal};
use super::state::DeviceState;
use super::test_pattern::TestPattern;
use super::video_terminal::VideoTerminal;
use super::y4m::{Y4mError, Y4mReader};
use crate::video::Picture;

/// Gives the pictures of one source in real time. It stays on the thread that opened it.
pub(super) trait Grabber {
    /// Waits for the next picture; `None` when there are no more, or it is time to let go.
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault>;
}

/// Takes each picture as it comes, on the source's thread; it must not take long.
pub(crate) type TakePicture = Box<dyn FnMut(Picture) + Send>;

/// A running source; dropping it lets go of the device.
pub(crate) struct VideoSource {
    signal: Arc<Signal>,
    state: Arc<Mutex<DeviceState>>,
    thread: Option<JoinHandle<()>>,
}

impl VideoSource {
    /// Starts the thread `camera`. What cannot be opened is no error: the state tells of it, and it is tried again.
    pub(crate) fn start(terminal: VideoTerminal, take: TakePicture) -> std::io::Result<Self> {
        let signal = Arc::<Signal>::default();
        let state = Arc::new(Mutex::new(DeviceState::Opening));
        let run = Run {
            terminal,
            take,
            signal: Arc::clone(&signal),
            state: Arc::clone(&state),
        };
        let thread = std::thread::Builder::new()
            .name("camera".into())
            .spawn(move || run.run())?;
        Ok(Self {
            signal,
            state,
            thread: Some(thread),
        })
    }

    /// How it is doing.
    pub(crate) fn state(&self) -> DeviceState {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clone()
    }
}

impl Drop for VideoSource {
    fn drop(&mut self) {
        self.signal.close();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread of a picture source has panicked");
            }
        }
    }
}

struct Run {
    terminal: VideoTerminal,
    take: TakePicture,
    signal: Arc<Signal>,
    state: Arc<Mutex<DeviceState>>,
}

impl Run {
    fn run(mut self) {
        while !self.signal.is_closing() {
            let state = match self.play() {
                Ok(()) => return self.set(DeviceState::Off),
                Err(Fault::Missing(reason)) => DeviceState::Missing { reason },
                Err(Fault::Failed(reason)) => DeviceState::Failed { reason },
                Err(Fault::Over(reason)) => return self.set(DeviceState::Missing { reason }),
            };
            self.set(state);
            wait_until(now() + RETRY_EVERY, &self.signal);
        }
    }

    fn play(&mut self) -> Result<(), Fault> {
        let mut grabber = open(&self.terminal, &self.signal)?;
        let mut is_running = false;
        while let Some(picture) = grabber.grab(&self.signal)? {
            if !std::mem::replace(&mut is_running, true) {
                self.set(DeviceState::Running);
            }
            (self.take)(picture);
        }
        Ok(())
    }

    fn set(&self, state: DeviceState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

fn open(terminal: &VideoTerminal, signal: &Signal) -> Result<Box<dyn Grabber>, Fault> {
    match terminal {
        VideoTerminal::Camera { name, form } => super::camera::open(name.as_deref(), *form),
        VideoTerminal::Screen(monitor) => super::screen::open_screen(monitor.as_deref(), signal),
        VideoTerminal::Window(name) => super::screen::open_window(name),
        VideoTerminal::File { path, loops } => open_file(path, *loops),
        VideoTerminal::Test { size, frame_rate } => Ok(Box::new(Pattern {
            pattern: TestPattern::new(*size),
            beat: Beat::new(Duration::from_secs(1) / (*frame_rate).max(1)),
        })),
        VideoTerminal::None => Ok(Box::new(Nothing)),
    }
}

fn open_file(path: &Path, loops: bool) -> Result<Box<dyn Grabber>, Fault> {
    let file = File::open(path)?;
    let beat = Beat::new(file.frame_time());
    Ok(Box::new(Player {
        path: path.to_owned(),
        loops,
        file,
        beat,
        is_empty: true,
    }))
}

/// Keeps time for sources that have no rhythm of their own.
pub(super) struct Beat {
    period: Duration,
    next: Option<Instant>,
}

impl Beat {
    pub(super) const fn new(period: Duration) -> Self {
        Self { period, next: None }
    }

    /// Waits for the next beat and gives its time, and how many were missed before it; `None` to let go.
    pub(super) fn wait(&mut self, signal: &Signal) -> Option<(Instant, u32)> {
        let due = self.next.unwrap_or_else(now);
        wait_until(due, signal);
        let late = now().saturating_duration_since(due);
        let missed = (late.as_nanos() / self.period.as_nanos().max(1)) as u32;
        let time = due + self.period * missed;
        self.next = Some(time + self.period);
        (!signal.is_closing()).then_some((time, missed))
    }
}

struct Pattern {
    pattern: TestPattern,
    beat: Beat,
}

impl Grabber for Pattern {
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
        let Some((time, missed)) = self.beat.wait(signal) else {
            return Ok(None);
        };
        for _ in 0..missed {
            self.pattern.skip();
        }
        Ok(Some(self.pattern.paint(time, wall_clock())))
    }
}

struct Nothing;

impl Grabber for Nothing {
    fn grab(&mut self, _: &Signal) -> Result<Option<Picture>, Fault> {
        Ok(None)
    }
}

/// A file of pictures, by what it begins with.
enum File {
    Y4m(Y4mReader<std::io::BufReader<std::fs::File>>),
    H264(Box<H264File>),
}

impl File {
    fn open(path: &Path) -> Result<Self, Fault> {
        let open = || std::fs::File::open(path).map_err(|error| missing(path, &error));
        match Y4mReader::new(std::io::BufReader::new(open()?)) {
            Ok(reader) => Ok(Self::Y4m(reader)),
            Err(Y4mError::NotY4m) => H264File::open(open()?)
                .map(|file| Self::H264(Box::new(file)))
                .map_err(|error| failed(path, &error)),
            Err(error) => Err(failed(path, &error)),
        }
    }

    const fn frame_time(&self) -> Duration {
        match self {
            Self::Y4m(reader) => reader.frame_time(),
            Self::H264(file) => file.frame_time(),
        }
    }

    fn next(&mut self, path: &Path, time: Instant) -> Result<Option<Picture>, Fault> {
        match self {
            Self::Y4m(reader) => reader.next(time).map_err(|error| failed(path, &error)),
            Self::H264(file) => file.next(time).map_err(|error| failed(path, &error)),
        }
    }
}

struct Player {
    path: std::path::PathBuf,
    loops: bool,
    file: File,
    beat: Beat,
    is_empty: bool,
}

impl Grabber for Player {
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
        let Some((time, missed)) = self.beat.wait(signal) else {
            return Ok(None);
        };
        // A film does not become slower where the computer is.
        for _ in 0..missed.min(MOST_LEFT_OUT) {
            self.file.next(&self.path, time)?;
        }
        if let Some(picture) = self.file.next(&self.path, time)? {
            self.is_empty = false;
            return Ok(Some(picture));
        }
        if self.is_empty {
            // Opened again, it would have none either.
            let reason = format!("{}: there is no picture in it", self.path.display());
            return Err(Fault::Over(reason));
        }
        if !self.loops {
            return Ok(None);
        }
        self.file = File::open(&self.path)?;
        self.file.next(&self.path, time)
    }
}

fn missing(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Missing(format!("{}: {error}", path.display()))
}

/// What is broken would be broken again.
fn failed(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::Over(format!("{}: {error}", path.display()))
}

pub(super) fn wait_until(due: Instant, signal: &Signal) {
    while !signal.is_closing() {
        let wait = due.saturating_duration_since(now());
        if wait.is_zero() {
            return;
        }
        std::thread::park_timeout(wait);
    }
}

#[expect(clippy::disallowed_methods, reason = "sources work in real time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// What the pattern tells: programs on one computer, or on computers with the same time, share it.
#[expect(clippy::disallowed_methods, reason = "sources work in real time")]
pub(super) fn wall_clock() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// A third of a second: decoding what is not seen takes time as well.
const MOST_LEFT_OUT: u32 = 10;
/// As often as microphones are looked for.
const RETRY_EVERY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::*;
    use crate::device::PatternStamp;
    use crate::video::Size;

    fn play(text: &str) -> (VideoSource, Receiver<Picture>) {
        let (sender, receiver) = sync_channel(100);
        let take = move |picture| sender.try_send(picture).unwrap_or_default();
        let source = VideoSource::start(text.parse().unwrap(), Box::new(take)).unwrap();
        (source, receiver)
    }

    #[test]
    fn the_pattern_counts_its_frames() {
        let (source, pictures) = play("test:128x72@100");
        let stamps: Vec<_> = pictures
            .iter()
            .take(5)
            .map(|picture| PatternStamp::read(&picture).unwrap())
            .collect();
        assert!(stamps.windows(2).all(|pair| pair[0].frame < pair[1].frame));
        assert_eq!(source.state(), DeviceState::Running);
        drop(source);
        assert!(pictures.iter().count() < 100);
    }

    #[test]
    fn a_file_plays_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("two.y4m");
        std::fs::write(
            &path,
            b"YUV4MPEG2 W4 H2 F2:1\nFRAME\n0123456789abFRAME\n0123456789ab",
        )
        .unwrap();
        let (source, pictures) = play(&format!("file:{}", path.display()));
        let sizes: Vec<_> = pictures.iter().map(|picture| picture.size()).collect();
        assert_eq!(sizes, [Size::new(4, 2); 2]);
        drop(source);
    }

    #[test]
    fn what_is_missing_is_named() {
        let (source, pictures) = play("file:/nowhere/at/all.y4m");
        let state = loop {
            match source.state() {
                DeviceState::Opening => std::thread::yield_now(),
                state => break state,
            }
        };
        assert!(
            matches!(state, DeviceState::Missing { reason } if reason.contains("/nowhere/at/all.y4m"))
        );
        drop(source);
        assert!(pictures.iter().next().is_none());
    }
}
