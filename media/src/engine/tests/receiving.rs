//! What becomes of sound on networks of every kind.
use super::line::{ANN, Line, ms};
use super::sound::{max_step, rms, tone, tone_to_rest_db, voice};
use crate::engine::EngineCommand;
use crate::payload::AudioFormat;

/// A tone of 997 Hz at -13 dBFS moves by 0.039 at most; a click is more than twice that.
const CLICK: f32 = 0.08;

fn telephone() -> AudioFormat {
    AudioFormat::from_sdp(0, None, None, None).unwrap()
}

fn l16(hz: u32, channels: u8) -> AudioFormat {
    AudioFormat::from_sdp(97, Some(("L16", hz, Some(channels))), None, None).unwrap()
}

#[test]
fn a_tone_arrives_as_the_same_tone() {
    for (format, least_db) in [
        (AudioFormat::opus(96), 25.0),
        (telephone(), 30.0),
        (AudioFormat::from_sdp(8, None, None, None).unwrap(), 30.0),
        (AudioFormat::from_sdp(11, None, None, None).unwrap(), 60.0),
        (l16(48_000, 1), 60.0),
        (l16(48_000, 2), 60.0),
        (l16(16_000, 1), 60.0),
    ] {
        let mut line = Line::new(format);
        line.run(ms(3_000));
        let db = tone_to_rest_db(line.last(ms(1_000)), 997.0);
        assert!(db > least_db, "{format:?}: {db}");
        let level = rms(line.last(ms(1_000)));
        assert!((level - 0.212).abs() < 0.02, "{format:?}: {level}");
        assert_eq!(
            line.counters().lost + line.counters().concealed_ms,
            0,
            "{format:?}"
        );
    }
}

#[test]
fn every_opus_frame_duration_is_sent_and_played() {
    for ptime_ms in [2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0] {
        let map = Some(("opus", 48_000, Some(2)));
        let format = AudioFormat::from_sdp(96, map, None, Some(ptime_ms)).unwrap();
        let mut line = Line::new(format);
        line.run(ms(3_000));
        let db = tone_to_rest_db(line.last(ms(1_000)), 997.0);
        // The shorter the frame, the more bits are spent on other things than sound.
        let least_db = if ptime_ms < 10.0 { 15.0 } else { 25.0 };
        assert!(db > least_db, "{ptime_ms}: {db}");
        assert_eq!(
            line.counters().concealed_ms,
            0,
            "{ptime_ms}: {:?}",
            line.status()
        );
    }
}

#[test]
fn delay_on_a_wire_is_below_forty_two_milliseconds_until_it_is_played() {
    let mut line = Line::opus();
    line.microphone = Box::new(voice());
    line.run(ms(8_150));
    let (delay, likeness) = line.delay();
    assert!(
        delay < ms(42) && delay > ms(26),
        "{delay:?} {:?}",
        line.status()
    );
    assert!(likeness > 0.95, "{likeness}");
    assert_eq!(line.counters().concealed_ms, 0);
}

#[test]
fn first_sound_is_heard_within_eighty_milliseconds() {
    let mut line = Line::opus();
    line.run(ms(80));
    assert!(rms(line.last(ms(10))) > 0.1);
}

#[test]
fn a_tone_survives_loss_reordering_jitter_and_duplicates() {
    for format in [AudioFormat::opus(96), telephone(), l16(48_000, 1)] {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut line = Line::new(format);
        line.fate = Box::new(move |_| match rng.u32(0..100) {
            0..5 => vec![],
            5..10 => vec![ms(5), ms(9)],
            _ => vec![ms(rng.u64(0..30))],
        });
        line.run(ms(20_000));
        let counters = line.counters();
        let sent = line.sent.len() as u64;
        assert!(
            (sent / 30..sent / 12).contains(&counters.lost),
            "{format:?}: {counters:?}"
        );
        assert!(counters.duplicated > sent / 40, "{format:?}: {counters:?}");
        let step = max_step(&line.heard[48_000..]);
        assert!(step < CLICK, "{format:?}: {step}");
        let level = rms(&line.heard[48_000..]);
        assert!((level - 0.212).abs() < 0.02, "{format:?}: {level}");
    }
}

#[test]
fn reordering_loses_nothing() {
    let mut line = Line::opus();
    line.fate = Box::new(|seq| vec![ms(if seq % 3 == 0 { 25 } else { 1 })]);
    line.run(ms(10_000));
    let counters = line.counters();
    assert!(counters.lost <= 2 && counters.late <= 2, "{counters:?}");
}

