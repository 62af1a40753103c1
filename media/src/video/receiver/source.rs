//! What the network thread, the decoding thread and the window share about one source.
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::render::PictureSlot;
use crate::video::lip_sync::DueClock;
use crate::video::{SourceId, StreamStatistics};

/// How somebody is shown, and so how much their pictures are worth when the computer is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum View {
    /// Not at all: nothing is decoded.
    #[default]
    Hidden,
    /// Not yet: what has come since the last keyframe is kept, so that it can be decoded at once.
    Ready,
    /// As one of many: gives way first.
    Small,
    /// As the one who is looked at.
    Large,
}

/// One source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: SourceId,
    pub(super) worker: usize,
    pub(super) slot: PictureSlot,
    view: AtomicU8,
    /// Set when packets were left out before they came to the decoding thread.
    has_gap: AtomicBool,
    due: Mutex<Option<DueClock>>,
    statistics: Mutex<(StreamStatistics, bool)>,
}

impl Source {
    pub(super) fn new(id: SourceId, worker: usize, view: View) -> Self {
        Self {
            id,
            worker,
            slot: PictureSlot::default(),
            view: AtomicU8::new(view as u8),
            has_gap: AtomicBool::new(false),
            due: Mutex::default(),
            statistics: Mutex::default(),
        }
    }

    pub(super) fn view(&self) -> View {
        match self.view.load(Ordering::Relaxed) {
            0 => View::Hidden,
            1 => View::Ready,
            2 => View::Small,
            _ => View::Large,
        }
    }

    pub(super) fn set_view(&self, view: View) {
        self.view.store(view as u8, Ordering::Relaxed);
    }

    /// Notes that packets were left out.
    pub(super) fn note_gap(&self) {
        self.has_gap.store(true, Ordering::Relaxed);
    }

    /// Whether packets were left out since the last call.
    pub(super) fn take_gap(&self) -> bool {
        self.has_gap.swap(false, Ordering::Relaxed)
    }

    pub(super) fn due(&self) -> Option<DueClock> {
        *lock(&self.due)
    }

    pub(super) fn set_due(&self, due: Option<DueClock>) {
        *lock(&self.due) = due;
    }

    /// Statistics, and whether a keyframe is waited for.
    pub(super) fn statistics(&self) -> (StreamStatistics, bool) {
        *lock(&self.statistics)
    }

    pub(super) fn set_statistics(&self, statistics: StreamStatistics, needs_keyframe: bool) {
        *lock(&self.statistics) = (statistics, needs_keyframe);
    }
}

/// Nothing that these locks guard is left half done by a panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
