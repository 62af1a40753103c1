//! What a conference needs of video, and the threads that give it.
use std::time::Instant;

use media::render::PictureSlot;
use media::video::lip_sync::DueClock;
use media::video::{
    EncodedVideoPacket, Layer, SourceId, VideoCommand, VideoEvent, VideoHandle, VideoPacket,
    VideoSenderHandle, VideoSenderStatus, VideoSourceStatus, View,
};

use crate::conference::Pictures;

/// What a conference needs of video: the decoding and encoding threads, or in a simulation what stands in for them.
/// None of these may wait.
pub trait VideoPort: Send {
    /// Takes one packet of somebody else.
    fn push_packet(&mut self, packet: &VideoPacket<'_>);
    /// Gives the next packet that is to be sent by now.
    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket>;
    /// When the next packet is to be sent.
    fn next_due(&self) -> Option<Instant>;
    /// Whether something follows from packets or time: an event, or work that is done when it is polled.
    fn has_work(&self) -> bool;
    /// What happened to the pictures of somebody else.
    fn poll_event(&mut self) -> Option<VideoEvent>;
    /// Does what was asked for with what we send.
    fn apply(&mut self, what: Pictures, command: VideoCommand);
    /// Somebody left.
    fn remove_source(&mut self, source: SourceId);
    /// Shows a source so from now on.
    fn set_view(&mut self, source: SourceId, view: View);
    /// Shows pictures of a source by this clock, or as they come.
    fn set_due(&mut self, source: SourceId, due: Option<DueClock>);
    /// Everybody whose packets came, in order.
    fn sources(&self) -> Vec<VideoSourceStatus>;
    /// How sending is going, where something is sent.
    fn sending(&self, what: Pictures) -> Option<VideoSenderStatus>;
}

/// The threads of media.
#[derive(Clone)]
pub(in crate::conference) struct VideoThreads {
    pub(in crate::conference) receiver: VideoHandle,
    pub(in crate::conference) camera: Option<VideoSenderHandle>,
    pub(in crate::conference) screen: Option<VideoSenderHandle>,
}

impl VideoThreads {
    fn sender(&self, what: Pictures) -> Option<&VideoSenderHandle> {
        match what {
            Pictures::Camera => self.camera.as_ref(),
            Pictures::Screen => self.screen.as_ref(),
        }
    }

    /// Where what we send ourselves is to be seen.
    pub(in crate::conference) fn preview(&self, what: Pictures) -> Option<PictureSlot> {
        self.sender(what).map(VideoSenderHandle::preview)
    }
}

impl VideoPort for VideoThreads {
    fn push_packet(&mut self, packet: &VideoPacket<'_>) {
        self.receiver.push_packet(packet);
    }

    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket> {
        let mut senders = [&self.camera, &self.screen].into_iter().flatten();
        senders.find_map(|sender| sender.poll_packet(now))
    }

    fn next_due(&self) -> Option<Instant> {
        let senders = [&self.camera, &self.screen].into_iter().flatten();
        senders.filter_map(VideoSenderHandle::next_due).min()
    }

    fn has_work(&self) -> bool {
        self.receiver.has_event()
    }

    fn poll_event(&mut self) -> Option<VideoEvent> {
        self.receiver.poll_event()
    }

    fn apply(&mut self, what: Pictures, command: VideoCommand) {
        if let Some(sender) = self.sender(what) {
            sender.apply(command);
        }
    }

    fn remove_source(&mut self, source: SourceId) {
        self.receiver.remove_source(source);
    }

    fn set_view(&mut self, source: SourceId, view: View) {
        self.receiver.set_view(source, view);
    }

    fn set_due(&mut self, source: SourceId, due: Option<DueClock>) {
        self.receiver.set_due(source, due);
    }

    fn sources(&self) -> Vec<VideoSourceStatus> {
        self.receiver.sources()
    }

    fn sending(&self, what: Pictures) -> Option<VideoSenderStatus> {
        self.sender(what).map(VideoSenderHandle::status)
    }
}

/// What is to be seen in a layer.
pub(in crate::conference) const fn pictures_of(layer: Layer) -> Pictures {
    match layer {
        Layer::Thumbnail | Layer::Full => Pictures::Camera,
        Layer::Screen => Pictures::Screen,
    }
}
