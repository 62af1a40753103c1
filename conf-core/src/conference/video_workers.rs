//! The threads behind the video of a conference: those that decode, the one that encodes, the one that writes a file.
use std::sync::{Arc, OnceLock};

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
use super::video::{VideoPort, VideoThreads};
use super::{JoinError, JoinOptions, VideoOptions, VideoPlan, Wake};
use crate::net::EndpointWaker;

/// Dropping it stops and joins them, in the order in which they stand here.
pub(super) struct VideoWorkers {
    plan: VideoPlan,
    sender: Option<VideoSender>,
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
        let recorder = recorder(&options.video.output)?;
        let receiver = VideoReceiver::start(VideoReceiverOptions {
            default_view: options.video.view,
            sink: recorder.as_ref().and_then(PictureRecorder::sink),
            wake: Arc::clone(wake),
            wake_for_event: Arc::clone(&wake_endpoint),
            ..VideoReceiverOptions::new(plan.receive.clone())
        });
        let sender = plan.send.clone().map(|format| {
            let (source, content) = source(&options.video);
            VideoSender::start(VideoSenderOptions {
                source,
                layers: vec![layer(format, content, plan.bit_rate)],
                epoch: moment.now,
                // What is sent is shown as well.
                wake: {
                    let wake = Arc::clone(wake);
                    Arc::new(move || {
                        wake_endpoint();
                        wake();
                    })
                },
            })
        });
        Ok(Self {
            plan,
            sender: sender.transpose().map_err(|error| failed(&error))?,
            receiver: receiver.map_err(|error| failed(&error))?,
            _recorder: recorder,
        })
    }

    pub(super) const fn plan(&self) -> &VideoPlan {
        &self.plan
    }

    /// What the endpoint drives.
    pub(super) fn port(&self) -> Box<dyn VideoPort> {
        Box::new(VideoThreads {
            receiver: self.receiver.handle(),
            sender: self.sender.as_ref().map(VideoSender::handle),
        })
    }

    pub(super) fn pictures(&self) -> VideoHandle {
        self.receiver.handle()
    }

    pub(super) fn preview(&self) -> Option<PictureSlot> {
        Some(self.sender.as_ref()?.handle().preview())
    }
}

fn recorder(output: &VideoTerminal) -> Result<Option<PictureRecorder>, JoinError> {
    let VideoTerminal::File { path, .. } = output else {
        return Ok(None);
    };
    let created = PictureRecorder::create(path);
    let failed = |error| JoinError::Video(format!("{}: {error}", path.display()));
    created.map(Some).map_err(failed)
}

/// What is shared goes before the camera while there is one stream.
fn source(options: &VideoOptions) -> (VideoTerminal, Content) {
    match &options.share {
        VideoTerminal::None => (options.camera.clone(), Content::Camera),
        share => (share.clone(), Content::Screen),
    }
}

fn layer(format: H264Format, content: Content, granted: Option<u32>) -> LayerOptions {
    LayerOptions {
        layer: Layer::Full,
        format,
        bounds: Layer::Full.bounds(),
        frame_rate: Layer::Full.frame_rate(),
        // What the description grants includes the headers of IP, UDP and RTP: 40 bytes to each 1200 and less.
        bit_rate: granted.map_or(u32::MAX, |bits| bits / 10 * 9),
        content,
        keyframe_interval: KEYFRAME_INTERVAL,
        is_paused: false,
    }
}
