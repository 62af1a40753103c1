//! The threads behind the video of a conference: those that decode, the one that encodes, the one that writes a file.
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use media::codec::video::Content;
use media::device::{PictureRecorder, VideoTerminal};
use media::payload::h264::H264Format;
use media::render::PictureSlot;
use media::video::layers::Layer;
use media::video::{
    KEYFRAME_INTERVAL, LayerOptions, VideoHandle, VideoReceiver, VideoReceiverOptions, VideoSender,
    VideoSenderOptions,
};

use super::moment::Moment;
use super::video::{PATIENCE, PROTECTED_PATIENCE, VideoPort, VideoThreads};
use super::{
    JoinError, JoinOptions, Pictures, StreamPlan, VideoLimits, VideoOptions, VideoPlan, Wake,
};
use crate::net::EndpointWaker;

/// Dropping it stops and joins them, in the order in which they stand here.
pub(super) struct VideoWorkers {
    plan: VideoPlan,
    camera: Option<VideoSender>,
    screen: Option<VideoSender>,
    receiver: VideoReceiver,
    _recorder: Option<PictureRecorder>,
}

impl VideoWorkers {
    pub(super) fn start(
        plan: VideoPlan,
        options: &JoinOptions,
        moment: Moment,
        wake: &Wake,
        wake_endpoint: &Arc<OnceLock<EndpointWaker>>,
    ) -> Result<Self, JoinError> {
        let failed = |error: &dyn std::fmt::Display| JoinError::Video(error.to_string());
        let endpoint = Arc::clone(wake_endpoint);
        let wake_endpoint: Wake = Arc::new(move || {
            if let Some(waker) = endpoint.get() {
                waker.wake();
            }
        });
        let recorder = recorder(&options.video.output, moment)?;
        let usual = VideoReceiverOptions::new(formats(&plan));
        let receiver = VideoReceiver::start(VideoReceiverOptions {
            default_view: options.video.view,
            sink: recorder.as_ref().and_then(PictureRecorder::sink),
            wake: Arc::clone(wake),
            wake_for_event: Arc::clone(&wake_endpoint),
            patience: patience(&plan).unwrap_or(usual.patience),
            ..usual
        });
        // What is sent is shown as well.
        let wake_both: Wake = {
            let wake = Arc::clone(wake);
            Arc::new(move || {
                wake_endpoint();
                wake();
            })
        };
        let (camera, screen): (Vec<StreamPlan>, Vec<StreamPlan>) = plan
            .streams
            .iter()
            .cloned()
            .partition(|stream| stream.layer != Layer::Screen);
        let start = |source, content, what, streams: &[StreamPlan]| {
            let limits = options.video.limits(what);
            let layers: Vec<LayerOptions> = streams
                .iter()
                .filter_map(|stream| layer(stream, content, &limits))
                .collect();
            let start = |layers| {
                VideoSender::start(VideoSenderOptions {
                    source,
                    layers,
                    epoch: moment.now,
                    wake: Arc::clone(&wake_both),
                })
            };
            let sender = (!layers.is_empty()).then(|| start(layers)).transpose();
            sender.map_err(|error| failed(&error))
        };
        let (source, content) = source(&options.video, !screen.is_empty());
        let shared = options.video.share.clone();
        Ok(Self {
            camera: start(source, content, Pictures::Camera, &camera)?,
            screen: start(shared, Content::Screen, Pictures::Screen, &screen)?,
            plan,
            receiver: receiver.map_err(|error| failed(&error))?,
            _recorder: recorder,
        })
    }

    pub(super) const fn plan(&self) -> &VideoPlan {
        &self.plan
    }

    /// What the endpoint drives.
    pub(super) fn port(&self) -> Box<dyn VideoPort> {
        Box::new(self.threads())
    }

    fn threads(&self) -> VideoThreads {
        VideoThreads {
            receiver: self.receiver.handle(),
            camera: self.camera.as_ref().map(VideoSender::handle),
            screen: self.screen.as_ref().map(VideoSender::handle),
        }
    }

    pub(super) fn pictures(&self) -> VideoHandle {
        self.receiver.handle()
    }

    pub(super) fn preview(&self, what: Pictures) -> Option<PictureSlot> {
        self.threads().preview(what)
    }
}

fn recorder(output: &VideoTerminal, moment: Moment) -> Result<Option<PictureRecorder>, JoinError> {
    let VideoTerminal::File { path, .. } = output else {
        return Ok(None);
    };
    let created = PictureRecorder::create(path, moment.now);
    let failed = |error| JoinError::Video(format!("{}: {error}", path.display()));
    created.map(Some).map_err(failed)
}

/// How long missing packets are worth waiting for, where they may come after all.
fn patience(plan: &VideoPlan) -> Option<Duration> {
    let mut streams = plan.streams.iter();
    if streams.clone().any(|stream| stream.repair_type.is_some()) {
        return Some(PROTECTED_PATIENCE);
    }
    streams.any(|stream| stream.can_repair).then_some(PATIENCE)
}

/// What may come in each stream.
fn formats(plan: &VideoPlan) -> Vec<(Layer, H264Format)> {
    let streams = plan.streams.iter();
    let formats = streams.flat_map(|stream| {
        let formats = stream.receive.iter().cloned();
        formats.map(|format| (stream.layer, format))
    });
    formats.collect()
}

/// What is shared goes before the camera where it has no stream of its own.
fn source(options: &VideoOptions, has_screens: bool) -> (VideoTerminal, Content) {
    match &options.share {
        _ if has_screens => (options.camera.clone(), Content::Camera),
        VideoTerminal::None => (options.camera.clone(), Content::Camera),
        share => (share.clone(), Content::Screen),
    }
}

fn layer(stream: &StreamPlan, content: Content, limits: &VideoLimits) -> Option<LayerOptions> {
    let caps = limits.caps(stream.layer, stream.granted());
    Some(LayerOptions {
        layer: stream.layer,
        format: stream.send.clone()?,
        bounds: caps.bounds,
        frame_rate: caps.frame_rate,
        bit_rate: caps.bit_rate,
        content,
        keyframe_interval: KEYFRAME_INTERVAL,
        is_paused: stream.can_pause,
    })
}
