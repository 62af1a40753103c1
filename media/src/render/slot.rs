//! The newest picture of one source.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::video::Picture;

/// Holds one picture; a newer one takes its place. Both ends are held by any number of threads.
#[derive(Clone, Debug, Default)]
pub struct PictureSlot(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    picture: Mutex<Option<Picture>>,
    /// Counts the pictures put in.
    count: AtomicU64,
}

impl PictureSlot {
    /// Shows another picture from now on.
    pub fn put(&self, picture: Picture) {
        let before = {
            let mut slot = self
                .0
                .picture
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            slot.replace(picture)
        };
        self.0.count.fetch_add(1, Ordering::Release);
        // Its memory goes back to the pool outside the lock.
        drop(before);
    }

    /// How many pictures have been put in so far: whoever has seen that many has seen the newest.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::Acquire)
    }

    /// The newest picture, if more than `seen` have been put in; `seen` is brought up to date.
    #[must_use]
    pub fn newer(&self, seen: &mut u64) -> Option<Picture> {
        let count = self.count();
        if count == *seen {
            return None;
        }
        *seen = count;
        self.latest()
    }

    /// The newest picture.
    #[must_use]
    pub fn latest(&self) -> Option<Picture> {
        let slot = self
            .0
            .picture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        slot.clone()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let slot = self
            .0
            .picture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        slot.is_none()
    }

    /// Whether two are the same slot.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Shows nothing from now on.
    pub fn clear(&self) {
        let mut slot = self
            .0
            .picture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        drop(slot.take());
        self.0.count.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a picture needs some time")]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::video::{PicturePool, Size};

    #[test]
    fn only_the_newest_picture_is_seen_and_only_once() {
        let slot = PictureSlot::default();
        let mut seen = 0;
        assert!(slot.newer(&mut seen).is_none());
        let picture = |width| {
            PicturePool::default()
                .take(Size::new(width, 2), Instant::now())
                .finish()
        };
        slot.put(picture(2));
        slot.put(picture(4));
        let newest = slot.newer(&mut seen).unwrap();
        assert_eq!(newest.size(), Size::new(4, 2));
        assert!(slot.newer(&mut seen).is_none());
        assert!(!slot.is_empty());
        slot.clear();
        assert!(slot.newer(&mut seen).is_none() && slot.latest().is_none() && slot.is_empty());
    }
}
