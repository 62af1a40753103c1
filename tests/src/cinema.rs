//! Video with the real coders in virtual time: the test pattern is encoded, sent, decoded, and read when it is shown.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use conf_core::Pictures;
use conf_core::conference::VideoPort;
use media::codec::video::Content;
use media::device::{DeviceState, PatternStamp, TestPattern};
use media::payload::h264::H264Format;
use media::rtp_time::{ClockRate, RtpTime};
use media::video::lip_sync::DueClock;
use media::video::pacer::Pacer;
use media::video::{
    EncodedVideoPacket, Layer, LayerEncoder, LayerOptions, Size, SourceId, VideoCommand,
    VideoEvent, VideoPacket, VideoPlayout, VideoSenderStatus, VideoSourceStatus, View,
};

/// The eyes and the camera of somebody, who looks at everybody; clones are the same.
#[derive(Clone)]
pub struct Cinema(Arc<Mutex<State>>);

/// A picture that was shown.
#[derive(Clone, Copy, Debug)]
pub struct ShownPicture {
    /// When.
    pub at: Instant,
    /// What it says of itself; `None` where it cannot be read, which must not be.
    pub stamp: Option<PatternStamp>,
}

struct State {
    start: Instant,
    camera: Option<Camera>,
    patience: Duration,
    is_blind: bool,
    sources: BTreeMap<SourceId, Seen>,
    /// Packets came since it worked last.
    has_come: bool,
    events: VecDeque<VideoEvent>,
    shown: Vec<ShownPicture>,
}

struct Camera {
    pattern: TestPattern,
    next: Instant,
    /// How long a picture takes until its packets may go.
    latency: Duration,
    encoder: LayerEncoder,
    pacer: Pacer,
    waiting: VecDeque<(Instant, Vec<EncodedVideoPacket>)>,
}

struct Seen {
    playout: VideoPlayout,
    clock: Option<DueClock>,
    is_showing: bool,
    has_told_waiting: bool,
}

impl Cinema {
    /// Looks at everybody.
    pub fn audience(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            start: now,
            camera: None,
            patience: PATIENCE,
            is_blind: false,
            sources: BTreeMap::new(),
            has_come: false,
            events: VecDeque::new(),
            shown: Vec::new(),
        })))
    }

    /// Shows the pattern of this size as well; a picture takes so long until it is encoded.
    pub fn camera(now: Instant, size: Size, latency: Duration) -> Self {
        let cinema = Self::audience(now);
        cinema.state().camera = Some(Camera {
            pattern: TestPattern::new(size),
            next: now,
            latency,
            encoder: LayerEncoder::new(LayerOptions {
                layer: Layer::Full,
                format: H264Format::new(PAYLOAD_TYPE),
                bounds: size,
                frame_rate: FRAME_RATE,
                bit_rate: 1_000_000,
                content: Content::Camera,
                // Keyframes come only when asked for.
                keyframe_interval: Duration::from_secs(3_600),
                is_paused: false,
            }),
            pacer: Pacer::default(),
            waiting: VecDeque::new(),
        });
        cinema
    }

    /// Only sits there.
    pub fn blind(now: Instant) -> Self {
        let cinema = Self::audience(now);
        cinema.state().is_blind = true;
        cinema
    }

    /// Waits so long for what is missing.
    pub fn set_patience(&self, patience: Duration) {
        self.state().patience = patience;
    }

    /// Everything that was shown so far.
    pub fn shown(&self) -> Vec<ShownPicture> {
        self.state().shown.clone()
    }

    /// Pictures encoded, and bytes in them.
    pub fn encoded(&self) -> (u64, u64) {
        let state = self.state();
        let status = state.camera.as_ref().map(|camera| camera.encoder.status);
        status.map_or((0, 0), |status| (status.encoded, status.bytes))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn work(&mut self, now: Instant) {
        self.has_come = false;
        if let Some(camera) = &mut self.camera {
            camera.work(self.start, now);
        }
        for (id, seen) in &mut self.sources {
            let playout = &mut seen.playout;
            playout.handle_timeout(now);
            playout.set_clock(seen.clock);
            while playout.decode_next(View::Large, || now) {}
            if playout.needs_keyframe() && !seen.has_told_waiting {
                seen.has_told_waiting = true;
                self.events.push_back(VideoEvent::Waiting { source: *id });
            }
            let Some(picture) = playout.show(now) else {
                continue;
            };
            if !seen.is_showing || seen.has_told_waiting {
                let (source, size) = (*id, picture.size());
                self.events.push_back(VideoEvent::Showing { source, size });
            }
            seen.is_showing = true;
            seen.has_told_waiting = playout.needs_keyframe();
            let stamp = PatternStamp::read(&picture);
            self.shown.push(ShownPicture { at: now, stamp });
        }
    }
}

