//! What the person is looking at and typing: plain data that only `ui` changes.
use std::collections::{BTreeMap, BTreeSet};

use conf_core::directories::Secret;

use crate::model::{
    Clash, Contact, Done, EntryId, Event, Failure, Message, Model, PersonId, Plan, Settings, Whose,
};
use crate::ui::dialogs::form::Form;
use crate::ui::room::{OwnWindow, Seats};

/// The three screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The first start, which asks for a name.
    Welcome,
    /// The list of conferences.
    Home,
    /// A conference.
    Room,
}

/// The tabs of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// On now.
    #[default]
    Now,
    /// To come.
    Upcoming,
    /// One's own and opened files.
    Mine,
    /// All that are not over, and those that are.
    All,
    /// The people in the directories.
    People,
}

impl Filter {
    /// In the order of the tabs.
    pub const ALL: [Self; 5] = [
        Self::Now,
        Self::Upcoming,
        Self::Mine,
        Self::All,
        Self::People,
    ];
}

/// The list of conferences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeView {
    /// The tab.
    pub filter: Filter,
    /// What is searched for.
    pub search: String,
    /// Whose details are open.
    pub selected: Option<EntryId>,
    /// The details come with the focus on Join.
    pub is_join_wanted: bool,
    /// Whether the raw description is open.
    pub is_sdp_open: bool,
}

/// How people are arranged who are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StageLayout {
    /// Whoever speaks large, all others small.
    #[default]
    Speaker,
    /// All alike, in pages.
    Grid,
}

/// The pictures of the room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageView {
    /// The arrangement.
    pub layout: StageLayout,
    /// Who sits where.
    pub seats: Seats,
    /// Whether the small pictures beside the speaker have all their pixels, where there is room.
    pub is_small_full_size: bool,
    /// The page of the grid, from 0.
    pub page: usize,
    /// Whose pictures are not wanted.
    pub hidden: BTreeSet<PersonId>,
    /// Whose stand still.
    pub frozen: BTreeSet<Whose>,
    /// Whose are in windows of their own.
    pub windows: BTreeMap<Whose, OwnWindow>,
    /// Whose is to be kept.
    pub wanted_still: Option<Whose>,
    /// Pictures and nothing else, all over the screen.
    pub is_full_screen: bool,
    /// Whether the list of people is wanted; where there is room for it unless it was said.
    pub list: Option<bool>,
}

/// The room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomView {
    /// Its pictures.
    pub stage: StageView,
    /// Who is searched for.
    pub search: String,
    /// Whose menu is open.
    pub person: Option<PersonId>,
    /// Space is held down, so that one is heard although muted.
    pub is_pushing_to_talk: bool,
}

/// What is in front of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Front {
    /// Create or edit a conference.
    Form(Form),
    /// Withdraw this conference?
    Withdraw(EntryId),
    /// Open which file?
    OpenFile {
        /// What has been typed.
        path: String,
    },
    /// Close the window?
    Closing,
    /// Oneself, sound, looks.
    Settings(Profile),
    /// The list of shortcuts.
    Shortcuts,
    /// What experts want to know of the conference.
    RoomDetails,
    /// Share which screen or window?
    Share,
    /// Share which file?
    ShareFile {
        /// What has been typed.
        path: String,
    },
}

impl Front {
    /// The settings, to be changed from what they are.
    pub fn settings(settings: &Settings) -> Self {
        let first = settings.directories.first();
        Self::Settings(Profile {
            name: settings.name.clone(),
            is_seeing_myself: false,
            contact: settings.contact.clone(),
            directory: first
                .map(|directory| directory.urls.join(", "))
                .unwrap_or_default(),
            login: first
                .and_then(|directory| directory.bind.clone())
                .unwrap_or_default(),
            password: Secret::new(String::new()),
            lessor: Lessor::of(&settings.madcap),
            madcap: match Lessor::of(&settings.madcap) {
                Lessor::Server => settings.madcap.clone(),
                Lessor::Nobody | Lessor::Found => String::new(),
            },
        })
    }
}

