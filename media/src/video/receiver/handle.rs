//! What other threads hold of the receiver: a way in for packets, the newest pictures, events and figures.
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::inbox::Inbox;
use super::source::{Source, View, lock};
use crate::render::PictureSlot;
use crate::video::lip_sync::DueClock;
use crate::video::{Size, SourceId, StreamStatistics, VideoPacket};

/// What happened to the pictures of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoEvent {
    /// Pictures are shown: the first, or of another size, or again after they stood still.
    Showing {
        /// Whose.
        source: SourceId,
        /// How large they come.
        size: Size,
    },
    /// Nothing new can be shown before the next keyframe: at the beginning, and after a loss.
    Waiting {
        /// Whose.
        source: SourceId,
    },
}

/// One source, as it is received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoSourceStatus {
    /// Who.
    pub id: SourceId,
    /// How it is shown.
    pub view: View,
    /// Whether its slot has a picture.
    pub has_picture: bool,
    /// Whether it waits for a keyframe.
    pub needs_keyframe: bool,
    /// Figures of a moment ago.
    pub statistics: StreamStatistics,
}

/// A way to the decoding threads that any thread may use; none of its calls waits for them.
#[derive(Clone)]
pub struct VideoHandle {
    shared: Arc<Shared>,
}

impl VideoHandle {
    pub(super) fn new(
        workers: usize,
        default_view: View,
        wake: Arc<dyn Fn() + Send + Sync>,
        wake_for_event: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let inboxes = (0..workers.max(1)).map(|_| Inbox::default()).collect();
        Self {
            shared: Arc::new(Shared {
                inboxes,
                routes: Mutex::new(Routes {
                    sources: BTreeMap::new(),
                    default_view,
                }),
                events: Mutex::default(),
                dropped: AtomicU64::new(0),
                wake,
                wake_for_event,
            }),
        }
    }

    /// Gives a received packet to the thread of its source. What nobody sees goes no further.
    pub fn push_packet(&self, packet: &VideoPacket<'_>) {
        let Some(source) =
            lock(&self.shared.routes).route(packet.source, self.shared.inboxes.len())
        else {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if source.view() == View::Hidden {
            source.note_gap();
            return;
        }
        if let Some(inbox) = self.shared.inboxes.get(source.worker) {
            inbox.push(&source, packet);
        }
    }

    /// Shows a source so from now on; remembered for one that has not come yet.
    pub fn set_view(&self, source: SourceId, view: View) {
        let mut routes = lock(&self.shared.routes);
        if let Some(source) = routes.route(source, self.shared.inboxes.len()) {
            let before = source.view();
            source.set_view(view);
            if view == View::Hidden {
                source.note_gap();
            }
            if view < View::Small {
                source.slot.clear();
            } else if before == View::Ready
                && let Some(inbox) = self.shared.inboxes.get(source.worker)
            {
                inbox.hurry();
            }
        }
    }

    /// Shows every source that comes from now on so.
    pub fn set_default_view(&self, view: View) {
        lock(&self.shared.routes).default_view = view;
    }

    /// Shows pictures of a source with its sound, or as they come.
    pub fn set_due(&self, source: SourceId, due: Option<DueClock>) {
        if let Some(source) = lock(&self.shared.routes).sources.get(&source) {
            source.set_due(due);
        }
    }

    /// Somebody left: forgets their pictures.
    pub fn remove_source(&self, id: SourceId) {
        let source = lock(&self.shared.routes).sources.remove(&id);
        if let Some(source) = source {
            source.slot.clear();
            if let Some(inbox) = self.shared.inboxes.get(source.worker) {
                inbox.remove(id);
            }
        }
    }

    /// Where the newest picture of a source is to be found.
    pub fn slot(&self, source: SourceId) -> Option<PictureSlot> {
        let routes = lock(&self.shared.routes);
        routes
            .sources
            .get(&source)
            .map(|source| source.slot.clone())
    }

    /// Whether something happened.
    #[must_use]
    pub fn has_event(&self) -> bool {
        !lock(&self.shared.events).is_empty()
    }

    /// The next thing that happened. Of too many, the oldest goes.
    pub fn poll_event(&self) -> Option<VideoEvent> {
        lock(&self.shared.events).pop_front()
    }

    /// Every source, by number, at most 100 ms ago.
    pub fn sources(&self) -> Vec<VideoSourceStatus> {
        let routes = lock(&self.shared.routes);
        let status = |source: &Arc<Source>| {
            let (statistics, needs_keyframe) = source.statistics();
            VideoSourceStatus {
                id: source.id,
                view: source.view(),
                has_picture: !source.slot.is_empty(),
                needs_keyframe,
                statistics,
            }
        };
        routes.sources.values().map(status).collect()
    }

    /// Packets thrown away because a decoding thread was too far behind, or there were too many sources.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn inbox(&self, worker: usize) -> Option<&Inbox> {
        self.shared.inboxes.get(worker)
    }

    pub(super) fn note_dropped(&self, packets: u64) {
        self.shared.dropped.fetch_add(packets, Ordering::Relaxed);
    }

    pub(super) fn tell(&self, event: VideoEvent) {
        let mut events = lock(&self.shared.events);
        if events.len() >= MAX_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
        drop(events);
        (self.shared.wake_for_event)();
    }

    pub(super) fn wake(&self) {
        (self.shared.wake)();
    }

    pub(super) fn stop(&self) {
        for inbox in &self.shared.inboxes {
            inbox.stop();
        }
    }
}

struct Shared {
    inboxes: Vec<Inbox>,
    routes: Mutex<Routes>,
    events: Mutex<VecDeque<VideoEvent>>,
    dropped: AtomicU64,
    wake: Arc<dyn Fn() + Send + Sync>,
    wake_for_event: Arc<dyn Fn() + Send + Sync>,
}

struct Routes {
    sources: BTreeMap<SourceId, Arc<Source>>,
    default_view: View,
}

impl Routes {
    /// The source, which stays on the thread that it was given: the one with the fewest.
    fn route(&mut self, id: SourceId, workers: usize) -> Option<Arc<Source>> {
        if let Some(source) = self.sources.get(&id) {
            return Some(Arc::clone(source));
        }
        if self.sources.len() >= MAX_SOURCES {
            return None;
        }
        let load = |worker: &usize| {
            let of_worker = self
                .sources
                .values()
                .filter(|source| source.worker == *worker);
            of_worker
                .map(|source| source.view() as usize)
                .sum::<usize>()
        };
        let worker = (0..workers).min_by_key(load)?;
        let source = Arc::new(Source::new(id, worker, self.default_view));
        self.sources.insert(id, Arc::clone(&source));
        Some(source)
    }
}

/// One that is decoded takes megabytes; as many as the audio engine keeps.
const MAX_SOURCES: usize = 256;
const MAX_EVENTS: usize = 1_024;
