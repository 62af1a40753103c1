//! Where the others are heard: a device, a file, or nowhere.
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::keeper::{Fault, Hold, Open};
use super::port::{Flow, Port};
use super::recorder::Recorder;
use super::{DeviceState, Terminal, system};
use crate::engine::ring::PlaybackRing;

/// A speaker of any kind.
pub(crate) struct Speaker {
    terminal: Terminal,
    sink: Sink,
}

enum Sink {
    Nowhere(DeviceState),
    Port(Box<Port<dyn SoundOut>>),
}

/// The working end of something that takes sound.
trait SoundOut: Flow {
    /// Takes a step of interleaved stereo at 48 kHz. The master gives back by what part steps should take longer.
    fn write(&mut self, frames: &[f32], is_master: bool) -> Option<f64>;
    /// The worker has left out steps: keep the time, if that matters here.
    fn skip(&mut self, _steps: u64) {}
    /// Samples that were wanted and not there, or lost.
    fn missing(&self) -> u64;
    /// How long it takes until what is written is heard.
    fn latency(&self) -> Duration {
        Duration::ZERO
    }
}

impl Speaker {
    /// Starts to open it.
    pub(crate) fn new(terminal: Terminal, now: Instant) -> Self {
        let sink = match terminal.clone() {
            Terminal::None => Sink::Nowhere(DeviceState::Off),
            Terminal::Tone(_) | Terminal::Beep | Terminal::File { loops: true, .. } => {
                let reason = format!("sound cannot be played to `{terminal}`");
                Sink::Nowhere(DeviceState::Failed { reason })
            }
            Terminal::Default => Self::port("speaker", now, || system::open_speaker(None)),
            Terminal::Device(name) => {
                Self::port("speaker", now, move || system::open_speaker(Some(&name)))
            }
            Terminal::File { path, .. } => {
                let has_begun = AtomicBool::new(false);
                Self::port("record-file", now, move || {
                    Recorder::open(&path, &has_begun)
                })
            }
        };
        Self { terminal, sink }
    }

    /// Which one it is.
    pub(crate) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Looks after it; to be called every step.
    pub(crate) fn tend(&mut self, now: Instant) {
        if let Sink::Port(port) = &mut self.sink {
            port.tend(now);
        }
    }

    /// Whether it is a device that runs, and so can be the master.
    pub(crate) fn has_clock(&self) -> bool {
        self.terminal.is_device() && *self.state() == DeviceState::Running
    }

    /// Takes a step of interleaved stereo at 48 kHz. The master gives back by what part steps should take longer.
    pub(crate) fn write(&mut self, frames: &[f32], is_master: bool) -> Option<f64> {
        match &mut self.sink {
            Sink::Port(port) => port.flow()?.write(frames, is_master),
            Sink::Nowhere(_) => None,
        }
    }

    /// The worker has left out steps.
    pub(crate) fn skip(&mut self, steps: u64) {
        if let Sink::Port(port) = &mut self.sink {
            port.flow().into_iter().for_each(|flow| flow.skip(steps));
        }
    }

    /// How it is doing.
    pub(crate) fn state(&self) -> &DeviceState {
        match &self.sink {
            Sink::Nowhere(state) => state,
            Sink::Port(port) => port.state(),
        }
    }

    /// Samples missed since it was opened.
    pub(crate) fn missing(&mut self) -> u64 {
        match &mut self.sink {
            Sink::Port(port) => port.flow().map_or(0, |flow| flow.missing()),
            Sink::Nowhere(_) => 0,
        }
    }

    /// How long it takes until what is written is heard.
    pub(crate) fn latency(&mut self) -> Duration {
        match &mut self.sink {
            Sink::Port(port) => port.flow().map_or(Duration::ZERO, |flow| flow.latency()),
            Sink::Nowhere(_) => Duration::ZERO,
        }
    }

    /// Tells it to let go.
    pub(crate) fn close(&mut self) {
        if let Sink::Port(port) = &mut self.sink {
            port.close();
        }
    }

    /// Whether dropping it does not wait.
    pub(crate) fn is_gone(&self) -> bool {
        match &self.sink {
            Sink::Port(port) => port.is_gone(),
            Sink::Nowhere(_) => true,
        }
    }

    fn port<S: SoundOut>(
        name: &'static str,
        now: Instant,
        open: impl Fn() -> Result<(S, Hold), Fault> + Send + Sync + 'static,
    ) -> Sink {
        let open: Arc<Open<Box<dyn SoundOut>>> = Arc::new(move || {
            let (sink, hold) = open()?;
            Ok((Box::new(sink), hold))
        });
        Sink::Port(Box::new(Port::new(name, open, now)))
    }
}

impl SoundOut for PlaybackRing {
    fn write(&mut self, frames: &[f32], is_master: bool) -> Option<f64> {
        Self::write(self, frames, is_master)
    }

    fn missing(&self) -> u64 {
        self.status().missing_frames()
    }

    fn latency(&self) -> Duration {
        Self::latency(self)
    }
}

impl SoundOut for Recorder {
    fn write(&mut self, frames: &[f32], _is_master: bool) -> Option<f64> {
        Self::write(self, frames);
        None
    }

    fn skip(&mut self, steps: u64) {
        for _ in 0..steps.min(LONGEST_SKIP) {
            Self::write(self, &[0.0; 960]);
        }
    }

    fn missing(&self) -> u64 {
        Self::missing(self)
    }
}

/// What the queue of a recording holds.
const LONGEST_SKIP: u64 = 90;
