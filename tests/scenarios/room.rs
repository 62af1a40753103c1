//! What the scenarios have in common: rooms full of people.

use std::time::Duration;

use conf_tests::lan::{HostId, Lan, Weather};
use conf_tests::seat::{Seat, config};
use media::rtp_time::Ssrc;

/// A minute: longer than any report interval of a small room.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A room in which everybody has been for a minute.
pub(crate) struct Room {
    pub(crate) lan: Lan,
    pub(crate) people: Vec<(Seat, HostId)>,
}

impl Room {
    /// Seats so many, and lets a minute pass.
    pub(crate) fn of(people: u64, weather: Weather) -> Self {
        let mut lan = Lan::new(weather);
        let seat = |n| {
            let config = config(&lan, &format!("person{n}"), n + 1);
            Seat::plug(&mut lan, config)
        };
        let people = (0..people).map(seat).collect();
        lan.run_for(MINUTE);
        Self { lan, people }
    }

    pub(crate) fn seat(&self, person: usize) -> &Seat {
        &self.people[person].0
    }

    pub(crate) fn host(&self, person: usize) -> HostId {
        self.people[person].1
    }

    pub(crate) fn ssrc(&self, person: usize) -> Ssrc {
        self.seat(person).state().session.ssrc()
    }

    /// The SSRCs of all but one, sorted.
    pub(crate) fn others(&self, person: usize) -> Vec<Ssrc> {
        let others = (0..self.people.len()).filter(|other| *other != person);
        sorted(others.map(|other| self.ssrc(other)).collect())
    }
}

pub(crate) fn sorted(mut ssrcs: Vec<Ssrc>) -> Vec<Ssrc> {
    ssrcs.sort_by_key(|ssrc| ssrc.0);
    ssrcs
}
