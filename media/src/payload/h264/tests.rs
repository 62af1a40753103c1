//! H.264 payloads on bytes that others sent, and on any bytes at all.
use proptest::prelude::*;

use super::*;
use crate::rtp_time::{RtpTime, SeqNo};

const GSTREAMER: &str = include_str!("../../../../tests/vectors/rtp/h264_gst.hex");
const FFMPEG: &str = include_str!("../../../../tests/vectors/rtp/h264_ffmpeg.hex");

struct Sent {
    seq: SeqNo,
    time: RtpTime,
    marker: bool,
    payload: Vec<u8>,
}

/// The RTP packets of a vector: fixed headers of 12 bytes.
fn sent(hex: &str) -> Vec<Sent> {
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let datagrams = hex.lines().map(|line| line.as_bytes().chunks(2).map(byte));
    datagrams
        .map(|bytes| {
            let bytes: Vec<u8> = bytes.collect();
            Sent {
                seq: SeqNo(u16::from_be_bytes([bytes[2], bytes[3]])),
                time: RtpTime(u32::from_be_bytes(bytes[4..8].try_into().unwrap())),
                marker: bytes[1] & 0x80 != 0,
                payload: bytes[12..].to_vec(),
            }
        })
        .collect()
}

fn units(packets: &[Sent]) -> Vec<AccessUnit> {
    let mut depacketizer = Depacketizer::default();
    let mut before = None;
    let mut units = Vec::new();
    for packet in packets {
        depacketizer.push(&H264Packet {
            time: packet.time,
            marker: packet.marker,
            follows: before == Some(packet.seq - 1),
            payload: &packet.payload,
        });
        before = Some(packet.seq);
        units.extend(std::iter::from_fn(|| depacketizer.poll_unit()));
    }
    units
}

fn types(unit: &AccessUnit) -> Vec<NalType> {
    nal_units(&unit.stream).map(NalUnit::nal_type).collect()
}

#[test]
fn pictures_of_ffmpeg_are_put_together() {
    let units = units(&sent(FFMPEG));
    // The first packet says that it was first of an access unit by having no predecessor only.
    let sizes: Vec<_> = units
        .iter()
        .map(|unit| (unit.follows, unit.is_whole, unit.stream.len()))
        .collect();
    assert_eq!(
        sizes,
        [
            (false, true, 6646),
            (true, true, 1791),
            (true, true, 2024),
            (true, true, 905),
            (true, true, 971)
        ]
    );
    use NalType::{IdrSlice, PictureParameters, Sei, SequenceParameters, Slice};
    assert_eq!(
        types(&units[0]),
        [SequenceParameters, PictureParameters, Sei, IdrSlice]
    );
    assert_eq!(types(&units[1]), [Slice]);
}

#[test]
fn pictures_of_gstreamer_are_put_together() {
    let units = units(&sent(GSTREAMER));
    use NalType::{IdrSlice, Other, PictureParameters, Sei, SequenceParameters, Slice};
    let sets = [SequenceParameters, PictureParameters];
    let first = [&[Other(9)][..], &sets, &[Sei], &sets, &[IdrSlice, IdrSlice]].concat();
    assert_eq!(types(&units[0]), first);
    assert_eq!(types(&units[1]), [Other(9), Slice, Slice]);
    assert_eq!(units.len(), 2);
}

#[test]
fn parameter_sets_and_slice_headers_tell_what_x264_was_asked_for() {
    for (hex, frame_numbers) in [(FFMPEG, vec![0, 1, 2, 3, 4]), (GSTREAMER, vec![0, 0, 1, 1])] {
        let mut sets = ParameterSets::default();
        let mut seen = Vec::new();
        for unit in units(&sent(hex)) {
            for nal in nal_units(&unit.stream) {
                sets.learn(nal);
                seen.extend(SliceHeader::parse(nal, &sets).map(|slice| slice.frame_num));
            }
        }
        assert_eq!(seen, frame_numbers);
        let sps = sets.of_picture(0).unwrap();
        assert_eq!((sps.width, sps.height), (640, 360));
        assert_eq!(sps.profile_level, [0x42, 0xC0, 0x1E]);
        assert!(sps.is_in_order && !sps.are_gaps_allowed && !sps.has_fields);
    }
}

