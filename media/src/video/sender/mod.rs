//! The sending half at work: a source of pictures, and a thread that encodes each layer of the newest one.
mod handle;
mod layer;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use handle::{VideoCommand, VideoSenderHandle, VideoSenderStatus};
pub use layer::{LayerEncoder, LayerOptions, LayerStatus};

use super::VideoStartError;
use crate::device::VideoTerminal;

/// What a [`VideoSender`] starts with.
pub struct VideoSenderOptions {
    /// Where pictures come from.
    pub source: VideoTerminal,
    /// What is sent of each picture.
    pub layers: Vec<LayerOptions>,
    /// The moment from which RTP time counts.
    pub epoch: Instant,
    /// Called on the encoding thread when packets wait; it must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// The source and the encoding thread; dropping this stops and joins them.
pub struct VideoSender {
    handle: VideoSenderHandle,
    thread: Option<JoinHandle<()>>,
}

impl VideoSender {
    /// Starts the thread `video-enc`. A camera that cannot be opened is no error: the status tells of it.
    pub fn start(options: VideoSenderOptions) -> Result<Self, VideoStartError> {
        let handle = VideoSenderHandle::new(&options);
        let worker = worker::Worker::new(options, handle.clone());
        let thread = std::thread::Builder::new()
            .name("video-enc".into())
            .spawn(move || {
                crate::urgency::give_way();
                worker.run();
            })
            .map_err(VideoStartError::Thread)?;
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }

    /// A way to talk to it from any thread.
    pub fn handle(&self) -> VideoSenderHandle {
        self.handle.clone()
    }
}

impl Drop for VideoSender {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the encoding thread has panicked");
        }
    }
}

/// How often a keyframe is sent to those who cannot ask for one.
pub const KEYFRAME_INTERVAL: Duration = Duration::from_secs(1);