#[test]
fn error_correction_brings_back_what_is_lost() {
    let lossy = |expected| {
        let mut rng = fastrand::Rng::with_seed(11);
        let mut line = Line::opus();
        line.microphone = Box::new(voice());
        line.sender.apply(EngineCommand::ExpectedLoss(expected));
        line.fate = Box::new(move |_| {
            if rng.u32(0..10) == 0 {
                vec![]
            } else {
                vec![ms(1)]
            }
        });
        line.run(ms(15_000));
        line.counters()
    };
    let (without, with) = (lossy(0), lossy(10));
    assert_eq!(without.fec_recovered, 0);
    // Half of what is lost is silence, which has no error correction.
    assert!(with.fec_recovered * 5 > with.lost * 2, "{with:?}");
    assert!(
        with.concealed_ms * 3 < without.concealed_ms * 2,
        "{with:?} {without:?}"
    );
}

#[test]
fn after_a_stall_everything_is_heard_and_the_delay_comes_back() {
    let mut line = Line::opus();
    line.microphone = Box::new(voice());
    // From 4.0 to 4.3 s the network holds everything back.
    let stall = 65_500_u16.wrapping_add(200);
    line.fate = Box::new(move |seq| {
        let into = u64::from(seq.wrapping_sub(stall));
        vec![ms(if into < 15 { 300 - into * 20 } else { 1 })]
    });
    line.run(ms(4_400));
    assert!(line.status().delay_ms > 150.0, "{:?}", line.status());
    line.run(ms(20_000));
    let counters = line.counters();
    assert_eq!((counters.lost, counters.discarded), (0, 0), "{counters:?}");
    assert!(counters.accelerated_ms > 150, "{counters:?}");
    assert!(line.status().delay_ms < 40.0, "{:?}", line.status());
}

#[test]
fn after_steps_were_left_out_the_rest_is_heard_at_its_time() {
    let mut line = Line::opus();
    line.microphone = Box::new(voice());
    line.run(ms(2_000));
    let before = line.delay();
    line.stall(ms(200));
    line.run(ms(400));
    let after = line.delay();
    assert!(before.1 > 0.9 && after.1 > 0.9, "{before:?} {after:?}");
    let moved = after.0.abs_diff(before.0);
    assert!(moved <= ms(20), "{before:?} {after:?}");
    assert_eq!(line.counters().accelerated_ms, 0);
}

#[test]
fn a_longer_way_since_steps_were_left_out_silences_nobody() {
    let mut line = Line::opus();
    line.microphone = Box::new(voice());
    line.run(ms(2_000));
    line.fate = Box::new(|_| vec![ms(300)]);
    line.stall(ms(200));
    line.run(ms(2_000));
    assert!(rms(line.last(ms(500))) > 0.01, "{:?}", line.status());
}

/// Packets from the `n`th on are held back together for 45 ms, at each of these places.
fn with_accidents(places: &'static [u16]) -> Line {
    let mut line = Line::opus();
    line.fate = Box::new(move |seq| {
        let place = seq.wrapping_sub(65_500);
        let into = places.iter().map(|at| place.wrapping_sub(*at)).min();
        let late = 45_u64.saturating_sub(u64::from(into.unwrap_or(u16::MAX)) * 20);
        vec![ms(late.max(1))]
    });
    line
}

#[test]
fn a_single_accident_moves_nothing_that_follows() {
    let mut line = with_accidents(&[200]);
    line.run(ms(3_900));
    let before = line.status().delay_ms;
    line.run(ms(2_100));
    let counters = line.counters();
    assert_eq!((counters.late, counters.lost), (1, 0), "{counters:?}");
    assert!((10..=50).contains(&counters.concealed_ms), "{counters:?}");
    assert_eq!((counters.accelerated_ms, counters.expanded_ms), (0, 0));
    let after = line.status().delay_ms;
    assert!((after - before).abs() < 3.0, "{before} {after}");
    let step = max_step(&line.heard[48_000..]);
    assert!(step < CLICK, "{step}");
}

#[test]
fn accidents_now_and_then_move_nothing_either() {
    let mut line = with_accidents(&[200, 500, 800, 1_100, 1_400, 1_700]);
    line.run(ms(3_900));
    let before = line.status().delay_ms;
    line.run(ms(36_000));
    let counters = line.counters();
    assert_eq!((counters.late, counters.lost), (6, 0), "{counters:?}");
    assert_eq!((counters.accelerated_ms, counters.expanded_ms), (0, 0));
    let after = line.status().delay_ms;
    assert!((after - before).abs() < 3.0, "{before} {after}");
}

#[test]
fn accidents_that_come_often_are_waited_for() {
    let mut line = with_accidents(&[200, 300, 400, 500, 600]);
    line.run(ms(14_000));
    let counters = line.counters();
    assert!((2..=3).contains(&counters.late), "{counters:?}");
    assert!(line.status().delay_ms > 40.0, "{:?}", line.status());
}

