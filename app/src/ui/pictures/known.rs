//! The pictures of one source, as far as the window knows them.
use conf_core::{Picture, PictureSlot, Size};
use egui::layers::ShapeIdx;
use egui::{LayerId, Rect};

use super::pace::Watched;
use super::panes::Pane;
use crate::model::{Pictures, Whose};

/// The pictures of one source.
#[derive(Default)]
pub(super) struct Known {
    slot: Option<PictureSlot>,
    seen: u64,
    pub(super) newest: Option<Picture>,
    pub(super) frozen: Option<Picture>,
    /// Pictures that a newer one overtook before they were painted.
    pub(super) dropped: u64,
    /// Largest of this frame, if it is on the screen: how large, in pixels, and whether it is looked at.
    pub(super) shown: Option<(Size, bool)>,
    /// In which pane of this frame it could be.
    pub(super) pane: Option<Painted>,
    /// It is in a pane, so that others paint it and count what they leave out.
    pub(super) is_in_pane: bool,
}

/// A picture where the window painted it.
#[derive(Clone)]
pub(super) struct Painted {
    pub(super) layer: LayerId,
    pub(super) shape: ShapeIdx,
    pub(super) place: Rect,
    pub(super) pane: Pane,
}

impl Known {
    /// Begins a frame, in which it may be shown or not.
    pub(super) fn begin(&mut self) {
        (self.shown, self.pane) = (None, None);
    }

    /// It is shown so large in this frame, perhaps more than once.
    pub(super) fn show(&mut self, size: Size, is_large: bool) {
        let (before, was_large) = self.shown.unwrap_or_default();
        let largest = if size.area() > before.area() {
            size
        } else {
            before
        };
        self.shown = Some((largest, is_large || was_large));
    }

    /// Takes the newest picture out of the slot; gives how many it overtook, if there is one and it is painted here.
    pub(super) fn take(&mut self, feed: Option<&Pictures>, whose: Whose) -> Option<u64> {
        // The slot may be another one since the last frame: they come again, or in another layer.
        let Some(slot) = feed.and_then(|feed| feed.0.slot(whose)) else {
            (self.slot, self.newest) = (None, None);
            return None;
        };
        let is_same = self.slot.as_ref().is_some_and(|known| known.is_same(&slot));
        if !is_same {
            self.seen = slot.count().saturating_sub(1);
        }
        let slot = self.slot.insert(slot);
        let before = self.seen;
        if before == slot.count() {
            return None;
        }
        // What was painted stays until there is something newer.
        self.newest = slot.newer(&mut self.seen).or_else(|| self.newest.take());
        if self.is_in_pane {
            return None;
        }
        let overtaken = self.seen.saturating_sub(before).saturating_sub(1);
        self.dropped += overtaken;
        Some(overtaken)
    }

    /// One that stands still is kept while it is not shown.
    pub(super) const fn is_kept(&self) -> bool {
        self.shown.is_some() || self.frozen.is_some()
    }

    pub(super) fn watched(&self) -> Option<Watched> {
        let (_, is_large) = self.shown?;
        Some(Watched {
            slot: self.slot.clone()?,
            seen: self.seen,
            is_large,
            is_in_pane: self.is_in_pane,
        })
    }
}
