//! The conference being taken part in: joining, leaving, and what can be set while in it.
use std::str::FromStr as _;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use conf_core::{
    CatalogueEntry, Conference, ConferenceCommand, Description, JoinOptions, Layer, Lookup,
    Loopback, PersonId, Terminal, VideoLimits, VideoOptions, VideoTerminal, View, Wake,
};

use super::super::feed::Feed;
use super::{Errand, JoinErrand, Worker};
use crate::model::{EntryId, Event, Failure, PersonVolume, Pictures, Settings};
use crate::{host, model, profile};

/// The conference being taken part in.
pub(super) struct Meeting {
    pub(super) description: Arc<Description>,
    pub(super) conference: Conference,
    /// Its pictures, if it has any.
    pub(super) feed: Option<Arc<Feed>>,
    /// Where ours come from.
    pub(super) camera: CameraChoice,
    /// When it is to be left by itself.
    pub(super) leave_at: Option<Instant>,
}

/// Where our pictures come from in this conference.
#[derive(Clone, Debug)]
pub(super) struct CameraChoice {
    pub(super) terminal: VideoTerminal,
    pub(super) is_on: bool,
    /// What is shared.
    pub(super) share: VideoTerminal,
    /// Most that is sent of the camera.
    pub(super) limits: VideoLimits,
    /// Whether there is a stream for it besides the camera's.
    pub(super) has_screens: bool,
}

impl CameraChoice {
    /// What is sent now of camera and screen.
    fn sources(&self) -> [VideoTerminal; 2] {
        let camera = if self.is_on {
            self.terminal.clone()
        } else {
            VideoTerminal::None
        };
        match (&self.share, self.has_screens) {
            (share, true) => [camera, share.clone()],
            (VideoTerminal::None, false) => [camera, VideoTerminal::None],
            (share, false) => [share.clone(), VideoTerminal::None],
        }
    }

    /// What the window shows of it.
    pub(super) fn tell(&self, camera: &mut model::Camera) {
        camera.is_on = self.is_on;
        let is_shared = self.share != VideoTerminal::None;
        camera.share = is_shared.then(|| self.share.to_string());
        camera.is_replaced = is_shared && !self.has_screens;
    }

    /// To join with the same again.
    fn options(&self) -> VideoOptions {
        VideoOptions {
            camera: if self.is_on {
                self.terminal.clone()
            } else {
                VideoTerminal::None
            },
            share: self.share.clone(),
            camera_limits: self.limits,
            ..VideoOptions::default()
        }
    }
}

impl Worker {
    pub(super) fn join_listed(&mut self, id: &EntryId, is_muted: bool) {
        match self.entry(id) {
            Some(entry) => {
                let options = JoinOptions {
                    is_muted,
                    ..self.join_options()
                };
                self.join(Arc::clone(&entry.description), options, None);
            }
            None => self.fail(Failure::Publish("the conference is gone".to_owned())),
        }
    }

    fn join(
        &mut self,
        description: Arc<Description>,
        options: JoinOptions,
        leave_at: Option<Instant>,
    ) {
        let Some(station) = &self.station else { return };
        let camera = self.camera_choice(&description, &options.video);
        let wake = self.conference_wake();
        match station.join(Arc::clone(&description), options, host::moment(), wake) {
            Ok(conference) => {
                self.shown.snapshot = None;
                let feed = Feed::new(&conference).map(Arc::new);
                self.show_pictures(feed.clone());
                self.meeting = Some(Meeting {
                    description,
                    conference,
                    feed,
                    camera,
                    leave_at,
                });
                self.report();
                self.list_devices();
            }
            Err(error) => {
                let (name, problem) = (description.name.clone(), (&error).into());
                self.fail(Failure::Join { name, problem });
            }
        }
    }

    /// Called when there is an event or a newer picture.
    fn conference_wake(&self) -> Wake {
        let (wake, wake_for_pictures) = (Arc::clone(&self.wake), Arc::clone(&self.screen.wake));
        Arc::new(move || {
            wake();
            wake_for_pictures();
        })
    }

