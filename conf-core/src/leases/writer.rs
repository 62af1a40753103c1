//! A thread that writes to disk what others hand it, many at once if many wait.
use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Hands over; clone it freely.
#[derive(Debug)]
pub(super) struct Jobs<J>(SyncSender<J>);

/// The thread; whoever holds this owns it, and dropping it waits until all has been written.
pub(super) struct Writer {
    thread: Option<JoinHandle<()>>,
}

impl<J> Clone for Jobs<J> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<J> Jobs<J> {
    /// Whether there was room for it.
    pub(super) fn give(&self, job: J) -> bool {
        match self.0.try_send(job) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Writer {
    /// More than the net thread has waiting for a disk at any time.
    const JOBS: usize = 4096;

    /// Starts the thread. It ends when all [`Jobs`] are gone.
    pub(super) fn start<J: Send + 'static>(
        name: &str,
        write: impl FnMut(Vec<J>) + Send + 'static,
    ) -> io::Result<(Self, Jobs<J>)> {
        let (sender, jobs) = sync_channel(Self::JOBS);
        let thread = Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&jobs, write))?;
        let writer = Self {
            thread: Some(thread),
        };
        Ok((writer, Jobs(sender)))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let result = self.thread.take().map(JoinHandle::join);
        if matches!(result, Some(Err(_))) {
            tracing::error!("a thread that writes leases panicked");
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

fn run<J>(jobs: &Receiver<J>, mut write: impl FnMut(Vec<J>)) {
    while let Ok(first) = jobs.recv() {
        write(std::iter::once(first).chain(jobs.try_iter()).collect());
    }
}
