//! Events on their way to the window. Pictures of a state replace the one before; what happened is kept in order.
use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::Event;

/// The events that the window has not taken yet.
pub(super) struct Outbox {
    events: Mutex<VecDeque<Event>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Outbox {
    /// States are replaced, so that only results of commands add up, and the window takes them at the next frame.
    const BOUND: usize = 1_024;

    pub(super) fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            events: Mutex::default(),
            wake,
        }
    }

    /// Hands over an event.
    pub(super) fn push(&self, event: Event) {
        self.keep(event);
        (self.wake)();
    }

    /// Hands over an event for which the window need not be painted: it is taken with the next frame.
    pub(super) fn keep(&self, event: Event) {
        let mut events = self.lock();
        let is_old =
            |waiting: &Event| is_state(waiting) && discriminant(waiting) == discriminant(&event);
        events.retain(|waiting| !is_old(waiting));
        if events.len() >= Self::BOUND {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// The oldest event that waits.
    pub(super) fn take(&self) -> Option<Event> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a later event of the kind makes this one worthless.
fn is_state(event: &Event) -> bool {
    match event {
        Event::Catalogue(_)
        | Event::Network(_)
        | Event::Devices(_)
        | Event::Shareables(_)
        | Event::Directories(_)
        | Event::People(_)
        | Event::Foreseen(..)
        | Event::Settings(_)
        | Event::Room(_) => true,
        Event::Left | Event::Done(_) | Event::Failed(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Done, EntryId};

    #[test]
    fn state_replaces_the_state_before_and_results_stay() {
        let outbox = Outbox::new(Arc::new(|| {}));
        let done = |id: &str| Event::Done(Done::Opened(EntryId(id.to_owned())));
        outbox.push(Event::Catalogue(Vec::new()));
        outbox.push(done("a"));
        outbox.push(Event::Catalogue(Vec::new()));
        outbox.push(done("b"));
        let taken: Vec<Event> = std::iter::from_fn(|| outbox.take()).collect();
        assert_eq!(taken, [done("a"), Event::Catalogue(Vec::new()), done("b")]);
    }
}
