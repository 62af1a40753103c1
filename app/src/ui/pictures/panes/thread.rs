//! The thread that puts pictures on the screen as they come.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use conf_core::{PaneError, PaneId, PanePlace, Panes, Picture, PictureSlot};
use egui::{Context, ViewportId};

use super::overlay::Overlay;
use super::{Count, Covered, Shared};
use crate::model::{Pictures, Whose};
use crate::ui::pictures::exact::{Exact, Wanted};
use crate::ui::pictures::kernel::Kernel;

/// Has the panes, and the pixels in them.
pub(super) struct Putter {
    panes: Panes,
    shared: Arc<Shared>,
    ctx: Context,
    exact: Exact,
    kernel: Kernel,
    open: BTreeMap<Whose, Open>,
}

/// A pane that is there.
struct Open {
    id: PaneId,
    place: PanePlace,
    slot: Option<PictureSlot>,
    seen: u64,
    count: Count,
    /// What its pixels were made of.
    shown: Option<Shown>,
}

struct Shown {
    picture: Picture,
    wanted: Wanted,
    overlay: Arc<Overlay>,
}

/// What came of looking at a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Put,
    /// The picture has another shape: where it goes is for the window to say.
    Reshaped,
}

impl Putter {
    pub(super) fn new(panes: Panes, shared: Arc<Shared>, ctx: Context) -> Self {
        Self {
            panes,
            shared,
            ctx,
            exact: Exact::default(),
            kernel: Kernel::new(),
            open: BTreeMap::new(),
        }
    }

    /// Puts pictures until it is over.
    pub(super) fn run(mut self) {
        if let Err(error) = self.put_all() {
            tracing::warn!(%error, "pictures are painted with the window");
        }
        let mut state = self.shared.lock();
        state.is_over = true;
        state.shown.clear();
        drop(state);
        self.ctx.request_repaint_of(ViewportId::ROOT);
    }

    fn put_all(&mut self) -> Result<(), PaneError> {
        loop {
            self.panes.wait()?;
            let (feed, wanted) = {
                let state = self.shared.lock();
                if state.is_over {
                    return Ok(());
                }
                (state.feed.clone(), Arc::clone(&state.wanted))
            };
            if self.turn(feed.as_ref(), &wanted)? {
                self.panes.rest(PERIOD);
            }
        }
    }

    /// Brings all panes up to date; gives whether there was anything to do.
    fn turn(&mut self, feed: Option<&Pictures>, wanted: &[Covered]) -> Result<bool, PaneError> {
        let mut is_reshaped = false;
        let mut has_put = self.close_others(wanted)?;
        for one in wanted {
            self.follow(one, feed)?;
            match self.put(one)? {
                Step::Nothing => {}
                Step::Put => has_put = true,
                Step::Reshaped => is_reshaped = true,
            }
        }
        if has_put {
            self.panes.finish()?;
            self.tell();
        }
        if is_reshaped {
            self.ctx.request_repaint_of(ViewportId::ROOT);
        }
        Ok(has_put)
    }

    /// Closes what is wanted no more, or elsewhere.
    fn close_others(&mut self, wanted: &[Covered]) -> Result<bool, PaneError> {
        let is_wanted = |whose: &Whose, open: &Open| {
            let mut all = wanted.iter().map(|one| &one.pane);
            all.any(|pane| pane.whose == *whose && pane.place == open.place)
        };
        let closed = self
            .open
            .extract_if(.., |whose, open| !is_wanted(whose, open));
        let closed: Vec<PaneId> = closed.map(|(_, open)| open.id).collect();
        for id in &closed {
            self.panes.remove(*id)?;
        }
        Ok(!closed.is_empty())
    }

    /// Finds where the pictures of a pane come from, and counts them.
    fn follow(&mut self, one: &Covered, feed: Option<&Pictures>) -> Result<(), PaneError> {
        let pane = &one.pane;
        let open = match self.open.entry(pane.whose) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(Open {
                id: self.panes.add(pane.place)?,
                place: pane.place,
                slot: None,
                seen: 0,
                count: Count::default(),
                shown: None,
            }),
        };
        let slot = feed.and_then(|feed| feed.0.slot(pane.whose));
        let mut both = open.slot.iter().zip(&slot);
        if !both.any(|(before, now)| before.is_same(now)) {
            open.seen = slot
                .as_ref()
                .map_or(0, |slot| slot.count().saturating_sub(1));
            open.slot = slot;
        }
        open.count_newer();
        Ok(())
    }

    /// Puts a picture where it is newer, or looks otherwise, than what is there.
    fn put(&mut self, one: &Covered) -> Result<Step, PaneError> {
        let pane = &one.pane;
        let Some(open) = self.open.get_mut(&pane.whose) else {
            return Ok(Step::Nothing);
        };
        if !self.panes.is_seen(open.id) {
            return Ok(Step::Nothing);
        }
        let picture = pane.still.clone().or_else(|| open.newest());
        let Some(picture) = picture else {
            return Ok(Step::Nothing);
        };
        let is_damaged = self.panes.was_damaged(open.id);
        let is_known = open.shown.as_ref().is_some_and(|shown| {
            shown.picture.is_same(&picture)
                && shown.wanted == pane.wanted
                && Arc::ptr_eq(&shown.overlay, &one.overlay)
        });
        if is_known && !is_damaged {
            return Ok(Step::Nothing);
        }
        if picture.size() != pane.size {
            return Ok(Step::Reshaped);
        }
        if !is_known {
            let pixels = self.panes.pixels(open.id);
            self.exact.convert(&picture, &pane.wanted, pixels);
            one.overlay.lay_over(self.kernel, pixels);
            open.shown = Some(Shown {
                picture,
                wanted: pane.wanted,
                overlay: Arc::clone(&one.overlay),
            });
        }
        self.panes.show(open.id)?;
        Ok(Step::Put)
    }

    /// Tells the window what is there.
    fn tell(&mut self) {
        let mut state = self.shared.lock();
        let there = self.open.iter().filter(|(_, open)| open.shown.is_some());
        state.shown = there.map(|(whose, open)| (*whose, open.place)).collect();
        for (whose, open) in &mut self.open {
            let count = state.counts.entry(*whose).or_default();
            count.shown += open.count.shown;
            count.overtaken += open.count.overtaken;
            open.count = Count::default();
        }
    }
}

impl Open {
    /// Counts what came since the last time, of which one is shown.
    fn count_newer(&mut self) {
        let count = self.slot.as_ref().map_or(self.seen, PictureSlot::count);
        let newer = count.saturating_sub(self.seen);
        self.seen = count;
        self.count.shown += newer.min(1);
        self.count.overtaken += newer.saturating_sub(1);
    }

    fn newest(&self) -> Option<Picture> {
        let newest = self.slot.as_ref().and_then(PictureSlot::latest);
        newest.or_else(|| self.shown.as_ref().map(|shown| shown.picture.clone()))
    }
}

/// Pictures that come within this time are put on the screen together: half of what one of sixty a second takes.
const PERIOD: Duration = Duration::from_millis(8);