/// Who leases the addresses of new conferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lessor {
    /// They are picked here.
    Nobody,
    /// A server that is found on the network.
    Found,
    /// A server that is told.
    Server,
}

impl Lessor {
    /// In the order in which they are offered, with their words.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Nobody, "Nobody"),
        (Self::Found, "Whoever offers it"),
        (Self::Server, "A server…"),
    ];

    /// As the settings say.
    pub fn of(madcap: &str) -> Self {
        match madcap.trim() {
            "" => Self::Nobody,
            "auto" => Self::Found,
            _ => Self::Server,
        }
    }
}

/// What the others know of the person, and where the person publishes, as typed so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// Whether the camera runs for oneself alone.
    pub is_seeing_myself: bool,
    /// And the rest.
    pub contact: Contact,
    /// The addresses of the organisation's directory.
    pub directory: String,
    /// As whom the person logs in there.
    pub login: String,
    /// A new password for that.
    pub password: Secret,
    /// Who leases addresses.
    pub lessor: Lessor,
    /// The server's address.
    pub madcap: String,
}

/// The control that had the focus, if any had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opener(pub Option<egui::Id>);

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The name as typed on the first start.
    pub first_name: String,
    /// The list.
    pub home: HomeView,
    /// The room.
    pub room: RoomView,
    /// What is in front.
    pub front: Option<Front>,
    /// Where the keyboard was before; only while something is in front.
    pub opener: Option<Opener>,
    /// Whether the desktop was asked to give us the whole screen.
    pub is_full_screen: bool,
    /// The message that has been closed.
    pub closed_message: Option<std::time::Instant>,
}

impl View {
    /// The screen to show.
    pub fn screen(&self, model: &Model) -> Screen {
        if model.settings.name.trim().is_empty() {
            Screen::Welcome
        } else if model.room.is_some() {
            Screen::Room
        } else {
            Screen::Home
        }
    }

    /// Follows what happened; call before [`Model::apply`] takes the same event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Done(done) => self.follow(done),
            Event::Failed(failure) => self.stop_waiting(failure),
            Event::Foreseen(plan, clashes) => self.warn(plan, clashes),
            Event::Left => self.room = RoomView::default(),
            _ => {}
        }
    }

    /// The message to show, unless it was closed.
    pub fn message<'a>(&self, model: &'a Model) -> Option<&'a Message> {
        let (message, at) = model.message.as_ref()?;
        (self.closed_message != Some(*at)).then_some(message)
    }

    /// A conference that was just made or opened is shown.
    fn follow(&mut self, done: &Done) {
        match done {
            Done::Published(id) | Done::Edited(id) => {
                self.front = None;
                self.show_mine(id);
            }
            Done::Opened(id) => {
                self.front = None;
                self.show_mine(id);
            }
            Done::PublishedIn(..)
            | Done::WithdrawnFrom(..)
            | Done::Exported(..)
            | Done::PasswordKept(_)
            | Done::PictureSaved(_) => {}
            Done::Withdrawn(_) => {
                self.front = None;
                self.home.selected = None;
            }
        }
    }

    fn stop_waiting(&mut self, failure: &Failure) {
        match (failure, &mut self.front) {
            (Failure::Publish(reason), Some(Front::Form(form))) => form.refuse(reason),
            (Failure::File { .. } | Failure::Withdraw(_), _) => self.front = None,
            (Failure::Join { .. }, _) => self.room = RoomView::default(),
            _ => {}
        }
    }

    fn warn(&mut self, plan: &Plan, clashes: &[Clash]) {
        if let Some(Front::Form(form)) = &mut self.front {
            form.foresee(plan, clashes);
        }
    }

    fn show_mine(&mut self, id: &EntryId) {
        self.home.filter = Filter::Mine;
        self.home.search.clear();
        self.home.selected = Some(id.clone());
    }
}