impl Camera {
    /// Takes and encodes the pictures that are due.
    fn work(&mut self, start: Instant, now: Instant) {
        while self.next <= now {
            let at = self.next;
            self.next += self.encoder.period();
            let since = at - start;
            let picture = self.pattern.paint(at, since);
            let time = RtpTime(ClockRate::HZ_90000.ticks(since) as u32);
            let packets = self.encoder.encode(&picture, time).unwrap();
            self.waiting.push_back((at + self.latency, packets));
        }
        while self.waiting.front().is_some_and(|(due, _)| *due <= now) {
            let packets = self.waiting.pop_front().map(|(_, packets)| packets);
            let period = self.encoder.period();
            if !self.pacer.push(now, period, packets.unwrap()) {
                self.encoder.note_failed();
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let encoded = self.waiting.front().map(|(due, _)| *due);
        let dues = [Some(self.next), encoded, self.pacer.next_due()];
        dues.into_iter().flatten().min()
    }
}

impl VideoPort for Cinema {
    fn push_packet(&mut self, packet: &VideoPacket<'_>) {
        let mut state = self.state();
        let patience = state.patience;
        if state.is_blind {
            return;
        }
        let seen = state.sources.entry(packet.source).or_insert_with(|| Seen {
            playout: VideoPlayout::new(H264Format::new(PAYLOAD_TYPE), patience).unwrap(),
            clock: None,
            is_showing: false,
            has_told_waiting: false,
        });
        seen.playout.push(packet);
        state.has_come = true;
    }

    fn poll_packet(&mut self, now: Instant) -> Option<EncodedVideoPacket> {
        let mut state = self.state();
        state.work(now);
        state.camera.as_mut()?.pacer.poll(now)
    }

    fn next_due(&self) -> Option<Instant> {
        let state = self.state();
        let camera = state.camera.as_ref().and_then(Camera::next_due);
        // Whoever looks, looks a thousand times a second.
        let last = state.shown.last().map(|shown| shown.at);
        let seen = state.sources.values();
        let seen = seen.filter_map(|seen| seen.playout.next_timeout(last.unwrap_or(state.start)));
        seen.chain(camera).min()
    }

    fn has_work(&self) -> bool {
        let state = self.state();
        state.has_come || !state.events.is_empty()
    }

    fn poll_event(&mut self) -> Option<VideoEvent> {
        self.state().events.pop_front()
    }

    fn apply(&mut self, _: Pictures, command: VideoCommand) {
        if let (Some(camera), VideoCommand::RequestKeyframe(_)) =
            (&mut self.state().camera, command)
        {
            camera.encoder.request_keyframe();
        }
    }

    fn remove_source(&mut self, source: SourceId) {
        self.state().sources.remove(&source);
    }

    fn set_view(&mut self, _: SourceId, _: View) {}

    fn set_due(&mut self, source: SourceId, due: Option<DueClock>) {
        if let Some(seen) = self.state().sources.get_mut(&source) {
            seen.clock = due;
        }
    }

    fn sources(&self) -> Vec<VideoSourceStatus> {
        let mut state = self.state();
        let now = state.shown.last().map_or(state.start, |shown| shown.at);
        let status = |(id, seen): (&SourceId, &mut Seen)| VideoSourceStatus {
            id: *id,
            view: View::Large,
            has_picture: seen.is_showing,
            needs_keyframe: seen.playout.needs_keyframe(),
            statistics: seen.playout.statistics(now),
        };
        state.sources.iter_mut().map(status).collect()
    }

    fn sending(&self, what: Pictures) -> Option<VideoSenderStatus> {
        let state = self.state();
        let camera = state.camera.as_ref().filter(|_| what == Pictures::Camera)?;
        Some(VideoSenderStatus {
            source: DeviceState::Running,
            layers: vec![camera.encoder.status],
            captured: camera.encoder.status.encoded,
            overtaken: 0,
        })
    }
}

/// As the descriptions of this project have it.
const PAYLOAD_TYPE: u8 = 97;
const FRAME_RATE: f32 = 30.0;
/// As the program has it where lost packets are asked for.
const PATIENCE: Duration = Duration::from_millis(200);