    fn show_pictures(&self, feed: Option<Arc<Feed>>) {
        let pictures = self.screen.pictures.lock();
        *pictures.unwrap_or_else(PoisonError::into_inner) = feed.map(|feed| Pictures(feed));
    }

    fn camera_choice(&self, description: &Description, video: &VideoOptions) -> CameraChoice {
        CameraChoice {
            terminal: match &video.camera {
                VideoTerminal::None => camera(self.settings.camera.as_deref()),
                terminal => terminal.clone(),
            },
            is_on: video.camera != VideoTerminal::None,
            share: video.share.clone(),
            limits: video.camera_limits,
            has_screens: conf_core::plan_video(description).is_some_and(|plan| {
                let mut streams = plan.streams.iter();
                streams.any(|stream| stream.layer == Layer::Screen)
            }),
        }
    }

    /// Sends less of our pictures than the conference grants, if that is wanted.
    pub(super) fn limit_camera(&mut self) {
        let limits = self.settings.video_quality.into();
        if let Some(meeting) = &mut self.meeting {
            meeting.camera.limits = limits;
        }
        self.tell(ConferenceCommand::Limit(
            conf_core::Pictures::Camera,
            limits,
        ));
    }

    fn join_options(&self) -> JoinOptions {
        JoinOptions {
            information: profile::information(&self.settings),
            microphone: terminal(self.settings.microphone.as_deref()),
            speakers: vec![terminal(self.settings.speaker.as_deref())],
            video: VideoOptions {
                camera: if self.settings.is_camera_on {
                    camera(self.settings.camera.as_deref())
                } else {
                    VideoTerminal::None
                },
                camera_limits: self.settings.video_quality.into(),
                view: View::Hidden,
                ..VideoOptions::default()
            },
            loopback: Loopback::Selective,
            is_muted: false,
            seed: host::seed(),
        }
    }

    pub(super) fn leave(&mut self) {
        // Dropping it says goodbye, and closes the devices.
        if self.forget_meeting() {
            self.shown.snapshot = None;
            self.outbox.push(Event::Left);
        }
    }

    pub(super) fn forget_meeting(&mut self) -> bool {
        self.show_pictures(None);
        self.meeting.take().is_some()
    }

    pub(super) fn mute(&self, is_muted: bool) {
        self.tell(ConferenceCommand::MuteMicrophone(is_muted));
    }

    /// Tells the others in the conference what is new about us.
    pub(super) fn describe_me(&self, settings: &Settings) {
        for (item, text) in profile::changes(&self.settings, settings) {
            self.tell(ConferenceCommand::Describe(item, text));
        }
    }

    pub(super) fn set_volume(&self, volume: &PersonVolume) {
        self.tell(ConferenceCommand::SetPerson {
            id: PersonId(volume.person.0),
            gain_db: volume.gain_db,
            is_muted: volume.is_muted,
        });
    }

    pub(super) fn set_microphone(&mut self, device: Option<String>) {
        self.tell(ConferenceCommand::SetMicrophone(terminal(
            device.as_deref(),
        )));
        self.settings.microphone = device;
        self.keep_settings();
    }

    pub(super) fn set_speaker(&mut self, device: Option<String>) {
        self.tell(ConferenceCommand::SetSpeakers(vec![terminal(
            device.as_deref(),
        )]));
        self.settings.speaker = device;
        self.keep_settings();
    }

    pub(super) fn set_camera(&mut self, terminal: Option<String>) {
        let chosen = camera(terminal.as_deref());
        self.change_camera(|camera| camera.terminal = chosen);
        self.settings.camera = terminal;
        if self.preview.is_some() {
            self.preview(true);
        }
        self.keep_settings();
    }

    pub(super) fn switch_camera(&mut self, is_on: bool) {
        self.change_camera(|camera| camera.is_on = is_on);
        self.settings.is_camera_on = is_on;
        self.keep_settings();
    }

