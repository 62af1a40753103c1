//! What is sent, when, and with which time.
use super::line::{Line, ms};
use super::sound::{max_step, rms, tone, voice};
use crate::engine::{AudioEngine, AudioSnapshot, EngineCommand, EngineConfig};
use crate::payload::AudioFormat;

fn times(line: &Line) -> Vec<u32> {
    line.sent.iter().map(|(_, packet)| packet.time.0).collect()
}

#[test]
fn media_time_counts_the_samples_of_the_format() {
    for (payload_type, ticks) in [(0, 160), (8, 160), (11, 441)] {
        let format = AudioFormat::from_sdp(payload_type, None, None, None).unwrap();
        let mut line = Line::new(format);
        line.run(ms(200));
        let times = times(&line);
        assert!(
            times.windows(2).all(|pair| pair[1] - pair[0] == ticks),
            "{payload_type}: {times:?}"
        );
        let bytes = line.sent[1].1.payload().len();
        let bytes_per_sample = if payload_type == 11 { 2 } else { 1 };
        assert_eq!(bytes, ticks as usize * bytes_per_sample);
    }
}

#[test]
fn only_the_first_packet_after_silence_is_marked() {
    let mut line = Line::opus();
    line.run(ms(500));
    let marks: Vec<bool> = line.sent.iter().map(|(_, packet)| packet.marker).collect();
    assert!(marks[0] && !marks[1..].contains(&true));
}

#[test]
fn after_steps_were_left_out_what_is_said_has_its_true_time() {
    let mut line = Line::opus();
    line.run(ms(200));
    let before = line.sent.len();
    line.sender.skip(15);
    line.run(ms(200));
    let (times, last) = (times(&line), &line.sent[before]);
    assert_eq!(times[before] - times[before - 1], 960 + 15 * 480);
    assert!(last.1.marker);
}

#[test]
fn silence_is_hardly_sent_and_time_goes_on() {
    let mut line = Line::opus();
    let voice = voice();
    line.microphone = Box::new(move |n| {
        if (96_000..240_000).contains(&n) {
            0.0
        } else {
            voice(n)
        }
    });
    line.run(ms(7_000));
    let during = |from: u32, to: u32| {
        line.sent
            .iter()
            .filter(move |(_, p)| (from..to).contains(&p.time.0))
    };
    // 125 packets would be 2.5 s.
    assert!(
        during(120_000, 240_000).count() < 12,
        "{}",
        during(120_000, 240_000).count()
    );
    let first = during(240_000, 260_000).next().unwrap();
    assert!(first.1.marker && first.1.time.0 % 960 == 0);
    let counters = line.counters();
    assert_eq!(
        (counters.lost, counters.late, counters.concealed_ms),
        (0, 0, 0),
        "{counters:?}"
    );
    assert!(rms(line.last(ms(1_000))) > 0.01);
}

#[test]
fn muted_means_nothing_is_sent_and_talking_is_still_seen() {
    let mut line = Line::opus();
    line.run(ms(990));
    line.sender.apply(EngineCommand::MuteMicrophone(true));
    line.run(ms(50));
    let sent = line.sent.len();
    line.run(ms(960));
    assert_eq!(line.sent.len(), sent);
    assert_eq!(rms(line.last(ms(500))), 0.0);
    let mut snapshot = AudioSnapshot::default();
    line.sender.snapshot(&mut snapshot);
    assert!(snapshot.microphone.is_muted && snapshot.microphone.is_talking);

    line.sender.apply(EngineCommand::MuteMicrophone(false));
    line.run(ms(1_000));
    let (_, first) = line.sent[sent];
    assert!(first.marker);
    assert_eq!(first.time.0, 96_000);
    assert!(rms(line.last(ms(500))) > 0.2);
    assert!(max_step(&line.heard[4_800..]) < 0.08);
    assert_eq!(line.counters().lost, 0);
}

#[test]
fn one_who_starts_muted_sends_nothing() {
    let mut line = Line::opus();
    line.sender = AudioEngine::new(EngineConfig {
        is_muted: true,
        ..EngineConfig::new(vec![AudioFormat::opus(96)])
    });
    line.run(ms(1_000));
    assert!(line.sent.is_empty());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
fn without_a_microphone_nothing_is_sent_in_any_coding() {
    let formats = [
        AudioFormat::opus(96),
        AudioFormat::from_sdp(0, None, None, None).unwrap(),
    ];
    for format in formats {
        let mut engine = AudioEngine::new(EngineConfig {
            send: Some(format),
            ..EngineConfig::new(vec![format])
        });
        let start = std::time::Instant::now();
        let mut step = |n: u64, capture: &[f32]| {
            engine.step(start + ms(10 * n), capture, &mut [0.0; 960]);
            engine.poll_encoded()
        };
        assert!((0..100).all(|n| step(n, &[]).is_none()));
        let first = (100..104).find_map(|n| step(n, &[0.3; 480])).unwrap();
        assert!(first.marker);
    }
}

#[test]
fn large_frames_are_cut_to_what_a_datagram_holds() {
    let map = Some(("L16", 48_000, Some(2)));
    let format = AudioFormat::from_sdp(97, map, None, Some(20.0)).unwrap();
    let mut line = Line::new(format);
    line.run(ms(100));
    assert!(
        line.sent
            .iter()
            .all(|(_, packet)| packet.payload().len() <= crate::engine::MAX_PAYLOAD)
    );
    assert_eq!(line.sent[0].1.payload().len() % 4, 0);
}

#[test]
fn speech_keeps_its_wave_form() {
    let mut line = Line::opus();
    line.microphone = Box::new(voice());
    line.run(ms(650));
    let mut likeness = Vec::new();
    for _ in 0..20 {
        line.run(ms(350));
        likeness.push(line.delay().1);
    }
    likeness.sort_by(f64::total_cmp);
    assert!(likeness[2] > 0.8 && likeness[10] > 0.95, "{likeness:?}");
}

#[test]
fn broken_microphones_are_silent() {
    let mut line = Line::opus();
    line.microphone = Box::new(|n| if n < 48_000 { f32::NAN } else { tone(997.0)(n) });
    line.run(ms(1_000));
    assert_eq!(rms(line.last(ms(500))), 0.0);
    line.run(ms(1_000));
    assert!(rms(line.last(ms(500))) > 0.2);
    assert_eq!(line.send_counters().encode_errors, 0);
}
