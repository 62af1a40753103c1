//! Taking part in a multicast conference: groups, RTP and RTCP, members, quality.
//!
//! A program holds a [`Station`], its presence on the network, and joins a [`Conference`] through it. Both take commands
//! and give events and snapshots; nothing that they offer waits for the network.
//! What a program needs of `directory` and `media` is found here too.
pub mod calendar;
pub mod conference;
pub mod directories;
pub mod dns_sd;
pub mod endpoint;
pub mod leases;
pub mod net;
pub mod queue;
pub mod rtcp;
pub mod rtp;
pub mod session;
pub mod signal;
pub mod station;
mod wire;

pub use conference::{
    Conference, ConferenceCommand, ConferenceEvent, ConferenceSnapshot, ConferenceState, Control,
    Departure, Information, JoinError, JoinOptions, Loopback, Me, Moment, Person, PersonId,
    Pictures, Presence, Problem, Property, Reception, Statistics, StreamQuality, Tile, VideoLimits,
    VideoOptions, Wake, plan, plan_video,
};
pub use directory::address::{IpVersion, claim, claim_port, claim_range};
pub use directory::catalogue::{Disagreement, Entry as CatalogueEntry, Field, Lookup, Seen, find};
pub use directory::description::{
    Activity, Draft, DraftAudio, DraftError, DraftVideo, Encryption, FULL_GROUPS, Medium,
    Occurrence,
};
pub use directory::server;
pub use directory::{ConferenceId, Description, ParseError, Scope};
pub use media::device::{
    CameraForm, CameraPreview, DeviceInfo, DeviceState, Direction, PaneError, PaneId, PanePlace,
    PaneWaker, Panes, PatternStamp, Shareable, Shareables, Terminal, TestPattern, VideoTerminal,
    VideoTerminalError, WindowName, list_cameras, list_devices, list_shareables,
};
pub use media::render::PictureSlot;
pub use media::rtp_time::{ClockRate, RtpTime, SeqNo, Ssrc};
pub use media::video::{
    Colours, Layer, LayerStatus, Matrix, Picture, PictureBuffer, PicturePool, Plane, Scaler, Size,
    SourceId, StreamStatistics, VideoHandle, VideoSenderStatus, VideoSourceStatus, View,
};
pub use net::{Interface, InterfaceChoice};
pub use rtcp::SdesItem;
pub use station::{
    NetworkProblem, NetworkStatus, StartError, Station, StationEvent, StationOptions,
};
