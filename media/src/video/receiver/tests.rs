//! The receiver at work, on streams that the encoder makes of the test pattern.
#![allow(clippy::disallowed_methods, reason = "these run in real time")]
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::*;
use crate::codec::video::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
use crate::device::{PatternStamp, TestPattern};
use crate::payload::h264::Packetizer;
use crate::render::PictureSlot;
use crate::rtp_time::{RtpTime, SeqNo, Ssrc};
use crate::video::{Layer, Size, SourceId, VideoPacket};

const fn source(ssrc: u32) -> SourceId {
    SourceId::new(Layer::Full, Ssrc(ssrc))
}

/// A sender of the test pattern, without a clock.
struct Sender {
    source: SourceId,
    pattern: TestPattern,
    encoder: H264Encoder,
    seq: SeqNo,
    frame: u32,
}

impl Sender {
    fn new(ssrc: u32) -> Self {
        Self {
            source: source(ssrc),
            pattern: TestPattern::new(Size::new(320, 180)),
            encoder: H264Encoder::new(VideoEncoderOptions {
                bit_rate: 400_000,
                frame_rate: 30.0,
                content: Content::Camera,
            }),
            seq: SeqNo(65_530),
            frame: 0,
        }
    }

    /// The packets of the next frame: sequence number, whether it is the last, payload.
    fn next(&mut self, is_keyframe: bool) -> Vec<(SeqNo, bool, Vec<u8>)> {
        let picture = self.pattern.paint(Instant::now(), Duration::ZERO);
        let mut encoded = EncodedPicture::default();
        self.encoder
            .encode(&picture, is_keyframe, &mut encoded)
            .unwrap();
        let mut payloads = Vec::new();
        Packetizer::new(Default::default(), 300).packetize(encoded.units(), &mut payloads);
        self.frame += 1;
        let last = payloads.len() - 1;
        let numbered = payloads.into_iter().enumerate().map(|(at, payload)| {
            self.seq = self.seq.next();
            (self.seq, at == last, payload)
        });
        numbered.collect()
    }

    fn push(&self, handle: &VideoHandle, packet: &(SeqNo, bool, Vec<u8>)) {
        handle.push_packet(&VideoPacket {
            source: self.source,
            payload_type: 96,
            seq: packet.0,
            time: RtpTime(self.frame * 3_000),
            marker: packet.1,
            arrival: Instant::now(),
            payload: &packet.2,
        });
    }

    fn send(&mut self, handle: &VideoHandle, is_keyframe: bool) {
        for packet in self.next(is_keyframe) {
            self.push(handle, &packet);
        }
    }
}

struct Room {
    receiver: VideoReceiver,
    woken: std::sync::mpsc::Receiver<()>,
}

impl Room {
    fn new(default_view: View) -> Self {
        let (wake, woken) = sync_channel(1);
        let wake: Arc<dyn Fn() + Send + Sync> =
            Arc::new(move || wake.try_send(()).unwrap_or_default());
        let receiver = VideoReceiver::start(VideoReceiverOptions {
            workers: 2,
            default_view,
            wake: Arc::clone(&wake),
            wake_for_event: wake,
            ..VideoReceiverOptions::new(vec![(Layer::Full, H264Format::new(96))])
        });
        Self {
            receiver: receiver.unwrap(),
            woken,
        }
    }

    /// Waits until something is so; the receiver wakes us when something changes.
    fn wait_for(&self, mut is_so: impl FnMut(&VideoHandle) -> bool) {
        let handle = self.receiver.handle();
        let end = Instant::now() + Duration::from_secs(20);
        while !is_so(&handle) {
            assert!(Instant::now() < end, "it did not happen");
            self.woken
                .recv_timeout(Duration::from_millis(20))
                .unwrap_or_default();
        }
    }

    fn wait_for_frame(&self, ssrc: u32, frame: u32) -> PictureSlot {
        let shows = |slot: &PictureSlot| {
            let stamp = slot.latest().as_ref().and_then(PatternStamp::read);
            stamp.is_some_and(|stamp| stamp.frame == frame)
        };
        self.wait_for(|handle| handle.slot(source(ssrc)).as_ref().is_some_and(shows));
        self.receiver.handle().slot(source(ssrc)).unwrap()
    }
}

#[test]
fn several_sources_are_shown_each_in_its_slot() {
    let room = Room::new(View::Small);
    let handle = room.receiver.handle();
    let mut senders: Vec<_> = (1..=4).map(Sender::new).collect();
    for frame in 0..5 {
        for sender in &mut senders {
            sender.send(&handle, false);
        }
        for ssrc in 1..=4 {
            room.wait_for_frame(ssrc, frame);
        }
    }
    let size = Size::new(320, 180);
    room.wait_for(|handle| {
        handle
            .sources()
            .iter()
            .all(|source| source.statistics.decoded == 5)
    });
    assert!(
        handle
            .sources()
            .iter()
            .all(|source| source.statistics.size == size)
    );
    let events: Vec<_> = std::iter::from_fn(|| handle.poll_event()).collect();
    for source in (1..=4).map(source) {
        assert!(events.contains(&VideoEvent::Showing { source, size }));
    }
    assert_eq!(handle.dropped(), 0);
}

