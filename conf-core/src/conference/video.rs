//! The video of a conference: its groups and session, whose pictures are shown, and who is asked for keyframes.
use std::collections::BTreeMap;
use std::time::Instant;

use media::rtp_time::Ssrc;
use media::video::keyframe::KeyframeRequests;
use media::video::{
    EncodedVideoPacket, Layer, Size, SourceId, VideoCommand, VideoEvent, VideoHandle, VideoPacket,
    VideoSenderHandle, VideoSenderStatus, VideoSourceStatus, View,
};

use super::medium::{Arrived, Medium, Outgoing};
use super::people::{MediumIndex, People};
use super::{ConferenceEvent, Pictures, Tile};
use crate::endpoint::Datagram;
use crate::rtcp::FeedbackMessage;

/// What a conference needs of video: the decoding and encoding threads, or in a simulation what stands in for them.
/// None of these may wait.
pub trait VideoPort: Send {
    /// Takes one packet of somebody else.
    fn push_packet(&mut self, packet: &VideoPacket<'_>);
    /// Gives the next packet that is to be sent by now.
    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket>;
    /// When the next packet is to be sent.
    fn next_due(&self) -> Option<Instant>;
    /// What happened to the pictures of somebody else.
    fn poll_event(&mut self) -> Option<VideoEvent>;
    /// Does what was asked for.
    fn apply(&mut self, command: VideoCommand);
    /// Somebody left.
    fn remove_source(&mut self, source: SourceId);
    /// Shows a source so from now on.
    fn set_view(&mut self, source: SourceId, view: View);
    /// Everybody whose packets came.
    fn sources(&self) -> Vec<VideoSourceStatus>;
    /// How sending is going, where something is sent.
    fn sending(&self) -> Option<VideoSenderStatus>;
}

/// The threads of media.
#[derive(Clone)]
pub(super) struct VideoThreads {
    pub(super) receiver: VideoHandle,
    pub(super) sender: Option<VideoSenderHandle>,
}

impl VideoPort for VideoThreads {
    fn push_packet(&mut self, packet: &VideoPacket<'_>) {
        self.receiver.push_packet(packet);
    }

    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket> {
        self.sender.as_ref()?.poll_packet(now)
    }

    fn next_due(&self) -> Option<Instant> {
        self.sender.as_ref()?.next_due()
    }

    fn poll_event(&mut self) -> Option<VideoEvent> {
        self.receiver.poll_event()
    }

    fn apply(&mut self, command: VideoCommand) {
        if let Some(sender) = &self.sender {
            sender.apply(command);
        }
    }

    fn remove_source(&mut self, source: SourceId) {
        self.receiver.remove_source(source);
    }

    fn set_view(&mut self, source: SourceId, view: View) {
        self.receiver.set_view(source, view);
    }

    fn sources(&self) -> Vec<VideoSourceStatus> {
        self.receiver.sources()
    }

    fn sending(&self) -> Option<VideoSenderStatus> {
        Some(self.sender.as_ref()?.status())
    }
}

/// The video of one conference.
pub(super) struct Video {
    pub(super) medium: Medium,
    port: Box<dyn VideoPort>,
    requests: KeyframeRequests,
    /// What was last told of each source: the size shown, or none before its first picture.
    told: BTreeMap<Ssrc, Option<Size>>,
    /// What cannot be told before it is known whose it is.
    waiting: Vec<(Ssrc, Told)>,
}

/// Something about a source that is to be told as something about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Began,
    Ended,
    Pictures(VideoEvent),
}

impl Video {
    /// Its place among the media of the conference.
    pub(super) const INDEX: MediumIndex = 1;
    /// Only one layer is sent.
    const LAYER: Layer = Layer::Full;
    /// Sources whose owners are not known yet are few.
    const MAX_WAITING: usize = 256;

