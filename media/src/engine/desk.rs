//! The engine between its microphone and its speakers: what one step does, without thread or clock.
use std::time::{Duration, Instant};

use super::{AudioCommand, AudioEngine, AudioSnapshot, EngineConfig, STEP_SAMPLES, SinkStatus};
use crate::device::{Microphone, Speaker, Terminal};

/// An engine with its terminals, stepped by whoever holds it: the worker, or a test in virtual time.
pub struct Desk {
    engine: AudioEngine,
    microphone: Microphone,
    speakers: Vec<Speaker>,
    /// Told to let go; dropped when that no longer waits.
    leaving_microphones: Vec<Microphone>,
    leaving_speakers: Vec<Speaker>,
    capture: [f32; STEP_SAMPLES],
    playback: [f32; 2 * STEP_SAMPLES],
}

impl Desk {
    /// Starts to open the terminals; nothing waits for them.
    pub fn new(
        config: EngineConfig,
        microphone: Terminal,
        speakers: Vec<Terminal>,
        now: Instant,
    ) -> Self {
        let speakers = speakers.into_iter();
        Self {
            engine: AudioEngine::new(config),
            microphone: Microphone::new(microphone, now),
            speakers: speakers
                .map(|terminal| Speaker::new(terminal, now))
                .collect(),
            leaving_microphones: Vec::new(),
            leaving_speakers: Vec::new(),
            capture: [0.0; STEP_SAMPLES],
            playback: [0.0; 2 * STEP_SAMPLES],
        }
    }

    /// One step of 10 ms. Gives by what part steps should take longer, so that they follow the first
    /// device among the speakers; 0 where there is none and the timer alone counts.
    pub fn step(&mut self, now: Instant) -> f64 {
        let has_sound = self.microphone.read(now, &mut self.capture);
        let capture: &[f32] = if has_sound { &self.capture } else { &[] };
        self.engine.step(now, capture, &mut self.playback);
        for speaker in &mut self.speakers {
            speaker.tend(now);
        }
        let master = self.speakers.iter().position(Speaker::has_clock);
        let mut drift = None;
        for (index, speaker) in self.speakers.iter_mut().enumerate() {
            let asked = speaker.write(&self.playback, Some(index) == master);
            drift = drift.or(asked);
        }
        self.leaving_microphones
            .retain(|leaving| !leaving.is_gone());
        self.leaving_speakers.retain(|leaving| !leaving.is_gone());
        drift.unwrap_or(0.0)
    }

    /// Steps have been left out because the computer was too busy; what is sent and recorded keeps the time.
    pub fn skip(&mut self, steps: u64) {
        self.microphone.skip(steps);
        self.engine.skip(steps);
        for speaker in &mut self.speakers {
            speaker.skip(steps);
        }
    }

    /// Does what is asked.
    pub fn obey(&mut self, command: AudioCommand, now: Instant) {
        match command {
            AudioCommand::Engine(command) => self.engine.apply(command),
            AudioCommand::SetMicrophone(terminal) => self.set_microphone(terminal, now),
            AudioCommand::SetSpeakers(terminals) => self.set_speakers(terminals, now),
        }
    }

    /// The engine, for packets both ways.
    pub fn engine(&mut self) -> &mut AudioEngine {
        &mut self.engine
    }

    /// Writes how everything is doing into `out`, reusing its memory.
    pub fn snapshot(&mut self, out: &mut AudioSnapshot) {
        self.engine.snapshot(out);
        out.microphone.state.clone_from(self.microphone.state());
        let (missing, overrun) = self.microphone.missing_and_overrun();
        out.counters.capture_underrun_samples += missing;
        out.counters.capture_overrun_samples += overrun;
        let latency = self.latency();
        for heard in out
            .sources
            .iter_mut()
            .filter_map(|source| source.heard.as_mut())
        {
            heard.at += latency;
        }
        out.speakers
            .resize_with(self.speakers.len(), SinkStatus::default);
        for (status, speaker) in out.speakers.iter_mut().zip(&mut self.speakers) {
            status.terminal.clone_from(speaker.terminal());
            status.state.clone_from(speaker.state());
            out.counters.playback_underrun_samples += speaker.missing();
        }
    }

    /// How long sound takes from a step to the first loudspeaker that is a device; files take it at once.
    fn latency(&mut self) -> Duration {
        let mut speakers = self.speakers.iter_mut();
        speakers
            .find(|speaker| speaker.has_clock())
            .map_or(Duration::ZERO, Speaker::latency)
    }

    fn set_microphone(&mut self, terminal: Terminal, now: Instant) {
        if *self.microphone.terminal() == terminal {
            return;
        }
        let new = Microphone::new(terminal, now);
        let mut old = std::mem::replace(&mut self.microphone, new);
        old.close();
        self.leaving_microphones.push(old);
    }

    fn set_speakers(&mut self, terminals: Vec<Terminal>, now: Instant) {
        let mut old = std::mem::take(&mut self.speakers);
        for terminal in terminals {
            let same = old
                .iter()
                .position(|speaker| *speaker.terminal() == terminal);
            self.speakers.push(match same {
                Some(index) => old.swap_remove(index),
                None => Speaker::new(terminal, now),
            });
        }
        for mut speaker in old {
            speaker.close();
            self.leaving_speakers.push(speaker);
        }
    }
}

impl Drop for Desk {
    /// Tells all terminals to let go before waiting for any.
    fn drop(&mut self) {
        self.microphone.close();
        for speaker in &mut self.speakers {
            speaker.close();
        }
    }
}
