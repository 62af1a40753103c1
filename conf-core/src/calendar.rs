//! What takes place when, how much of a scope's bandwidth that takes, and where too much of it falls together.
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use directory::catalogue::Entry;
use directory::{ConferenceId, Description, Scope};

mod demand;

pub use demand::{Demand, demand};
pub use directory::sap::end;

/// One occurrence of a conference within a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Which conference.
    pub id: ConferenceId,
    /// Its name.
    pub name: String,
    /// How far it reaches; the widest where nobody can tell.
    pub scope: Scope,
    /// When it is held, cut to the span that was asked for.
    pub time: Range<SystemTime>,
    /// How much it takes while it is held.
    pub demand: Demand,
}

/// How much of a scope is taken for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// For how long nothing begins and nothing ends.
    pub time: Range<SystemTime>,
    /// All together, in kbit/s.
    pub kbit_per_s: u64,
    /// Which conferences these are.
    pub conferences: Vec<ConferenceId>,
}

/// How much each scope bears, in kbit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    room: u64,
    site: u64,
    organisation: u64,
    world: u64,
}

/// A time at which a conference and others want more than their scope bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The scope.
    pub scope: Scope,
    /// When.
    pub time: Range<SystemTime>,
    /// What all want together, in kbit/s.
    pub kbit_per_s: u64,
    /// What the scope bears, in kbit/s.
    pub budget_kbit_per_s: u64,
    /// The others, by id and name.
    pub with: Vec<(ConferenceId, String)>,
}

impl Budget {
    /// What the scope bears.
    pub fn of(&self, scope: Scope) -> u64 {
        match scope {
            Scope::Room => self.room,
            Scope::Site => self.site,
            Scope::Organisation => self.organisation,
            Scope::World => self.world,
        }
    }

    /// The same with another value for one scope.
    #[must_use]
    pub fn with(mut self, scope: Scope, kbit_per_s: u64) -> Self {
        match scope {
            Scope::Room => self.room = kbit_per_s,
            Scope::Site => self.site = kbit_per_s,
            Scope::Organisation => self.organisation = kbit_per_s,
            Scope::World => self.world = kbit_per_s,
        }
        self
    }
}

impl Default for Budget {
    /// Half of a link of 100 Mbit/s in a room, and of what usually joins the buildings of a site, the sites of an
    /// organisation, and the world. Whoever knows better sets it.
    fn default() -> Self {
        Self {
            room: 50_000,
            site: 20_000,
            organisation: 5_000,
            world: 1_000,
        }
    }
}

/// What is held within this span, by its start; of each conference no more than [`MAX_OCCURRENCES`] times.
pub fn agenda(entries: &[Arc<Entry>], span: &Range<SystemTime>) -> Vec<Booking> {
    let all = entries
        .iter()
        .flat_map(|entry| bookings(&entry.description, span));
    let mut agenda: Vec<Booking> = all.collect();
    agenda.sort_by(|a, b| a.time.start.cmp(&b.time.start).then(a.id.cmp(&b.id)));
    agenda
}

/// How the load of one scope changes over time; times at which nothing is held are left out.
pub fn load(agenda: &[Booking], scope: Scope) -> Vec<Load> {
    let mut edges: Vec<(SystemTime, bool, usize)> = Vec::new();
    for (index, booking) in agenda.iter().enumerate() {
        if booking.scope == scope && booking.time.start < booking.time.end {
            edges.push((booking.time.start, true, index));
            edges.push((booking.time.end, false, index));
        }
    }
    edges.sort_unstable();
    let mut held: BTreeSet<usize> = BTreeSet::new();
    let mut loads = Vec::new();
    let mut edges = edges.into_iter().peekable();
    while let Some((at, begins, index)) = edges.next() {
        if begins {
            held.insert(index);
        } else {
            held.remove(&index);
        }
        let next = edges.peek().map_or(at, |(next, ..)| *next);
        if next > at && !held.is_empty() {
            loads.push(taken(agenda, &held, at..next));
        }
    }
    loads
}

/// Where a conference that is to be, or one with new times, takes more of its scope than is left by the others.
pub fn clashes(
    wanted: &Description,
    others: &[Arc<Entry>],
    budget: &Budget,
    span: &Range<SystemTime>,
) -> Vec<Clash> {
    let mut agenda = agenda(others, span);
    agenda.retain(|booking| booking.id != wanted.id());
    let own = bookings(wanted, span);
    let Some(scope) = own.first().map(|booking| booking.scope) else {
        return Vec::new();
    };
    agenda.extend(own);
    let budget_kbit_per_s = budget.of(scope);
    let is_clash = |load: &Load| {
        load.kbit_per_s > budget_kbit_per_s && load.conferences.contains(&wanted.id())
    };
    let loads = load(&agenda, scope).into_iter().filter(is_clash);
    let mut clashes: Vec<Clash> = Vec::new();
    for load in loads {
        let clash = Clash {
            scope,
            with: others_of(&load, wanted.id(), &agenda),
            time: load.time,
            kbit_per_s: load.kbit_per_s,
            budget_kbit_per_s,
        };
        match clashes.last_mut() {
            Some(last) if last.continues_in(&clash) => last.time.end = clash.time.end,
            _ => clashes.push(clash),
        }
    }
    clashes
}

impl Clash {
    fn continues_in(&self, next: &Self) -> bool {
        self.time.end == next.time.start
            && (self.kbit_per_s, &self.with) == (next.kbit_per_s, &next.with)
    }
}

fn others_of(load: &Load, own: ConferenceId, agenda: &[Booking]) -> Vec<(ConferenceId, String)> {
    let others = load.conferences.iter().filter(|id| **id != own);
    let named = others.filter_map(|id| {
        let booking = agenda.iter().find(|booking| booking.id == *id)?;
        Some((*id, booking.name.clone()))
    });
    named.collect()
}

fn taken(agenda: &[Booking], held: &BTreeSet<usize>, time: Range<SystemTime>) -> Load {
    // Occurrences of one conference may overlap; it is held once all the same.
    let mut conferences = BTreeSet::new();
    let mut kbit_per_s = 0u64;
    for booking in held.iter().filter_map(|index| agenda.get(*index)) {
        if conferences.insert(booking.id) {
            kbit_per_s = kbit_per_s.saturating_add(booking.demand.kbit_per_s);
        }
    }
    Load {
        time,
        kbit_per_s,
        conferences: conferences.into_iter().collect(),
    }
}

fn bookings(description: &Description, span: &Range<SystemTime>) -> Vec<Booking> {
    let demand = demand(description);
    let occurrences = description.occurrences(span.start);
    let within = occurrences
        .take_while(|occurrence| occurrence.start.is_none_or(|start| start < span.end))
        .take(MAX_OCCURRENCES);
    within
        .map(|occurrence| Booking {
            id: description.id(),
            name: description.name.clone(),
            scope: description.scope().unwrap_or(Scope::World),
            time: occurrence.start.unwrap_or(span.start).max(span.start)
                ..occurrence.stop.unwrap_or(span.end).min(span.end),
            demand,
        })
        .collect()
}

/// A description may repeat itself every second; a day of quarters of an hour is as much as a plan needs.
pub const MAX_OCCURRENCES: usize = 96;

#[cfg(test)]
mod tests;
