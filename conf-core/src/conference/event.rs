//! What happens in a conference, in the order in which it happened.
use media::video::{Layer, Size};

use super::{Information, PersonId, Problem};
use crate::session::LeaveReason;

/// One thing that happened (T-64, T-66, T-67).
#[derive(Clone, Debug, PartialEq)]
pub enum ConferenceEvent {
    /// We are a member of every group.
    Joined,
    /// Somebody was heard for the first time.
    PersonJoined {
        /// Who.
        id: PersonId,
        /// What they tell of themselves.
        information: Information,
    },
    /// Somebody told something new of themselves.
    PersonChanged {
        /// Who.
        id: PersonId,
        /// What they tell of themselves now.
        information: Information,
    },
    /// Somebody said goodbye, or was given up.
    PersonLeft {
        /// Who.
        id: PersonId,
        /// How.
        departure: Departure,
    },
    /// Nothing has come from somebody for too long.
    PersonTimedOut {
        /// Who.
        id: PersonId,
    },
    /// Somebody who had timed out is heard again.
    PersonRecovered {
        /// Who.
        id: PersonId,
    },
    /// Somebody began to talk.
    TalkingStarted {
        /// Who.
        id: PersonId,
    },
    /// Somebody stopped talking.
    TalkingStopped {
        /// Who.
        id: PersonId,
    },
    /// Somebody began to send pictures. This and what follows about pictures does not wait for a name, so that it may
    /// come before [`Self::PersonJoined`].
    VideoJoined {
        /// Who.
        id: PersonId,
    },
    /// Somebody sends no pictures any more.
    VideoLeft {
        /// Who.
        id: PersonId,
    },
    /// Somebody, or the screen that they share, is seen for the first time since they began to send it.
    FirstPicture {
        /// Who.
        id: PersonId,
        /// In which layer.
        layer: Layer,
        /// How large their pictures come.
        size: Size,
    },
    /// Somebody's pictures come in another size: another layer is shown, or they changed it.
    LayerChanged {
        /// Who.
        id: PersonId,
        /// In which layer they are seen now.
        layer: Layer,
        /// How large they come now.
        size: Size,
    },
    /// Somebody began to share a screen or window.
    ScreenShared {
        /// Who.
        id: PersonId,
    },
    /// Somebody shares nothing any more.
    ScreenEnded {
        /// Who.
        id: PersonId,
    },
    /// The picture of somebody's camera stands still, because something that the next depend on was lost.
    VideoFrozen {
        /// Who.
        id: PersonId,
    },
    /// It moves again.
    VideoResumed {
        /// Who.
        id: PersonId,
    },
    /// Something is wrong.
    ProblemStarted(Problem),
    /// It is no longer wrong.
    ProblemEnded(Problem),
    /// Another source uses our SSRC, so we took a new one (RFC 3550 section 8.2).
    Renumbered,
    /// We have left; nothing follows.
    Left,
}

/// How somebody left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// They said goodbye, perhaps with a reason (RFC 3550 section 6.6).
    Goodbye(Option<String>),
    /// They had timed out, and did not come back.
    Forgotten,
    /// They turned out to be somebody who is here already.
    SameAs(PersonId),
}

impl From<LeaveReason> for Departure {
    fn from(reason: LeaveReason) -> Self {
        match reason {
            LeaveReason::Goodbye(words) => Self::Goodbye(words),
            LeaveReason::Forgotten => Self::Forgotten,
        }
    }
}
