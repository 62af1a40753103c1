//! The video of a conference: its streams, whose pictures are shown, and who is asked for keyframes.
mod commands;
mod pause;
mod pauses;
mod port;
mod protect;
mod repair;
mod stream;
mod told;
mod wanted;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::device::VideoTerminal;
use media::rtp_time::Ssrc;
use media::video::lip_sync::DueClock;
use media::video::{
    Layer, SourceId, VideoCommand, VideoEvent, VideoSenderStatus, VideoSourceStatus, View,
};

use self::told::Told;
use self::wanted::Wanted;
use super::medium::{Arrived, Medium};
use super::people::{MediumIndex, People, PersonRecord, layer_of, medium_of};
use super::quality::quality;
use super::{
    ConferenceEvent, Pictures, StreamPlan, StreamQuality, Tile, VideoLimits, VideoOptions,
};
use crate::endpoint::{Datagram, EndpointOutput};
use crate::rtcp::FeedbackMessage;
use crate::session::RtpSession;

pub use self::port::VideoPort;
pub(super) use self::port::{VideoThreads, pictures_of};
pub(super) use self::repair::{PATIENCE, PROTECTED_PATIENCE, Sent};
use self::stream::Stream;

/// The video of one conference.
pub(super) struct Video {
    streams: Vec<Stream>,
    port: Box<dyn VideoPort>,
    wanted: Wanted,
    told: Told,
    /// Most that is sent of our camera, and of our screen.
    limits: BTreeMap<Pictures, VideoLimits>,
    /// Whether what is to be seen, or who is there, has changed.
    is_view_due: bool,
}

/// Everybody's pictures, as they are received at one moment.
#[derive(Debug, Default)]
pub(super) struct SeenPictures {
    /// Those that send now, in order: others who are in a stream only listen to it.
    sources: Vec<VideoSourceStatus>,
    /// Pictures that were left out so far because the computer was behind.
    pub(super) shed: u64,
}

impl SeenPictures {
    /// Those of one person.
    pub(super) fn of(&self, record: &PersonRecord) -> impl Iterator<Item = &VideoSourceStatus> {
        record.sources.iter().filter_map(|(medium, ssrc)| {
            let id = SourceId::new(layer_of(*medium)?, *ssrc);
            let place = self.sources.binary_search_by_key(&id, |source| source.id);
            self.sources.get(place.ok()?)
        })
    }
}

impl Video {
    /// Takes part in these streams as `cname`, and shows everybody as the options say until it is told whom.
    pub(super) fn new(
        now: Instant,
        streams: Vec<(StreamPlan, RtpSession)>,
        port: Box<dyn VideoPort>,
        options: &VideoOptions,
        cname: &str,
    ) -> Self {
        let streams = streams
            .into_iter()
            .map(|(plan, session)| Stream::new(now, plan, session, cname));
        let streams: Vec<Stream> = streams.collect();
        let is_layered = streams.iter().any(|one| one.layer == Layer::Thumbnail);
        Self {
            streams,
            port,
            wanted: Wanted::new(options.view, is_layered),
            told: Told::default(),
            limits: [Pictures::Camera, Pictures::Screen]
                .map(|what| (what, options.limits(what)))
                .into(),
            is_view_due: true,
        }
    }

    /// The medium of each stream, with its place among the media of the conference.
    pub(super) fn mediums(&self) -> impl Iterator<Item = (MediumIndex, &Medium)> {
        let streams = self.streams.iter();
        streams.map(|stream| (medium_of(stream.layer), &stream.medium))
    }

    /// The same, to be told something.
    pub(super) fn mediums_mut(&mut self) -> impl Iterator<Item = (MediumIndex, &mut Medium)> {
        let streams = self.streams.iter_mut();
        streams.map(|stream| (medium_of(stream.layer), &mut stream.medium))
    }

