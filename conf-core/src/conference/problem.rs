//! What can be wrong in a conference, as the user would tell them apart; the sentences live in the program.
use std::time::SystemTime;

/// Something that is wrong now. Worst first in their order here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// No interface that could carry multicast is up.
    NoNetwork,
    /// Another program holds the port and does not share it.
    PortTaken {
        /// UDP port.
        port: u16,
    },
    /// The system refuses to send to the group.
    NothingCanBeSent {
        /// What the system says.
        reason: String,
    },
    /// People were heard, and then all of them fell silent at once without a goodbye.
    NetworkDropsMulticast,
    /// The conference's time has passed.
    ConferenceOver,
    /// The conference's time has not come.
    NotYetBegun {
        /// When it begins.
        start: SystemTime,
    },
    /// There is no microphone.
    NoMicrophone {
        /// What the system says.
        reason: String,
    },
    /// The microphone was there and stopped working.
    MicrophoneFails {
        /// What the system says.
        reason: String,
    },
    /// The microphone runs, and gives nothing but digital silence.
    MicrophoneSilent,
    /// There is no loudspeaker, or it fails.
    NoSpeaker {
        /// What the system says.
        reason: String,
    },
    /// The camera that is on gives no picture.
    NoCamera {
        /// What the system says.
        reason: String,
    },
    /// What is shared gives no picture: the window has been closed, say.
    NothingShared {
        /// What the system says.
        reason: String,
    },
    /// Pictures are left out, small ones first, because this computer cannot decode them all in time.
    TooSlow,
    /// Many of our own pictures are left out, because this computer cannot code them all in time.
    TooSlowToSend,
    /// We have been here for a while and nobody was heard.
    NobodyHeardYet,
    /// The microphone hears us talk, and it is muted.
    TalkingWhileMuted,
}
