//! Access units into pictures, by openh264; a picture that cannot be right is not shown.
use std::time::Instant;

use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource as _;

use super::continuity::{Continuity, Skip};
use crate::codec::UnsupportedFormat;
use crate::payload::h264::{AccessUnit, H264Format, NalUnit, Sps};
use crate::rtp_time::RtpTime;
use crate::video::{Colours, Matrix, Picture, PicturePool, Plane, Size};

/// A decoded picture.
#[derive(Clone, Debug)]
pub struct DecodedPicture {
    /// What is to be seen.
    pub picture: Picture,
    /// When it was taken, by the sender's clock of 90 kHz.
    pub time: RtpTime,
}

/// Decodes one stream.
pub struct H264Decoder {
    decoder: Decoder,
    continuity: Continuity,
    pool: PicturePool,
    /// Times of pictures that the coder holds back because they are shown later than they are sent.
    times: Vec<RtpTime>,
    colours: Colours,
}

impl H264Decoder {
    /// A decoder that knows the parameter sets of the description.
    pub fn new(format: &H264Format) -> Result<Self, UnsupportedFormat> {
        let made = Decoder::with_api_config(OpenH264API::from_source(), DecoderConfig::new());
        let decoder = made.map_err(|_| UnsupportedFormat {
            payload_type: format.payload_type,
        })?;
        let mut new = Self {
            decoder,
            continuity: Continuity::default(),
            pool: PicturePool::default(),
            times: Vec::new(),
            colours: Colours::default(),
        };
        for set in &format.parameter_sets {
            new.continuity.learn(NalUnit { bytes: set });
            // A broken one is found out by the first picture that needs it.
            drop(new.decoder.decode(&[&[0, 0, 1], set.as_slice()].concat()));
        }
        Ok(new)
    }

    /// Decodes one access unit; `Ok(None)` where it holds no picture, or one that is shown later.
    ///
    /// After an error nothing is decoded until the next keyframe, unless no picture depends on the one lost.
    pub fn decode(
        &mut self,
        unit: &AccessUnit,
        arrival: Instant,
    ) -> Result<Option<DecodedPicture>, Skip> {
        let sps = self.continuity.judge(unit)?;
        if let Some(sps) = &sps {
            self.colours = colours(sps);
            self.times.push(unit.time);
            if self.times.len() > MAX_HELD {
                self.times.remove(0);
            }
        }
        // What comes in order is to come out at once.
        let flush = if sps.is_none_or(|sps| sps.is_in_order) {
            Flush::Flush
        } else {
            Flush::NoFlush
        };
        let options = DecodeOptions::new().flush_after_decode(flush);
        let Ok(decoded) = self.decoder.decode_with_options(&unit.stream, options) else {
            self.continuity.lose();
            self.times.clear();
            return Err(Skip::Refused);
        };
        let Some(yuv) = decoded else {
            return Ok(None);
        };
        let picture = copy(&yuv, &self.pool, self.colours, arrival).ok_or(Skip::Refused)?;
        let earliest = earliest(&self.times).unwrap_or_default();
        let time = if earliest < self.times.len() {
            self.times.swap_remove(earliest)
        } else {
            unit.time
        };
        Ok(Some(DecodedPicture { picture, time }))
    }

    /// Leaves out an access unit to which no other refers: what comes after it can be decoded, if it itself could have been.
    pub fn pass_over(&mut self, unit: &AccessUnit) -> Result<(), Skip> {
        self.continuity.judge(unit).map(drop)
    }

    /// What is held back at the end of a stream because it is shown later than it was sent.
    pub fn finish(&mut self, arrival: Instant) -> Vec<Picture> {
        self.continuity.lose();
        self.times.clear();
        let held = self.decoder.flush_remaining().unwrap_or_default();
        let pictures = held
            .iter()
            .filter_map(|yuv| copy(yuv, &self.pool, self.colours, arrival));
        pictures.collect()
    }

    /// Whether nothing can be shown before the next keyframe.
    #[must_use]
    pub const fn needs_keyframe(&self) -> bool {
        self.continuity.needs_keyframe()
    }

    /// Pictures were left out: nothing is decoded until the next keyframe.
    pub fn skip_to_keyframe(&mut self) {
        self.continuity.lose();
        self.times.clear();
    }
}

/// Pictures come out in the order of their times.
fn earliest(times: &[RtpTime]) -> Option<usize> {
    let first = *times.first()?;
    let (index, _) = times
        .iter()
        .enumerate()
        .min_by_key(|(_, time)| time.delta(first))?;
    Some(index)
}

fn copy(
    yuv: &DecodedYUV<'_>,
    pool: &PicturePool,
    colours: Colours,
    time: Instant,
) -> Option<Picture> {
    let (width, height) = yuv.dimensions();
    let size = Size::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let (y, u, v) = yuv.strides();
    let mut buffer = pool.take(size, time);
    if buffer.size() != size {
        return None;
    }
    buffer.colours = colours;
    for (plane, source, stride) in [
        (Plane::Y, yuv.y(), y),
        (Plane::U, yuv.u(), u),
        (Plane::V, yuv.v(), v),
    ] {
        let width = buffer.plane_size(plane).width as usize;
        let lines = buffer.plane_mut(plane).chunks_exact_mut(width.max(1));
        for (to, from) in lines.zip(source.chunks(stride.max(1))) {
            to.copy_from_slice(from.get(..width)?);
        }
    }
    Some(buffer.finish())
}

fn colours(sps: &Sps) -> Colours {
    let matrix = match sps.matrix {
        Some(1) => Matrix::Bt709,
        Some(4..=6) => Matrix::Bt601,
        // Not told: as the size was usual in television (ITU-R BT.601, BT.709).
        _ if sps.height >= 720 => Matrix::Bt709,
        _ => Matrix::Bt601,
    };
    Colours {
        matrix,
        is_full_range: sps.is_full_range,
    }
}

/// The largest decoded picture buffer (H.264 §A.3.1).
const MAX_HELD: usize = 16;