#[test]
fn a_sequence_parameter_set_of_the_high_profile_is_read() {
    // x264, 1920x1080, high profile, level 4, BT.709: cropped by eight lines.
    let bytes = [
        0x64, 0x00, 0x28, 0xAC, 0xD9, 0x40, 0x78, 0x02, 0x27, 0xE5, 0xC0, 0x5A, 0x83, 0x03, 0x03,
        0x52, 0x00, 0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x79, 0x1E, 0x30, 0x63, 0x2C,
    ];
    let sps = Sps::parse(&bytes).unwrap();
    assert_eq!((sps.width, sps.height), (1920, 1080));
}

#[test]
fn a_sequence_parameter_set_tells_the_rate_that_ffprobe_reads() {
    // By ffmpeg 5.1's libx264 at 25, 24000/1001 and 12.5 a second, the fourth with an HRD; by GStreamer 1.22's
    // openh264enc, which tells none.
    let table = [
        ("42c00cda05067e7c0440000003004000000c83c50aa8", Some(25.0)),
        (
            "42c00cda05067e7c04400000fa40002ee003c50aa8",
            Some(24_000.0 / 1_001.0),
        ),
        ("42c00bda05067e7c0440000003008000000c83c50aa8", Some(12.5)),
        (
            "64001eacd940a02ff9701100000300010000030032602001e840007a13930c01e2c5b2c0",
            Some(25.0),
        ),
        ("42c00c8c8d40a0cbcf00f08846a0", None),
    ];
    for (hex, rate) in table {
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let found = Sps::parse(&bytes).unwrap();
        let told = found.frame_time.map(|time| 1.0 / time.as_secs_f64());
        let is_same = |told: f64| rate.is_some_and(|rate: f64| (told - rate).abs() < 1e-4);
        assert!(
            told.map_or_else(|| rate.is_none(), is_same),
            "{hex}: {told:?}"
        );
    }
}

