//! The thread `services`: carries out commands and tells the window what changed.
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::queue::DropOldest;
use conf_core::signal::{Signal, Waited, Waiting};
use conf_core::{
    CatalogueEntry, Conference, ConferenceCommand, ConferenceEvent, ConferenceSnapshot,
    Description, InterfaceChoice, JoinOptions, Lookup, Loopback, NetworkStatus, PersonId, Station,
    Terminal, Wake,
};

use super::outbox::Outbox;
use super::{Errand, JoinErrand, convert, drafts, entry_id};
use crate::model::{Command, Done, Draft, EntryId, Event, Failure, PersonVolume, Settings};
use crate::{host, paths, profile, settings_file};

/// Everything behind the window.
pub(super) struct Worker {
    settings: Settings,
    errand: Errand,
    commands: Arc<DropOldest<Command>>,
    outbox: Arc<Outbox>,
    wake: Wake,
    station: Option<Station>,
    meeting: Option<Meeting>,
    shown: Shown,
    is_quitting: bool,
}

/// The conference being taken part in.
struct Meeting {
    description: Arc<Description>,
    conference: Conference,
    leave_at: Option<Instant>,
}

/// What the window was told last, so that it is told only what is new.
#[derive(Default)]
struct Shown {
    catalogue: Option<Arc<Vec<CatalogueEntry>>>,
    catalogue_at: Option<Instant>,
    network: Option<Arc<NetworkStatus>>,
    snapshot: Option<Arc<ConferenceSnapshot>>,
}

impl Worker {
    /// What is on now and what is over changes by itself, and the list says so to the minute.
    const REFRESH: Duration = Duration::from_secs(60);

    pub(super) fn new(
        settings: Settings,
        errand: Errand,
        commands: Arc<DropOldest<Command>>,
        outbox: Arc<Outbox>,
        signal: Signal,
    ) -> Self {
        let wake: Wake = Arc::new(move || signal.raise());
        Self {
            settings,
            errand,
            commands,
            outbox,
            wake,
            station: None,
            meeting: None,
            shown: Shown::default(),
            is_quitting: false,
        }
    }

    pub(super) fn run(mut self, waiting: &Waiting) {
        self.start_station();
        while !self.is_quitting {
            if waiting.wait(Some(self.patience())) == Waited::Abandoned {
                break;
            }
            while let Some(command) = self.commands.pop() {
                self.execute(command);
            }
            self.report();
            self.run_errand();
        }
        self.meeting = None;
        if let Some(station) = self.station.take() {
            station.shutdown();
        }
    }

