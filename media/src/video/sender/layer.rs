//! One layer: which pictures it takes, in which size, and the packets that come of them.
use std::time::{Duration, Instant};

use crate::codec::EncodeError;
use crate::codec::video::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
use crate::payload::h264::{H264Format, Packetizer};
use crate::rtp_time::RtpTime;
use crate::video::keyframe::KeyframeSchedule;
use crate::video::layers::usual_bit_rate;
use crate::video::statistics::Tally;
use crate::video::{EncodedVideoPacket, Layer, Picture, Scaler, Size};

/// What a layer is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOptions {
    /// Which.
    pub layer: Layer,
    /// Payload type and packets.
    pub format: H264Format,
    /// Pictures are made to fit; smaller ones stay as they are.
    pub bounds: Size,
    /// Most pictures per second.
    pub frame_rate: f32,
    /// Most bits per second; pictures that are worth less take less.
    pub bit_rate: u32,
    /// What is to be seen.
    pub content: Content,
    /// Keyframes for those who cannot ask.
    pub keyframe_interval: Duration,
    /// Whether nothing is sent until somebody wants it.
    pub is_paused: bool,
}

/// How a layer is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerStatus {
    /// Which.
    pub layer: Layer,
    /// Whether nothing is sent.
    pub is_paused: bool,
    /// Size of the last picture.
    pub size: Size,
    /// Pictures encoded.
    pub encoded: u64,
    /// Keyframes among them.
    pub keyframes: u64,
    /// How often somebody asked for one.
    pub requested: u64,
    /// Bits per second, over the last second or two.
    pub bit_rate: u32,
    /// Bits per second that it aims at: what its pictures are worth, or as much as may be sent.
    pub max_bit_rate: u32,
    /// Pictures per second, likewise.
    pub frame_rate: f32,
    /// Pictures per second that may be sent.
    pub max_frame_rate: f32,
    /// Bytes encoded.
    pub bytes: u64,
    /// Pictures that the encoder refused, or that could not be sent in time.
    pub failed: u64,
    /// Time to scale and encode a picture, on average.
    pub encode_time: Duration,
}

/// A layer at work: pictures in, packets out, without a clock or thread.
pub struct LayerEncoder {
    options: LayerOptions,
    encoder: H264Encoder,
    packetizer: Packetizer,
    scaler: Scaler,
    keyframes: KeyframeSchedule,
    next_picture: Option<Instant>,
    encoded: EncodedPicture,
    tally: Tally,
    /// How it is doing.
    pub status: LayerStatus,
}

impl LayerEncoder {
    /// A layer that has sent nothing yet.
    pub fn new(options: LayerOptions) -> Self {
        let encoder = H264Encoder::new(VideoEncoderOptions {
            bit_rate: options.bit_rate,
            frame_rate: options.frame_rate,
            content: options.content,
        });
        Self {
            encoder,
            packetizer: Packetizer::new(options.format.mode, MAX_PAYLOAD),
            scaler: Scaler::default(),
            keyframes: KeyframeSchedule::new(options.keyframe_interval),
            next_picture: None,
            encoded: EncodedPicture::default(),
            tally: Tally::default(),
            status: LayerStatus {
                layer: options.layer,
                is_paused: options.is_paused,
                max_bit_rate: options.bit_rate,
                max_frame_rate: options.frame_rate,
                ..LayerStatus::default()
            },
            options,
        }
    }

    /// Whether this picture is one of those that are sent.
    pub fn takes(&mut self, time: Instant) -> bool {
        if self.status.is_paused {
            return false;
        }
        let period = self.period();
        // Half a period of the source early is near enough: rhythms never match.
        let due = self.next_picture.unwrap_or(time);
        if time + period / 4 < due {
            return false;
        }
        // A late source does not make up for what was missed.
        let next = if due + period < time { time } else { due };
        self.next_picture = Some(next + period);
        true
    }

