//! The video path: packets in, pictures out; a camera or screen in, packets of each layer out.
pub mod convert;
pub mod keyframe;
pub mod layers;
pub mod lip_sync;
pub mod pacer;
mod packet;
mod picture;
mod playout;
mod receiver;
mod reorder;
mod scale;
mod sender;
mod show;
mod statistics;
mod stream;

pub use layers::Layer;
pub use packet::{EncodedVideoPacket, SourceId, VideoPacket};
pub use picture::{Colours, MAX_SIDE, Matrix, Picture, PictureBuffer, PicturePool, Plane, Size};
pub use playout::VideoPlayout;
pub use receiver::{
    VideoEvent, VideoHandle, VideoReceiver, VideoReceiverOptions, VideoSourceStatus,
    VideoStartError, View,
};
pub use scale::Scaler;
pub use sender::{
    KEYFRAME_INTERVAL, LayerEncoder, LayerOptions, LayerStatus, VideoCommand, VideoSender,
    VideoSenderHandle, VideoSenderOptions, VideoSenderStatus,
};
pub use statistics::{LipSync, StreamStatistics};
pub use stream::{VideoStream, WaitingUnit};
