//! What a conference would meet that is still being written.
use std::time::SystemTime;

use conf_core::Description;

use super::{Worker, convert, drafts};
use crate::model::{Draft, Event, Plan};
use crate::outlook;

impl Worker {
    /// Tells the form what its plan would meet.
    pub(super) fn foresee(&self, plan: Plan) {
        let Some(wanted) = self.planned(&plan) else {
            return;
        };
        let Some(station) = &self.station else { return };
        let budget = self.settings.bandwidth.into();
        let known = station.catalogue();
        let clashes = outlook::clashes(&wanted, &known, &budget, SystemTime::now());
        let clashes = clashes.iter().filter_map(convert::clash).collect();
        self.outbox.push(Event::Foreseen(plan, clashes));
    }

    /// As it would be announced; its groups do not matter.
    fn planned(&self, plan: &Plan) -> Option<Description> {
        let station = self.station.as_ref()?;
        let draft = Draft {
            name: "-".to_owned(),
            description: String::new(),
            start: plan.start,
            end: plan.end,
            scope: plan.scope,
            has_video: plan.has_video,
            has_repair: false,
        };
        let described = match &plan.target {
            Some(id) => drafts::describe_again(&*self.entry(id)?, &draft, station, None)
                .map(|(description, _)| description),
            None => drafts::describe_new(&draft, station, None).map(|(description, _)| description),
        };
        described
            .inspect_err(|reason| tracing::debug!(reason, "nothing can be foreseen"))
            .ok()
    }
}
