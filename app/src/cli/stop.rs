//! Waiting for something to happen, for time to pass, or for Ctrl-C, whichever comes first.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use conf_core::signal::{Signal, Waited, Waiting, signal};

use super::failure::Failure;

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awakened {
    /// Something happened: look at the queues.
    Woken,
    /// The time has come.
    Due,
    /// The user wants to stop.
    Stopped,
}

/// One place to wait in.
#[derive(Debug)]
pub(super) struct Waiter {
    waiting: Waiting,
    signal: Signal,
    is_stopped: Arc<AtomicBool>,
}

impl Waiter {
    /// Also makes Ctrl-C and a request to terminate end the wait instead of the process.
    pub(super) fn new() -> Result<Self, Failure> {
        let (signal, waiting) = signal();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let waiter = Self {
            waiting,
            signal,
            is_stopped,
        };
        let (flag, signal) = (Arc::clone(&waiter.is_stopped), waiter.signal.clone());
        ctrlc::set_handler(move || {
            flag.store(true, Ordering::Release);
            signal.raise();
        })
        .map_err(Failure::other)?;
        Ok(waiter)
    }

    /// What others call when something has happened; never waits.
    pub(super) fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let signal = self.signal.clone();
        Arc::new(move || signal.raise())
    }

    /// Makes it possible to wait again after the user has stopped: for the goodbye.
    pub(super) fn resume(&self) {
        self.is_stopped.store(false, Ordering::Release);
    }

    /// Waits until `deadline`, or for ever.
    pub(super) fn wait(&self, deadline: Option<Instant>) -> Awakened {
        let patience = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let waited = self.waiting.wait(patience);
        if self.is_stopped.load(Ordering::Acquire) {
            return Awakened::Stopped;
        }
        match waited {
            Waited::Raised => Awakened::Woken,
            Waited::TimedOut => Awakened::Due,
            Waited::Abandoned => Awakened::Stopped,
        }
    }
}
