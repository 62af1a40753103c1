//! The sender at work on the test pattern, in real time.
#![allow(clippy::disallowed_methods, reason = "these run in real time")]
use std::sync::mpsc::{Receiver, sync_channel};

use super::*;
use crate::codec::video::Content;
use crate::device::{DeviceState, PatternStamp};
use crate::payload::h264::H264Format;
use crate::rtp_time::{SeqNo, Ssrc};
use crate::video::{EncodedVideoPacket, Layer, Size, SourceId, VideoPacket, VideoStream};

fn layer(layer: Layer, width: u32, height: u32, frame_rate: f32) -> LayerOptions {
    LayerOptions {
        layer,
        format: H264Format::new(96),
        bounds: Size::new(width, height),
        frame_rate,
        bit_rate: 500_000,
        content: Content::Camera,
        keyframe_interval: KEYFRAME_INTERVAL,
        is_paused: false,
    }
}

struct Sending {
    sender: VideoSender,
    woken: Receiver<()>,
}

fn start(source: &str, layers: Vec<LayerOptions>) -> Sending {
    let (wake, woken) = sync_channel(1);
    let sender = VideoSender::start(VideoSenderOptions {
        source: source.parse().unwrap(),
        layers,
        epoch: Instant::now(),
        wake: Arc::new(move || wake.try_send(()).unwrap_or_default()),
    });
    Sending {
        sender: sender.unwrap(),
        woken,
    }
}

impl Sending {
    /// Packets in the order in which they become due, waited for.
    fn packets(&self, count: usize) -> Vec<EncodedVideoPacket> {
        let handle = self.sender.handle();
        let mut packets = Vec::new();
        let end = Instant::now() + Duration::from_secs(20);
        while packets.len() < count {
            assert!(Instant::now() < end, "no packets");
            let wait = handle.next_due().map_or(Duration::from_millis(20), |due| {
                due.saturating_duration_since(Instant::now())
            });
            self.woken.recv_timeout(wait).unwrap_or_default();
            packets.extend(std::iter::from_fn(|| handle.poll_packet(Instant::now())));
        }
        packets
    }

    /// The same until each of the layers has so many whole pictures, however busy the computer is.
    fn pictures_of(&self, layers: &[Layer], count: usize) -> Vec<EncodedVideoPacket> {
        let mut packets = Vec::new();
        let has_all = |packets: &[EncodedVideoPacket]| {
            layers.iter().all(|layer| {
                let ends = packets.iter().filter(|packet| packet.marker);
                ends.filter(|packet| packet.layer == *layer).count() >= count
            })
        };
        while !has_all(&packets) {
            packets.extend(self.packets(1));
        }
        packets
    }

    fn wait_for(&self, is_so: impl Fn(&VideoSenderStatus) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !is_so(&self.sender.handle().status()) {
            assert!(Instant::now() < end, "it did not happen");
            self.woken
                .recv_timeout(Duration::from_millis(20))
                .unwrap_or_default();
        }
    }
}

/// Size and frame number of each picture of a layer.
fn pictures(packets: &[EncodedVideoPacket], layer: Layer) -> Vec<(Size, u32)> {
    let mut stream = VideoStream::new(H264Format::new(96), Duration::ZERO).unwrap();
    let mut pictures = Vec::new();
    let of_layer = packets.iter().filter(|packet| packet.layer == layer);
    for (seq, packet) in (0..).zip(of_layer) {
        stream.push(&VideoPacket {
            source: SourceId::new(packet.layer, Ssrc(1)),
            payload_type: packet.payload_type,
            seq: SeqNo(seq),
            time: packet.time,
            marker: packet.marker,
            arrival: Instant::now(),
            payload: &packet.payload,
        });
        while let Some(unit) = stream.poll_unit() {
            let picture = stream.decode(unit).unwrap().unwrap().picture;
            let stamp = PatternStamp::read(&picture).unwrap();
            pictures.push((picture.size(), stamp.frame));
        }
    }
    pictures
}

