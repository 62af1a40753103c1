//! Pictures that are decoded and wait for the voice that belongs to them.
use std::collections::VecDeque;
use std::time::Instant;

use crate::video::Picture;
use crate::video::lip_sync::{Timing, timing};

/// Pictures of one source in the order in which they are due.
#[derive(Debug, Default)]
pub(super) struct Held {
    pictures: VecDeque<HeldPicture>,
    overtaken: u64,
}

#[derive(Debug)]
struct HeldPicture {
    /// When it is to be shown.
    at: Instant,
    /// When its voice is heard.
    due: Option<Instant>,
    picture: Picture,
}

impl Held {
    /// Takes a picture that is due at a time, or as soon as it has come.
    pub(super) fn push(&mut self, due: Option<Instant>, picture: Picture) {
        let at = due.unwrap_or_else(|| picture.time());
        // One after the other, whatever the clocks say.
        let at = self.pictures.back().map_or(at, |last| at.max(last.at));
        self.pictures.push_back(HeldPicture { at, due, picture });
    }

    /// The picture to show now, if it is time for one, and when its voice is heard; those that it overtakes are gone.
    pub(super) fn take(&mut self, now: Instant) -> Option<(Picture, Option<Instant>)> {
        let mut shown = None;
        while let Some(held) = self.pictures.front() {
            let is_crowded = self.pictures.len() > MAX_HELD;
            match timing(now, held.at) {
                Timing::Hold(_) if !is_crowded => break,
                // A late one is shown all the same if there is none better.
                Timing::Hold(_) | Timing::Show | Timing::Late => {}
            }
            self.overtaken += u64::from(shown.is_some());
            shown = self.pictures.pop_front();
        }
        shown.map(|held| (held.picture, held.due))
    }

    /// Pictures that a newer one overtook before they were shown.
    pub(super) const fn overtaken(&self) -> u64 {
        self.overtaken
    }

    /// When the next picture is due.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        let held = self.pictures.front()?;
        Some(match timing(now, held.at) {
            Timing::Hold(until) => until,
            Timing::Show | Timing::Late => now,
        })
    }
}

/// Half a second at 30 pictures a second; each of 720p takes 1.4 MB.
const MAX_HELD: usize = 15;
