//! What the user's side and the network's side of one conference share.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{ConferenceCommand, ConferenceEvent, ConferenceSnapshot};
use crate::queue::{DropOldest, Latest};

/// Called when there is something new to look at; must not wait.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Commands one way, events and the newest snapshot the other.
pub(super) struct Shared {
    pub(super) commands: DropOldest<ConferenceCommand>,
    pub(super) events: DropOldest<ConferenceEvent>,
    pub(super) snapshot: Latest<ConferenceSnapshot>,
    wants_to_leave: AtomicBool,
    wake_user: Wake,
}

impl Shared {
    /// More than a person can click between two turns of the net thread.
    const COMMANDS: usize = 256;
    /// A storm of a thousand people joining, each with a name and a word.
    const EVENTS: usize = 4_096;

    pub(super) fn new(snapshot: ConferenceSnapshot, wake_user: Wake) -> Self {
        Self {
            commands: DropOldest::new(Self::COMMANDS),
            events: DropOldest::new(Self::EVENTS),
            snapshot: Latest::new(snapshot),
            wants_to_leave: AtomicBool::new(false),
            wake_user,
        }
    }

    /// Asks the network's side to say goodbye.
    pub(super) fn leave(&self) {
        self.wants_to_leave.store(true, Ordering::Release);
    }

    pub(super) fn wants_to_leave(&self) -> bool {
        self.wants_to_leave.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, event: ConferenceEvent) {
        self.events.push(event);
    }

    pub(super) fn wake_user(&self) {
        (self.wake_user)();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("commands", &self.commands)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