    pub(super) fn share(&mut self, terminal: Option<&str>) {
        let parsed = terminal.and_then(|terminal| VideoTerminal::from_str(terminal).ok());
        self.change_camera(|camera| camera.share = parsed.unwrap_or_default());
    }

    fn change_camera(&mut self, change: impl FnOnce(&mut CameraChoice)) {
        let Some(meeting) = &mut self.meeting else {
            return;
        };
        let [camera, screen] = meeting.camera.sources();
        change(&mut meeting.camera);
        let [camera_now, screen_now] = meeting.camera.sources();
        let conference = &meeting.conference;
        if camera_now != camera {
            conference.command(ConferenceCommand::SetCamera(camera_now));
        }
        if screen_now != screen {
            conference.command(ConferenceCommand::SetScreen(screen_now));
        }
        self.shown.snapshot = None;
        self.report();
    }

    pub(super) fn set_interface(&mut self, name: Option<String>) {
        self.settings.interface = name;
        self.keep_settings();
        let meeting = self.meeting.take().map(|meeting| {
            let options = JoinOptions {
                is_muted: meeting.conference.snapshot().me.is_muted,
                video: meeting.camera.options(),
                ..self.join_options()
            };
            (meeting.description, options, meeting.leave_at)
        });
        if let Some(station) = self.station.take() {
            station.shutdown();
        }
        self.start_station();
        if let Some((description, options, leave_at)) = meeting {
            self.join(description, options, leave_at);
        }
    }

    pub(super) fn run_errand(&mut self) {
        match std::mem::replace(&mut self.errand, Errand::None) {
            Errand::None => {}
            Errand::OpenFile(path) => self.open_file(&path),
            // The first start asks for a name before anything else.
            errand @ Errand::Join(_) if self.settings.name.is_empty() => self.errand = errand,
            Errand::Join(errand) => self.try_join(errand),
        }
    }

    fn try_join(&mut self, errand: Box<JoinErrand>) {
        let description = match &errand.file {
            Some(path) => self.read_file(path),
            None => match self.lookup(&errand.wanted) {
                Some(entry) => Some(Arc::clone(&entry.description)),
                // It may still be heard.
                None => return self.errand = Errand::Join(errand),
            },
        };
        let Some(description) = description else {
            return;
        };
        let mut options = JoinOptions {
            loopback: errand.loopback,
            ..self.join_options()
        };
        options.microphone = errand.microphone.unwrap_or(options.microphone);
        if errand.camera != VideoTerminal::None {
            options.video.camera = errand.camera;
        }
        options.video.share = errand.share;
        let kept = options.video.camera_limits;
        options.video.camera_limits = VideoLimits {
            bit_rate: errand.limits.bit_rate.or(kept.bit_rate),
            frame_rate: errand.limits.frame_rate.or(kept.frame_rate),
            size: errand.limits.size.or(kept.size),
        };
        if !errand.speakers.is_empty() {
            options.speakers = errand.speakers;
        }
        let leave_at = errand
            .lasting
            .and_then(|lasting| Instant::now().checked_add(lasting));
        self.join(description, options, leave_at);
    }

    fn lookup(&self, wanted: &str) -> Option<Arc<CatalogueEntry>> {
        match conf_core::find(&self.station.as_ref()?.catalogue(), wanted) {
            Lookup::Found(entry) => Some(Arc::clone(entry)),
            Lookup::Ambiguous(_) | Lookup::None => None,
        }
    }

    pub(super) fn tell(&self, command: ConferenceCommand) {
        if let Some(meeting) = &self.meeting {
            meeting.conference.command(command);
        }
    }
}

/// One that cannot be understood is the system's choice.
pub(super) fn camera(terminal: Option<&str>) -> VideoTerminal {
    terminal
        .and_then(|terminal| VideoTerminal::from_str(terminal).ok())
        .unwrap_or(VideoTerminal::CAMERA)
}

/// A device that cannot be understood is the system's choice: the settings may come from another version.
fn terminal(device: Option<&str>) -> Terminal {
    device
        .and_then(|device| Terminal::from_str(device).ok())
        .unwrap_or(Terminal::Default)
}
