//! Plays files of H.264 as encoders write them: a byte stream (Annex B), without a container.
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use crate::codec::video::H264Decoder;
use crate::payload::h264::{AccessUnit, H264Format, NalType, NalUnit, SliceHeader, Sps, nal_units};
use crate::rtp_time::RtpTime;
use crate::video::Picture;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
pub(super) enum H264FileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is neither YUV4MPEG2 nor an H.264 byte stream")]
    NotH264,
    #[error("it is larger than {} MiB", MAX_FILE >> 20)]
    TooLarge,
    #[error("the H.264 decoder cannot be made")]
    NoDecoder,
}

/// A file that is being played.
pub(super) struct H264File {
    units: std::vec::IntoIter<AccessUnit>,
    decoder: H264Decoder,
    frame_time: Duration,
    /// What the decoder held back until the end.
    last: Option<VecDeque<Picture>>,
}

impl H264File {
    /// Reads all of it.
    pub(super) fn open(file: File) -> Result<Self, H264FileError> {
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(H264FileError::TooLarge);
        }
        let has_keyframe = nal_units(&bytes).any(|unit| unit.nal_type() == NalType::IdrSlice);
        if !has_keyframe {
            return Err(H264FileError::NotH264);
        }
        let decoder = H264Decoder::new(&H264Format::new(0));
        Ok(Self {
            units: access_units(&bytes).into_iter(),
            decoder: decoder.map_err(|_| H264FileError::NoDecoder)?,
            frame_time: frame_time(&bytes),
            last: None,
        })
    }

    /// How long each picture is shown.
    pub(super) const fn frame_time(&self) -> Duration {
        self.frame_time
    }

    /// The next picture; `None` at the end. What cannot be decoded is passed over.
    pub(super) fn next(&mut self, time: Instant) -> Result<Option<Picture>, H264FileError> {
        for unit in self.units.by_ref() {
            if let Ok(Some(decoded)) = self.decoder.decode(&unit, time) {
                return Ok(Some(decoded.picture));
            }
        }
        let decoder = &mut self.decoder;
        let last = self.last.get_or_insert_with(|| decoder.finish(time).into());
        Ok(last.pop_front().map(|picture| picture.at(time)))
    }
}

/// As the first sequence parameter set tells it; of those that tell none, or what no film has, 30 a second.
fn frame_time(stream: &[u8]) -> Duration {
    let mut sets = nal_units(stream).filter(|unit| unit.nal_type() == NalType::SequenceParameters);
    let told = sets.find_map(|unit| Sps::parse(unit.body())?.frame_time);
    told.filter(|time| (SHORTEST..=LONGEST).contains(time))
        .unwrap_or(USUAL)
}

/// Divides a stream where pictures begin (H.264 §7.4.1.2.3, for one slice group and frames only).
fn access_units(stream: &[u8]) -> Vec<AccessUnit> {
    let mut units: Vec<AccessUnit> = Vec::new();
    let mut has_slice = true;
    for nal in nal_units(stream) {
        let is_slice = matches!(nal.nal_type(), NalType::Slice | NalType::IdrSlice);
        let is_first = !is_slice || SliceHeader::first_macroblock(nal) == Some(0);
        if has_slice && is_first {
            let time = RtpTime((units.len() as u32).wrapping_mul(3_000));
            units.push(AccessUnit {
                time,
                follows: true,
                is_whole: true,
                ..AccessUnit::default()
            });
            has_slice = false;
        }
        has_slice |= is_slice;
        if let Some(unit) = units.last_mut() {
            append(&mut unit.stream, nal);
        }
    }
    units
}

fn append(stream: &mut Vec<u8>, nal: NalUnit<'_>) {
    stream.extend_from_slice(&[0, 0, 1]);
    stream.extend_from_slice(nal.bytes);
}

/// 30, 120 and one in ten seconds: the slowest that Y4M files are believed.
const USUAL: Duration = Duration::from_nanos(33_333_333);
const SHORTEST: Duration = Duration::from_nanos(8_333_333);
const LONGEST: Duration = Duration::from_secs(10);
/// Ten minutes at 3 Mbit/s; they are kept in memory.
const MAX_FILE: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_plays_at_the_rate_that_it_tells_if_that_can_be() {
        // ffmpeg 5.1's libx264 at 25 a second: 1 unit in a tick, 50 to the second.
        let set = [
            0x67, 0x42, 0xC0, 0x0C, 0xDA, 0x05, 0x06, 0x7E, 0x7C, 0x04, 0x40, 0, 0, 3, 0, 0x40, 0,
            0, 0x0C, 0x83, 0xC5, 0x0A, 0xA8,
        ];
        let stream = |set: &[u8]| [&[0, 0, 1], set, &[0, 0, 1, 0x68, 2]].concat();
        assert_eq!(frame_time(&stream(&set)), Duration::from_millis(40));
        // The same with 0x00FFFFFF fields to the second.
        let mut hasty = set;
        hasty[16..19].copy_from_slice(&[0x3F, 0xFF, 0xFC]);
        assert_eq!(frame_time(&stream(&hasty)), USUAL);
        assert_eq!(frame_time(&stream(&set[..8])), USUAL);
    }

    #[test]
    fn pictures_begin_with_their_first_slice_or_what_precedes_it() {
        // Slices whose first bit is one begin with macroblock 0; 0x50 does not.
        let stream = [
            &[0, 0, 1, 0x67, 1][..],
            &[0, 0, 1, 0x68, 2],
            &[0, 0, 1, 0x65, 0x80],
            &[0, 0, 1, 0x65, 0x50],
            &[0, 0, 1, 0x41, 0x80],
            &[0, 0, 1, 0x06, 7],
            &[0, 0, 1, 0x41, 0x80],
        ]
        .concat();
        let lengths: Vec<_> = access_units(&stream)
            .iter()
            .map(|unit| unit.stream.len())
            .collect();
        assert_eq!(lengths, [20, 5, 10]);
    }
}