    pub(super) fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) -> Arrived {
        let mut arrived = Arrived::NotFromOther;
        for stream in &mut self.streams {
            let port = &mut self.port;
            let of_stream =
                stream.handle_datagram(now, datagram, |packet| port.push_packet(packet));
            if of_stream == Arrived::FromOther {
                arrived = of_stream;
            }
        }
        arrived
    }

    /// Sends what is due, and asks for the keyframes that are missed.
    pub(super) fn handle_timeout(&mut self, now: Instant, may_send: bool) {
        while let Some(packet) = self.port.poll_packet(now) {
            if let Some(stream) = self.stream(packet.layer).filter(|_| may_send) {
                stream.send(now, &packet);
            }
        }
        while let Some(event) = self.port.poll_event() {
            self.note_pictures(now, event);
        }
        for stream in &mut self.streams {
            let what = pictures_of(stream.layer);
            let is_sending = || is_sending(&*self.port, what);
            if let Some(command) = stream.handle_timeout(now, is_sending) {
                self.port.apply(what, command);
            }
        }
    }

    /// Somebody asks something of us in the stream of this layer.
    pub(super) fn handle_feedback(
        &mut self,
        now: Instant,
        layer: Layer,
        from: Ssrc,
        message: &FeedbackMessage,
    ) {
        let stream = self.stream(layer);
        let command = stream.and_then(|stream| stream.handle_feedback(now, from, message));
        if let Some(command) = command {
            self.port.apply(pictures_of(layer), command);
        }
    }

    /// Somebody came into the stream of this layer.
    pub(super) fn note_newcomer(&mut self, now: Instant, layer: Layer) {
        if let Some(stream) = self.stream(layer) {
            stream.note_newcomer(now);
        }
    }

    /// Sends other pictures.
    pub(super) fn set_source(&mut self, what: Pictures, source: VideoTerminal) {
        self.port.apply(what, VideoCommand::SetSource(source));
    }

    /// Sends no more than this in each stream of these pictures.
    pub(super) fn limit(&mut self, what: Pictures, limits: VideoLimits) {
        self.limits.insert(what, limits);
        let streams = self.streams.iter();
        for stream in streams.filter(|stream| pictures_of(stream.layer) == what) {
            let caps = limits.caps(stream.layer, stream.granted);
            for command in caps.commands(stream.layer) {
                self.port.apply(what, command);
            }
        }
    }

    /// How good each stream that we send may be, and is.
    pub(super) fn quality(&self) -> Vec<StreamQuality> {
        let of = |(what, limits): (&Pictures, &VideoLimits)| {
            let layers = self.port.sending(*what)?.layers.into_iter();
            let granted = |layer| self.streams.iter().find(|stream| stream.layer == layer);
            let qualities = layers.filter_map(|status| {
                let granted = granted(status.layer)?.granted;
                Some(quality(limits, granted, &status))
            });
            Some(qualities.collect::<Vec<_>>())
        };
        self.limits.iter().filter_map(of).flatten().collect()
    }

    /// Asks for a keyframe of each of somebody's sources that are on the screen.
    pub(super) fn update_picture(&mut self, now: Instant, record: &PersonRecord) {
        for (medium, ssrc) in &record.sources {
            let stream = layer_of(*medium).and_then(|layer| self.stream(layer));
            if let Some(stream) = stream {
                stream.update(now, *ssrc);
            }
        }
    }

    /// A source began to send pictures, or sends no more.
    pub(super) fn note_active(&mut self, layer: Layer, ssrc: Ssrc, is_active: bool) {
        self.told.note_active(SourceId::new(layer, ssrc), is_active);
        self.is_view_due = true;
        if let Some(stream) = self.stream(layer).filter(|_| !is_active) {
            stream.satisfy(ssrc);
        }
    }

    /// A source is gone.
    pub(super) fn forget(&mut self, layer: Layer, ssrc: Ssrc) {
        self.note_active(layer, ssrc, false);
        let source = SourceId::new(layer, ssrc);
        if let Some(stream) = self.stream(layer) {
            stream.forget(ssrc);
        }
        self.told.forget(source);
        self.port.remove_source(source);
    }

    /// It has become known whose a source is.
    pub(super) fn note_people(&mut self) {
        self.is_view_due = true;
        self.told.note_people();
    }

    /// The window shows these from now on.
    pub(super) fn show(&mut self, tiles: &[Tile]) {
        self.wanted.show(tiles);
        self.is_view_due = true;
    }

    /// Decodes what is to be seen and joins where it is sent, if that has changed; gives what is to be joined and left.
    pub(super) fn follow(&mut self, now: Instant, people: &People) -> Vec<EndpointOutput> {
        if !std::mem::take(&mut self.is_view_due) {
            return Vec::new();
        }
        for (id, record) in people.iter() {
            let is_seen_large = self.told.is_seen_large(record);
            for (source, view) in self.wanted.views(id, record, is_seen_large) {
                self.port.set_view(source, view);
                let mut streams = self.streams.iter_mut();
                if let Some(stream) = streams.find(|stream| stream.layer == source.layer) {
                    stream.watch(now, source.ssrc, view != View::Hidden);
                    if view == View::Ready {
                        stream.satisfy(source.ssrc);
                    }
                }
                if view == View::Hidden {
                    self.told.note_hidden(source);
                }
            }
        }
        let wanted = &self.wanted;
        let mut outputs = Vec::new();
        for stream in &mut self.streams {
            let large = people
                .iter()
                .filter(|(id, _)| wanted.camera(*id) == View::Large);
            let cnames = large.filter_map(|(_, record)| record.information.cname.as_deref());
            outputs.extend(stream.follow(now, cnames));
        }
        outputs
    }

    /// Whether something follows from what came.
    pub(super) fn has_news(&self) -> bool {
        self.is_view_due
            || self.told.is_due()
            || self.port.has_work()
            || self.mediums().any(|(_, medium)| medium.has_news())
    }

    /// What has happened that the user should know.
    pub(super) fn take_events(&mut self, people: &People) -> Vec<ConferenceEvent> {
        self.told.take_events(people)
    }

    /// How long what comes to a group may wait.
    pub(super) fn patience(&self, group: SocketAddr) -> Duration {
        let mut streams = self.streams.iter();
        let stream = streams.find(|stream| stream.medium.has_joined(group));
        stream.map_or(Duration::ZERO, Stream::patience)
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let streams = self.streams.iter().filter_map(Stream::next_timeout);
        streams.chain(self.port.next_due()).min()
    }

    /// The medium of a layer.
    pub(super) fn medium(&self, layer: Layer) -> Option<&Medium> {
        let mut streams = self.streams.iter();
        let stream = streams.find(|stream| stream.layer == layer);
        stream.map(|stream| &stream.medium)
    }

    /// Shows pictures of a source by this clock, or as they come.
    pub(super) fn set_due(&mut self, source: SourceId, due: Option<DueClock>) {
        self.port.set_due(source, due);
    }

    /// What is received now.
    pub(super) fn seen(&self) -> SeenPictures {
        let mut sources = self.port.sources();
        let shed = sources.iter().map(|source| source.statistics.shed).sum();
        sources.retain(|source| self.told.is_active(source.id));
        SeenPictures { sources, shed }
    }

    /// Follows who is seen again after a silence.
    pub(super) fn note_figures(&mut self, seen: &SeenPictures) {
        self.is_view_due |= self.told.note_figures(&seen.sources);
    }

    pub(super) fn sending(&self, what: Pictures) -> Option<VideoSenderStatus> {
        self.port.sending(what)
    }

    fn stream(&mut self, layer: Layer) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.layer == layer)
    }

    fn note_pictures(&mut self, now: Instant, event: VideoEvent) {
        let (VideoEvent::Waiting { source } | VideoEvent::Showing { source, .. }) = event;
        let is_waiting = matches!(event, VideoEvent::Waiting { .. });
        if let Some(stream) = self.stream(source.layer) {
            if is_waiting {
                stream.want_keyframe(now, source.ssrc);
            } else {
                stream.satisfy(source.ssrc);
            }
        }
        self.told.note_pictures(&event);
        // A thumbnail may be of no more use.
        self.is_view_due |= source.layer == Layer::Full && !is_waiting;
    }
}

/// Whether there are pictures of ours: a conference that we only watch has none to stop.
fn is_sending(port: &dyn VideoPort, what: Pictures) -> bool {
    let status = port.sending(what);
    status.is_some_and(|status| status.captured > 0)
}
