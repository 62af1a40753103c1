//! The receiving half at work: a pool of threads that decode, fed by the network thread, which never waits for them.
#[cfg(test)]
mod behind;
mod handle;
mod inbox;
mod source;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use handle::{VideoEvent, VideoHandle, VideoSourceStatus};
pub use source::View;

use crate::device::PictureSink;
use crate::payload::h264::H264Format;
use crate::video::Layer;

/// What a [`VideoReceiver`] starts with.
pub struct VideoReceiverOptions {
    /// The formats that others may send in each stream.
    pub formats: Vec<(Layer, H264Format)>,
    /// How many threads decode; 0 leaves one core to everything else.
    pub workers: usize,
    /// How long a missing packet is waited for: long enough for it to be overtaken, or repaired.
    pub patience: Duration,
    /// How a source is shown before anybody has said how.
    pub default_view: View,
    /// Where every picture shown goes besides its slot.
    pub sink: Option<PictureSink>,
    /// Called on a decoding thread when a newer picture waits in its slot; it must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
    /// Called on a decoding thread when an event waits; it must not block.
    pub wake_for_event: Arc<dyn Fn() + Send + Sync>,
}

impl VideoReceiverOptions {
    /// Receives these formats and shows everybody small.
    pub fn new(formats: Vec<(Layer, H264Format)>) -> Self {
        Self {
            formats,
            workers: 0,
            patience: DEFAULT_PATIENCE,
            default_view: View::Small,
            sink: None,
            wake: Arc::new(|| {}),
            wake_for_event: Arc::new(|| {}),
        }
    }
}

/// The decoding threads; dropping this stops and joins them.
pub struct VideoReceiver {
    handle: VideoHandle,
    threads: Vec<JoinHandle<()>>,
}

impl VideoReceiver {
    /// Starts the threads `video-dec-N`.
    pub fn start(options: VideoReceiverOptions) -> Result<Self, VideoStartError> {
        let workers = match options.workers {
            0 => default_workers(),
            workers => workers.min(MAX_WORKERS),
        };
        let handle = VideoHandle::new(
            workers,
            options.default_view,
            options.wake,
            options.wake_for_event,
        );
        let mut receiver = Self {
            handle: handle.clone(),
            threads: Vec::new(),
        };
        for number in 0..workers {
            let worker = worker::Worker::new(
                handle.clone(),
                number,
                options.formats.clone(),
                options.patience,
                options.sink.clone(),
                Box::new(now),
            );
            let thread = std::thread::Builder::new()
                .name(format!("video-dec-{number}"))
                .spawn(move || {
                    crate::urgency::give_way();
                    worker.run();
                })
                .map_err(VideoStartError::Thread)?;
            receiver.threads.push(thread);
        }
        Ok(receiver)
    }

    /// A way to talk to it from any thread.
    pub fn handle(&self) -> VideoHandle {
        self.handle.clone()
    }
}

impl Drop for VideoReceiver {
    fn drop(&mut self) {
        self.handle.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a decoding thread has panicked");
            }
        }
    }
}

/// Why video cannot be received or sent at all.
#[derive(Debug, thiserror::Error)]
pub enum VideoStartError {
    /// The system gives no thread.
    #[error("a video thread cannot be started: {0}")]
    Thread(std::io::Error),
}

fn default_workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).clamp(1, MAX_WORKERS)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the threads are where decoding gets its time from"
)]
fn now() -> Instant {
    Instant::now()
}

/// More decode more than any screen shows.
const MAX_WORKERS: usize = 8;
/// Packets of a local network overtake each other by a few milliseconds at most.
const DEFAULT_PATIENCE: Duration = Duration::from_millis(30);
