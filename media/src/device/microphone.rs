//! Where one's own voice comes from: a device, a file, a tone, or silence.
use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::keeper::{Hold, Open};
use super::player::Player;
use super::port::{Flow, Port};
use super::video_source::wall_clock;
use super::{DeviceState, PatternStamp, Terminal, system};
use crate::engine::ring::CaptureRing;

/// A microphone of any kind.
pub(crate) struct Microphone {
    terminal: Terminal,
    source: Source,
}

enum Source {
    Silence,
    Tone(Tone),
    Beep(Box<Beep>),
    Port(Box<Port<dyn SoundIn>>),
}

/// The working end of something that gives sound.
trait SoundIn: Flow {
    /// Fills `out`, mono at 48 kHz.
    fn read(&mut self, out: &mut [f32]);
    /// Steps have been left out: what was to be heard in them is lost. A device does that by itself.
    fn skip(&mut self, _steps: u64) {}
    /// Samples that were not there in time.
    fn missing(&self) -> u64;
    /// Samples that were lost because nobody took them.
    fn overrun(&self) -> u64 {
        0
    }
}

impl Microphone {
    /// Starts to open it.
    pub(crate) fn new(terminal: Terminal, now: Instant) -> Self {
        let source = match terminal.clone() {
            Terminal::None => Source::Silence,
            Terminal::Tone(hz) => Source::Tone(Tone::new(hz)),
            Terminal::Beep => Source::Beep(Box::new(Beep::new(now, wall_clock()))),
            Terminal::Default => Self::port("microphone", now, || system::open_microphone(None)),
            Terminal::Device(name) => Self::port("microphone", now, move || {
                system::open_microphone(Some(&name))
            }),
            Terminal::File { path, loops } => {
                Self::port("play-file", now, move || Player::open(&path, loops))
            }
        };
        Self { terminal, source }
    }

    /// Which one it is.
    pub(crate) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Looks after it and fills `out` (mono, 48 kHz); to be called every step. Gives whether there is
    /// anything that could give sound, without which `out` is left as it is.
    pub(crate) fn read(&mut self, now: Instant, out: &mut [f32]) -> bool {
        match &mut self.source {
            Source::Silence => return false,
            Source::Tone(tone) => tone.read(out),
            Source::Beep(beep) => beep.read(now, out),
            Source::Port(port) => {
                port.tend(now);
                let Some(flow) = port.flow() else {
                    return false;
                };
                flow.read(out);
            }
        }
        true
    }

    /// Steps have been left out.
    pub(crate) fn skip(&mut self, steps: u64) {
        if let Source::Port(port) = &mut self.source {
            port.flow().into_iter().for_each(|flow| flow.skip(steps));
        }
    }

    /// How it is doing.
    pub(crate) fn state(&self) -> &DeviceState {
        match &self.source {
            Source::Silence => &DeviceState::Off,
            Source::Tone(_) | Source::Beep(_) => &DeviceState::Running,
            Source::Port(port) => port.state(),
        }
    }

    /// Samples that were not there in time and samples that were lost, since it was opened.
    pub(crate) fn missing_and_overrun(&mut self) -> (u64, u64) {
        match &mut self.source {
            Source::Port(port) => port
                .flow()
                .map_or((0, 0), |flow| (flow.missing(), flow.overrun())),
            Source::Silence | Source::Tone(_) | Source::Beep(_) => (0, 0),
        }
    }

    /// Tells it to let go.
    pub(crate) fn close(&mut self) {
        if let Source::Port(port) = &mut self.source {
            port.close();
        }
    }

    /// Whether dropping it does not wait.
    pub(crate) fn is_gone(&self) -> bool {
        match &self.source {
            Source::Port(port) => port.is_gone(),
            Source::Silence | Source::Tone(_) | Source::Beep(_) => true,
        }
    }

    fn port<S: SoundIn>(
        name: &'static str,
        now: Instant,
        open: impl Fn() -> Result<(S, Hold), super::keeper::Fault> + Send + Sync + 'static,
    ) -> Source {
        let open: Arc<Open<Box<dyn SoundIn>>> = Arc::new(move || {
            let (source, hold) = open()?;
            Ok((Box::new(source), hold))
        });
        Source::Port(Box::new(Port::new(name, open, now)))
    }
}

impl SoundIn for CaptureRing {
    fn read(&mut self, out: &mut [f32]) {
        Self::read(self, out);
    }

    fn missing(&self) -> u64 {
        self.missing_frames()
    }

    fn overrun(&self) -> u64 {
        self.status().missing_frames()
    }
}

impl SoundIn for Player {
    fn read(&mut self, out: &mut [f32]) {
        Self::read(self, out);
    }

    fn skip(&mut self, steps: u64) {
        for _ in 0..steps.min(LONGEST_SKIP) {
            Self::read(self, &mut [0.0; 480]);
        }
    }

    fn missing(&self) -> u64 {
        Self::missing(self)
    }
}

/// What a player has read ahead.
const LONGEST_SKIP: u64 = 100;

/// A tone while the test picture flashes ([`PatternStamp::is_flash`](super::PatternStamp::is_flash)).
struct Beep {
    tone: Tone,
    /// One moment, and how long it is after the epoch.
    at: Instant,
    clock: Duration,
}

impl Beep {
    fn new(at: Instant, clock: Duration) -> Self {
        let tone = Tone::new(BEEP_HZ);
        Self { tone, at, clock }
    }

    /// Fills `out` with what ends at `now`.
    fn read(&mut self, now: Instant, out: &mut [f32]) {
        self.tone.read(out);
        let length = Duration::from_micros(out.len() as u64 * 1_000_000 / 48_000);
        let start = self.clock + now.saturating_duration_since(self.at);
        let start = start.saturating_sub(length);
        for (sample, number) in out.iter_mut().zip(0_u64..) {
            let clock = start + Duration::from_nanos(number * 1_000_000_000 / 48_000);
            let stamp = PatternStamp {
                frame: 0,
                clock_ms: (clock.as_millis() & u128::from(u32::MAX)) as u32,
            };
            if !stamp.is_flash() {
                *sample = 0.0;
            }
        }
    }
}

/// High enough that its beginning can be told to a millisecond.
const BEEP_HZ: f32 = 1_000.0;

/// A sine wave at -12 dB.
struct Tone {
    phase: f32,
    turn: f32,
}

impl Tone {
    fn new(hz: f32) -> Self {
        Self {
            phase: 0.0,
            turn: hz / 48_000.0,
        }
    }

    fn read(&mut self, out: &mut [f32]) {
        for sample in out {
            *sample = 0.25 * (TAU * self.phase).sin();
            self.phase = (self.phase + self.turn).fract();
        }
    }
}
