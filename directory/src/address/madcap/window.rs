//! A span of time for which addresses are leased.
use serde::{Deserialize, Serialize};

use super::options::UnixTime;

/// From a first moment to one that no longer belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins.
    pub start: UnixTime,
    /// When it is over.
    pub end: UnixTime,
}

impl Window {
    /// So many seconds from a moment on.
    pub fn lasting(start: UnixTime, secs: u32) -> Self {
        Self {
            start,
            end: start.plus_secs(secs),
        }
    }

    /// How long it lasts.
    pub fn secs(self) -> u32 {
        self.end.secs_since(self.start)
    }

    /// Whether some moment belongs to both.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// So many seconds more on either side.
    pub fn widened(self, secs: u32) -> Self {
        Self {
            start: self.start.minus_secs(secs),
            end: self.end.plus_secs(secs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_do_not_overlap_until_they_are_widened() {
        let morning = Window::lasting(UnixTime(100), 50);
        let noon = Window::lasting(UnixTime(150), 50);
        assert!(!morning.overlaps(noon) && !noon.overlaps(morning));
        assert!(morning.widened(1).overlaps(noon));
        assert_eq!(morning.widened(1000).start, UnixTime(0));
        assert_eq!(Window::lasting(UnixTime(u32::MAX), 5).secs(), 0);
    }
}
