//! The thread `video-enc`: encodes each layer of the newest picture.
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::handle::{VideoCommand, VideoSenderHandle};
use super::layer::LayerEncoder;
use super::{LayerStatus, VideoSenderOptions};
use crate::device::{DeviceState, VideoSource, VideoTerminal};
use crate::rtp_time::{ClockRate, RtpTime};
use crate::video::{Layer, Picture};

pub(super) struct Worker {
    handle: VideoSenderHandle,
    source: Result<VideoSource, String>,
    layers: Vec<LayerEncoder>,
    epoch: Instant,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Worker {
    pub(super) fn new(options: VideoSenderOptions, handle: VideoSenderHandle) -> Self {
        let layers = options.layers.into_iter();
        Self {
            source: open(options.source, &handle),
            layers: layers.map(LayerEncoder::new).collect(),
            epoch: options.epoch,
            wake: options.wake,
            handle,
        }
    }

    pub(super) fn run(mut self) {
        while !self.handle.is_stopping() {
            let work = self.handle.fetch(STATUS_EVERY);
            for command in work.commands {
                self.obey(command);
            }
            if let Some(picture) = work.picture {
                self.encode(&picture);
            }
            let layers: Vec<LayerStatus> = self.layers.iter().map(|layer| layer.status).collect();
            self.handle.set_status(self.state(), layers);
        }
    }

    fn encode(&mut self, picture: &Picture) {
        let since = picture.time().saturating_duration_since(self.epoch);
        // RTP time wraps (RFC 3550 §5.1).
        let time = RtpTime(ClockRate::HZ_90000.ticks(since) as u32);
        let mut has_packets = false;
        for layer in &mut self.layers {
            if !layer.takes(picture.time()) {
                continue;
            }
            let start = now();
            let Ok(packets) = layer.encode(picture, time) else {
                layer.note_failed();
                continue;
            };
            let end = now();
            layer.note_encode_time(end.saturating_duration_since(start));
            if self
                .handle
                .send(layer.layer(), end, layer.period(), packets)
            {
                has_packets = true;
            } else {
                layer.note_failed();
            }
        }
        if has_packets {
            (self.wake)();
        }
    }

    fn obey(&mut self, command: VideoCommand) {
        match command {
            VideoCommand::SetSource(terminal) => {
                // The one before lets go first: it may be the same device.
                self.source = Err(String::new());
                self.source = open(terminal, &self.handle);
                self.handle.preview().clear();
            }
            VideoCommand::RequestKeyframe(layer) => {
                self.with(layer, LayerEncoder::request_keyframe)
            }
            VideoCommand::PauseLayer(layer, is_paused) => {
                self.with(layer, |layer| layer.pause(is_paused));
                if is_paused {
                    self.handle.clear(layer);
                }
            }
            VideoCommand::SetBitRate(layer, bit_rate) => {
                self.with(layer, |layer| layer.set_bit_rate(bit_rate));
            }
            VideoCommand::SetFrameRate(layer, frame_rate) => {
                self.with(layer, |layer| layer.set_frame_rate(frame_rate));
            }
            VideoCommand::SetBounds(layer, bounds) => {
                self.with(layer, |layer| layer.set_bounds(bounds));
            }
        }
    }

    fn with(&mut self, layer: Layer, act: impl FnMut(&mut LayerEncoder)) {
        let of_layer = self.layers.iter_mut().filter(|one| one.layer() == layer);
        of_layer.for_each(act);
    }

    fn state(&self) -> DeviceState {
        match &self.source {
            Ok(source) => source.state(),
            Err(reason) => DeviceState::Failed {
                reason: reason.clone(),
            },
        }
    }
}

fn open(terminal: VideoTerminal, handle: &VideoSenderHandle) -> Result<VideoSource, String> {
    let handle = handle.clone();
    let take = Box::new(move |picture| handle.put(picture));
    VideoSource::start(terminal, take).map_err(|error| format!("no thread: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread is where encoding gets its time from"
)]
fn now() -> Instant {
    Instant::now()
}

/// How long the state of a silent source may be old.
const STATUS_EVERY: Duration = Duration::from_millis(100);
