//! How a conference is joined, and why it may not be.
use directory::description::Encryption;
use media::device::{Terminal, VideoTerminal};
use media::video::View;

use super::{Information, Pictures, VideoLimits};

/// What the user chooses when joining.
#[derive(Clone, Debug)]
pub struct JoinOptions {
    /// What to tell the others of ourselves; the CNAME is made here if it is empty.
    pub information: Information,
    /// Where our sound comes from.
    pub microphone: Terminal,
    /// Where theirs goes, all at once (T-77).
    pub speakers: Vec<Terminal>,
    /// What is sent and received of pictures, where the conference has video.
    pub video: VideoOptions,
    /// Who on this computer hears what we send.
    pub loopback: Loopback,
    /// Whether to come in muted.
    pub is_muted: bool,
    /// Where all that is random about our session comes from: SSRC, first sequence number, CNAME.
    pub seed: u64,
}

/// What the user chooses about pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VideoOptions {
    /// Where our pictures come from.
    pub camera: VideoTerminal,
    /// What we share besides: sharpness then goes before movement. Instead of our camera where there is one stream.
    pub share: VideoTerminal,
    /// Most that is sent of the camera.
    pub camera_limits: VideoLimits,
    /// Most that is sent of what we share.
    pub share_limits: VideoLimits,
    /// Where the pictures of others go besides the window: a file, or nowhere.
    pub output: VideoTerminal,
    /// How others are shown at first: nothing is decoded for those who are hidden.
    pub view: View,
}

impl VideoOptions {
    /// Most that is sent of these.
    pub(super) const fn limits(&self, what: Pictures) -> VideoLimits {
        match what {
            Pictures::Camera => self.camera_limits,
            Pictures::Screen => self.share_limits,
        }
    }
}

/// Who on this computer hears what we send (T-71).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loopback {
    /// Nobody: packets leave the computer only.
    None,
    /// Every other program on this computer, and not ourselves.
    #[default]
    Selective,
    /// Everybody and ourselves, to test the whole path.
    Full,
}

/// Why a conference cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// Its media are encrypted, and this version has no keys: never in clear by accident.
    #[error("the conference is encrypted")]
    Encrypted(Encryption),
    /// It ended.
    #[error("the conference is over")]
    Over,
    /// There is no medium that this version can take part in.
    #[error("the conference has no audio")]
    NoAudio,
    /// Its address is no multicast group.
    #[error("{0} is not a multicast group")]
    NotMulticast(std::net::IpAddr),
    /// It names no address for its audio.
    #[error("the description names no address")]
    NoAddress,
    /// None of the formats it offers is known here.
    #[error("no codec in common (it offers {})", offered.join(", "))]
    NoCommonCodec {
        /// What it offers.
        offered: Vec<String>,
    },
    /// The network thread is gone.
    #[error("the network thread has stopped")]
    Stopped,
    /// The audio worker could not be started.
    #[error("sound could not be started: {0}")]
    Audio(String),
    /// The video threads could not be started, or a file could not be written.
    #[error("video could not be started: {0}")]
    Video(String),
}
