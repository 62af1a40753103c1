//! What the person asked for; the window's services carry it out after the frame.
use std::path::PathBuf;

use conf_core::directories::Secret;

use super::{Draft, EntryId, OnScreen, PersonId, Plan, Settings, Still};

/// How one person is heard here; nobody else notices.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonVolume {
    /// Whom.
    pub person: PersonId,
    /// Louder or quieter, −30..=12 dB.
    pub gain_db: f32,
    /// Not heard at all.
    pub is_muted: bool,
}

/// As what a conference is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Its description.
    Sdp,
    /// iCalendar, for a calendar.
    Calendar,
}

impl ExportFormat {
    /// How the file's name ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Sdp => "sdp",
            Self::Calendar => "ics",
        }
    }
}

/// One wish.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "few wait at a time, each for a moment"
)]
pub enum Command {
    /// Keep these settings, and use them from now on.
    SaveSettings(Settings),
    /// Log in with this password, and keep it in the keyring.
    KeepPassword {
        /// At the directory with these servers.
        urls: String,
        /// As whom.
        name: String,
        /// With what.
        password: Secret,
    },
    /// Take the password of this name out of the keyring.
    ForgetPassword {
        /// For the directory with these servers.
        urls: String,
        /// Whose.
        name: String,
    },
    /// Store and announce a new conference.
    Publish(Draft),
    /// Tell what this would meet.
    Foresee(Plan),
    /// Change one of one's own conferences.
    Edit(EntryId, Draft),
    /// Stop announcing one of one's own conferences and forget it.
    Withdraw(EntryId),
    /// Publish a conference in a directory.
    PublishIn(EntryId, String),
    /// Take a conference out of a directory.
    WithdrawFrom(EntryId, String),
    /// Read a conference from an `.sdp` file into the list.
    OpenFile(PathBuf),
    /// Take a conference that came from a file off the list.
    CloseFile(EntryId),
    /// Write a conference to a file in the folder for downloads.
    Export(EntryId, ExportFormat),
    /// Ask announcers to repeat themselves now.
    Refresh,
    /// Take part.
    Join {
        /// In which conference.
        conference: EntryId,
        /// Start without being heard.
        is_muted: bool,
    },
    /// Leave the conference; also gives up joining.
    Leave,
    /// Be heard, or not.
    MuteMicrophone(bool),
    /// Hear one person louder, quieter or not at all.
    SetVolume(PersonVolume),
    /// Use this microphone; `None` is the system's choice.
    SetMicrophone(Option<String>),
    /// Use this speaker; `None` is the system's choice.
    SetSpeaker(Option<String>),
    /// Take pictures with this terminal; `None` is the system's choice.
    SetCamera(Option<String>),
    /// Be seen, or not.
    SwitchCamera(bool),
    /// Show this screen, window or file instead of the camera, or nothing more.
    Share(Option<String>),
    /// Keep a picture as a file.
    SavePicture(Still),
    /// These pictures of others are on the screen, and no more need to be received.
    Show(Vec<OnScreen>),
    /// Use this network interface; `None` is the system's choice.
    SetInterface(Option<String>),
    /// Look for microphones and speakers again.
    ListDevices,
    /// See the camera's picture without a conference, or no longer.
    Preview(bool),
    /// Look for screens and windows to share.
    ListShareables,
    /// Leave, stop announcing, and close; comes once, as the last of all, however the window is closed.
    Quit,
}
