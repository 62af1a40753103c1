//! Pictures into access units, by openh264: constrained baseline, every slice small enough for a packet.
use std::ops::Range;

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, FrameType, Profile, RateControlMode, UsageType,
    VuiConfig,
};
use openh264::formats::YUVSlices;

use super::options;
use crate::codec::EncodeError;
use crate::video::{Colours, Matrix, Picture, Plane, Size};

/// What is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Content {
    /// People and things: movement matters.
    #[default]
    Camera,
    /// Text and drawings: sharpness matters.
    Screen,
}

/// What an encoder starts with; rates can be changed later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoEncoderOptions {
    /// Bits per second to aim at.
    pub bit_rate: u32,
    /// Pictures per second that will come.
    pub frame_rate: f32,
    /// What is to be seen.
    pub content: Content,
}

/// One picture, encoded: NAL units one after the other.
#[derive(Clone, Debug, Default)]
pub struct EncodedPicture {
    /// Whether decoding can begin here; parameter sets come with it.
    pub is_keyframe: bool,
    bytes: Vec<u8>,
    units: Vec<Range<usize>>,
}

impl EncodedPicture {
    /// The NAL units, without start codes; none where the encoder left the picture out.
    pub fn units(&self) -> impl Iterator<Item = &[u8]> {
        let unit = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        self.units.iter().map(unit)
    }

    /// Bytes of all NAL units.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.iter().map(Range::len).sum()
    }

    /// Whether the encoder left the picture out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    fn clear(&mut self) {
        self.is_keyframe = false;
        self.bytes.clear();
        self.units.clear();
    }

    fn push(&mut self, unit: &[u8]) {
        // Annex B: openh264 puts a start code of three or four bytes before each unit.
        let zeros = unit.iter().take_while(|byte| **byte == 0).count();
        let from = self.bytes.len();
        self.bytes
            .extend_from_slice(unit.get(zeros + 1..).unwrap_or_default());
        self.units.push(from..self.bytes.len());
    }
}

/// Encodes one stream.
pub struct H264Encoder {
    options: VideoEncoderOptions,
    /// Made when the first picture tells size and colours, and again when they change.
    encoder: Option<(Encoder, Size, Colours)>,
}

impl H264Encoder {
    /// The smallest picture that can be coded: one macroblock.
    pub const LEAST: Size = Size::new(16, 16);

    /// An encoder; what it cannot do shows with the first picture.
    #[must_use]
    pub const fn new(options: VideoEncoderOptions) -> Self {
        Self {
            options,
            encoder: None,
        }
    }

    /// Encodes a picture of even sides; the first, and any of another size than the one before, as a keyframe.
    ///
    /// After an error the next picture is a keyframe.
    pub fn encode(
        &mut self,
        picture: &Picture,
        is_keyframe: bool,
        encoded: &mut EncodedPicture,
    ) -> Result<(), EncodeError> {
        encoded.clear();
        let result = self.try_encode(picture, is_keyframe, encoded);
        if result.is_err() {
            self.encoder = None;
        }
        result
    }

    /// Aims at so many bits per second from the next picture on.
    pub fn set_bit_rate(&mut self, bit_rate: u32) {
        let before = std::mem::replace(&mut self.options.bit_rate, bit_rate);
        if let Some((encoder, ..)) = &mut self.encoder {
            options::set_bit_rate(encoder, before, bit_rate);
        }
    }

    /// Expects so many pictures per second from now on.
    pub fn set_frame_rate(&mut self, frame_rate: f32) {
        self.options.frame_rate = frame_rate;
        if let Some((encoder, ..)) = &mut self.encoder {
            options::set_frame_rate(encoder, frame_rate);
        }
    }

    fn try_encode(
        &mut self,
        picture: &Picture,
        is_keyframe: bool,
        encoded: &mut EncodedPicture,
    ) -> Result<(), EncodeError> {
        let (size, colours) = (picture.size(), picture.colours());
        let is_small = size.width < Self::LEAST.width || size.height < Self::LEAST.height;
        if is_small || (size.width | size.height) & 1 != 0 {
            return Err(EncodeError);
        }
        let is_ready = matches!(&self.encoder, Some((_, s, c)) if (*s, *c) == (size, colours));
        if !is_ready {
            let config = config(&self.options, colours);
            let made = Encoder::with_api_config(OpenH264API::from_source(), config);
            let mut encoder = made.map_err(|_| EncodeError)?;
            options::silence(&mut encoder);
            self.encoder = Some((encoder, size, colours));
        }
        let (encoder, ..) = self.encoder.as_mut().ok_or(EncodeError)?;
        // A new encoder begins with one by itself, and cannot be asked before its first picture.
        if is_keyframe && is_ready {
            encoder.force_intra_frame();
        }
        let [y, u, v] = Plane::ALL.map(|plane| picture.plane(plane));
        let (width, height) = (size.width as usize, size.height as usize);
        let strides = (width, width / 2, width / 2);
        let source = YUVSlices::new((y, u, v), (width, height), strides);
        let stream = encoder.encode(&source).map_err(|_| EncodeError)?;
        encoded.is_keyframe = stream.frame_type() == FrameType::IDR;
        for layer in (0..stream.num_layers()).filter_map(|number| stream.layer(number)) {
            for number in 0..layer.nal_count() {
                encoded.push(layer.nal_unit(number).unwrap_or_default());
            }
        }
        Ok(())
    }
}

fn config(options: &VideoEncoderOptions, colours: Colours) -> EncoderConfig {
    let usage = match options.content {
        Content::Camera => UsageType::CameraVideoRealTime,
        Content::Screen => UsageType::ScreenContentRealTime,
    };
    let vui = match colours.matrix {
        Matrix::Bt601 => VuiConfig::bt601(),
        Matrix::Bt709 => VuiConfig::bt709(),
    };
    EncoderConfig::new()
        .profile(Profile::Baseline)
        .usage_type(usage)
        .bitrate(BitRate::from_bps(options.bit_rate))
        .max_frame_rate(FrameRate::from_hz(options.frame_rate))
        .rate_control_mode(RateControlMode::Bitrate)
        // Whoever calls decides which pictures are sent.
        .skip_frames(false)
        .max_slice_len(MAX_SLICE)
        .num_threads(1)
        .vui(vui.full_range(colours.is_full_range))
}

/// openh264 then makes no NAL unit longer than 1077 bytes (measured): each fits a packet of 1200.
const MAX_SLICE: u32 = 1_200;
