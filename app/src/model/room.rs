//! The conference being taken part in.
use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{EntryId, Problem};

/// How far taking part has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Groups are being joined.
    Joining,
    /// In.
    Joined,
    /// Saying goodbye.
    Leaving,
}

/// Oneself.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    /// The name that others see.
    pub name: String,
    /// Whether the conference lets one speak at all.
    pub may_send: bool,
    /// Not heard by others.
    pub is_muted: bool,
    /// The microphone's level, −100..=0 dBFS, also while muted.
    pub level_dbfs: f32,
    /// Speech was detected.
    pub is_talking: bool,
    /// One's camera, where the conference has pictures and one may send.
    pub camera: Option<Camera>,
}

/// One's own pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Whether pictures are wanted: neither switched off nor `none`.
    pub is_on: bool,
    /// Why none come.
    pub fault: Option<String>,
    /// What is shared, if anything.
    pub share: Option<String>,
    /// Whether it goes out instead of the camera's pictures, since the conference has no stream for it.
    pub is_replaced: bool,
}

/// How the pictures of somebody reach us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As they should.
    Good,
    /// With gaps.
    Weak,
    /// They stand still.
    Stopped,
}

/// Names a person for as long as they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub u64);

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Yes.
    Here,
    /// Nothing has been heard of them for a while.
    Lost,
}

/// Somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Whom.
    pub id: PersonId,
    /// The name they gave; never empty.
    pub name: String,
    /// Whether they are there.
    pub presence: Presence,
    /// Speech was detected.
    pub is_talking: bool,
    /// Their level, −100..=0 dBFS.
    pub level_dbfs: f32,
    /// Not heard here.
    pub is_muted: bool,
    /// Louder or quieter here, −30..=12 dB.
    pub gain_db: f32,
    /// How their pictures reach us, if they send any.
    pub video: Option<Reach>,
    /// Whether they share a screen.
    pub has_screen: bool,
    /// What experts want to know, such as ("Loss", "0.2 %").
    pub details: Vec<(String, String)>,
    /// When they last talked; kept by the model, snapshots leave it empty.
    pub last_talked: Option<Instant>,
}

/// The conference and who is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// Which conference.
    pub conference: EntryId,
    /// Its name.
    pub name: String,
    /// How far taking part has come.
    pub stage: Stage,
    /// When one joined.
    pub since: Instant,
    /// When the conference ends.
    pub ends: Option<Timestamp>,
    /// Whether it has pictures.
    pub has_video: bool,
    /// Oneself.
    pub me: Me,
    /// The others, in the order they were first seen.
    pub people: Vec<Person>,
    /// What is wrong now, worst first.
    pub problems: Vec<Problem>,
    /// What experts want to know of the conference.
    pub details: Vec<(String, String)>,
}

impl Room {
    /// A person stays among the talkers for this long after a word, so that the list does not flicker.
    pub const TALKER_HOLD: Duration = Duration::from_secs(10);

    /// How many are there, oneself included.
    pub fn head_count(&self) -> usize {
        let here = |person: &&Person| person.presence == Presence::Here;
        self.people.iter().filter(here).count() + 1
    }

    /// The person with this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// Takes over from the snapshot before who talked when.
    pub(super) fn remember_talkers(&mut self, before: &Self) {
        let talked: HashMap<&PersonId, Instant> = before
            .people
            .iter()
            .filter_map(|person| Some((&person.id, person.last_talked?)))
            .collect();
        for person in &mut self.people {
            person.last_talked = talked.get(&person.id).copied();
        }
    }

    /// Notes who talks now.
    pub(super) fn note_talkers(&mut self, now: Instant) {
        for person in self.people.iter_mut().filter(|person| person.is_talking) {
            person.last_talked = Some(now);
        }
    }
}

impl Person {
    /// The least and the most that a person can be turned down or up, in dB.
    pub const GAIN_DB: std::ops::RangeInclusive<f32> = -30.0..=12.0;

    /// Whether they talk, or did a moment ago.
    pub fn talked_lately(&self, now: Instant) -> bool {
        self.last_talked
            .is_some_and(|at| now.saturating_duration_since(at) < Room::TALKER_HOLD)
    }
}
