//! Leased groups: asked for before a conference is announced, and what becomes of them.
use std::time::{Duration, Instant};

use conf_core::ConferenceId;
use conf_core::leases::{ClientEvent, Lease, LeaseEvent, LeaseId, Madcap, Need, Unleased};

use super::{Worker, drafts, entry_id};
use crate::groups::parse_madcap;
use crate::host;
use crate::model::{Draft, EntryId, Failure, LeaseProblem, Settings};

/// A conference whose groups are being leased.
pub(super) struct Asked {
    lease: LeaseId,
    draft: Draft,
    /// The one that is edited; a new one without.
    target: Option<EntryId>,
    /// Then its groups are picked here.
    pub(super) give_up_at: Instant,
}

impl Worker {
    /// Who leases by the settings; what is wrong with them is told.
    pub(super) fn madcap(&self) -> Option<Madcap> {
        parse_madcap(&self.settings.madcap).unwrap_or_else(|reason| {
            self.fail(Failure::Settings(reason));
            None
        })
    }

    /// Somebody else may lease from now on.
    pub(super) fn use_lessor(&mut self, before: &Settings) {
        if before.madcap == self.settings.madcap {
            return;
        }
        let madcap = self.madcap();
        let Some(station) = &mut self.station else {
            return;
        };
        if let Err(error) = station.lease_from(madcap, host::moment()) {
            self.fail(Failure::Settings(error.to_string()));
        }
    }

    /// Asks for the groups of a conference, a new one or `target`; gives the draft back where nobody leases any.
    pub(super) fn ask_for_groups(
        &mut self,
        draft: Draft,
        target: Option<EntryId>,
    ) -> Option<Draft> {
        let leases = self.station.as_ref().and_then(|station| station.leases());
        let Some(leases) = leases.filter(|_| !self.settings.madcap.trim().is_empty()) else {
            return Some(draft);
        };
        let lease = LeaseId::random(&mut fastrand::Rng::with_seed(host::seed()));
        leases.lease(drafts::purpose(&draft).want(lease.clone()));
        self.asked.push(Asked {
            lease,
            draft,
            target,
            give_up_at: Instant::now() + PATIENCE,
        });
        None
    }

    pub(super) fn report_leases(&mut self) {
        let leases = self.station.as_ref().and_then(|station| station.leases());
        let events = leases.map(|leases| std::iter::from_fn(|| leases.poll_event()).collect());
        let events: Vec<LeaseEvent> = events.unwrap_or_default();
        for event in events {
            self.report_lease(event);
        }
        let now = Instant::now();
        while let Some(late) = self.asked.iter().find(|asked| asked.give_up_at <= now) {
            let lease = late.lease.clone();
            if let Some(leases) = self.station.as_ref().and_then(|station| station.leases()) {
                leases.give_back(lease.clone());
            }
            self.publish_asked(&lease, Err(Unleased::NoServer));
        }
    }

    fn report_lease(&mut self, event: LeaseEvent) {
        let conference = event.conference;
        match event.what {
            ClientEvent::Leased(lease) => {
                let id = lease.want.id.clone();
                self.publish_asked(&id, Ok(lease));
            }
            ClientEvent::Refused(id, why) => match conference {
                Some(conference) => {
                    let reason = host::unleased_sentence(&why);
                    self.warn(conference, LeaseProblem::NotMoved(reason));
                }
                None => self.publish_asked(&id, Err(why)),
            },
            ClientEvent::Lost(_, why) => {
                let reason = host::unleased_sentence(&why);
                self.warn_of(conference, LeaseProblem::Lost(reason));
            }
            ClientEvent::Overdue(_) => self.warn_of(conference, LeaseProblem::Overdue),
            ClientEvent::ClockSkew(server, secs) => {
                tracing::warn!("{}", host::clock_sentence(server, secs));
            }
            ClientEvent::Scopes { .. }
            | ClientEvent::NoServer(_)
            | ClientEvent::Deferred(..)
            | ClientEvent::Released(_) => {}
        }
    }

    /// Announces what waited for this lease, with groups of our own where there is none.
    fn publish_asked(&mut self, id: &LeaseId, answer: Result<Lease, Unleased>) {
        let Some(index) = self.asked.iter().position(|asked| asked.lease == *id) else {
            return;
        };
        let Asked { draft, target, .. } = self.asked.remove(index);
        let (lease, why) = match answer {
            Ok(lease) => (Some(lease), None),
            Err(why) => (None, Some(why)),
        };
        match target {
            Some(id) => self.edit_with(&id, &draft, lease),
            None => self.publish_with(&draft, lease),
        }
        if let Some(why) = why {
            let problem = LeaseProblem::PickedHere(host::unleased_sentence(&why));
            self.fail(Failure::Lease(draft.name, problem));
        }
    }

    /// A conference whose groups are leased here may have been moved by another program, such as `rendezvous edit`.
    /// Its times are followed once: what the server refuses is not asked for again.
    pub(super) fn follow_times(&mut self) {
        let Some(station) = &self.station else { return };
        let Some(leases) = station.leases() else {
            return;
        };
        let catalogue = station.catalogue();
        for held in leases.held().iter() {
            let mut entries = catalogue.iter();
            if let Some(entry) = entries.find(|entry| entry.id == held.conference) {
                let need = Need::of(&entry.description);
                if self.followed.insert(entry.id, need) != Some(need) {
                    leases.follow(&entry.description);
                }
            }
        }
    }

    fn warn_of(&self, conference: Option<ConferenceId>, problem: LeaseProblem) {
        if let Some(conference) = conference {
            self.warn(conference, problem);
        }
    }

    fn warn(&self, conference: ConferenceId, problem: LeaseProblem) {
        if let Some(entry) = self.entry(&entry_id(conference)) {
            let name = entry.description.name.clone();
            self.fail(Failure::Lease(name, problem));
        }
    }
}

/// Longer than the station asks (two attempts at each server that is told), as long as a person waits.
const PATIENCE: Duration = Duration::from_secs(25);
