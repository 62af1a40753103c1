//! Pictures that are decoded and wait for the voice that belongs to them.
use std::collections::VecDeque;
use std::time::Instant;

use crate::video::Picture;
use crate::video::lip_sync::{Timing, timing};

/// Pictures of one source in the order in which they are due.
#[derive(Debug, Default)]
pub(super) struct Held {
    pictures: VecDeque<(Instant, Picture)>,
}

impl Held {
    /// Takes a picture that is due at a time, or as soon as it has come.
    pub(super) fn push(&mut self, due: Option<Instant>, picture: Picture) {
        let due = due.unwrap_or_else(|| picture.time());
        // One after the other, whatever the clocks say.
        let due = self.pictures.back().map_or(due, |(last, _)| due.max(*last));
        self.pictures.push_back((due, picture));
    }

    /// The picture to show now, if it is time for one; those that it overtakes are gone.
    pub(super) fn take(&mut self, now: Instant) -> Option<Picture> {
        let mut shown = None;
        while let Some((due, _)) = self.pictures.front() {
            let is_crowded = self.pictures.len() > MAX_HELD;
            match timing(now, *due) {
                Timing::Hold(_) if !is_crowded => break,
                // A late one is shown all the same if there is none better.
                Timing::Hold(_) | Timing::Show | Timing::Late => {}
            }
            shown = self.pictures.pop_front().map(|(_, picture)| picture);
        }
        shown
    }

    /// When the next picture is due.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        let (due, _) = self.pictures.front()?;
        Some(match timing(now, *due) {
            Timing::Hold(until) => until,
            Timing::Show | Timing::Late => now,
        })
    }
}

/// Half a second at 30 pictures a second; each of 720p takes 1.4 MB.
const MAX_HELD: usize = 15;
