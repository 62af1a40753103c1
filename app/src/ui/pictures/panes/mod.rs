//! Pictures put on the screen past the painting of the window: where the processor runs OpenGL, painting the whole window
//! for each picture costs more than the pictures.
//!
//! The window tells in each frame where which picture is and what lies over it; from the next frame on a thread puts
//! newer pictures there as they come, and the window need not be painted for them.
mod host;
mod overlay;
mod raster;
mod thread;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use conf_core::{PanePlace, PaneWaker, Picture, Size};
use egui::Context;

pub(super) use host::Host;
use overlay::{Cover, Over};

use self::overlay::Overlay;
use self::thread::Putter;
use super::exact::Wanted;
use crate::model::{Pictures, Whose};

/// The pictures that are put past the painting.
pub(super) struct Panes {
    shared: Arc<Shared>,
    waker: PaneWaker,
    thread: Option<JoinHandle<()>>,
    /// Those of the frame before, also the ones that the window still had to paint.
    known: BTreeMap<Whose, Known>,
}

/// A picture where it is on the screen.
#[derive(Clone)]
pub(super) struct Pane {
    pub(super) whose: Whose,
    pub(super) place: PanePlace,
    pub(super) wanted: Wanted,
    /// Of the pictures for which that is so.
    pub(super) size: Size,
    /// It stands still.
    pub(super) still: Option<Picture>,
}

/// What the window knew of a pane when it last painted.
struct Known {
    place: PanePlace,
    over: Over,
    overlay: Arc<Overlay>,
}

/// A pane and what lies over it.
#[derive(Clone)]
struct Covered {
    pane: Pane,
    overlay: Arc<Overlay>,
}

/// What the window and the thread share.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    feed: Option<Pictures>,
    wanted: Arc<Vec<Covered>>,
    /// Those whose pictures are on the screen, and where.
    shown: BTreeMap<Whose, PanePlace>,
    counts: BTreeMap<Whose, Count>,
    is_over: bool,
}

/// What was put on the screen of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) shown: u64,
    /// Pictures that a newer one overtook.
    pub(super) overtaken: u64,
}

impl Panes {
    /// Those of a window of X11.
    ///
    /// # Errors
    /// Where there are none, as of a server on another computer.
    pub(super) fn start(window: u32, ctx: &Context) -> io::Result<Self> {
        let panes = conf_core::Panes::open(window).map_err(io::Error::other)?;
        let shared = Arc::new(Shared::default());
        let waker = panes.waker();
        let putter = Putter::new(panes, Arc::clone(&shared), ctx.clone());
        let thread = std::thread::Builder::new().name("panes".to_owned());
        Ok(Self {
            shared,
            waker,
            thread: Some(thread.spawn(move || putter.run())?),
            known: BTreeMap::new(),
        })
    }

    /// Tells the thread that there is a newer picture.
    pub(super) fn waker(&self) -> PaneWaker {
        self.waker.clone()
    }

    /// Whether the thread has given up.
    pub(super) fn is_over(&self) -> bool {
        self.shared.lock().is_over
    }

    /// Ends a frame of the window: takes the places of the pictures and what lies over them, and gives whose the window
    /// need not paint.
    pub(super) fn end_frame(
        &mut self,
        ctx: &Context,
        feed: Option<&Pictures>,
        panes: Vec<(Pane, Over)>,
    ) -> BTreeSet<Whose> {
        let mut known = BTreeMap::new();
        let mut wanted = Vec::new();
        for (pane, over) in panes {
            let before = self.known.remove(&pane.whose);
            let before = before.filter(|before| before.place == pane.place);
            // Where a picture comes to a new place the window paints it there, and the pane follows when it stays.
            let stays = before.is_some();
            let overlay = match before {
                Some(before) if before.over == over => Some(before.overlay),
                _ => over.overlay(ctx, pane.place).map(Arc::new),
            };
            let Some(overlay) = overlay else {
                continue;
            };
            let (whose, place) = (pane.whose, pane.place);
            if stays {
                let overlay = Arc::clone(&overlay);
                wanted.push(Covered { pane, overlay });
            }
            let new = Known {
                place,
                over,
                overlay,
            };
            known.insert(whose, new);
        }
        self.known = known;
        let shown = self.shared.tell(feed, wanted);
        self.waker.wake();
        shown
    }

    /// What was put on the screen since this was asked before.
    pub(super) fn take_counts(&self) -> BTreeMap<Whose, Count> {
        std::mem::take(&mut self.shared.lock().counts)
    }
}

impl Drop for Panes {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.waker.wake();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives those of the wanted that are there.
    fn tell(&self, feed: Option<&Pictures>, wanted: Vec<Covered>) -> BTreeSet<Whose> {
        let mut state = self.lock();
        let is_there = |one: &&Covered| state.shown.get(&one.pane.whose) == Some(&one.pane.place);
        let there = wanted.iter().filter(is_there);
        let there = there.map(|one| one.pane.whose).collect();
        state.feed = feed.cloned();
        state.wanted = Arc::new(wanted);
        there
    }
}
