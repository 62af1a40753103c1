//! Panes for as long as the window can have them.
use std::collections::{BTreeMap, BTreeSet};

use egui::Context;

use super::{Cover, Panes};
use crate::model::{Pictures, Whose};
use crate::ui::pictures::known::Known;
use crate::ui::pictures::pace::Pace;
use crate::ui::pictures::tally::Tally;

/// The panes of the first window, if it has any.
#[derive(Default)]
pub(in crate::ui::pictures) struct Host {
    /// The number that X11 has for the window, until panes were opened or refused.
    window: Option<u32>,
    panes: Option<Panes>,
}

impl Host {
    pub(in crate::ui::pictures) fn new(window: Option<u32>) -> Self {
        Self {
            window,
            panes: None,
        }
    }

    /// Ends a frame of the window with these pictures; gives whose are in panes and need not be painted.
    pub(in crate::ui::pictures) fn end_frame(
        &mut self,
        ctx: &Context,
        feed: Option<&Pictures>,
        known: &mut BTreeMap<Whose, Known>,
        pace: &Pace,
    ) -> BTreeSet<Whose> {
        self.open(ctx, known, pace);
        let Some(panes) = &mut self.panes else {
            return BTreeSet::new();
        };
        let places = known.values().filter_map(|known| known.pane.as_ref());
        let seen = places.filter_map(|painted| {
            let cover = Cover::of(ctx, painted.layer, painted.shape, painted.place);
            match cover {
                Cover::Over(over) => Some((painted.pane.clone(), over)),
                Cover::Hidden => None,
            }
        });
        let seen: Vec<_> = seen.collect();
        let in_panes = panes.end_frame(ctx, feed, seen);
        for (whose, known) in known {
            known.is_in_pane = in_panes.contains(whose);
        }
        in_panes
    }

    /// Counts what was shown of whom.
    pub(in crate::ui::pictures) fn count(
        &self,
        known: &mut BTreeMap<Whose, Known>,
        tally: &mut Tally,
    ) {
        let counts = self.panes.as_ref().map(Panes::take_counts);
        for (whose, count) in counts.into_iter().flatten() {
            if let Some(known) = known.get_mut(&whose) {
                known.dropped += count.overtaken;
                let is_large = known.shown.is_some_and(|(_, is_large)| is_large);
                tally.note_pictures(count.shown, count.overtaken, is_large);
            }
        }
    }

    /// Opens panes with the first picture, once; closes those that have failed.
    fn open(&mut self, ctx: &Context, known: &BTreeMap<Whose, Known>, pace: &Pace) {
        if self.panes.as_ref().is_some_and(Panes::is_over) {
            pace.set_panes(None);
            self.panes = None;
        }
        if !known.values().any(|known| known.pane.is_some()) {
            return;
        }
        let Some(window) = self.window.take() else {
            return;
        };
        match Panes::start(window, ctx) {
            Ok(panes) => {
                pace.set_panes(Some(panes.waker()));
                self.panes = Some(panes);
            }
            Err(error) => tracing::info!(%error, "pictures are painted with the window"),
        }
    }
}