#[test]
fn units_are_sent_alone_together_and_in_pieces() {
    let (sps, pps) = ([0x67, 1, 2, 3], [0x28, 4]);
    let large: Vec<u8> = std::iter::once(0x65).chain(0..20).collect();
    let mut payloads = Vec::new();
    let packetizer = Packetizer::new(PacketizationMode::NonInterleaved, 12);
    packetizer.packetize([&sps[..], &pps, &large, &pps], &mut payloads);
    let expected: [&[u8]; 4] = [
        // STAP-A (24) of the greatest importance inside, a length before each.
        &[0x78, 0, 4, 0x67, 1, 2, 3, 0, 2, 0x28, 4],
        // FU-A (28): indicator, header with start and end bits and the type 5.
        &[0x7C, 0x85, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        &[0x7C, 0x45, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
        &[0x28, 4],
    ];
    assert_eq!(payloads, expected);
    payloads.clear();
    let packetizer = Packetizer::new(PacketizationMode::SingleNal, 12);
    packetizer.packetize([&sps[..], &pps, &large], &mut payloads);
    assert_eq!(payloads, [&sps[..], &pps, &large]);
}

fn push(depacketizer: &mut Depacketizer, time: u32, follows: bool, marker: bool, payload: &[u8]) {
    let time = RtpTime(time);
    depacketizer.push(&H264Packet {
        time,
        marker,
        follows,
        payload,
    });
}

#[test]
fn a_fragment_whose_end_is_missing_spoils_its_picture_only() {
    let mut depacketizer = Depacketizer::default();
    push(&mut depacketizer, 1, true, false, &[0x7C, 0x85, 1]);
    push(&mut depacketizer, 2, false, true, &[0x41, 2]);
    push(&mut depacketizer, 3, true, true, &[0x41, 3]);
    let units: Vec<_> = std::iter::from_fn(|| depacketizer.poll_unit()).collect();
    let flags: Vec<_> = units
        .iter()
        .map(|unit| (unit.follows, unit.is_whole))
        .collect();
    assert_eq!(flags, [(false, false), (false, true), (true, true)]);
    assert_eq!(units[1].stream, [0, 0, 1, 0x41, 2]);
}

#[test]
fn what_rfc_6184_does_not_allow_is_counted_and_spoils_the_picture() {
    for payload in [
        &[][..],
        &[0x18, 0, 9, 1],
        &[0x18, 0],
        &[0x1C],
        &[0x1C, 0x05, 1],
        &[0x1D, 0x85, 1],
        &[0x00],
    ] {
        let mut depacketizer = Depacketizer::default();
        push(&mut depacketizer, 1, true, true, payload);
        assert_eq!(depacketizer.malformed(), 1, "{payload:?}");
        assert!(!depacketizer.poll_unit().unwrap().is_whole);
    }
}

/// Pictures whose every byte after the NAL header is the picture's number.
fn numbered(pictures: &[(usize, usize)], max_payload: usize) -> Vec<Sent> {
    let packetizer = Packetizer::new(PacketizationMode::NonInterleaved, max_payload);
    let mut packets = Vec::new();
    for (number, (slices, bytes)) in pictures.iter().enumerate() {
        let number = u8::try_from(number + 1).unwrap();
        let slice: Vec<u8> = std::iter::once(0x41)
            .chain(std::iter::repeat_n(number, *bytes))
            .collect();
        let mut payloads = Vec::new();
        packetizer.packetize((0..*slices).map(|_| &slice[..]), &mut payloads);
        let last = payloads.len() - 1;
        for (at, payload) in payloads.into_iter().enumerate() {
            packets.push(Sent {
                seq: SeqNo(65_530) + u16::try_from(packets.len()).unwrap(),
                time: RtpTime(u32::from(number) * 3_000),
                marker: at == last,
                payload,
            });
        }
    }
    packets
}

proptest! {
    #[test]
    fn what_was_packetized_comes_back(pictures in prop::collection::vec((1..4_usize, 1..90_usize), 1..12), max in 3..40_usize) {
        let packets = numbered(&pictures, max);
        let units = units(&packets);
        prop_assert_eq!(units.len(), pictures.len());
        for (unit, (slices, bytes)) in units.iter().zip(&pictures) {
            prop_assert!(unit.is_whole);
            prop_assert_eq!(unit.stream.len(), slices * (3 + 1 + bytes));
        }
    }

    #[test]
    fn loss_never_joins_pieces_of_different_pictures(
        pictures in prop::collection::vec((1..4_usize, 1..90_usize), 1..12),
        max in 3..40_usize,
        lost in prop::collection::vec(any::<bool>(), 400),
    ) {
        let mut packets = numbered(&pictures, max);
        let mut lost = lost.into_iter();
        packets.retain(|_| !lost.next().unwrap_or(false));
        for unit in units(&packets) {
            let number = u8::try_from(unit.time.0 / 3_000).unwrap();
            for nal in nal_units(&unit.stream) {
                prop_assert!(nal.body().iter().all(|byte| *byte == number));
            }
            if unit.is_whole && unit.follows {
                let (slices, bytes) = pictures[usize::from(number) - 1];
                prop_assert_eq!(unit.stream.len(), slices * (3 + 1 + bytes));
            }
        }
    }

    #[test]
    fn any_payloads_are_taken_without_panic(packets in prop::collection::vec((0..3_u32, any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..30)), 0..30)) {
        let mut depacketizer = Depacketizer::default();
        let mut sets = ParameterSets::default();
        for (time, follows, marker, payload) in packets {
            push(&mut depacketizer, time, follows, marker, &payload);
            while let Some(unit) = depacketizer.poll_unit() {
                for nal in nal_units(&unit.stream) {
                    sets.learn(nal);
                    std::hint::black_box(SliceHeader::parse(nal, &sets));
                }
                depacketizer.recycle(unit);
            }
        }
    }
}
