//! What the window shows, as plain data: filled by events, read by `ui`, free of any network.
mod command;
mod contactable;
mod device;
mod directory;
mod draft;
mod entry;
mod event;
mod network;
mod pictures;
mod plan;
mod problem;
mod room;
mod settings;

use std::sync::Arc;
use std::time::Instant;

pub use command::{Command, ExportFormat, PersonVolume};
pub use contactable::Contactable;
pub use device::{Device, Devices, Shareables};
pub use directory::{Directory, DirectoryProblem, DirectoryState};
pub use draft::{Draft, DraftFault, Scope};
pub use entry::{
    Activity, Difference, Entry, EntryId, GroupOrigin, Lock, MediaLine, Occasion, Rate, Seen,
    Source,
};
pub use event::{Done, Event, Failure, LeaseProblem};
pub use network::{Network, NetworkInterface};
pub use pictures::{OnScreen, PictureFeed, Pictures, Still, Whose};
pub use plan::{Clash, Plan};
pub use problem::Problem;
pub use room::{Camera, Me, Person, PersonId, Presence, Reach, Room, Stage};
pub use settings::{Bandwidth, Contact, Settings, ThemeChoice, VideoQuality};

/// The time of this frame; the window reads the clock, nothing below it does.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Wall time, for when things begin and end.
    pub wall: jiff::Timestamp,
    /// Steady time, for how long something has lasted.
    pub steady: Instant,
    /// The zone that wall times are shown in.
    pub zone: jiff::tz::TimeZone,
}

/// A sentence for the person about what just happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// It worked.
    Done(Done),
    /// It did not.
    Failed(Failure),
}

/// All that the window knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// The time of this frame.
    pub clock: Clock,
    /// What the person chose.
    pub settings: Settings,
    /// Every conference known, as the catalogue gave it.
    pub conferences: Vec<Arc<Entry>>,
    /// Whether the catalogue has spoken at all.
    pub is_catalogue_loaded: bool,
    /// The network in use.
    pub network: Network,
    /// The directories in use.
    pub directories: Vec<Directory>,
    /// The people in them, by name.
    pub people: Vec<Contactable>,
    /// Microphones and speakers.
    pub devices: Devices,
    /// What can be shared, as of when it was last asked for.
    pub shareables: Shareables,
    /// The conference being taken part in.
    pub room: Option<Room>,
    /// What just happened and when; replaced by the next.
    pub message: Option<(Message, Instant)>,
}

impl Model {
    /// A model that knows nothing but the time and what was chosen.
    pub fn new(clock: Clock, settings: Settings) -> Self {
        Self {
            clock,
            settings,
            conferences: Vec::new(),
            is_catalogue_loaded: false,
            network: Network::default(),
            directories: Vec::new(),
            people: Vec::new(),
            devices: Devices::default(),
            shareables: Shareables::default(),
            room: None,
            message: None,
        }
    }

    /// Takes one event.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Catalogue(entries) => self.replace_catalogue(entries),
            Event::Network(network) => self.network = network,
            Event::Directories(directories) => self.directories = directories,
            Event::People(people) => self.people = people,
            Event::Devices(devices) => self.devices = devices,
            Event::Shareables(shareables) => self.shareables = shareables,
            Event::Settings(settings) => self.settings = settings,
            Event::Room(room) => self.replace_room(*room),
            // The form that asked has it.
            Event::Foreseen(..) => {}
            Event::Left => self.room = None,
            Event::Done(done) => self.tell(Message::Done(done)),
            Event::Failed(failure) => self.fail(failure),
        }
    }

    /// The conference with this id.
    pub fn conference(&self, id: &EntryId) -> Option<&Entry> {
        let mut all = self.conferences.iter().map(|entry| &**entry);
        all.find(|entry| entry.id == *id)
    }

    /// One's own conferences that are being announced now, so that closing the window stops them.
    pub fn announced(&self) -> impl Iterator<Item = &Entry> {
        let now = self.clock.wall;
        let all = self.conferences.iter().map(|entry| &**entry);
        all.filter(move |entry| entry.is_own() && !matches!(entry.activity(now), Activity::Past))
    }

    fn replace_catalogue(&mut self, entries: Vec<Arc<Entry>>) {
        self.conferences = entries;
        self.is_catalogue_loaded = true;
    }

    fn replace_room(&mut self, mut room: Room) {
        if let Some(before) = &self.room {
            room.remember_talkers(before);
        }
        room.note_talkers(self.clock.steady);
        self.room = Some(room);
    }

    fn fail(&mut self, failure: Failure) {
        if matches!(failure, Failure::Join { .. }) {
            self.room = None;
        }
        self.tell(Message::Failed(failure));
    }

    fn tell(&mut self, message: Message) {
        self.message = Some((message, self.clock.steady));
    }
}

#[cfg(test)]
mod tests;
