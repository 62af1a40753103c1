//! Whole conferences on the simulated network: real sessions, real jitter buffers and coders, virtual time.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use conf_core::conference::{AudioPort, ConferenceControl, ConferenceEndpoint, VideoPort};
use conf_core::{
    ConferenceEvent, Description, Information, JoinOptions, Loopback, Moment, Terminal,
    VideoOptions, View, plan, plan_video,
};
use media::engine::{
    AudioCommand, AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineConfig, STEP,
    STEP_SAMPLES,
};

use crate::lan::{HostId, Lan};
use crate::screening::Screening;
use crate::sound::Sound;

/// Somebody in a conference: what they say, what they hear, and the user's side of it.
pub struct Attendee {
    /// What a window would hold.
    pub control: ConferenceControl,
    /// Where they are.
    pub host: HostId,
    /// What was played to them so far, both channels averaged.
    pub heard: Sound,
    /// What was reported to them so far.
    pub events: Vec<ConferenceEvent>,
    said: Sound,
    position: usize,
    audio: VirtualAudio,
}

impl Attendee {
    /// Joins the conference and says this from now on, then nothing.
    pub fn join(lan: &mut Lan, description: &Description, name: &str, said: Sound) -> Self {
        Self::join_seen(lan, description, name, said, None)
    }

    /// The same, and is seen.
    pub fn join_seen(
        lan: &mut Lan,
        description: &Description,
        name: &str,
        said: Sound,
        screening: Option<&Screening>,
    ) -> Self {
        let eyes = screening.map(|screening| {
            let port: Box<dyn VideoPort> = Box::new(screening.clone());
            (screening.default_view(), port)
        });
        Self::join_with(lan, description, name, said, eyes)
    }

    /// The same, with any eyes, which look at everybody so.
    pub fn join_with(
        lan: &mut Lan,
        description: &Description,
        name: &str,
        said: Sound,
        eyes: Option<(View, Box<dyn VideoPort>)>,
    ) -> Self {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let plan = plan(description, wall).unwrap();
        let audio = VirtualAudio::new(EngineConfig {
            send: plan.send,
            ..EngineConfig::new(plan.receive.clone())
        });
        let moment = Moment {
            now: lan.now(),
            wall,
        };
        let description = Arc::new(description.clone());
        let wake = Arc::new(|| ());
        let video = plan_video(&description);
        let mut options = options(name);
        if let Some((view, _)) = &eyes {
            options.video.view = *view;
        }
        let (mut endpoint, control) =
            ConferenceEndpoint::new(description, plan, options, audio.clone(), moment, wake);
        if let (Some(plan), Some((_, port))) = (video, eyes) {
            endpoint = endpoint.with_video(plan, port);
        }
        Self {
            control,
            host: lan.plug(Box::new(endpoint)),
            heard: Sound::default(),
            events: Vec::new(),
            said,
            position: 0,
            audio,
        }
    }

    /// One 10 ms step of this one's audio worker.
    fn step(&mut self, lan: &mut Lan) {
        let rest = self.said.0.get(self.position..).unwrap_or_default();
        let capture: Vec<f32> = rest
            .iter()
            .copied()
            .chain(std::iter::repeat(0.0))
            .take(STEP_SAMPLES)
            .collect();
        self.position += STEP_SAMPLES;
        let mut playback = [0.0; 2 * STEP_SAMPLES];
        self.audio.engine().step(lan.now(), &capture, &mut playback);
        let frames = playback
            .chunks_exact(2)
            .map(|frame| (frame[0] + frame[1]) / 2.0);
        self.heard.0.extend(frames);
        lan.wake(self.host);
        self.events
            .extend(std::iter::from_fn(|| self.control.poll_event()));
    }
}

/// Lets everybody talk and listen for a while.
pub fn hold(lan: &mut Lan, attendees: &mut [Attendee], span: Duration) {
    let end = lan.now() + span;
    while lan.now() < end {
        attendees.iter_mut().for_each(|attendee| attendee.step(lan));
        lan.run_for(STEP);
    }
}

/// The engine, stepped by the test instead of by a device.
#[derive(Clone)]
struct VirtualAudio(Arc<Mutex<AudioEngine>>);

impl VirtualAudio {
    fn new(config: EngineConfig) -> Self {
        Self(Arc::new(Mutex::new(AudioEngine::new(config))))
    }

    fn engine(&self) -> MutexGuard<'_, AudioEngine> {
        self.0.lock().unwrap()
    }
}

impl AudioPort for VirtualAudio {
    fn push_packet(&mut self, packet: &AudioPacket<'_>) {
        self.engine().push_packet(packet);
    }

    fn poll_encoded(&mut self) -> Option<EncodedPacket> {
        self.engine().poll_encoded()
    }

    fn apply(&mut self, command: AudioCommand) {
        // There are no devices here to change.
        if let AudioCommand::Engine(command) = command {
            self.engine().apply(command);
        }
    }

    fn snapshot(&self) -> Arc<AudioSnapshot> {
        let mut snapshot = AudioSnapshot::default();
        self.engine().snapshot(&mut snapshot);
        Arc::new(snapshot)
    }
}

fn options(name: &str) -> JoinOptions {
    JoinOptions {
        information: Information {
            name: Some(name.to_owned()),
            ..Information::default()
        },
        microphone: Terminal::Default,
        speakers: vec![Terminal::Default],
        video: VideoOptions::default(),
        loopback: Loopback::Selective,
        is_muted: false,
        seed: name
            .bytes()
            .fold(1, |seed, byte| seed * 31 + u64::from(byte)),
    }
}
