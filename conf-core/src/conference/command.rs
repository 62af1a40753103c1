//! What a user can do in a conference.
use media::device::{Terminal, VideoTerminal};

use super::PersonId;
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
}
