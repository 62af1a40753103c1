//! A signal to a thread that waits: something has happened, look at the queues. A second one would tell nothing new.
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Raises the signal; clone it freely.
#[derive(Clone, Debug)]
pub struct Signal(SyncSender<()>);

/// Waits for the signal.
#[derive(Debug)]
pub struct Waiting(Receiver<()>);

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The signal was raised since the last wait.
    Raised,
    /// The time has passed.
    TimedOut,
    /// Nobody is left to raise it.
    Abandoned,
}

/// A signal and the end that waits for it.
pub fn signal() -> (Signal, Waiting) {
    let (sender, receiver) = sync_channel(1);
    (Signal(sender), Waiting(receiver))
}

impl Signal {
    /// Raises it; never waits.
    pub fn raise(&self) {
        match self.0.try_send(()) {
            // Full: it is raised already. Disconnected: nobody waits any more.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

impl Waiting {
    /// Waits so long at most, or for ever.
    pub fn wait(&self, patience: Option<Duration>) -> Waited {
        let Some(patience) = patience else {
            return self.0.recv().map_or(Waited::Abandoned, |()| Waited::Raised);
        };
        match self.0.recv_timeout(patience) {
            Ok(()) => Waited::Raised,
            Err(RecvTimeoutError::Timeout) => Waited::TimedOut,
            Err(RecvTimeoutError::Disconnected) => Waited::Abandoned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_raised_twice_is_waited_for_once() {
        let (signal, waiting) = signal();
        signal.raise();
        signal.raise();
        assert_eq!(waiting.wait(None), Waited::Raised);
        assert_eq!(waiting.wait(Some(Duration::ZERO)), Waited::TimedOut);
        drop(signal);
        assert_eq!(waiting.wait(None), Waited::Abandoned);
    }
}
