//! A thread that opens something slow, hands over its working end, and keeps the rest until it is told to let go.
//!
//! The audio thread must not wait for a sound server or a disk, neither at opening nor at closing.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Why something could not be opened, or has ceased to work; in plain words, for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// It is not there.
    #[error("{0}")]
    Missing(String),
    /// It is there and does not work.
    #[error("{0}")]
    Failed(String),
    /// It was there and will never be again: nothing is opened in its place.
    #[error("{0}")]
    Over(String),
}

/// What the keeper's thread does between opening and closing; it returns once the signal is closing.
pub(crate) type Hold = Box<dyn FnOnce(&Signal)>;

/// Opens the thing on the keeper's thread.
pub(crate) type Open<T> = dyn Fn() -> Result<(T, Hold), Fault> + Send + Sync;

/// How the keeper's thread is told to let go.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    is_closing: AtomicBool,
}

impl Signal {
    /// Whether it is time to let go.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Says that it is time.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
    }

    /// Waits until there may be something to do: the thread was woken, or it is time to let go.
    pub(crate) fn wait(&self) {
        if !self.is_closing() {
            std::thread::park();
        }
    }
}

/// The thread and the way to it.
pub(crate) struct Keeper<T> {
    signal: Arc<Signal>,
    answer: Receiver<Result<T, Fault>>,
    /// Closed when the thread has done everything.
    end: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Keeper<T> {
    /// Starts to open.
    pub(crate) fn start(name: &str, open: Arc<Open<T>>) -> Result<Self, Fault> {
        let signal = Arc::<Signal>::default();
        let (reply, answer) = sync_channel(1);
        let (running, end) = sync_channel(1);
        let their_signal = Arc::clone(&signal);
        let run = move || {
            let _until_the_end = running;
            match open() {
                Ok((working_end, hold)) => {
                    if reply.send(Ok(working_end)).is_ok() {
                        hold(&their_signal);
                    }
                }
                // Nobody wants to know any more: closed while it was opening.
                Err(fault) => drop(reply.send(Err(fault))),
            }
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map_err(|error| Fault::Failed(format!("no thread: {error}")))?;
        Ok(Self {
            signal,
            answer,
            end,
            thread: Some(thread),
        })
    }

    /// What came of opening it, once.
    pub(crate) fn poll(&self) -> Option<Result<T, Fault>> {
        match self.answer.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(Fault::Failed(
                "the system's sound library has crashed".into(),
            ))),
        }
    }
}

impl<T> Keeper<T> {
    /// Tells the thread to let go, without waiting for it.
    pub(crate) fn close(&self) {
        self.signal.close();
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Whether the thread has ended, so that dropping this does not wait.
    pub(crate) fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl<T> Drop for Keeper<T> {
    /// Joins the thread, unless a driver holds it for longer than two seconds.
    fn drop(&mut self) {
        self.close();
        let Some(thread) = self.thread.take() else {
            return;
        };
        let is_stuck = matches!(
            self.end.recv_timeout(CLOSING_LIMIT),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout)
        );
        let name = thread.thread().name().unwrap_or_default().to_owned();
        if is_stuck {
            tracing::warn!(name, "the thread does not come back from its device");
        } else if thread.join().is_err() {
            tracing::error!(name, "the thread has panicked");
        }
    }
}

const CLOSING_LIMIT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn answer<T: Send + 'static>(keeper: &Keeper<T>) -> Result<T, Fault> {
        keeper.answer.recv().unwrap()
    }

    #[test]
    fn it_holds_until_told_to_let_go() {
        let (told, end) = sync_channel(1);
        let open: Arc<Open<u32>> = Arc::new(move || {
            let told = told.clone();
            let hold: Hold = Box::new(move |signal| {
                while !signal.is_closing() {
                    signal.wait();
                }
                told.send("let go").unwrap();
            });
            Ok((7, hold))
        });
        let keeper = Keeper::start("test", open).unwrap();
        assert_eq!(answer(&keeper), Ok(7));
        assert!(keeper.poll().is_some_and(|again| again.is_err()) || !keeper.is_finished());
        drop(keeper);
        assert_eq!(end.recv(), Ok("let go"));
    }

    #[test]
    fn a_panic_in_the_library_is_a_fault() {
        let open: Arc<Open<()>> = Arc::new(|| panic!("as a driver may"));
        let keeper = Keeper::start("test", open).unwrap();
        keeper.answer.recv().unwrap_err();
        assert!(matches!(keeper.poll(), Some(Err(Fault::Failed(_)))));
    }
}
