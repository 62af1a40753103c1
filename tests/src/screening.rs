//! Video without coders, for scenarios: packets say which picture they are a piece of, and whether it is a keyframe.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use conf_core::Pictures;
use conf_core::conference::VideoPort;
use media::device::DeviceState;
use media::rtp_time::RtpTime;
use media::video::keyframe::KeyframeSchedule;
use media::video::lip_sync::DueClock;
use media::video::{
    EncodedVideoPacket, Layer, LayerStatus, Size, SourceId, StreamStatistics, VideoCommand,
    VideoEvent, VideoPacket, VideoSenderStatus, VideoSourceStatus, View,
};

/// The eyes and the camera of somebody; clones are the same.
#[derive(Clone)]
pub struct Screening(Arc<Mutex<State>>);

/// What somebody shows and sees.
#[derive(Default)]
struct State {
    sending: BTreeMap<Layer, Sending>,
    packets: VecDeque<(Instant, EncodedVideoPacket)>,
    sources: BTreeMap<SourceId, Seen>,
    views: BTreeMap<SourceId, View>,
    default_view: View,
    events: VecDeque<VideoEvent>,
}

/// A layer that is sent.
struct Sending {
    start: Instant,
    next: Instant,
    picture: u32,
    keyframes: KeyframeSchedule,
    is_paused: bool,
    encoded: u64,
    keyframes_made: u64,
}

/// A source that is received: which pieces of which pictures, and how far one can see.
#[derive(Default)]
struct Seen {
    pieces: BTreeMap<u32, Picture>,
    /// The next picture that can be shown if it follows the one before.
    next: Option<u32>,
    is_showing: bool,
    is_waiting: bool,
    intact: u64,
    packets: u64,
}

struct Picture {
    first: Instant,
    is_keyframe: bool,
    missing: u8,
}

impl Screening {
    /// Looks at everybody so until told whom, and sends these layers, the full one not before somebody wants it.
    pub fn new(now: Instant, default_view: View, layers: &[Layer]) -> Self {
        let sending = layers.iter().map(|layer| {
            let sending = Sending {
                start: now,
                next: now,
                picture: 0,
                keyframes: KeyframeSchedule::new(KEYFRAMES),
                is_paused: *layer == Layer::Full && layers.len() > 1,
                encoded: 0,
                keyframes_made: 0,
            };
            (*layer, sending)
        });
        Self(Arc::new(Mutex::new(State {
            sending: sending.collect(),
            default_view,
            ..State::default()
        })))
    }

    /// How everybody is shown until told whom.
    pub fn default_view(&self) -> View {
        self.state().default_view
    }

    /// Pictures of a layer that have been encoded so far.
    pub fn encoded(&self, layer: Layer) -> u64 {
        self.state().sending[&layer].encoded
    }

    /// Keyframes among them.
    pub fn keyframes(&self, layer: Layer) -> u64 {
        self.state().sending[&layer].keyframes_made
    }

    /// Pictures of everybody in a layer that could be shown without a fault.
    pub fn intact(&self, layer: Layer) -> u64 {
        let state = self.state();
        let of_layer = state.sources.iter().filter(|(id, _)| id.layer == layer);
        of_layer.map(|(_, seen)| seen.intact).sum()
    }

    /// How the sources of a layer are shown.
    pub fn views(&self, layer: Layer) -> Vec<View> {
        let state = self.state();
        let of_layer = state.sources.keys().filter(|id| id.layer == layer);
        of_layer.map(|id| state.view(*id)).collect()
    }

    /// Packets that came in a layer, wanted or not.
    pub fn packets(&self, layer: Layer) -> u64 {
        let state = self.state();
        let of_layer = state.sources.iter().filter(|(id, _)| id.layer == layer);
        of_layer.map(|(_, seen)| seen.packets).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Makes the pictures that are due.
    fn shoot(&mut self, now: Instant) {
        for (layer, sending) in &mut self.sending {
            while sending.next <= now {
                let at = sending.next;
                sending.next += Duration::from_secs_f32(1.0 / layer.frame_rate());
                sending.picture += 1;
                if sending.is_paused {
                    continue;
                }
                let is_keyframe = sending.keyframes.take(at);
                sending.encoded += 1;
                sending.keyframes_made += u64::from(is_keyframe);
                let count: u8 = if is_keyframe { 12 } else { 4 };
                let ticks = (at - sending.start).as_millis() * 90;
                for piece in 0..count {
                    let head = [u8::from(is_keyframe), count];
                    let payload = [&head[..], &sending.picture.to_be_bytes(), &[0; 994]].concat();
                    let packet = EncodedVideoPacket {
                        layer: *layer,
                        payload_type: 97,
                        time: RtpTime(ticks as u32),
                        captured: at,
                        marker: piece + 1 == count,
                        payload,
                    };
                    let due = at + Duration::from_millis(1) * u32::from(piece);
                    self.packets.push_back((due, packet));
                }
            }
        }
        self.packets.make_contiguous().sort_by_key(|(due, _)| *due);
    }

    fn view(&self, source: SourceId) -> View {
        self.views
            .get(&source)
            .copied()
            .unwrap_or(self.default_view)
    }
}

impl Seen {
    fn push(&mut self, now: Instant, payload: &[u8]) {
        let (is_keyframe, count) = (payload[0] == 1, payload[1]);
        let number = u32::from_be_bytes(payload[2..6].try_into().unwrap());
        let picture = self.pieces.entry(number).or_insert(Picture {
            first: now,
            is_keyframe,
            missing: count,
        });
        picture.missing = picture.missing.saturating_sub(1);
    }

