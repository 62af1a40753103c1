//! A computer that is too slow, in virtual time: small pictures give way first, then the large one loses pictures.
#![allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
use std::sync::Mutex;

use super::inbox::Mail;
use super::source::lock;
use super::worker::Worker;
use super::*;
use crate::codec::video::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions, two_layers};
use crate::device::TestPattern;
use crate::payload::h264::Packetizer;
use crate::rtp_time::{RtpTime, SeqNo, Ssrc};
use crate::video::{Size, SourceId, StreamStatistics, VideoPacket};

const PERIOD: Duration = Duration::from_micros(33_333);
const SECOND: u32 = 30;
const LARGE: SourceId = SourceId::new(Layer::Full, Ssrc(0));
const SMALL: u32 = 8;

/// Goes on by so much whenever it is asked, twice a picture and a few times a turn.
#[derive(Clone)]
struct SlowClock(Arc<Mutex<(Instant, Duration)>>);

impl SlowClock {
    fn now(&self) -> Instant {
        let mut state = lock(&self.0);
        let step = state.1;
        state.0 += step;
        state.0
    }

    fn advance_to(&self, at: Instant) {
        let mut state = lock(&self.0);
        state.0 = state.0.max(at);
    }
}

/// A large picture and eight small ones, all of which show the same second of the pattern.
struct Room {
    clock: SlowClock,
    next: Instant,
    frame: u32,
    seq: SeqNo,
    film: Vec<Vec<Vec<u8>>>,
    handle: VideoHandle,
    worker: Worker,
}

impl Room {
    fn new(film: Vec<Vec<Vec<u8>>>) -> Self {
        let start = Instant::now();
        let clock = SlowClock(Arc::new(Mutex::new((start, Duration::ZERO))));
        let handle = VideoHandle::new(1, View::Small, Arc::new(|| {}), Arc::new(|| {}));
        handle.set_view(LARGE, View::Large);
        let formats = vec![(Layer::Full, H264Format::new(96))];
        let tell = clock.clone();
        let worker = Worker::new(
            handle.clone(),
            0,
            formats,
            DEFAULT_PATIENCE,
            None,
            Box::new(move || tell.now()),
        );
        Self {
            clock,
            next: start,
            frame: 0,
            seq: SeqNo(0),
            film,
            handle,
            worker,
        }
    }

    /// Pictures come for so long, to a decoder that takes so long for each step.
    fn run(&mut self, seconds: u32, step: Duration) {
        lock(&self.clock.0).1 = step;
        let mut mail = Mail::default();
        let end = self.frame + seconds * SECOND;
        while self.frame < end {
            if self.worker.wait(self.clock.now()) > Duration::ZERO {
                self.clock.advance_to(self.next);
            }
            while self.frame < end && self.next <= self.clock.now() {
                self.send();
            }
            let inbox = self.handle.inbox(0).unwrap();
            inbox.fetch(&mut mail, Duration::ZERO);
            self.worker.turn(&mut mail);
        }
    }

    fn send(&mut self) {
        let payloads = &self.film[(self.frame % SECOND) as usize];
        for (at, payload) in payloads.iter().enumerate() {
            self.seq = self.seq.next();
            for ssrc in 0..=SMALL {
                self.handle.push_packet(&VideoPacket {
                    source: SourceId::new(Layer::Full, Ssrc(ssrc)),
                    payload_type: 96,
                    seq: self.seq,
                    time: RtpTime(self.frame * 3_000),
                    marker: at + 1 == payloads.len(),
                    arrival: self.next,
                    payload,
                });
            }
        }
        self.frame += 1;
        self.next += PERIOD;
    }

    /// What was decoded, and what was left out, since the figures `before`: of the large one and of each small one.
    fn since(&self, before: &[StreamStatistics]) -> Vec<(u64, u64)> {
        let pairs = self.figures().into_iter().zip(before);
        pairs
            .map(|(now, before)| (now.decoded - before.decoded, now.shed - before.shed))
            .collect()
    }

    /// How often each stood still since the figures `before`.
    fn stood_still(&self, before: &[StreamStatistics]) -> Vec<u64> {
        let pairs = self.figures().into_iter().zip(before);
        pairs
            .map(|(now, before)| now.freezes - before.freezes)
            .collect()
    }

