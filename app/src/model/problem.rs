//! What can be wrong with a conference, a device or the network; `notice` has the words.
use jiff::Timestamp;

use super::Lock;

/// One thing that is wrong now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No interface is up.
    NoNetwork,
    /// Another program has the port.
    PortTaken {
        /// Which.
        port: u16,
    },
    /// It ended.
    ConferenceOver,
    /// It begins later.
    NotYetBegun {
        /// When.
        start: Timestamp,
    },
    /// None of its codecs is known here.
    NoCommonCodec {
        /// What it offers.
        offered: Vec<String>,
    },
    /// It has no sound at all.
    NoAudio,
    /// Its address is not a multicast group.
    NotMulticast,
    /// It asks for encryption.
    Encrypted(Lock),
    /// No microphone could be opened.
    NoMicrophone {
        /// What the system said.
        reason: String,
    },
    /// The microphone stopped working.
    MicrophoneFailing {
        /// What the system said.
        reason: String,
    },
    /// The microphone works but gives only silence.
    MicrophoneSilent,
    /// No speaker could be opened.
    NoSpeaker {
        /// What the system said.
        reason: String,
    },
    /// The camera that is on gives no picture.
    NoCamera {
        /// What the system said.
        reason: String,
    },
    /// What is shared gives no picture.
    NothingShared {
        /// What the system said.
        reason: String,
    },
    /// This computer cannot decode all pictures in time.
    TooSlow,
    /// Nor code all of our own.
    TooSlowToSend,
    /// The network refuses what is sent.
    NothingCanBeSent {
        /// What the system said.
        reason: String,
    },
    /// Nobody else has been heard since joining.
    NobodyHeardYet,
    /// Others are known to be there but nothing of theirs arrives.
    NetworkDropsMulticast,
    /// Talking while muted.
    TalkingWhileMuted,
    /// Anything else.
    Other {
        /// For experts.
        reason: String,
    },
}
