//! What the window is told, and only what is new.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use conf_core::leases::{Held, Leases};
use conf_core::{CatalogueEntry, ConferenceEvent, ConferenceId, ConferenceSnapshot, NetworkStatus};
use jiff::Timestamp;

use super::glance::{Glance, News};
use super::{Surroundings, Worker, convert, listed};
use crate::model::{Entry, Event, Room};

/// What the window was told last.
#[derive(Default)]
pub(super) struct Shown {
    list: List,
    network: Option<Arc<NetworkStatus>>,
    pub(super) snapshot: Option<Arc<ConferenceSnapshot>>,
    room: Glance<Room>,
}

/// The list as it was told last. Of ten thousand conferences few change at a time, and only these are converted.
#[derive(Default)]
struct List {
    catalogue: Option<Arc<Vec<Arc<CatalogueEntry>>>>,
    at: Option<Instant>,
    held: Vec<Held>,
    entries: HashMap<ConferenceId, (Arc<CatalogueEntry>, Arc<Entry>)>,
}

impl List {
    fn is_due(
        &self,
        catalogue: &Arc<Vec<Arc<CatalogueEntry>>>,
        held: &Vec<Held>,
        now: Instant,
    ) -> bool {
        let is_fresh = self.at.is_some_and(|at| now < at + Worker::REFRESH);
        !is_fresh || !is_same(self.catalogue.as_ref(), catalogue) || self.held != *held
    }

    /// Where groups come from has changed: few conferences are one's own, but which is not told.
    fn follow(&mut self, held: &[Held]) {
        if self.held != held {
            self.held = held.to_vec();
            self.entries.clear();
        }
    }

    fn converted(
        &mut self,
        catalogue: &Arc<Vec<Arc<CatalogueEntry>>>,
        wall: SystemTime,
        around: &Surroundings<'_>,
    ) -> Vec<Arc<Entry>> {
        let now = Timestamp::try_from(wall).unwrap_or_default();
        let mut before = std::mem::take(&mut self.entries);
        for entry in catalogue.iter() {
            let known = before.remove(&entry.id);
            // One that has begun or ended since may come again.
            let known = known.filter(|(source, shown)| {
                Arc::ptr_eq(source, entry) && shown.activity(now) == shown.when
            });
            let shown = known.unwrap_or_else(|| {
                (
                    Arc::clone(entry),
                    Arc::new(listed::entry(entry, wall, around)),
                )
            });
            self.entries.insert(entry.id, shown);
        }
        self.catalogue = Some(Arc::clone(catalogue));
        self.at = Some(Instant::now());
        let shown = catalogue
            .iter()
            .filter_map(|entry| self.entries.get(&entry.id));
        shown.map(|(_, shown)| Arc::clone(shown)).collect()
    }
}

impl Worker {
    pub(super) fn report(&mut self) {
        self.report_leases();
        self.report_station();
        self.report_directories();
        self.report_meeting();
    }

    fn report_station(&mut self) {
        let Some(station) = &self.station else { return };
        while let Some(event) = station.poll_event() {
            tracing::debug!(?event, "station");
        }
        let (catalogue, network) = (station.catalogue(), station.network());
        let held = station.leases().map(Leases::held).unwrap_or_default();
        let list = &mut self.shown.list;
        let is_due = list.is_due(&catalogue, &held, Instant::now());
        if is_due {
            list.follow(&held);
            let around = Surroundings {
                directories: station.directories(),
                held: &held,
            };
            let entries = list.converted(&catalogue, SystemTime::now(), &around);
            self.outbox.push(Event::Catalogue(entries));
        }
        if !is_same(self.shown.network.as_ref(), &network) {
            self.outbox.push(Event::Network(convert::network(&network)));
            self.shown.network = Some(network);
        }
        if is_due {
            self.follow_times();
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
        if !is_same(self.shown.snapshot.as_ref(), &snapshot) {
            if let Some(feed) = &meeting.feed {
                feed.follow(&snapshot);
            }
            let mut room = convert::room(&meeting.description, &snapshot, SystemTime::now());
            if let Some(camera) = &mut room.me.camera {
                meeting.camera.tell(camera);
            }
            if self.shown.snapshot.is_none() {
                self.shown.room = Glance::default();
            }
            let news = self.shown.room.note(&room, Instant::now());
            if news != News::Nothing {
                convert::tell_details(&mut room, &meeting.description, &snapshot);
            }
            // The clock of the room has the window painted each second.
            match news {
                News::Nothing => {}
                News::Figures => self.outbox.keep(Event::Room(Box::new(room))),
                News::Glance => self.outbox.push(Event::Room(Box::new(room))),
            }
            self.shown.snapshot = Some(snapshot);
        }
    }
}

fn is_same<T>(shown: Option<&Arc<T>>, now: &Arc<T>) -> bool {
    shown.is_some_and(|shown| Arc::ptr_eq(shown, now))
}
