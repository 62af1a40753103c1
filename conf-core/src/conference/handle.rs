//! A conference taken part in over the real network with real sound.
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use directory::Description;
use media::engine::{AudioOptions, AudioWorker, EngineConfig};
use media::render::PictureSlot;
use media::video::VideoHandle;

use super::control::ConferenceControl;
use super::endpoint::ConferenceEndpoint;
use super::moment::Moment;
use super::video_workers::VideoWorkers;
use super::{
    ConferenceCommand, ConferenceEvent, ConferenceSnapshot, JoinError, JoinOptions, Loopback,
    Pictures, Wake, plan, plan_video,
};
use crate::net::{EndpointHandle, EndpointWaker, InterfaceChoice, NetHandle, RegisterOptions};

/// One conference that we take part in. Dropping it leaves: a goodbye is sent, and the devices are closed.
pub struct Conference {
    control: ConferenceControl,
    endpoint: EndpointHandle,
    // Joined when the conference is dropped, the one that writes pictures after those that decode them.
    _audio: AudioWorker,
    video: Option<VideoWorkers>,
}

impl Conference {
    /// Joins on the given network; `wake` is called when there is an event or a new snapshot.
    ///
    /// # Errors
    /// Where the description cannot be joined. What goes wrong with network or devices is a [`Problem`](super::Problem)
    /// of a conference that has been joined, since it may pass.
    pub fn join(
        net: &NetHandle,
        interface: InterfaceChoice,
        description: Arc<Description>,
        options: JoinOptions,
        moment: Moment,
        wake: Wake,
    ) -> Result<Self, JoinError> {
        let plan = plan(&description, moment.wall)?;
        let wake_endpoint: Arc<OnceLock<EndpointWaker>> = Arc::default();
        let audio = start_audio(
            &plan.engine_config(options.is_muted),
            &options,
            &wake_endpoint,
        )?;
        let loopback = options.loopback;
        let video = plan_video(&description)
            .map(|plan| VideoWorkers::start(plan, &options, moment, &wake, &wake_endpoint))
            .transpose()?;
        let (mut endpoint, control) =
            ConferenceEndpoint::new(description, plan, options, audio.handle(), moment, wake);
        if let Some(video) = &video {
            endpoint = endpoint.with_video(video.plan().clone(), video.port());
        }
        let options = RegisterOptions {
            interface,
            loopback: loopback != Loopback::None,
        };
        let endpoint = net
            .register(Box::new(endpoint), options)
            .map_err(|_| JoinError::Stopped)?;
        // Set once, here; the audio worker's packets wait until then.
        drop(wake_endpoint.set(endpoint.waker()));
        Ok(Self {
            control,
            endpoint,
            _audio: audio,
            video,
        })
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<ConferenceEvent> {
        self.control.poll_event()
    }

    /// How things stand; renewed ten times a second.
    pub fn snapshot(&self) -> Arc<ConferenceSnapshot> {
        self.control.snapshot()
    }

    /// Where the pictures of the others are, by their SSRC, and how each is to be shown; none without video.
    pub fn pictures(&self) -> Option<VideoHandle> {
        self.video.as_ref().map(VideoWorkers::pictures)
    }

    /// Where our own camera is to be seen, where we may send it.
    pub fn preview(&self) -> Option<PictureSlot> {
        self.video.as_ref()?.preview(Pictures::Camera)
    }

    /// Where the screen that we share is to be seen, where the conference has a stream for it.
    pub fn screen_preview(&self) -> Option<PictureSlot> {
        self.video.as_ref()?.preview(Pictures::Screen)
    }

    /// Does what the user asked for, soon.
    pub fn command(&self, command: ConferenceCommand) {
        self.control.command(command);
        self.endpoint.wake();
    }

    /// Says goodbye; [`ConferenceEvent::Left`] tells when it has been sent, which in a large conference may take a while
    /// (RFC 3550 section 6.3.7).
    pub fn leave(&self) {
        self.control.leave();
        self.endpoint.wake();
    }

    /// Whether the goodbye has been sent and the groups have been left.
    pub fn has_left(&self) -> bool {
        self.endpoint.is_finished()
    }
}

impl fmt::Debug for Conference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conference")
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

impl Drop for Conference {
    fn drop(&mut self) {
        self.leave();
    }
}

/// On a busy computer threads are woken up to a period of a device late; with 20 ms packets and a wire this
/// stays below the 60 ms that a conversation may have.
const SPARE_DELAY: Duration = Duration::from_millis(10);

fn start_audio(
    engine: &EngineConfig,
    options: &JoinOptions,
    wake: &Arc<OnceLock<EndpointWaker>>,
) -> Result<AudioWorker, JoinError> {
    let wake = Arc::clone(wake);
    let options = AudioOptions {
        engine: EngineConfig {
            spare_delay: SPARE_DELAY,
            ..engine.clone()
        },
        microphone: options.microphone.clone(),
        speakers: options.speakers.clone(),
        wake: Arc::new(move || {
            if let Some(waker) = wake.get() {
                waker.wake();
            }
        }),
    };
    AudioWorker::start(options).map_err(|error| JoinError::Audio(error.to_string()))
}
