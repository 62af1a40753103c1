//! The bounded ways between the net thread and everybody else: a queue each way, and the newest picture of a state.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A bounded queue between two threads; when it is full the oldest goes and is counted.
#[derive(Debug)]
pub struct DropOldest<T> {
    items: Mutex<VecDeque<T>>,
    bound: usize,
    dropped: AtomicU64,
}

impl<T> DropOldest<T> {
    /// An empty queue of at most `bound` items.
    pub fn new(bound: usize) -> Self {
        Self {
            items: Mutex::new(VecDeque::new()),
            bound: bound.max(1),
            dropped: AtomicU64::new(0),
        }
    }

    /// Appends; makes room at the front if need be.
    pub fn push(&self, item: T) {
        let mut items = lock(&self.items);
        if items.len() >= self.bound {
            items.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        items.push_back(item);
    }

    /// Takes the oldest.
    pub fn pop(&self) -> Option<T> {
        lock(&self.items).pop_front()
    }

    /// How many had to go because nobody took them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// The newest picture of a state: replaced whole by one thread, read by others without waiting for work to be done.
#[derive(Debug)]
pub struct Latest<T>(Mutex<Arc<T>>);

impl<T> Latest<T> {
    /// A first picture.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Arc::new(value)))
    }

    /// The newest picture.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&lock(&self.0))
    }

    /// Replaces it.
    pub fn set(&self, value: T) {
        self.set_shared(Arc::new(value));
    }

    /// Replaces it with one that is shared already.
    pub fn set_shared(&self, value: Arc<T>) {
        *lock(&self.0) = value;
    }
}

/// Locks; a thread that panicked while it held the lock left whole values behind, so they may be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_queue_drops_the_oldest_and_counts() {
        let queue = DropOldest::new(2);
        for item in 1..=3 {
            queue.push(item);
        }
        assert_eq!(
            (queue.pop(), queue.pop(), queue.pop()),
            (Some(2), Some(3), None)
        );
        assert_eq!(queue.dropped(), 1);
    }

    #[test]
    fn latest_is_what_was_set_last() {
        let latest = Latest::new(1);
        let before = latest.get();
        latest.set(2);
        assert_eq!((*before, *latest.get()), (1, 2));
    }
}
