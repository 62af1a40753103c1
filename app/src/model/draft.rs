//! A conference as its author writes it, before it becomes a description.
use jiff::Timestamp;

/// How far a conference reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One network segment.
    Room,
    /// One site.
    #[default]
    Site,
    /// All sites of an organisation.
    Organisation,
    /// As far as the network carries it.
    World,
}

impl Scope {
    /// From the nearest to the widest.
    pub const ALL: [Self; 4] = [Self::Room, Self::Site, Self::Organisation, Self::World];
}

/// What the author decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is called; not blank.
    pub name: String,
    /// What it is about; may be empty.
    pub description: String,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How far it reaches.
    pub scope: Scope,
    /// Whether people are seen as well as heard.
    pub has_video: bool,
    /// Whether pictures come with repair packets.
    pub has_repair: bool,
}

/// Why a draft cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftFault {
    /// It has no name.
    NoName,
    /// The name is longer than [`Draft::NAME_LIMIT`] characters.
    LongName,
    /// It ends before it begins.
    EndsBeforeStart,
    /// It is over already.
    AlreadyOver,
}

impl Draft {
    /// As many characters as a list can show and an announcement can carry with the rest.
    pub const NAME_LIMIT: usize = 120;

    /// What is wrong with it, if anything; `now` is the wall time.
    pub fn fault(&self, now: Timestamp) -> Option<DraftFault> {
        if self.name.trim().is_empty() {
            Some(DraftFault::NoName)
        } else if self.name.chars().count() > Self::NAME_LIMIT {
            Some(DraftFault::LongName)
        } else if self.end <= self.start {
            Some(DraftFault::EndsBeforeStart)
        } else if self.end <= now {
            Some(DraftFault::AlreadyOver)
        } else {
            None
        }
    }
}
