//! The thread `audio`: it steps the engine in time with the speaker, and owns the devices.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Instant;

use super::handle::Shared;
use super::pace::Pace;
use super::queue::PacketQueue;
use super::{
    AudioCommand, AudioEngine, AudioHandle, AudioSnapshot, EngineConfig, STEP_SAMPLES, SinkStatus,
};
use crate::device::Terminal;

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
    engine: AudioEngine,
    shared: Arc<Shared>,
    commands: Receiver<AudioCommand>,
    wake: Arc<dyn Fn() + Send + Sync>,
    pace: Pace,
    received: PacketQueue,
    capture: [f32; STEP_SAMPLES],
    playback: [f32; 2 * STEP_SAMPLES],
    spare: Arc<AudioSnapshot>,
    steps: u64,
    received_dropped: u64,
    speakers: Vec<Terminal>,
}

impl Worker {
    fn new(options: AudioOptions, shared: Arc<Shared>, commands: Receiver<AudioCommand>) -> Self {
        let now = now();
        Self {
            engine: AudioEngine::new(options.engine),
            shared,
            commands,
            wake: options.wake,
            pace: Pace::new(now),
            received: PacketQueue::new(now),
            capture: [0.0; STEP_SAMPLES],
            playback: [0.0; 2 * STEP_SAMPLES],
            spare: Arc::default(),
            steps: 0,
            received_dropped: 0,
            speakers: options.speakers,
        }
    }

    fn run(mut self, is_stopping: &AtomicBool) {
        while !is_stopping.load(Ordering::Relaxed) {
            let now = now();
            self.pace.skip_backlog(now);
            while self.pace.take_step(now) {
                self.step(now);
            }
            std::thread::park_timeout(self.pace.wait(now));
        }
    }

    fn step(&mut self, now: Instant) {
        self.obey();
        self.receive();
        self.engine.step(now, &self.capture, &mut self.playback);
        self.send();
        if self.steps.is_multiple_of(SNAPSHOT_STEPS) {
            self.publish();
        }
        self.steps += 1;
    }

    fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                AudioCommand::Engine(command) => self.engine.apply(command),
                AudioCommand::SetMicrophone(_) => {}
                AudioCommand::SetSpeakers(speakers) => self.speakers = speakers,
            }
        }
    }

    fn receive(&mut self) {
        self.shared.swap_received(&mut self.received);
        self.received_dropped += self.received.take_dropped();
        let engine = &mut self.engine;
        self.received.drain(|packet| engine.push_packet(packet));
    }

    fn send(&mut self) {
        let mut is_waiting = false;
        while let Some(packet) = self.engine.poll_encoded() {
            self.shared.push_encoded(packet);
            is_waiting = true;
        }
        if is_waiting {
            (self.wake)();
        }
    }

    fn publish(&mut self) {
        let snapshot = Arc::make_mut(&mut self.spare);
        self.engine.snapshot(snapshot);
        snapshot.counters.received_dropped += self.received_dropped;
        snapshot.counters.encoded_dropped += self.shared.encoded_dropped();
        snapshot.speakers.clear();
        for terminal in &self.speakers {
            snapshot.speakers.push(SinkStatus {
                terminal: terminal.clone(),
                ..SinkStatus::default()
            });
        }
        self.shared.swap_snapshot(&mut self.spare);
    }
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