    fn patience(&self) -> Duration {
        let leaving = self.meeting.as_ref().and_then(|meeting| meeting.leave_at);
        leaving.map_or(Self::REFRESH, |at| {
            at.saturating_duration_since(Instant::now())
                .min(Self::REFRESH)
        })
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::SaveSettings(settings) => self.save_settings(settings),
            Command::Publish(draft) => self.publish(&draft),
            Command::Edit(id, draft) => self.edit(&id, &draft),
            Command::Withdraw(id) => self.withdraw(&id),
            Command::OpenFile(path) => self.open_file(&path),
            Command::CloseFile(id) => self.close_file(&id),
            Command::Refresh => self.with_station(Station::query),
            Command::Join {
                conference,
                is_muted,
            } => self.join_listed(&conference, is_muted),
            Command::Leave => self.leave(),
            Command::MuteMicrophone(is_muted) => {
                self.tell(ConferenceCommand::MuteMicrophone(is_muted))
            }
            Command::SetVolume(volume) => self.set_volume(&volume),
            Command::SetMicrophone(device) => self.set_microphone(device),
            Command::SetSpeaker(device) => self.set_speaker(device),
            Command::SetInterface(name) => self.set_interface(name),
            Command::ListDevices => self.list_devices(),
            Command::Quit => self.is_quitting = true,
        }
    }

    fn start_station(&mut self) {
        let choice = self.settings.interface.as_deref().unwrap_or("default");
        let choice = choice.parse().unwrap_or(InterfaceChoice::Default);
        match host::start_station(choice, true, Arc::clone(&self.wake)) {
            Ok(station) => self.station = Some(station),
            Err(failure) => self.fail(Failure::Publish(failure.to_string())),
        }
        self.shown = Shown::default();
        self.report();
    }

    fn save_settings(&mut self, settings: Settings) {
        for (item, text) in profile::changes(&self.settings, &settings) {
            self.tell(ConferenceCommand::Describe(item, text));
        }
        self.settings = settings;
        self.keep_settings();
    }

    fn keep_settings(&self) {
        let saved = paths::data_dir().map(|dir| settings_file::save(&dir, &self.settings));
        if let Some(Err(error)) = saved {
            self.fail(Failure::Settings(error.to_string()));
        }
        self.outbox.push(Event::Settings(self.settings.clone()));
    }

    fn publish(&self, draft: &Draft) {
        let Some(station) = &self.station else { return };
        match drafts::describe_new(draft, station) {
            Ok(description) => {
                let id = station.publish(description);
                self.outbox.push(Event::Done(Done::Published(entry_id(id))));
            }
            Err(reason) => self.fail(Failure::Publish(reason)),
        }
    }

    fn edit(&self, id: &EntryId, draft: &Draft) {
        let Some(entry) = self.entry(id) else {
            return self.fail(Failure::Publish("the conference is gone".to_owned()));
        };
        let Some(station) = &self.station else { return };
        match drafts::describe_again(&entry, draft, station) {
            Ok(description) => {
                let id = station.publish(description);
                self.outbox.push(Event::Done(Done::Edited(entry_id(id))));
            }
            Err(reason) => self.fail(Failure::Publish(reason)),
        }
    }

    fn withdraw(&self, id: &EntryId) {
        let Some(entry) = self.entry(id) else {
            return self.fail(Failure::Withdraw("the conference is gone".to_owned()));
        };
        self.with_station(|station| station.withdraw(entry.id));
        self.outbox
            .push(Event::Done(Done::Withdrawn(entry.description.name.clone())));
    }

    fn open_file(&self, path: &Path) {
        let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Some(description) = self.read_file(path) {
            self.with_station(|station| station.add_file(path, Arc::clone(&description)));
            self.outbox
                .push(Event::Done(Done::Opened(entry_id(description.id()))));
        }
    }

    fn close_file(&self, id: &EntryId) {
        if let Some(entry) = self.entry(id) {
            self.with_station(|station| station.remove_file(entry.id));
        }
    }

    fn read_file(&self, path: &Path) -> Option<Arc<Description>> {
        let read = std::fs::read(path).map_err(|error| error.to_string());
        let parsed =
            read.and_then(|bytes| Description::parse(&bytes).map_err(|error| error.to_string()));
        match parsed {
            Ok(description) => Some(Arc::new(description)),
            Err(reason) => {
                self.fail(Failure::File {
                    path: path.to_owned(),
                    reason,
                });
                None
            }
        }
    }

    fn join_listed(&mut self, id: &EntryId, is_muted: bool) {
        match self.entry(id) {
            Some(entry) => {
                let options = JoinOptions {
                    is_muted,
                    ..self.join_options()
                };
                self.join(entry.description, options, None);
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
            loopback: Loopback::Selective,
            is_muted: false,
            seed: host::seed(),
        }
    }

    fn leave(&mut self) {
        // Dropping it says goodbye, and closes the devices.
        if self.meeting.take().is_some() {
            self.shown.snapshot = None;
            self.outbox.push(Event::Left);
        }
    }

    fn set_volume(&self, volume: &PersonVolume) {
        self.tell(ConferenceCommand::SetPerson {
            id: PersonId(volume.person.0),
            gain_db: volume.gain_db,
            is_muted: volume.is_muted,
        });
    }

    fn set_microphone(&mut self, device: Option<String>) {
        self.tell(ConferenceCommand::SetMicrophone(terminal(
            device.as_deref(),
        )));
        self.settings.microphone = device;
        self.keep_settings();
    }

    fn set_speaker(&mut self, device: Option<String>) {
        self.tell(ConferenceCommand::SetSpeakers(vec![terminal(
            device.as_deref(),
        )]));
        self.settings.speaker = device;
        self.keep_settings();
    }

    /// The station starts anew on the other interface, and so does the conference that we were in.
    fn set_interface(&mut self, name: Option<String>) {
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

    fn list_devices(&self) {
        match conf_core::list_devices() {
            Ok(found) => self.outbox.push(Event::Devices(convert::devices(&found))),
            Err(error) => tracing::warn!("devices cannot be listed: {error}"),
        }
    }

    /// Does what the window was opened for, as soon as it can be done.
    fn run_errand(&mut self) {
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
            Some(path) => self.read_file(&PathBuf::from(path)),
            None => match self.lookup(&errand.wanted) {
                Some(entry) => Some(entry.description),
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

    /// Tells the window what has changed since it was told last.
    fn report(&mut self) {
        self.report_station();
        self.report_meeting();
    }

    fn report_station(&mut self) {
        let Some(station) = &self.station else { return };
        while let Some(event) = station.poll_event() {
            tracing::debug!(?event, "station");
        }
        let (catalogue, network) = (station.catalogue(), station.network());
        let is_same = |shown: &Arc<_>| Arc::ptr_eq(shown, &catalogue);
        let is_fresh = self
            .shown
            .catalogue_at
            .is_some_and(|at| at.elapsed() < Self::REFRESH);
        if !is_fresh || !self.shown.catalogue.as_ref().is_some_and(is_same) {
            let wall = SystemTime::now();
            let entries = catalogue
                .iter()
                .map(|entry| convert::entry(entry, wall))
                .collect();
            self.outbox.push(Event::Catalogue(entries));
            self.shown.catalogue = Some(catalogue);
            self.shown.catalogue_at = Some(Instant::now());
        }
        if !self
            .shown
            .network
            .as_ref()
            .is_some_and(|shown| Arc::ptr_eq(shown, &network))
        {
            self.outbox.push(Event::Network(convert::network(&network)));
            self.shown.network = Some(network);
        }
    }

    fn report_meeting(&mut self) {
        let Some(meeting) = &self.meeting else { return };
        let mut has_left = meeting.leave_at.is_some_and(|at| at <= Instant::now());
        while let Some(event) = meeting.conference.poll_event() {
            has_left |= event == ConferenceEvent::Left;
        }
        if has_left {
            return self.leave();
        }
        let snapshot = meeting.conference.snapshot();
        if !self
            .shown
            .snapshot
            .as_ref()
            .is_some_and(|shown| Arc::ptr_eq(shown, &snapshot))
        {
            let room = convert::room(&meeting.description, &snapshot, SystemTime::now());
            self.outbox.push(Event::Room(Box::new(room)));
            self.shown.snapshot = Some(snapshot);
        }
    }

    fn lookup(&self, wanted: &str) -> Option<CatalogueEntry> {
        match conf_core::find(&self.station.as_ref()?.catalogue(), wanted) {
            Lookup::Found(entry) => Some(entry.clone()),
            Lookup::Ambiguous(_) | Lookup::None => None,
        }
    }

    fn entry(&self, id: &EntryId) -> Option<CatalogueEntry> {
        let catalogue = self.station.as_ref()?.catalogue();
        catalogue
            .iter()
            .find(|entry| entry_id(entry.id) == *id)
            .cloned()
    }

    fn with_station(&self, action: impl FnOnce(&Station)) {
        if let Some(station) = &self.station {
            action(station);
        }
    }

    fn tell(&self, command: ConferenceCommand) {
        if let Some(meeting) = &self.meeting {
            meeting.conference.command(command);
        }
    }

    fn fail(&self, failure: Failure) {
        self.outbox.push(Event::Failed(failure));
    }
}

/// A device that cannot be understood is the system's choice: the settings may come from another version.
fn terminal(device: Option<&str>) -> Terminal {
    device
        .and_then(|device| Terminal::from_str(device).ok())
        .unwrap_or(Terminal::Default)
}