#[test]
fn drifting_clocks_are_followed() {
    for micros in [9_997, 10_003] {
        let mut line = Line::opus();
        line.sender_step = std::time::Duration::from_micros(micros);
        line.run(ms(180_000));
        let counters = line.counters();
        assert_eq!((counters.lost, counters.discarded), (0, 0), "{counters:?}");
        // 300 ppm, three times what sound cards have, are 54 ms in three minutes.
        let corrected = counters.accelerated_ms + counters.expanded_ms + counters.concealed_ms;
        assert!((10..80).contains(&corrected), "{micros}: {counters:?}");
        assert!(line.status().delay_ms < 40.0, "{:?}", line.status());
        let step = max_step(&line.heard[48_000..]);
        assert!(step < CLICK, "{micros}: {step}");
    }
}

#[test]
fn a_sender_that_begins_anew_is_heard_again_at_once() {
    let mut line = Line::opus();
    line.run(ms(2_000));
    line.next_seq = crate::rtp_time::SeqNo(30_000);
    line.time_offset = 0x1234_5678;
    line.run(ms(200));
    assert!(rms(line.last(ms(50))) > 0.2);
    let step = max_step(&line.heard[4_800..]);
    assert!(step < CLICK, "{step}");
}

#[test]
fn a_network_that_comes_back_is_heard_again_at_once() {
    let mut line = Line::opus();
    let outage = 65_500_u16.wrapping_add(100);
    line.fate = Box::new(move |seq| {
        if seq.wrapping_sub(outage) < 200 {
            vec![]
        } else {
            vec![ms(1)]
        }
    });
    line.run(ms(4_000));
    assert_eq!(rms(line.last(ms(1_000))), 0.0);
    line.run(ms(2_150));
    assert!(rms(line.last(ms(50))) > 0.2, "{:?}", line.status());
    // What was made up is 60 ms and the fade, not four seconds.
    assert!(line.counters().concealed_ms <= 100, "{:?}", line.status());
}

#[test]
fn muting_somebody_and_hearing_them_again_does_not_click() {
    let set = |gain_db, muted| EngineCommand::SetSource {
        ssrc: ANN,
        gain_db,
        pan: 0.0,
        muted,
    };
    let mut line = Line::opus();
    line.run(ms(1_000));
    line.receiver.apply(set(0.0, true));
    line.run(ms(1_000));
    assert_eq!(rms(line.last(ms(900))), 0.0);
    assert_eq!(line.counters().lost, 0);
    line.receiver.apply(set(-6.0, false));
    line.run(ms(1_000));
    let level = rms(line.last(ms(500)));
    assert!((level - 0.106).abs() < 0.01, "{level}");
    assert!(max_step(&line.heard[4_800..]) < CLICK);
    assert_eq!(line.counters().lost, 0);
}

#[test]
fn devices_that_ask_in_large_pieces_are_not_left_without() {
    for burst in [2, 3, 4] {
        let mut line = Line::opus();
        line.burst = burst;
        line.run(ms(5_000));
        let before = line.counters();
        line.run(ms(20_000));
        let after = line.counters();
        assert!(
            after.concealed_ms - before.concealed_ms <= 40,
            "{burst}: {:?}",
            line.status()
        );
        assert!(
            line.status().delay_ms < 80.0,
            "{burst}: {:?}",
            line.status()
        );
    }
}

#[test]
fn two_channels_stay_two() {
    let mut encoder =
        opus::Encoder::new(48_000, opus::Channels::Stereo, opus::Application::Audio).unwrap();
    let (left, right) = (tone(500.0), tone(1_500.0));
    let mut engine = Line::opus().receiver;
    let mut heard = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
    let mut now = std::time::Instant::now();
    for packet in 0..100_u16 {
        let from = usize::from(packet) * 960;
        let frame: Vec<f32> = (from..from + 960)
            .flat_map(|n| [left(n), right(n)])
            .collect();
        let payload = encoder.encode_vec_float(&frame, 1_000).unwrap();
        engine.push_packet(&crate::engine::AudioPacket {
            ssrc: ANN,
            payload_type: 96,
            seq: crate::rtp_time::SeqNo(packet),
            time: crate::rtp_time::RtpTime(u32::from(packet) * 960),
            marker: false,
            arrival: now,
            payload: &payload,
        });
        for _ in 0..2 {
            let mut playback = [0.0; 960];
            engine.step(now, &[], &mut playback);
            heard.extend(playback);
            now += ms(10);
        }
    }
    let side = |offset: usize| -> Vec<f32> {
        heard[96_000..]
            .iter()
            .skip(offset)
            .step_by(2)
            .copied()
            .collect()
    };
    assert!(tone_to_rest_db(&side(0), 500.0) > 20.0);
    assert!(tone_to_rest_db(&side(1), 1_500.0) > 20.0);
}
