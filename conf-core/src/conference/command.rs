//! What a user can do in a conference.
use media::device::{Terminal, VideoTerminal};
use media::video::Size;

use super::{PersonId, VideoLimits};
use crate::rtcp::SdesItem;

/// One thing to do.
#[derive(Clone, Debug)]
pub enum ConferenceCommand {
    /// Silences our microphone for everybody, or opens it again.
    MuteMicrophone(bool),
    /// Silences one person for ourselves, or changes how loud they are (T-63).
    SetPerson {
        /// Whom.
        id: PersonId,
        /// Volume, dB (−30 to +12).
        gain_db: f32,
        /// Whether to silence them.
        is_muted: bool,
    },
    /// Changes what we tell of ourselves (T-62); CNAME is fixed.
    Describe(SdesItem, String),
    /// Speaks through another terminal.
    SetMicrophone(Terminal),
    /// Listens through other terminals, all at once (T-77).
    SetSpeakers(Vec<Terminal>),
    /// Sends pictures of another camera, screen or file.
    SetCamera(VideoTerminal),
    /// Shares another screen or window, or none.
    SetScreen(VideoTerminal),
    /// Sends no more than this in each stream of our camera or screen (T-92).
    Limit(Pictures, VideoLimits),
    /// Asks somebody for a keyframe of what is seen of them, now (T-74). What is lost is asked for anyway.
    UpdatePicture(PersonId),
    /// Tells what is on the screen and how large, from now on: only that is received and decoded. Before the first of
    /// these, everybody is shown as [`VideoOptions`](super::VideoOptions) say.
    Show(Vec<Tile>),
}

/// Pictures of one person, as they are on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Whose.
    pub id: PersonId,
    /// Which of theirs.
    pub pictures: Pictures,
    /// How large, in pixels of the screen.
    pub size: Size,
}

/// What somebody may send pictures of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pictures {
    /// Themselves.
    Camera,
    /// A screen or window that they share.
    Screen,
}