    fn figures(&self) -> Vec<StreamStatistics> {
        let sources = self.handle.sources().into_iter();
        sources.map(|source| source.statistics).collect()
    }
}

/// A second of the pattern that begins with a keyframe.
fn film() -> Vec<Vec<Vec<u8>>> {
    let mut pattern = TestPattern::new(Size::new(160, 96));
    let mut encoder = H264Encoder::new(VideoEncoderOptions {
        bit_rate: 100_000,
        frame_rate: 30.0,
        content: Content::Camera,
    });
    let mut encoded = EncodedPicture::default();
    let mut picture = |frame| {
        let painted = pattern.paint(Instant::now(), PERIOD * frame);
        encoder.encode(&painted, frame == 0, &mut encoded).unwrap();
        let mut payloads = Vec::new();
        Packetizer::new(Default::default(), 1_200).packetize(encoded.units(), &mut payloads);
        payloads
    };
    (0..SECOND).map(&mut picture).collect()
}

/// The same of which every second picture may be left out.
fn film_in_two_layers() -> Vec<Vec<Vec<u8>>> {
    let packetizer = Packetizer::new(Default::default(), 1_200);
    let picture = |units: Vec<Vec<u8>>| {
        let mut payloads = Vec::new();
        packetizer.packetize(units.iter().map(Vec::as_slice), &mut payloads);
        payloads
    };
    two_layers().into_iter().map(picture).collect()
}

#[test]
fn small_pictures_give_way_first_then_the_rate_of_the_large_one_and_all_come_back() {
    let mut room = Room::new(film());
    room.run(3, Duration::from_micros(50));
    let mut before = room.figures();
    assert!(before.iter().all(|figures| figures.shed == 0), "{before:?}");

    // Everything together takes longer than there is time, the large one alone does not.
    room.run(5, Duration::from_millis(2));
    let (large, small) = (room.since(&before)[0], room.since(&before)[1..].to_vec());
    assert!(large.0 >= 145 && large.1 == 0, "{large:?}");
    assert!(small.iter().all(|(_, shed)| *shed > 0), "{small:?}");
    assert!(small.iter().all(|(decoded, _)| *decoded >= 5), "{small:?}");

    before = room.figures();
    room.run(5, Duration::from_millis(15));
    let large = room.since(&before)[0];
    assert!((10..140).contains(&large.0) && large.1 > 0, "{large:?}");

    room.run(2, Duration::from_micros(50));
    before = room.figures();
    room.run(3, Duration::from_micros(50));
    for (decoded, shed) in room.since(&before) {
        assert!(decoded >= 87 && shed == 0, "{decoded} {shed}");
    }
}

#[test]
fn pictures_to_which_no_other_refers_are_left_out_before_anything_stands_still() {
    let mut room = Room::new(film_in_two_layers());
    room.run(3, Duration::from_micros(50));
    let mut before = room.figures();

    // Not quite enough time: small ones lose some of their pictures and go on.
    room.run(5, Duration::from_micros(1_200));
    let (large, small) = (room.since(&before)[0], room.since(&before)[1..].to_vec());
    assert!(large.0 >= 145 && large.1 == 0, "{large:?}");
    assert!(small.iter().any(|(_, shed)| *shed > 0), "{small:?}");
    assert!(
        small.iter().all(|(decoded, _)| *decoded >= 100),
        "{small:?}"
    );
    let stood_still = room.stood_still(&before);
    assert!(
        stood_still.iter().all(|freezes| *freezes == 0),
        "{stood_still:?}"
    );

    // Small ones stand still by now, and the large one loses some of its pictures and goes on.
    before = room.figures();
    room.run(5, Duration::from_millis(10));
    let large = room.since(&before)[0];
    assert!((75..140).contains(&large.0) && large.1 > 0, "{large:?}");
    let stood_still = room.stood_still(&before);
    assert_eq!(stood_still[0], 0);
    assert!(
        stood_still[1..].iter().all(|freezes| *freezes > 0),
        "{stood_still:?}"
    );
}