    pub(super) fn new(medium: Medium, port: Box<dyn VideoPort>, seed: u64) -> Self {
        Self {
            medium,
            port,
            requests: KeyframeRequests::new(seed),
            told: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    pub(super) fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) -> Arrived {
        let port = &mut self.port;
        self.medium
            .handle_datagram(now, datagram, |packet, payload| {
                port.push_packet(&VideoPacket {
                    source: SourceId::new(Self::LAYER, packet.ssrc),
                    payload_type: packet.payload_type,
                    seq: packet.seq,
                    time: packet.time,
                    marker: packet.marker,
                    arrival: datagram.arrival,
                    payload,
                });
            })
    }

    /// Sends what is due, and asks for the keyframes that are missed.
    pub(super) fn handle_timeout(&mut self, now: Instant, may_send: bool) {
        while let Some(packet) = self.port.poll_packet(now) {
            if may_send {
                let packet = Outgoing {
                    payload_type: packet.payload_type,
                    time: packet.time,
                    marker: packet.marker,
                    is_first_marked: false,
                    payload: &packet.payload,
                };
                self.medium.send(now, &packet);
            }
        }
        while let Some(event) = self.port.poll_event() {
            self.note_pictures(now, event);
        }
        while let Some(ssrc) = self.requests.poll(now) {
            self.medium.ask(now, ssrc, FeedbackMessage::PictureLoss);
        }
        self.medium.handle_timeout(now);
    }

    /// Somebody asks something of us.
    pub(super) fn handle_feedback(&mut self, message: &FeedbackMessage) {
        let is_wanted = matches!(
            message,
            FeedbackMessage::PictureLoss | FeedbackMessage::FullIntra(_)
        );
        if is_wanted {
            self.port.apply(VideoCommand::RequestKeyframe(Self::LAYER));
        }
    }

    pub(super) fn apply(&mut self, command: VideoCommand) {
        self.port.apply(command);
    }

    /// A source began to send pictures.
    pub(super) fn note_active(&mut self, ssrc: Ssrc) {
        self.told.entry(ssrc).or_default();
        self.tell_later(ssrc, Told::Began);
    }

    /// A source sends no more.
    pub(super) fn note_silent(&mut self, ssrc: Ssrc) {
        self.requests.satisfy(ssrc);
        if self.told.remove(&ssrc).is_some() {
            self.tell_later(ssrc, Told::Ended);
        }
    }

    /// A source is gone.
    pub(super) fn forget(&mut self, ssrc: Ssrc) {
        self.note_silent(ssrc);
        self.port.remove_source(SourceId::new(Self::LAYER, ssrc));
    }

    /// What can be told, now that it is known whose it is.
    pub(super) fn take_events(&mut self, people: &People) -> Vec<ConferenceEvent> {
        let mut events = Vec::new();
        let told = &mut self.told;
        self.waiting.retain(|(ssrc, what)| {
            let Some(id) = people.introduced((Self::INDEX, *ssrc)) else {
                return true;
            };
            match *what {
                Told::Began => events.push(ConferenceEvent::VideoJoined { id }),
                Told::Ended => events.push(ConferenceEvent::VideoLeft { id }),
                Told::Pictures(VideoEvent::Waiting { .. }) => {
                    // At the beginning everybody waits.
                    if told.get(ssrc).is_some_and(Option::is_some) {
                        events.push(ConferenceEvent::VideoFrozen { id });
                    }
                }
                Told::Pictures(VideoEvent::Showing { size, .. }) => {
                    let before = told.insert(*ssrc, Some(size)).flatten();
                    events.push(match before {
                        None => ConferenceEvent::FirstPicture { id, size },
                        Some(before) if before == size => ConferenceEvent::VideoResumed { id },
                        Some(_) => ConferenceEvent::LayerChanged { id, size },
                    });
                }
            }
            false
        });
        events
    }

    /// Shows the pictures of everybody as the tiles on the screen ask for it; who has none is hidden.
    pub(super) fn show(&mut self, people: &People, tiles: &[Tile]) {
        for (id, record) in people.iter() {
            let tile = tiles
                .iter()
                .find(|tile| tile.id == id && tile.pictures == Pictures::Camera);
            let view = match tile.map(|tile| Layer::of_tile(tile.size, None)) {
                None => View::Hidden,
                Some(Layer::Thumbnail) => View::Small,
                Some(Layer::Full | Layer::Screen) => View::Large,
            };
            for (medium, ssrc) in &record.sources {
                if *medium == Self::INDEX {
                    self.port.set_view(SourceId::new(Self::LAYER, *ssrc), view);
                }
            }
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let timeouts = [
            self.medium.next_timeout(),
            self.port.next_due(),
            self.requests.next_timeout(),
        ];
        timeouts.into_iter().flatten().min()
    }

    pub(super) fn sources(&self) -> Vec<VideoSourceStatus> {
        self.port.sources()
    }

    pub(super) fn sending(&self) -> Option<VideoSenderStatus> {
        self.port.sending()
    }

    fn note_pictures(&mut self, now: Instant, event: VideoEvent) {
        let ssrc = match event {
            VideoEvent::Waiting { source } => {
                let ssrc = source.ssrc;
                // The session waits by chance itself before it asks (RFC 4585 section 3.5.2).
                self.requests.want(now, ssrc, 1);
                ssrc
            }
            VideoEvent::Showing { source, .. } => {
                self.requests.satisfy(source.ssrc);
                source.ssrc
            }
        };
        self.tell_later(ssrc, Told::Pictures(event));
    }

    fn tell_later(&mut self, ssrc: Ssrc, what: Told) {
        if self.waiting.len() < Self::MAX_WAITING {
            self.waiting.push((ssrc, what));
        }
    }
}
