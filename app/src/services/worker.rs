//! The thread `services`: carries out commands and tells the window what changed.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_core::leases::Need;
use conf_core::queue::DropOldest;
use conf_core::server::ServerHandle;
use conf_core::signal::{Signal, Waited, Waiting};
use conf_core::{
    CameraPreview, CatalogueEntry, ConferenceCommand, ConferenceId, InterfaceChoice, Station, Wake,
};

use self::leasing::Asked;
use self::meeting::Meeting;
use self::passwords::Passwords;
use self::report::Shown;
use super::listed::Surroundings;
use super::outbox::Outbox;
use super::{Errand, JoinErrand, PictureCell, convert, drafts, entry_id, feed, listed};
use crate::model::{Command, EntryId, Event, Failure, Settings};
use crate::{host, paths, settings_file};

mod directories;
mod export;
mod glance;
mod hosting;
mod leasing;
mod meeting;
mod passwords;
mod pictures;
mod planning;
mod preview;
mod report;

/// The way of the pictures to the window.
pub(super) struct Screen {
    /// Where it finds them.
    pub(super) pictures: PictureCell,
    /// Has it look for newer ones.
    pub(super) wake: Wake,
}

/// Everything behind the window.
pub(super) struct Worker {
    settings: Settings,
    errand: Errand,
    commands: Arc<DropOldest<Command>>,
    outbox: Arc<Outbox>,
    wake: Wake,
    screen: Screen,
    server: Option<ServerHandle>,
    passwords: Passwords,
    station: Option<Station>,
    meeting: Option<Meeting>,
    /// The camera, while the person looks at it before joining.
    preview: Option<CameraPreview>,
    /// Conferences whose groups are being leased.
    asked: Vec<Asked>,
    /// The times for which the groups of each conference were last leased.
    followed: BTreeMap<ConferenceId, Need>,
    shown: Shown,
    is_quitting: bool,
}

impl Worker {
    const REFRESH: Duration = Duration::from_secs(60);

    pub(super) fn new(
        settings: Settings,
        errand: Errand,
        commands: Arc<DropOldest<Command>>,
        outbox: Arc<Outbox>,
        signal: Signal,
        screen: Screen,
    ) -> Self {
        let wake: Wake = Arc::new(move || signal.raise());
        let passwords = Passwords::new(Arc::clone(&wake));
        Self {
            settings,
            errand,
            commands,
            outbox,
            wake,
            screen,
            server: None,
            passwords,
            station: None,
            meeting: None,
            preview: None,
            asked: Vec::new(),
            followed: BTreeMap::new(),
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
            self.take_passwords();
            self.report();
            self.run_errand();
        }
        self.forget_meeting();
        if let Some(station) = self.station.take() {
            station.shutdown();
        }
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }

    fn patience(&self) -> Duration {
        let leaving = self.meeting.as_ref().and_then(|meeting| meeting.leave_at);
        let giving_up = self.asked.iter().map(|asked| asked.give_up_at);
        let next = leaving.into_iter().chain(giving_up).min();
        next.map_or(Self::REFRESH, |at| {
            at.saturating_duration_since(Instant::now())
                .min(Self::REFRESH)
        })
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::SaveSettings(settings) => self.save_settings(settings),
            Command::KeepPassword {
                urls,
                name,
                password,
            } => self.keep_password(&urls, &name, password),
            Command::ForgetPassword { urls, name } => self.forget_password(&urls, &name),
            Command::Foresee(plan) => self.foresee(plan),
            Command::Publish(draft) => self.publish(draft),
            Command::Edit(id, draft) => self.edit(id, draft),
            Command::Withdraw(id) => self.withdraw(&id),
            Command::PublishIn(id, url) => self.publish_in(&id, &url),
            Command::WithdrawFrom(id, url) => self.withdraw_from(&id, &url),
            Command::OpenFile(path) => self.open_file(&path),
            Command::CloseFile(id) => self.close_file(&id),
            Command::Export(id, format) => self.export(&id, format),
            Command::Refresh => self.with_station(Station::query),
            Command::Join {
                conference,
                is_muted,
            } => self.join_listed(&conference, is_muted),
            Command::Leave => self.leave(),
            Command::MuteMicrophone(is_muted) => self.mute(is_muted),
            Command::SetVolume(volume) => self.set_volume(&volume),
            Command::SetMicrophone(device) => self.set_microphone(device),
            Command::SetSpeaker(device) => self.set_speaker(device),
            Command::SetCamera(terminal) => self.set_camera(terminal),
            Command::SwitchCamera(is_on) => self.switch_camera(is_on),
            Command::Share(terminal) => self.share(terminal.as_deref()),
            Command::SavePicture(still) => self.save_picture(&still),
            Command::Show(shown) => self.tell(ConferenceCommand::Show(feed::tiles(&shown))),
            Command::SetInterface(name) => self.set_interface(name),
            Command::ListDevices => self.list_devices(),
            Command::Preview(is_wanted) => self.preview(is_wanted),
            Command::ListShareables => self.list_shareables(),
            Command::Quit => self.is_quitting = true,
        }
    }

    fn start_station(&mut self) {
        let choice = self.settings.interface.as_deref().unwrap_or("default");
        let choice = choice.parse().unwrap_or(InterfaceChoice::Default);
        let (madcap, wake) = (self.madcap(), Arc::clone(&self.wake));
        match host::start_leasing_station(choice, Vec::new(), madcap, true, wake) {
            Ok(station) => self.station = Some(station),
            Err(failure) => self.fail(Failure::Publish(failure.to_string())),
        }
        let settings = self.settings.clone();
        self.use_directories(&settings);
        self.shown = Shown::default();
        self.report();
    }

    fn save_settings(&mut self, settings: Settings) {
        self.describe_me(&settings);
        let before = std::mem::replace(&mut self.settings, settings);
        self.use_directories(&before);
        self.use_lessor(&before);
        if before.video_quality != self.settings.video_quality {
            self.limit_camera();
        }
        self.keep_settings();
    }

    fn keep_settings(&self) {
        let saved = paths::data_dir().map(|dir| settings_file::save(&dir, &self.settings));
        if let Some(Err(error)) = saved {
            self.fail(Failure::Settings(error.to_string()));
        }
        self.outbox.push(Event::Settings(self.settings.clone()));
    }

    fn list_devices(&self) {
        match conf_core::list_devices() {
            Ok(found) => self.outbox.push(Event::Devices(convert::devices(&found))),
            Err(error) => tracing::warn!("devices cannot be listed: {error}"),
        }
    }

    fn list_shareables(&self) {
        let found = convert::shareables(conf_core::list_shareables());
        self.outbox.push(Event::Shareables(found));
    }

    fn entry(&self, id: &EntryId) -> Option<Arc<CatalogueEntry>> {
        let catalogue = self.station.as_ref()?.catalogue();
        let mut entries = catalogue.iter();
        entries.find(|entry| entry_id(entry.id) == *id).cloned()
    }

    fn with_station(&self, action: impl FnOnce(&Station)) {
        if let Some(station) = &self.station {
            action(station);
        }
    }

    fn fail(&self, failure: Failure) {
        self.outbox.push(Event::Failed(failure));
    }
}
