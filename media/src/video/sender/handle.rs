//! What other threads hold of the sender: packets that are due, wishes, figures, and the picture that is sent.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{LayerStatus, VideoSenderOptions};
use crate::device::{DeviceState, VideoTerminal};
use crate::render::PictureSlot;
use crate::video::pacer::Pacer;
use crate::video::{EncodedVideoPacket, Layer, Picture, Size};

/// What can be asked of a running sender.
#[derive(Clone, Debug, PartialEq)]
pub enum VideoCommand {
    /// Take pictures from another source.
    SetSource(VideoTerminal),
    /// Somebody needs a keyframe of this layer.
    RequestKeyframe(Layer),
    /// Stop or go on sending a layer.
    PauseLayer(Layer, bool),
    /// Aim at so many bits per second in a layer.
    SetBitRate(Layer, u32),
    /// Send so many pictures per second of a layer at most.
    SetFrameRate(Layer, f32),
    /// Make pictures of a layer fit into so much.
    SetBounds(Layer, Size),
}

/// How sending is going.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoSenderStatus {
    /// How the camera, screen or file is doing.
    pub source: DeviceState,
    /// Every layer.
    pub layers: Vec<LayerStatus>,
    /// Pictures that the source gave.
    pub captured: u64,
    /// Pictures that a newer one overtook before there was time for them.
    pub overtaken: u64,
}

/// A way to the encoding thread that any thread may use; none of its calls waits for it.
#[derive(Clone)]
pub struct VideoSenderHandle {
    shared: Arc<Shared>,
}

impl VideoSenderHandle {
    pub(super) fn new(options: &VideoSenderOptions) -> Self {
        let pacers = options.layers.iter();
        let pacers = pacers.map(|layer| (layer.layer, Pacer::default()));
        let layers = options.layers.iter().map(|layer| LayerStatus {
            layer: layer.layer,
            is_paused: layer.is_paused,
            ..LayerStatus::default()
        });
        let status = VideoSenderStatus {
            source: DeviceState::Opening,
            layers: layers.collect(),
            ..VideoSenderStatus::default()
        };
        Self {
            shared: Arc::new(Shared {
                work: Mutex::default(),
                has_work: Condvar::new(),
                pacers: Mutex::new(pacers.collect()),
                status: Mutex::new(status),
                preview: PictureSlot::default(),
                is_stopping: AtomicBool::new(false),
                captured: AtomicU64::new(0),
                overtaken: AtomicU64::new(0),
            }),
        }
    }

    /// The next packet that is due.
    pub fn poll_packet(&self, now: Instant) -> Option<EncodedVideoPacket> {
        let mut pacers = lock(&self.shared.pacers);
        pacers.iter_mut().find_map(|(_, pacer)| pacer.poll(now))
    }

    /// When the next packet is due.
    pub fn next_due(&self) -> Option<Instant> {
        let pacers = lock(&self.shared.pacers);
        let dues = pacers.iter().filter_map(|(_, pacer)| pacer.next_due());
        dues.min()
    }

    /// Asks for something; it is done before the next picture. Of too many wishes the oldest go.
    pub fn apply(&self, command: VideoCommand) {
        let mut work = lock(&self.shared.work);
        if work.commands.len() >= MAX_COMMANDS {
            work.commands.pop_front();
        }
        work.commands.push_back(command);
        drop(work);
        self.shared.has_work.notify_one();
    }

    /// How sending is going, a picture ago.
    pub fn status(&self) -> VideoSenderStatus {
        VideoSenderStatus {
            captured: self.shared.captured.load(Ordering::Relaxed),
            overtaken: self.shared.overtaken.load(Ordering::Relaxed),
            ..lock(&self.shared.status).clone()
        }
    }

    /// What the source shows, before scaling.
    pub fn preview(&self) -> PictureSlot {
        self.shared.preview.clone()
    }

    /// Gives a picture of the source; one that still waits is overtaken.
    pub(super) fn put(&self, picture: Picture) {
        self.shared.captured.fetch_add(1, Ordering::Relaxed);
        self.shared.preview.put(picture.clone());
        let before = lock(&self.shared.work).picture.replace(picture);
        if before.is_some() {
            self.shared.overtaken.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.has_work.notify_one();
    }

    pub(super) fn stop(&self) {
        // Under the lock, so that the thread cannot miss it between looking and waiting.
        let work = lock(&self.shared.work);
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        drop(work);
        self.shared.has_work.notify_one();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.shared.is_stopping.load(Ordering::Relaxed)
    }

    /// Waits for a picture or a wish, at most for so long.
    pub(super) fn fetch(&self, patience: Duration) -> Work {
        let work = lock(&self.shared.work);
        let has_none = |work: &mut Work| {
            work.picture.is_none() && work.commands.is_empty() && !self.is_stopping()
        };
        let waited = self
            .shared
            .has_work
            .wait_timeout_while(work, patience, has_none);
        let (mut work, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *work)
    }

    /// Queues the packets of a picture; `false` where they come too late.
    pub(super) fn send(
        &self,
        layer: Layer,
        now: Instant,
        period: Duration,
        packets: Vec<EncodedVideoPacket>,
    ) -> bool {
        let mut pacers = lock(&self.shared.pacers);
        let pacer = pacers.iter_mut().find(|(of, _)| *of == layer);
        pacer.is_some_and(|(_, pacer)| pacer.push(now, period, packets))
    }

    /// Throws away what waits of a layer.
    pub(super) fn clear(&self, layer: Layer) {
        let mut pacers = lock(&self.shared.pacers);
        let of_layer = pacers.iter_mut().filter(|(of, _)| *of == layer);
        of_layer.for_each(|(_, pacer)| pacer.clear());
    }

    pub(super) fn set_status(&self, source: DeviceState, layers: Vec<LayerStatus>) {
        let mut status = lock(&self.shared.status);
        status.source = source;
        status.layers = layers;
    }
}

/// What the encoding thread has to do.
#[derive(Default)]
pub(super) struct Work {
    pub(super) picture: Option<Picture>,
    pub(super) commands: VecDeque<VideoCommand>,
}

struct Shared {
    work: Mutex<Work>,
    has_work: Condvar,
    pacers: Mutex<Vec<(Layer, Pacer)>>,
    status: Mutex<VideoSenderStatus>,
    preview: PictureSlot,
    is_stopping: AtomicBool,
    captured: AtomicU64,
    overtaken: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wishes are few; a flood of keyframe requests must not pile up.
const MAX_COMMANDS: usize = 64;
