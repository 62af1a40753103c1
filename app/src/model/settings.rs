//! What the person chose, kept from one start to the next.
use conf_core::calendar::Budget;
use conf_core::{Scope, Size, VideoLimits};
use serde::{Deserialize, Serialize};

use crate::directories::DirectorySetting;

/// Dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the rest of the desktop.
    #[default]
    System,
    /// Always dark.
    Dark,
    /// Always light.
    Light,
}

/// What the others in a conference may know besides the name (RFC 3550 section 6.5); what is blank is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// Where the person is.
    pub location: String,
    /// What the person wants to say of their state, such as "on the phone".
    pub note: String,
}

/// How much each scope bears, in kbit/s: what is planned beyond that is warned of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bandwidth {
    /// One network segment.
    pub room: u64,
    /// One site.
    pub site: u64,
    /// All sites of an organisation.
    pub organisation: u64,
    /// As far as the network carries it.
    pub world: u64,
}

impl Default for Bandwidth {
    fn default() -> Self {
        let budget = Budget::default();
        Self {
            room: budget.of(Scope::Room),
            site: budget.of(Scope::Site),
            organisation: budget.of(Scope::Organisation),
            world: budget.of(Scope::World),
        }
    }
}

impl From<Bandwidth> for Budget {
    fn from(bandwidth: Bandwidth) -> Self {
        Self::default()
            .with(Scope::Room, bandwidth.room)
            .with(Scope::Site, bandwidth.site)
            .with(Scope::Organisation, bandwidth.organisation)
            .with(Scope::World, bandwidth.world)
    }
}

/// How good one's own pictures may be (T-92); what is not set follows from what the conference grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VideoQuality {
    /// Most bits per second, in thousands.
    pub max_kbits: Option<u32>,
    /// Most pictures per second.
    pub max_frame_rate: Option<u32>,
    /// Most lines of a picture.
    pub max_height: Option<u32>,
}

impl VideoQuality {
    /// The bit rates offered, in thousands per second.
    pub const KBITS: [u32; 5] = [100, 300, 700, 1_500, 2_500];
    /// The frame rates offered.
    pub const FRAME_RATES: [u32; 4] = [5, 10, 15, 30];
    /// The heights offered, in lines.
    pub const HEIGHTS: [u32; 3] = [180, 360, 720];
}

impl From<VideoQuality> for VideoLimits {
    fn from(quality: VideoQuality) -> Self {
        Self {
            bit_rate: quality.max_kbits.map(|kbits| kbits.saturating_mul(1_000)),
            frame_rate: quality.max_frame_rate,
            // Of any shape: only the height was chosen.
            size: quality
                .max_height
                .map(|lines| Size::new(lines.saturating_mul(16) / 9, lines)),
        }
    }
}

/// The choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name that others see; empty until the first start has asked.
    pub name: String,
    /// What else they may know.
    pub contact: Contact,
    /// Dark or light.
    pub theme: ThemeChoice,
    /// Changes show at once instead of fading.
    pub is_motion_reduced: bool,
    /// Size of everything, 100..=200 percent.
    pub text_scale_percent: u16,
    /// The microphone's terminal; `None` is the system's choice.
    pub microphone: Option<String>,
    /// The speaker's terminal; `None` is the system's choice.
    pub speaker: Option<String>,
    /// The camera's terminal; `None` is the system's choice.
    pub camera: Option<String>,
    /// Whether one comes in with the camera on.
    pub is_camera_on: bool,
    /// One sees oneself as in a mirror.
    pub is_mirrored: bool,
    /// One does not see oneself, unless alone.
    pub is_self_hidden: bool,
    /// Most pictures at once (P-10); others are shown without.
    pub max_videos: u16,
    /// Most that is sent of one's own pictures.
    pub video_quality: VideoQuality,
    /// The network interface; `None` follows the multicast route.
    pub interface: Option<String>,
    /// Directories in which conferences are published and found.
    pub directories: Vec<DirectorySetting>,
    /// Whether this program runs a directory of its own, on this computer.
    pub has_directory: bool,
    /// Whether others on the network may read it.
    pub is_directory_shared: bool,
    /// Who leases multicast groups: addresses of MADCAP servers, or "auto"; nobody if empty.
    pub madcap: String,
    /// How much each scope bears.
    pub bandwidth: Bandwidth,
}

impl Settings {
    /// The sizes offered, in percent.
    pub const TEXT_SCALES: [u16; 5] = [100, 115, 130, 150, 200];
    /// The numbers of pictures offered.
    pub const MAX_VIDEOS: [u16; 5] = [1, 4, 9, 25, 49];
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            contact: Contact::default(),
            theme: ThemeChoice::System,
            is_motion_reduced: false,
            text_scale_percent: 100,
            microphone: None,
            speaker: None,
            camera: None,
            is_camera_on: false,
            is_mirrored: true,
            is_self_hidden: false,
            max_videos: 25,
            video_quality: VideoQuality::default(),
            interface: None,
            directories: Vec::new(),
            has_directory: true,
            is_directory_shared: true,
            madcap: String::new(),
            bandwidth: Bandwidth::default(),
        }
    }
}
