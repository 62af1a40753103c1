//! Taking part in one conference: commands go in; events and snapshots come out.
//!
//! [`Conference`] is what a program holds. Behind it, a [`ConferenceEndpoint`] lives on the net thread, as a state machine
//! that needs neither sockets nor a clock, and the audio worker makes and takes the sound.
mod audio;
mod command;
mod control;
mod endpoint;
mod event;
mod handle;
mod information;
mod medium;
mod moment;
mod options;
mod people;
mod plan;
mod problem;
mod quality;
mod report;
mod session_config;
mod shared;
mod snapshot;
mod strain;
mod sync;
mod video;
mod video_workers;
mod watch;

pub use audio::AudioPort;
pub use command::{ConferenceCommand, Pictures, Tile};
pub use control::ConferenceControl;
pub use endpoint::ConferenceEndpoint;
pub use event::{ConferenceEvent, Departure};
pub use handle::Conference;
pub use information::Information;
pub use moment::Moment;
pub use options::{JoinError, JoinOptions, Loopback, VideoOptions};
pub use plan::{AudioPlan, StreamPlan, Transport, VideoPlan, plan, plan_video};
pub use problem::Problem;
pub use quality::{Control, Property, StreamQuality, VideoLimits};
pub use shared::Wake;
pub use snapshot::{
    ConferenceSnapshot, ConferenceState, Me, Person, PersonId, Presence, Reception, Statistics,
};
pub use video::VideoPort;
