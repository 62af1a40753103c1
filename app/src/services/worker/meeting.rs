//! The conference being taken part in: joining, leaving, and what can be set while in it.
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Instant;

use conf_core::{
    CatalogueEntry, Conference, ConferenceCommand, Description, JoinOptions, Lookup, Loopback,
    PersonId, Terminal, VideoOptions,
};

use super::{Errand, JoinErrand, Worker};
use crate::model::{EntryId, Event, Failure, PersonVolume, Settings};
use crate::{host, profile};

/// The conference being taken part in.
pub(super) struct Meeting {
    pub(super) description: Arc<Description>,
    pub(super) conference: Conference,
    /// When it is to be left by itself.
    pub(super) leave_at: Option<Instant>,
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
        let wake = Arc::clone(&self.wake);
        match station.join(Arc::clone(&description), options, host::moment(), wake) {
            Ok(conference) => {
                self.shown.snapshot = None;
                self.meeting = Some(Meeting {
                    description,
                    conference,
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

    fn join_options(&self) -> JoinOptions {
        JoinOptions {
            information: profile::information(&self.settings),
            microphone: terminal(self.settings.microphone.as_deref()),
            speakers: vec![terminal(self.settings.speaker.as_deref())],
            video: VideoOptions::default(),
            loopback: Loopback::Selective,
            is_muted: false,
            seed: host::seed(),
        }
    }

    pub(super) fn leave(&mut self) {
        // Dropping it says goodbye, and closes the devices.
        if self.meeting.take().is_some() {
            self.shown.snapshot = None;
            self.outbox.push(Event::Left);
        }
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

    pub(super) fn set_interface(&mut self, name: Option<String>) {
        self.settings.interface = name;
        self.keep_settings();
        let meeting = self.meeting.take().map(|meeting| {
            let is_muted = meeting.conference.snapshot().me.is_muted;
            (meeting.description, is_muted, meeting.leave_at)
        });
        if let Some(station) = self.station.take() {
            station.shutdown();
        }
        self.start_station();
        if let Some((description, is_muted, leave_at)) = meeting {
            let options = JoinOptions {
                is_muted,
                ..self.join_options()
            };
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

    fn tell(&self, command: ConferenceCommand) {
        if let Some(meeting) = &self.meeting {
            meeting.conference.command(command);
        }
    }
}

/// A device that cannot be understood is the system's choice: the settings may come from another version.
fn terminal(device: Option<&str>) -> Terminal {
    device
        .and_then(|device| Terminal::from_str(device).ok())
        .unwrap_or(Terminal::Default)
}