#[test]
fn two_layers_show_the_same_in_two_sizes() {
    let sending = start(
        "test:640x360@30",
        vec![
            layer(Layer::Thumbnail, 320, 180, 15.0),
            layer(Layer::Full, 1280, 720, 30.0),
        ],
    );
    let packets = sending.pictures_of(&[Layer::Thumbnail, Layer::Full], 4);
    assert!(packets.iter().all(|packet| packet.payload.len() <= 1_200));
    let (small, large) = (
        pictures(&packets, Layer::Thumbnail),
        pictures(&packets, Layer::Full),
    );
    assert!(small.iter().all(|(size, _)| *size == Size::new(320, 180)));
    assert!(large.iter().all(|(size, _)| *size == Size::new(640, 360)));
    // Every other picture at most, however busy the computer is.
    assert!(small.len() > 2);
    let span = small[small.len() - 1].1 - small[0].1;
    assert!(span as usize + 1 >= 2 * (small.len() - 1));
    assert!(large.len() > 2);
    let status = sending.sender.handle().status();
    assert_eq!(status.source, DeviceState::Running);
    assert!(sending.sender.handle().preview().latest().is_some());
}

#[test]
fn a_paused_layer_sends_nothing_and_begins_again_with_a_keyframe() {
    let mut paused = layer(Layer::Thumbnail, 320, 180, 30.0);
    paused.is_paused = true;
    let sending = start(
        "test:320x180@60",
        vec![paused, layer(Layer::Full, 320, 180, 30.0)],
    );
    let handle = sending.sender.handle();
    assert!(
        sending
            .packets(10)
            .iter()
            .all(|packet| packet.layer == Layer::Full)
    );
    handle.apply(VideoCommand::PauseLayer(Layer::Thumbnail, false));
    sending.wait_for(|status| status.layers[0].encoded > 1);
    let packets = sending.packets(10);
    assert!(!pictures(&packets, Layer::Thumbnail).is_empty());
    handle.apply(VideoCommand::PauseLayer(Layer::Thumbnail, true));
    sending.wait_for(|status| status.layers[0].is_paused);
    sending.packets(2);
    assert!(
        sending
            .packets(5)
            .iter()
            .all(|packet| packet.layer == Layer::Full)
    );
}

#[test]
fn requests_for_keyframes_are_fulfilled_but_not_all() {
    let mut rare = layer(Layer::Full, 320, 180, 30.0);
    rare.keyframe_interval = Duration::from_secs(3_600);
    let sending = start("test:320x180@60", vec![rare]);
    sending.wait_for(|status| status.layers[0].encoded > 0);
    for _ in 0..500 {
        sending
            .sender
            .handle()
            .apply(VideoCommand::RequestKeyframe(Layer::Full));
    }
    sending.wait_for(|status| status.layers[0].keyframes == 2);
    let before = sending.sender.handle().status().layers[0].encoded;
    sending.wait_for(|status| status.layers[0].encoded > before + 5);
    assert_eq!(sending.sender.handle().status().layers[0].keyframes, 2);
}

#[test]
fn another_source_takes_over_and_a_missing_one_is_told() {
    let sending = start("none", vec![layer(Layer::Full, 640, 360, 30.0)]);
    let handle = sending.sender.handle();
    sending.wait_for(|status| status.source == DeviceState::Off);
    handle.apply(VideoCommand::SetSource("test:128x72@30".parse().unwrap()));
    assert_eq!(
        pictures(&sending.packets(3), Layer::Full)[0].0,
        Size::new(128, 72)
    );
    handle.apply(VideoCommand::SetSource(
        "file:/nowhere.y4m".parse().unwrap(),
    ));
    sending.wait_for(|status| matches!(&status.source, DeviceState::Missing { reason } if reason.contains("/nowhere.y4m")));
}
