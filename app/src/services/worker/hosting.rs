//! What the person publishes, edits, withdraws, and opens from files.
use std::path::Path;
use std::sync::Arc;

use conf_core::leases::Lease;
use conf_core::{CatalogueEntry, Description};

use super::{Worker, drafts, entry_id};
use crate::model::{Done, Draft, EntryId, Event, Failure};

impl Worker {
    /// At once, or as soon as its groups are leased.
    pub(super) fn publish(&mut self, draft: Draft) {
        if let Some(draft) = self.ask_for_groups(draft, None) {
            self.publish_with(&draft, None);
        }
    }

    /// At once, or as soon as its new groups are leased, where it gets any.
    pub(super) fn edit(&mut self, id: EntryId, draft: Draft) {
        let gets_groups = |entry: &CatalogueEntry| {
            // Of what only directories have, nobody here holds a lease.
            entry.is_own() && drafts::gets_groups(entry, &draft)
        };
        let draft = match self.entry(&id).is_some_and(|entry| gets_groups(&entry)) {
            true => self.ask_for_groups(draft, Some(id.clone())),
            false => Some(draft),
        };
        if let Some(draft) = draft {
            self.edit_with(&id, &draft, None);
        }
    }

    pub(super) fn publish_with(&self, draft: &Draft, lease: Option<Lease>) {
        let Some(station) = &self.station else { return };
        match drafts::describe_new(draft, station, lease) {
            Ok((description, chosen)) => {
                chosen.assign(station, description.id());
                self.publish_everywhere(station, &Arc::new(description.clone()));
                let id = station.publish(description);
                self.outbox.push(Event::Done(Done::Published(entry_id(id))));
            }
            Err(reason) => self.fail(Failure::Publish(reason)),
        }
    }

    pub(super) fn edit_with(&self, id: &EntryId, draft: &Draft, lease: Option<Lease>) {
        let Some(entry) = self.entry(id) else {
            return self.fail(Failure::Publish("the conference is gone".to_owned()));
        };
        let Some(station) = &self.station else { return };
        match drafts::describe_again(&entry, draft, station, lease) {
            Ok((description, chosen)) => {
                self.publish_everywhere(station, &Arc::new(description.clone()));
                // One that only directories have stays there.
                if entry.is_own() {
                    chosen.inspect(|chosen| chosen.settle(station, entry.id));
                    station.publish(description);
                }
                self.outbox.push(Event::Done(Done::Edited(id.clone())));
            }
            Err(reason) => self.fail(Failure::Publish(reason)),
        }
    }

    pub(super) fn withdraw(&self, id: &EntryId) {
        let Some(entry) = self.entry(id) else {
            return self.fail(Failure::Withdraw("the conference is gone".to_owned()));
        };
        self.with_station(|station| {
            self.withdraw_everywhere(station, entry.id);
            station.withdraw(entry.id);
        });
        self.outbox
            .push(Event::Done(Done::Withdrawn(entry.description.name.clone())));
    }

    pub(super) fn open_file(&self, path: &Path) {
        let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Some(description) = self.read_file(path) {
            self.with_station(|station| station.add_file(path, Arc::clone(&description)));
            self.outbox
                .push(Event::Done(Done::Opened(entry_id(description.id()))));
        }
    }

    pub(super) fn close_file(&self, id: &EntryId) {
        if let Some(entry) = self.entry(id) {
            self.with_station(|station| station.remove_file(entry.id));
        }
    }

    pub(super) fn read_file(&self, path: &Path) -> Option<Arc<Description>> {
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
}
