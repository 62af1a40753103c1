//! Panes: places in a window whose pixels are put there past whatever paints the rest of it.
//!
//! Where the processor does what a graphics card should, painting a whole window for each picture costs more than the
//! pictures. A pane is a window within the window: what is painted behind it leaves it alone, and pointer and keyboard
//! go through it.
#[cfg(target_os = "linux")]
pub use super::x11::{PaneWaker, Panes};

/// Where a pane is in its window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanePlace {
    /// From the left.
    pub left: i16,
    /// From the top.
    pub top: i16,
    /// Pixels across, not 0.
    pub width: u16,
    /// Pixels down, not 0.
    pub height: u16,
}

/// One pane of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaneId(pub(super) u32);

/// There are no panes, or no longer: the window has to paint all of itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the window has no panes: {0}")]
pub struct PaneError(pub(super) String);

impl PanePlace {
    /// Bytes of its pixels: blue, green, red and one that nobody looks at, line by line from the top.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.width as usize * self.height as usize * 4
    }
}

#[cfg(not(target_os = "linux"))]
pub use absent::{PaneWaker, Panes};

/// Elsewhere there are none.
#[cfg(not(target_os = "linux"))]
mod absent {
    use std::time::Duration;

    use super::{PaneError, PaneId, PanePlace};

    /// Never there.
    #[derive(Debug)]
    pub enum Panes {}

    /// Never there.
    #[derive(Clone, Debug)]
    pub enum PaneWaker {}

    impl PaneWaker {
        /// Nobody waits.
        pub fn wake(&self) {
            match *self {}
        }
    }

    impl Panes {
        /// Refuses.
        ///
        /// # Errors
        /// Always.
        pub fn open(_window: u32) -> Result<Self, PaneError> {
            Err(PaneError("only X11 has them".to_owned()))
        }

        /// See under Linux, as all that follow.
        pub fn waker(&self) -> PaneWaker {
            match *self {}
        }

        /// Waits.
        ///
        /// # Errors
        /// Never.
        pub fn wait(&mut self) -> Result<(), PaneError> {
            match *self {}
        }

        /// Lets time pass.
        pub fn rest(&mut self, _time: Duration) {
            match *self {}
        }

        /// Whether one can be seen.
        pub fn is_seen(&self, _id: PaneId) -> bool {
            match *self {}
        }

        /// Opens one.
        ///
        /// # Errors
        /// Never.
        pub fn add(&mut self, _place: PanePlace) -> Result<PaneId, PaneError> {
            match *self {}
        }

        /// Closes one.
        ///
        /// # Errors
        /// Never.
        pub fn remove(&mut self, _id: PaneId) -> Result<(), PaneError> {
            match *self {}
        }

        /// Whether one lost its pixels.
        pub fn was_damaged(&mut self, _id: PaneId) -> bool {
            match *self {}
        }

        /// Its pixels.
        pub fn pixels(&mut self, _id: PaneId) -> &mut [u8] {
            match *self {}
        }

        /// Shows them.
        ///
        /// # Errors
        /// Never.
        pub fn show(&mut self, _id: PaneId) -> Result<(), PaneError> {
            match *self {}
        }

        /// Waits for the screen.
        ///
        /// # Errors
        /// Never.
        pub fn finish(&mut self) -> Result<(), PaneError> {
            match *self {}
        }
    }
}