    /// The packets of a picture.
    pub fn encode(
        &mut self,
        picture: &Picture,
        time: RtpTime,
    ) -> Result<Vec<EncodedVideoPacket>, EncodeError> {
        let is_keyframe = self.keyframes.take(picture.time());
        let scaled = self.scaler.scale(picture, self.options.bounds);
        let scaled = self.scaler.padded(scaled, H264Encoder::LEAST);
        if scaled.size() != self.status.size {
            self.status.size = scaled.size();
            self.aim();
        }
        self.encoder
            .encode(&scaled, is_keyframe, &mut self.encoded)?;
        if self.encoded.is_keyframe {
            self.keyframes.note_made(picture.time());
            self.status.keyframes += 1;
        }
        self.status.encoded += 1;
        self.status.bytes += self.encoded.len() as u64;
        self.note_rates(picture.time());
        let mut payloads = Vec::new();
        self.packetizer
            .packetize(self.encoded.units(), &mut payloads);
        let last = payloads.len().saturating_sub(1);
        let packet = |(at, payload)| EncodedVideoPacket {
            layer: self.options.layer,
            payload_type: self.options.format.payload_type,
            time,
            captured: picture.time(),
            marker: at == last,
            payload,
        };
        Ok(payloads.into_iter().enumerate().map(packet).collect())
    }

    /// A picture did not go out: the next must not depend on it.
    pub const fn note_failed(&mut self) {
        self.status.failed += 1;
        self.keyframes.request();
    }

    /// Notes how long a picture took.
    pub fn note_encode_time(&mut self, took: Duration) {
        let before = self.status.encode_time;
        self.status.encode_time = if before.is_zero() {
            took
        } else {
            (before * 15 + took) / 16
        };
    }

    /// The next picture is a keyframe, as soon as one may be.
    pub const fn request_keyframe(&mut self) {
        self.status.requested += 1;
        self.keyframes.request();
    }

    /// Stops, or goes on.
    pub fn pause(&mut self, is_paused: bool) {
        // Whoever waited begins with a keyframe.
        if self.status.is_paused && !is_paused {
            self.keyframes = KeyframeSchedule::new(self.options.keyframe_interval);
            self.next_picture = None;
        }
        self.status.is_paused = is_paused;
        if is_paused {
            self.tally = Tally::default();
            (self.status.bit_rate, self.status.frame_rate) = (0, 0.0);
        }
    }

    /// Aims at so many bits per second at most.
    pub fn set_bit_rate(&mut self, bit_rate: u32) {
        self.options.bit_rate = bit_rate;
        self.aim();
    }

    /// Takes so many pictures per second at most.
    pub fn set_frame_rate(&mut self, frame_rate: f32) {
        self.options.frame_rate = frame_rate;
        self.status.max_frame_rate = frame_rate;
        self.encoder.set_frame_rate(frame_rate);
        self.aim();
    }

    /// Makes the next pictures fit into so much.
    pub const fn set_bounds(&mut self, bounds: Size) {
        self.options.bounds = bounds;
    }

    fn note_rates(&mut self, now: Instant) {
        self.tally.note_packet(now, self.encoded.len());
        self.tally.note_picture(now, self.status.size);
        let found = self.tally.statistics(now);
        (self.status.bit_rate, self.status.frame_rate) = (found.bit_rate, found.frame_rate);
    }

    fn aim(&mut self) {
        let usual = usual_bit_rate(self.status.size, self.options.frame_rate);
        let bit_rate = usual.min(self.options.bit_rate);
        self.status.max_bit_rate = bit_rate;
        self.encoder.set_bit_rate(bit_rate);
    }

    /// Which.
    pub const fn layer(&self) -> Layer {
        self.options.layer
    }

    /// Time from picture to picture.
    pub fn period(&self) -> Duration {
        Duration::from_secs_f32(1.0 / self.options.frame_rate.clamp(0.5, 120.0))
    }
}

/// Fits an Ethernet frame with IPv6, UDP, RTP and its extensions, SRTP and a repair header.
const MAX_PAYLOAD: usize = 1_200;
