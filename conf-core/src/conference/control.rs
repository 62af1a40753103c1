//! The user's side of one conference, whatever carries its packets.
use std::sync::Arc;

use super::shared::Shared;
use super::{ConferenceCommand, ConferenceEvent, ConferenceSnapshot};

/// Commands one way, events and snapshots the other. Nothing here waits.
#[derive(Clone, Debug)]
pub struct ConferenceControl {
    shared: Arc<Shared>,
}

impl ConferenceControl {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Queues a command; the endpoint must be woken to see it.
    pub fn command(&self, command: ConferenceCommand) {
        self.shared.commands.push(command);
    }

    /// Asks to leave; the endpoint must be woken to see it.
    pub fn leave(&self) {
        self.shared.leave();
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<ConferenceEvent> {
        self.shared.events.pop()
    }

    /// How things stand; renewed ten times a second.
    pub fn snapshot(&self) -> Arc<ConferenceSnapshot> {
        self.shared.snapshot.get()
    }

    /// Events that nobody took in time.
    pub fn dropped_events(&self) -> u64 {
        self.shared.events.dropped()
    }
}
