//! Whose pictures there are, and what the window must be given to show them.
use std::fmt;
use std::sync::Arc;

use conf_core::{Picture, PictureSlot, Size};

use super::PersonId;

/// Whose pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whose {
    /// One's own.
    Mine,
    /// Somebody else's.
    Theirs(PersonId),
    /// The screen that somebody shares.
    Screen(PersonId),
}

/// Pictures that are on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnScreen {
    /// Whose.
    pub whose: Whose,
    /// How large, in pixels of the screen.
    pub size: Size,
}

/// A picture that is to be kept.
#[derive(Clone, Debug)]
pub struct Still {
    /// Whose it is, for its file.
    pub name: String,
    /// The picture.
    pub picture: Picture,
}

impl PartialEq for Still {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.picture.is_same(&other.picture)
    }
}

/// Where pictures come from; none of its calls waits.
pub trait PictureFeed: Send + Sync {
    /// Where the newest picture of somebody is to be found.
    fn slot(&self, whose: Whose) -> Option<PictureSlot>;
}

/// The pictures of the conference being taken part in.
#[derive(Clone)]
pub struct Pictures(pub Arc<dyn PictureFeed>);

impl Pictures {
    /// Whether two are of the same conference.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures")
    }
}