    /// Shows what can be shown, and gives up what has been waited for too long.
    fn look(&mut self, now: Instant, source: SourceId, events: &mut VecDeque<VideoEvent>) {
        while let Some((number, picture)) = self.pieces.first_key_value() {
            let is_next = self.next == Some(*number) || picture.is_keyframe;
            if picture.missing == 0 && is_next {
                self.next = Some(number + 1);
                self.intact += 1;
                if !self.is_showing || self.is_waiting {
                    let size = source.layer.bounds();
                    events.push_back(VideoEvent::Showing { source, size });
                }
                (self.is_showing, self.is_waiting) = (true, false);
            } else if picture.missing > 0 && now < picture.first + PATIENCE {
                return;
            } else {
                self.next = None;
                if !self.is_waiting {
                    events.push_back(VideoEvent::Waiting { source });
                }
                self.is_waiting = true;
            }
            self.pieces.pop_first();
        }
    }
}

impl VideoPort for Screening {
    fn push_packet(&mut self, packet: &VideoPacket<'_>) {
        let mut state = self.state();
        let view = state.view(packet.source);
        let State {
            sources, events, ..
        } = &mut *state;
        let seen = sources.entry(packet.source).or_default();
        seen.packets += 1;
        if view == View::Hidden {
            seen.pieces.clear();
            seen.next = None;
            return;
        }
        seen.push(packet.arrival, packet.payload);
        if view == View::Ready {
            // What would be decoded if it were wanted.
            seen.look(packet.arrival, packet.source, &mut VecDeque::new());
            seen.is_showing = false;
        } else {
            seen.look(packet.arrival, packet.source, events);
        }
    }

    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket> {
        let mut state = self.state();
        state.shoot(now);
        let is_due = state.packets.front().is_some_and(|(due, _)| *due <= now);
        let packet = is_due.then(|| state.packets.pop_front()).flatten();
        packet.map(|(_, packet)| packet)
    }

    fn next_due(&self) -> Option<Instant> {
        let state = self.state();
        let packets = state.packets.front().map(|(due, _)| *due);
        let sending = state.sending.values().map(|sending| sending.next);
        packets.into_iter().chain(sending).min()
    }

    fn has_work(&self) -> bool {
        !self.state().events.is_empty()
    }

    fn poll_event(&mut self) -> Option<VideoEvent> {
        self.state().events.pop_front()
    }

    fn apply(&mut self, _: Pictures, command: VideoCommand) {
        let mut state = self.state();
        match command {
            VideoCommand::RequestKeyframe(layer) => {
                if let Some(sending) = state.sending.get_mut(&layer) {
                    sending.keyframes.request();
                }
            }
            VideoCommand::PauseLayer(layer, is_paused) => {
                if let Some(sending) = state.sending.get_mut(&layer) {
                    if sending.is_paused && !is_paused {
                        sending.keyframes = KeyframeSchedule::new(KEYFRAMES);
                    }
                    sending.is_paused = is_paused;
                }
            }
            _ => {}
        }
    }

    fn remove_source(&mut self, source: SourceId) {
        self.state().sources.remove(&source);
    }

    fn set_view(&mut self, source: SourceId, view: View) {
        let mut state = self.state();
        state.views.insert(source, view);
        if let Some(seen) = state.sources.get_mut(&source)
            && view < View::Small
        {
            seen.is_showing = false;
        }
    }

    fn set_due(&mut self, _: SourceId, _: Option<DueClock>) {}

    fn sources(&self) -> Vec<VideoSourceStatus> {
        let state = self.state();
        let status = |(id, seen): (&SourceId, &Seen)| VideoSourceStatus {
            id: *id,
            view: state.view(*id),
            has_picture: seen.is_showing,
            needs_keyframe: seen.is_waiting,
            statistics: StreamStatistics {
                size: Size::default(),
                decoded: seen.intact,
                ..StreamStatistics::default()
            },
        };
        state.sources.iter().map(status).collect()
    }

    fn sending(&self, what: Pictures) -> Option<VideoSenderStatus> {
        let state = self.state();
        if what == Pictures::Screen || state.sending.is_empty() {
            return None;
        }
        let layers = state.sending.iter().map(|(layer, sending)| LayerStatus {
            layer: *layer,
            is_paused: sending.is_paused,
            encoded: sending.encoded,
            ..LayerStatus::default()
        });
        Some(VideoSenderStatus {
            source: DeviceState::Running,
            layers: layers.collect(),
            captured: 1,
            overtaken: 0,
        })
    }
}

/// Longer than any scenario, so that keyframes come only when asked for.
const KEYFRAMES: Duration = Duration::from_secs(3_600);
/// As the program has it where lost packets are asked for.
const PATIENCE: Duration = Duration::from_millis(200);
