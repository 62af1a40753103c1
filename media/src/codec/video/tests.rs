//! The coder on the test pattern: what went in comes out, and after a loss nothing comes out that did not go in.
#![allow(clippy::disallowed_methods, reason = "pictures need some time")]
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::device::{PatternStamp, TestPattern};
use crate::payload::h264::{AccessUnit, H264Format, NalType, NalUnit, Sps, nal_units};
use crate::rtp_time::RtpTime;
use crate::video::Size;

const OPTIONS: VideoEncoderOptions = VideoEncoderOptions {
    bit_rate: 800_000,
    frame_rate: 30.0,
    content: Content::Camera,
};

struct Sender {
    pattern: TestPattern,
    encoder: H264Encoder,
    encoded: EncodedPicture,
    sent: u32,
}

impl Sender {
    fn new(size: Size) -> Self {
        Self {
            pattern: TestPattern::new(size),
            encoder: H264Encoder::new(OPTIONS),
            encoded: EncodedPicture::default(),
            sent: 0,
        }
    }

    fn next(&mut self, is_keyframe: bool) -> AccessUnit {
        let picture = self
            .pattern
            .paint(Instant::now(), Duration::from_millis(77));
        self.encoder
            .encode(&picture, is_keyframe, &mut self.encoded)
            .unwrap();
        let units = self.encoded.units().map(|unit| [&[0, 0, 1], unit].concat());
        self.sent += 1;
        AccessUnit {
            time: RtpTime(self.sent * 3_000),
            stream: units.collect::<Vec<_>>().concat(),
            follows: self.sent > 1,
            is_whole: true,
            payload_bytes: self.encoded.len(),
        }
    }
}

fn decoder() -> H264Decoder {
    H264Decoder::new(&H264Format::new(96)).unwrap()
}

/// Number of the frame shown.
fn shown(decoder: &mut H264Decoder, unit: &AccessUnit) -> Result<u32, Skip> {
    let decoded = decoder.decode(unit, Instant::now())?.unwrap();
    assert_eq!(decoded.time, unit.time);
    Ok(PatternStamp::read(&decoded.picture).unwrap().frame)
}

#[test]
fn every_picture_comes_out_at_once_and_readable() {
    for (width, height) in [(640, 360), (320, 180), (1280, 720)] {
        let size = Size::new(width, height);
        let (mut sender, mut decoder) = (Sender::new(size), decoder());
        for number in 0..10 {
            let unit = sender.next(false);
            assert_eq!(sender.encoded.is_keyframe, number == 0);
            assert_eq!(shown(&mut decoder, &unit), Ok(number));
        }
    }
}

#[test]
fn every_slice_fits_a_packet_and_the_profile_is_constrained_baseline() {
    let mut sender = Sender::new(Size::new(1280, 720));
    let unit = sender.next(false);
    let units: Vec<_> = nal_units(&unit.stream).collect();
    assert!(units.iter().all(|unit| unit.bytes.len() <= 1_200));
    let types: Vec<_> = units.iter().map(|unit| unit.nal_type()).collect();
    assert!(types.starts_with(&[
        NalType::SequenceParameters,
        NalType::PictureParameters,
        NalType::IdrSlice
    ]));
    assert!(types.len() > 4);
    let sps = Sps::parse(units[0].body()).unwrap();
    assert_eq!((sps.width, sps.height), (1280, 720));
    // constraint_set1_flag makes baseline constrained (H.264 §A.2.1.1).
    assert_eq!(
        (sps.profile_level[0], sps.profile_level[1] & 0x40),
        (66, 0x40)
    );
    assert_eq!((sps.matrix, sps.is_full_range), (Some(6), false));
}

#[test]
fn a_keyframe_comes_when_it_is_asked_for() {
    let mut sender = Sender::new(Size::new(320, 180));
    let keys: Vec<bool> = (0..8)
        .map(|number| {
            sender.next(number == 5);
            sender.encoded.is_keyframe
        })
        .collect();
    assert_eq!(keys, [true, false, false, false, false, true, false, false]);
}

#[test]
fn the_bit_rate_is_kept_and_can_be_changed() {
    let mut sender = Sender::new(Size::new(640, 360));
    let mut measure = |bit_rate| {
        sender.encoder.set_bit_rate(bit_rate);
        for _ in 0..30 {
            sender.next(false);
        }
        let bytes: usize = (0..60).map(|_| sender.next(false).payload_bytes).sum();
        bytes as f64 * 8.0 / 2.0 / f64::from(bit_rate)
    };
    for (bit_rate, most) in [(400_000, 1.3), (1_000_000, 1.3), (300_000, 1.3)] {
        let ratio = measure(bit_rate);
        assert!((0.2..most).contains(&ratio), "{bit_rate}: {ratio}");
    }
}

