//! What other senders send, and what a payload says of itself.
use super::*;

const GSTREAMER: &str = include_str!("../../../tests/vectors/rtp/opus_gst.hex");
const GSTREAMER_FEC: &str = include_str!("../../../tests/vectors/rtp/opus_fec_gst.hex");
const FFMPEG: &str = include_str!("../../../tests/vectors/rtp/opus_ffmpeg.hex");

/// The payloads of RTP packets written as one line of hex each, with the 12 bytes of a plain header.
fn payloads(hex: &str) -> Vec<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let line = |line: &str| line.as_bytes().chunks(2).skip(12).map(byte).collect();
    hex.lines().map(line).collect()
}

fn decode(payloads: &[Vec<u8>]) -> Vec<f32> {
    let format = AudioFormat::opus(96);
    let mut decoder = decoder(&format, 1).unwrap();
    let mut sound = Vec::new();
    for payload in payloads {
        let mut out = [0.0; MAX_PAYLOAD_SAMPLES];
        let samples = decoder.decode(payload, &mut out).unwrap();
        let info = PayloadInfo::of(&format, payload).unwrap();
        assert_eq!(samples, info.samples as usize);
        sound.extend_from_slice(&out[..samples]);
    }
    sound
}

/// Power of `sound` at one frequency.
fn power_at(sound: &[f32], hz: f64) -> f64 {
    let turn = hz * std::f64::consts::TAU / 48_000.0;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in sound.iter().enumerate() {
        re += f64::from(*sample) * (n as f64 * turn).cos();
        im += f64::from(*sample) * (n as f64 * turn).sin();
    }
    re * re + im * im
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
}

#[test]
fn the_tones_of_gstreamer_and_ffmpeg_are_heard() {
    for hex in [GSTREAMER, FFMPEG] {
        let sound = decode(&payloads(hex));
        let tone = power_at(&sound, 440.0);
        assert!(
            [220.0, 400.0, 480.0, 880.0]
                .iter()
                .all(|hz| power_at(&sound, *hz) < tone / 20.0)
        );
    }
}

#[test]
fn a_packet_that_says_it_repeats_the_one_before_does() {
    let packets = payloads(GSTREAMER_FEC);
    let format = AudioFormat::opus(96);
    let whole = decode(&packets);
    let mut likeness = Vec::new();
    for lost in 10..packets.len() - 1 {
        let next = &packets[lost + 1];
        if !PayloadInfo::of(&format, next).unwrap().has_fec {
            continue;
        }
        let mut decoder = decoder(&format, 1).unwrap();
        let mut out = [0.0; MAX_PAYLOAD_SAMPLES];
        for packet in &packets[..lost] {
            decoder.decode(packet, &mut out).unwrap();
        }
        let mut recovered = [0.0; 960];
        decoder.recover(next, &mut recovered).unwrap();
        likeness.push(correlation(&recovered, &whole[lost * 960..][..960]));
    }
    likeness.sort_by(f32::total_cmp);
    assert!(likeness.len() > 30);
    assert!(likeness[likeness.len() / 2] > 0.8, "{likeness:?}");
}

#[test]
fn packets_without_repetition_say_so() {
    let format = AudioFormat::opus(96);
    let has_fec = |packet: &Vec<u8>| PayloadInfo::of(&format, packet).unwrap().has_fec;
    // CELT has none, and ffmpeg sends CELT.
    assert!(!payloads(FFMPEG).iter().any(has_fec));
    // The first packet has nothing before it.
    assert!(!has_fec(&payloads(GSTREAMER_FEC)[0]));
}

#[test]
fn telephone_bytes_become_the_right_sound() {
    // µ-law 0x80 and 0x00 are the extremes: a square wave of 400 Hz.
    let payload: Vec<u8> = (0..160)
        .map(|n| if n / 10 % 2 == 0 { 0x80 } else { 0x00 })
        .collect();
    let format = AudioFormat::from_sdp(0, None, None, None).unwrap();
    let mut decoder = decoder(&format, 1).unwrap();
    let mut out = [0.0; MAX_PAYLOAD_SAMPLES];
    assert_eq!(decoder.decode(&payload, &mut out), Ok(960));
    assert_eq!(
        PayloadInfo::of(&format, &payload).map(|info| info.samples),
        Some(960)
    );
    // In the middle of a half wave the filter has settled near full scale.
    assert!((out[5 * 6 + 96] - 0.98).abs() < 0.2, "{}", out[5 * 6 + 96]);
    let sound = &out[..960];
    assert!(power_at(sound, 400.0) > 50.0 * power_at(sound, 800.0));
}

#[test]
fn too_long_payloads_are_refused() {
    let format = AudioFormat::from_sdp(0, None, None, None).unwrap();
    let mut decoder = decoder(&format, 1).unwrap();
    let mut out = [0.0; MAX_PAYLOAD_SAMPLES];
    assert_eq!(
        decoder.decode(&[0xFF; 961], &mut out),
        Err(DecodeError::TooLong)
    );
    assert_eq!(decoder.decode(&[0xFF; 960], &mut out), Ok(5_760));
}
