//! The thread `audio`: it steps the engine in time with the speaker, and owns the devices.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Instant;

use super::desk::Desk;
use super::handle::Shared;
use super::pace::Pace;
use super::queue::PacketQueue;
use super::{AudioCommand, AudioHandle, AudioSnapshot, EngineConfig};
use crate::device::Terminal;
use crate::urgency;

/// What an [`AudioWorker`] starts with.
pub struct AudioOptions {
    /// What may be received and what is sent.
    pub engine: EngineConfig,
    /// Where one's own voice comes from.
    pub microphone: Terminal,
    /// Where the others are heard; several at once are possible. The first device sets the pace.
    pub speakers: Vec<Terminal>,
    /// Called on the audio thread when encoded packets wait; it must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// The audio path at work: it runs from [`AudioWorker::start`] until it is dropped, which joins its thread.
pub struct AudioWorker {
    handle: AudioHandle,
    is_stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl AudioWorker {
    /// Starts the thread. A device that cannot be opened is no error: the snapshot tells of it.
    pub fn start(options: AudioOptions) -> Result<Self, AudioStartError> {
        let (handle, shared, commands) = AudioHandle::new(now());
        let is_stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_stopping);
        let thread = std::thread::Builder::new()
            .name("audio".into())
            .spawn(move || Worker::new(options, shared, commands).run(&stop))
            .map_err(AudioStartError::Thread)?;
        Ok(Self {
            handle,
            is_stopping,
            thread: Some(thread),
        })
    }

    /// A way to talk to it from any thread.
    pub fn handle(&self) -> AudioHandle {
        self.handle.clone()
    }
}

impl Drop for AudioWorker {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the audio thread has panicked");
            }
        }
    }
}

/// Why there is no audio path at all.
#[derive(Debug, thiserror::Error)]
pub enum AudioStartError {
    /// The system gives no thread.
    #[error("the audio thread cannot be started: {0}")]
    Thread(std::io::Error),
}

struct Worker {
    desk: Desk,
    commands: Receiver<AudioCommand>,
    shared: Arc<Shared>,
    wake: Arc<dyn Fn() + Send + Sync>,
    pace: Pace,
    received: PacketQueue,
    counters: WorkerCounters,
    steps: u64,
    spare: Arc<AudioSnapshot>,
}

impl Worker {
    fn new(options: AudioOptions, shared: Arc<Shared>, commands: Receiver<AudioCommand>) -> Self {
        let now = now();
        Self {
            desk: Desk::new(options.engine, options.microphone, options.speakers, now),
            commands,
            shared,
            wake: options.wake,
            pace: Pace::new(now),
            received: PacketQueue::new(now),
            counters: WorkerCounters::default(),
            steps: 0,
            spare: Arc::default(),
        }
    }

    fn run(mut self, is_stopping: &AtomicBool) {
        urgency::go_first();
        while !is_stopping.load(Ordering::Relaxed) {
            let now = now();
            let skipped = self.pace.skip_backlog(now);
            if skipped > 0 {
                self.counters.skipped_steps += skipped;
                self.desk.skip(skipped);
            }
            while let Some(due) = self.pace.take_step(now) {
                self.step(due);
            }
            std::thread::park_timeout(self.pace.wait(now));
        }
    }

    fn step(&mut self, now: Instant) {
        while let Ok(command) = self.commands.try_recv() {
            self.desk.obey(command, now);
        }
        self.receive();
        self.pace.set_drift(self.desk.step(now));
        self.send();
        if self.steps.is_multiple_of(SNAPSHOT_STEPS) {
            self.publish();
        }
        self.steps += 1;
    }

    fn receive(&mut self) {
        self.shared.swap_received(&mut self.received);
        self.counters.received_dropped += self.received.take_dropped();
        let engine = self.desk.engine();
        self.received.drain(|packet| engine.push_packet(packet));
    }

    fn send(&mut self) {
        let mut is_waiting = false;
        while let Some(packet) = self.desk.engine().poll_encoded() {
            self.shared.push_encoded(packet);
            is_waiting = true;
        }
        if is_waiting {
            (self.wake)();
        }
    }

    fn publish(&mut self) {
        let snapshot = Arc::make_mut(&mut self.spare);
        self.desk.snapshot(snapshot);
        snapshot.counters.received_dropped += self.counters.received_dropped;
        snapshot.counters.encoded_dropped += self.shared.encoded_dropped();
        snapshot.counters.skipped_steps += self.counters.skipped_steps;
        self.shared.swap_snapshot(&mut self.spare);
    }
}

#[derive(Default)]
struct WorkerCounters {
    received_dropped: u64,
    skipped_steps: u64,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the worker is where the engine gets its time from"
)]
fn now() -> Instant {
    Instant::now()
}

/// 25 snapshots a second.
const SNAPSHOT_STEPS: u64 = 4;

#[cfg(test)]
#[path = "worker_tests.rs"]
#[allow(clippy::disallowed_methods, reason = "these run in real time")]
mod tests;