#[test]
fn after_a_lost_picture_the_screen_freezes_until_the_next_keyframe() {
    let (mut sender, mut decoder) = (Sender::new(Size::new(320, 180)), decoder());
    let mut seen = Vec::new();
    for number in 0..20 {
        let mut unit = sender.next(number == 12);
        match number {
            5 => continue,
            6 => unit.follows = false,
            _ => {}
        }
        seen.extend(shown(&mut decoder, &unit));
        assert_eq!(decoder.needs_keyframe(), (6..12).contains(&number));
    }
    assert!(seen.iter().copied().eq((0..5).chain(12..20)), "{seen:?}");
}

/// A second of pictures, to every second of which no other refers.
fn two_layers_in_units() -> Vec<AccessUnit> {
    let unit = |(number, units): (u32, Vec<Vec<u8>>)| AccessUnit {
        time: RtpTime(number * 3_000),
        stream: units
            .iter()
            .flat_map(|unit| [&[0, 0, 1], unit.as_slice()].concat())
            .collect(),
        follows: true,
        is_whole: true,
        payload_bytes: units.iter().map(Vec::len).sum(),
    };
    (0..).zip(two_layers()).map(unit).collect()
}

#[test]
fn pictures_to_which_no_other_refers_can_be_passed_over_or_lost() {
    let mut decoder = decoder();
    let mut seen = Vec::new();
    for (number, mut unit) in two_layers_in_units().into_iter().enumerate() {
        match number {
            1 | 7 => decoder.pass_over(&unit).unwrap(),
            3 => continue,
            9 => {
                unit.is_whole = false;
                let result = decoder.decode(&unit, Instant::now());
                assert_eq!(result.map(drop), Err(Skip::Incomplete));
            }
            _ => {
                unit.follows = number != 4;
                let decoded = decoder.decode(&unit, Instant::now()).unwrap();
                assert_eq!(decoded.unwrap().time, unit.time);
                seen.push(number);
            }
        }
        assert!(!decoder.needs_keyframe());
    }
    assert_eq!(seen.len(), 26);
}

#[test]
fn what_is_missing_before_a_picture_that_is_passed_over_is_found_out() {
    let mut decoder = decoder();
    let units = two_layers_in_units();
    decoder.decode(&units[0], Instant::now()).unwrap();
    assert_eq!(decoder.pass_over(&units[3]), Err(Skip::ReferenceMissing));
    assert!(decoder.needs_keyframe());
}

#[test]
fn a_picture_with_a_lost_slice_is_not_shown() {
    let (mut sender, mut decoder) = (Sender::new(Size::new(640, 360)), decoder());
    shown(&mut decoder, &sender.next(false)).unwrap();
    let mut unit = sender.next(false);
    unit.is_whole = false;
    assert_eq!(shown(&mut decoder, &unit), Err(Skip::Incomplete));
    assert_eq!(
        shown(&mut decoder, &sender.next(false)),
        Err(Skip::ReferenceMissing)
    );
    assert_eq!(shown(&mut decoder, &sender.next(true)), Ok(3));
}

#[test]
fn parameter_sets_of_the_description_are_enough() {
    let mut sender = Sender::new(Size::new(320, 180));
    let mut unit = sender.next(false);
    let is_set = |unit: &NalUnit<'_>| {
        matches!(
            unit.nal_type(),
            NalType::SequenceParameters | NalType::PictureParameters
        )
    };
    let sets: Vec<_> = nal_units(&unit.stream)
        .filter(is_set)
        .map(|unit| unit.bytes.to_vec())
        .collect();
    let slices = nal_units(&unit.stream).filter(|unit| !is_set(unit));
    unit.stream = slices
        .map(|unit| [&[0, 0, 1], unit.bytes].concat())
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(shown(&mut decoder(), &unit), Err(Skip::ParametersMissing));
    let format = H264Format {
        parameter_sets: sets,
        ..H264Format::new(96)
    };
    assert_eq!(shown(&mut H264Decoder::new(&format).unwrap(), &unit), Ok(0));
}

#[test]
fn what_cannot_be_encoded_is_an_error_and_the_next_picture_is_a_keyframe() {
    let mut sender = Sender::new(Size::new(320, 180));
    sender.next(false);
    let odd = crate::video::PicturePool::default().take(Size::new(321, 180), Instant::now());
    sender
        .encoder
        .encode(&odd.finish(), false, &mut sender.encoded)
        .unwrap_err();
    sender.next(false);
    assert!(sender.encoded.is_keyframe);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn damaged_streams_are_never_a_panic(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), seed: u8) {
        let (mut sender, mut decoder) = (Sender::new(Size::new(128, 72)), decoder());
        for number in 0..6_u8 {
            let mut unit = sender.next(number == 3);
            if number != seed % 6 {
                for (place, value) in &damage {
                    let place = place.index(unit.stream.len());
                    unit.stream[place] ^= value;
                }
            }
            drop(decoder.decode(&unit, Instant::now()));
        }
    }
}
