//! Workers with files and tones in place of devices, in real time as they are meant to run.
use std::f32::consts::TAU;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use super::*;
use crate::device::DeviceState;
use crate::engine::{AudioPacket, EncodedPacket};
use crate::payload::AudioFormat;
use crate::rtp_time::{SeqNo, Ssrc};

/// Far longer than anything takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn worker(microphone: &str, speakers: &[String]) -> (AudioWorker, Receiver<()>) {
    let opus = AudioFormat::from_sdp(96, Some(("opus", 48_000, Some(2))), None, None);
    let mut engine = EngineConfig::new(opus.into_iter().collect());
    engine.is_dtx_enabled = false;
    let (wake, woken) = sync_channel(1);
    let options = AudioOptions {
        engine,
        microphone: microphone.parse().unwrap(),
        speakers: speakers.iter().map(|name| name.parse().unwrap()).collect(),
        wake: Arc::new(move || {
            // Full: the test has been told already.
            wake.try_send(()).unwrap_or_default();
        }),
    };
    (AudioWorker::start(options).unwrap(), woken)
}

fn next_packet(handle: &AudioHandle, woken: &Receiver<()>) -> EncodedPacket {
    loop {
        if let Some(packet) = handle.poll_encoded() {
            return packet;
        }
        woken.recv_timeout(PATIENCE).expect("no packets come");
    }
}

fn snapshot_when(handle: &AudioHandle, is_right: impl Fn(&AudioSnapshot) -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !is_right(&handle.snapshot()) {
        assert!(Instant::now() < give_up, "{:?}", handle.snapshot());
        std::thread::yield_now();
    }
}

fn write_tone(path: &Path, hz: f32, rate: u32, seconds: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..rate * seconds {
        let level = (TAU * (hz * n as f32 / rate as f32).fract()).sin();
        writer.write_sample((8_000.0 * level) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// The largest part of the energy of any 100 ms that lies at `hz`.
fn purest(path: &Path, hz: f32) -> f32 {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!(
        (reader.spec().channels, reader.spec().sample_rate),
        (2, 48_000)
    );
    let left: Vec<f32> = reader
        .samples::<i16>()
        .step_by(2)
        .map(|sample| f32::from(sample.unwrap()))
        .collect();
    let purity = |window: &[f32]| {
        let (mut re, mut im, mut energy) = (0.0f32, 0.0f32, 1.0f32);
        for (n, sample) in window.iter().enumerate() {
            let (sin, cos) = (TAU * (hz * n as f32 / 48_000.0).fract()).sin_cos();
            re += sample * cos;
            im += sample * sin;
            energy += sample * sample;
        }
        2.0 * (re * re + im * im) / (window.len() as f32 * energy)
    };
    left.chunks_exact(4_800).map(purity).fold(0.0, f32::max)
}

#[test]
fn a_file_at_one_worker_is_recorded_at_another() {
    let dir = tempfile::tempdir().unwrap();
    let (said, heard) = (dir.path().join("said.wav"), dir.path().join("heard.wav"));
    write_tone(&said, 440.0, 16_000, 1);
    let (speaking, woken) = worker(&format!("file:{}?loop", said.display()), &[]);
    let (listening, _) = worker(
        "none",
        &["none".into(), format!("file:{}", heard.display())],
    );
    for seq in 0..75 {
        let packet = next_packet(&speaking.handle(), &woken);
        listening.handle().push_packet(&AudioPacket {
            ssrc: Ssrc(1),
            payload_type: packet.payload_type,
            seq: SeqNo(seq),
            time: packet.time,
            marker: packet.marker,
            arrival: Instant::now(),
            payload: packet.payload(),
        });
    }
    drop(listening);
    let purity = purest(&heard, 440.0);
    assert!(purity > 0.95, "{purity}");
}

#[test]
fn a_missing_file_is_said_and_the_conference_goes_on() {
    let (worker, woken) = worker("file:/not/there.wav", &["tone:440".into()]);
    let handle = worker.handle();
    let reason = "there is no file /not/there.wav".to_owned();
    snapshot_when(&handle, |snapshot| {
        snapshot.microphone.state
            == DeviceState::Missing {
                reason: reason.clone(),
            }
            && snapshot
                .speakers
                .iter()
                .all(|speaker| speaker.state.is_problem())
    });
    // Without a microphone nothing is sent; with another one it is.
    handle.apply(AudioCommand::SetMicrophone("tone:440".parse().unwrap()));
    next_packet(&handle, &woken);
}

#[test]
fn terminals_are_exchanged_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let recording = Terminal::File {
        path: dir.path().join("out.wav"),
        loops: false,
    };
    let (worker, _woken) = worker("none", &["none".into()]);
    let handle = worker.handle();
    handle.apply(AudioCommand::SetMicrophone(Terminal::Tone(440.0)));
    handle.apply(AudioCommand::SetSpeakers(vec![recording.clone()]));
    snapshot_when(&handle, |snapshot| {
        snapshot.microphone.state == DeviceState::Running
            && matches!(snapshot.speakers.as_slice(), [only]
                if only.terminal == recording && only.state == DeviceState::Running)
    });
    handle.apply(AudioCommand::SetMicrophone(Terminal::None));
    handle.apply(AudioCommand::SetSpeakers(Vec::new()));
    snapshot_when(&handle, |snapshot| {
        snapshot.microphone.state == DeviceState::Off && snapshot.speakers.is_empty()
    });
}