#[test]
fn a_lost_packet_freezes_until_the_next_keyframe_and_both_are_told() {
    let room = Room::new(View::Large);
    let handle = room.receiver.handle();
    let mut sender = Sender::new(7);
    sender.send(&handle, false);
    room.wait_for_frame(7, 0);
    let packets = sender.next(false);
    for packet in packets.iter().skip(1) {
        sender.push(&handle, packet);
    }
    sender.send(&handle, false);
    let source = source(7);
    let mut told = Vec::new();
    room.wait_for(|handle| {
        told.extend(handle.poll_event());
        told.last() == Some(&VideoEvent::Waiting { source })
    });
    sender.send(&handle, true);
    room.wait_for_frame(7, 3);
    let size = Size::new(320, 180);
    room.wait_for(|handle| handle.poll_event() == Some(VideoEvent::Showing { source, size }));
    room.wait_for(|handle| handle.sources()[0].statistics.freezes == 1);
    assert_eq!(handle.sources()[0].statistics.lost, 1);
}

#[test]
fn packets_that_overtake_each_other_are_put_in_order() {
    let room = Room::new(View::Small);
    let handle = room.receiver.handle();
    let mut sender = Sender::new(1);
    let mut packets = sender.next(false);
    assert!(packets.len() > 2);
    // The very first packet is where counting begins.
    packets[1..].reverse();
    for packet in &packets {
        sender.push(&handle, packet);
    }
    room.wait_for_frame(1, 0);
}

#[test]
fn what_is_hidden_is_not_decoded_and_comes_back_with_a_keyframe() {
    let room = Room::new(View::Hidden);
    let handle = room.receiver.handle();
    let (mut hidden, mut shown) = (Sender::new(1), Sender::new(2));
    handle.set_view(source(2), View::Large);
    for _ in 0..3 {
        hidden.send(&handle, false);
        shown.send(&handle, false);
    }
    room.wait_for_frame(2, 2);
    assert!(handle.slot(source(1)).unwrap().latest().is_none());
    handle.set_view(source(1), View::Small);
    hidden.send(&handle, false);
    hidden.send(&handle, true);
    let slot = room.wait_for_frame(1, 4);
    let lost = |ssrc| {
        handle
            .sources()
            .iter()
            .find(|source| source.id.ssrc == Ssrc(ssrc))
            .unwrap()
            .statistics
            .lost
    };
    assert_eq!(lost(1), 0);
    handle.set_view(source(1), View::Hidden);
    assert!(slot.latest().is_none());
    handle.remove_source(source(1));
    assert!(handle.slot(source(1)).is_none());
}

#[test]
fn what_is_kept_ready_is_not_decoded_and_is_there_at_once() {
    let room = Room::new(View::Small);
    let handle = room.receiver.handle();
    let mut sender = Sender::new(1);
    sender.send(&handle, true);
    let slot = room.wait_for_frame(1, 0);
    handle.set_view(source(1), View::Ready);
    assert!(slot.latest().is_none());
    let decoded = || handle.sources()[0].statistics.decoded;
    for frame in 1..8 {
        sender.send(&handle, frame == 4);
    }
    room.wait_for(|handle| handle.sources()[0].statistics.packets > 7);
    assert_eq!((decoded(), slot.latest().is_none()), (1, true));
    // Nothing more comes, and the newest picture is seen all the same.
    handle.set_view(source(1), View::Small);
    room.wait_for_frame(1, 7);
    room.wait_for(|_| decoded() == 5);
}

#[test]
fn pictures_wait_for_the_voice_that_belongs_to_them() {
    use crate::rtp_time::ClockRate;
    use crate::video::lip_sync::{DueClock, HeardSound, SenderTime};
    let room = Room::new(View::Small);
    let handle = room.receiver.handle();
    let mut sender = Sender::new(1);
    sender.send(&handle, false);
    room.wait_for_frame(1, 0);
    // What is heard now was said 100 ms before the next picture (RTP time 6000) was taken.
    let sound = SenderTime {
        wall: Duration::from_secs(50),
        media: RtpTime(0),
        clock: ClockRate::HZ_48000,
    };
    let video = SenderTime {
        wall: Duration::from_millis(50_100),
        media: RtpTime(6_000),
        clock: ClockRate::HZ_90000,
    };
    let at = Instant::now();
    let heard = HeardSound {
        sender: sound,
        media: RtpTime(0),
        at,
    };
    handle.set_due(source(1), Some(DueClock { video, heard }));
    sender.send(&handle, false);
    room.wait_for_frame(1, 1);
    assert!(Instant::now() - at >= Duration::from_millis(90));
}
