//! Scenarios of two engines and a network between them, in virtual time.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::*;
use crate::payload::AudioFormat;
use crate::rtp_time::{SeqNo, Ssrc};

const ANN: Ssrc = Ssrc(0xA22);

/// What happens to one packet on its way: lost, or delayed by so much (and twice, if there are two).
type Fate = Vec<Duration>;

/// A sender, a network and a receiver; the steps of both are 10 ms apart but not at the same moment.
struct Line {
    now: Instant,
    sender: AudioEngine,
    receiver: AudioEngine,
    /// Packets under way, by arrival and order of sending.
    under_way: BTreeMap<(Instant, u64), (u16, EncodedPacket)>,
    sent: u16,
    fate: Box<dyn FnMut(u16) -> Fate>,
    microphone: Box<dyn FnMut(usize) -> f32>,
    captured: usize,
    heard: Vec<f32>,
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn tone(hz: f64) -> impl FnMut(usize) -> f32 {
    move |n| (0.3 * (n as f64 * hz * std::f64::consts::TAU / 48_000.0).sin()) as f32
}

impl Line {
    fn new(format: AudioFormat) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
        let start = Instant::now();
        Self {
            now: start,
            sender: AudioEngine::new(EngineConfig::new(vec![format])),
            receiver: AudioEngine::new(EngineConfig::new(vec![format])),
            under_way: BTreeMap::new(),
            sent: 65_000,
            fate: Box::new(|_| vec![ms(1)]),
            microphone: Box::new(tone(997.0)),
            captured: 0,
            heard: Vec::new(),
        }
    }

    fn opus() -> Self {
        Self::new(AudioFormat::opus(96))
    }

    fn run(&mut self, span: Duration) -> &mut Self {
        let end = self.now + span;
        while self.now < end {
            self.step();
        }
        self
    }

    fn step(&mut self) {
        let captured = self.captured;
        let capture: Vec<f32> = (captured..captured + 480)
            .map(&mut self.microphone)
            .collect();
        self.captured += 480;
        let mut nothing = [0.0; 960];
        self.sender.step(self.now, &capture, &mut nothing);
        while let Some(packet) = self.sender.poll_encoded() {
            for delay in (self.fate)(self.sent) {
                let order = self.under_way.len() as u64;
                self.under_way
                    .insert((self.now + delay, order), (self.sent, packet));
            }
            self.sent = self.sent.wrapping_add(1);
        }
        self.now += ms(10);
        self.deliver();
        let mut playback = [0.0; 960];
        self.receiver.step(self.now, &[], &mut playback);
        self.heard.extend(playback.iter().step_by(2));
    }

    fn deliver(&mut self) {
        while let Some(entry) = self
            .under_way
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now)
        {
            let ((arrival, _), (seq, packet)) = entry.remove_entry();
            self.receiver.push_packet(&AudioPacket {
                ssrc: ANN,
                payload_type: packet.payload_type,
                seq: SeqNo(seq),
                time: packet.time + 0xFFFF_0000,
                marker: packet.marker,
                arrival,
                payload: packet.payload(),
            });
        }
    }

    fn status(&self) -> SourceStatus {
        let mut snapshot = AudioSnapshot::default();
        self.receiver.snapshot(&mut snapshot);
        snapshot.sources[0]
    }

    /// What was heard in the last `span`.
    fn last(&self, span: Duration) -> &[f32] {
        &self.heard[self.heard.len() - span.as_millis() as usize * 48..]
    }

    /// How long after it was said is it heard? By the lag of best correlation with the microphone in the last second.
    fn delay_ms(&mut self) -> f64 {
        let heard = self.last(ms(100)).to_vec();
        let said = self.captured - 14_400..self.captured;
        let said: Vec<f32> = said.map(&mut self.microphone).collect();
        let lag = (0..=9_600).max_by(|a, b| {
            let at = |lag: usize| correlation(&heard, &said[9_600 - lag..14_400 - lag]);
            at(*a).total_cmp(&at(*b))
        });
        lag.unwrap() as f64 / 48.0
    }
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-12)
}

fn max_step(samples: &[f32]) -> f32 {
    samples
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max)
}

fn rms(samples: &[f32]) -> f32 {
    crate::dsp::level::power(samples).sqrt()
}

/// The share of power in `samples` that a tone of `hz` explains, in dB against the rest.
fn tone_to_rest_db(samples: &[f32], hz: f64) -> f64 {
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (n as f64 * hz * std::f64::consts::TAU / 48_000.0).sin_cos();
        let sample = f64::from(*sample);
        re += sample * cos;
        im += sample * sin;
        all += sample * sample;
    }
    let tone = 2.0 * (re * re + im * im) / samples.len() as f64;
    10.0 * (tone / (all - tone).max(1e-9)).log10()
}

#[test]
fn a_tone_arrives_as_the_same_tone() {
    for (format, least_db) in [
        (AudioFormat::opus(96), 20.0),
        (AudioFormat::from_sdp(0, None, None, None).unwrap(), 30.0),
        (AudioFormat::from_sdp(8, None, None, None).unwrap(), 30.0),
        (AudioFormat::from_sdp(11, None, None, None).unwrap(), 60.0),
        (
            AudioFormat::from_sdp(97, Some(("L16", 48_000, Some(1))), None, None).unwrap(),
            60.0,
        ),
        (
            AudioFormat::from_sdp(97, Some(("L16", 48_000, Some(2))), None, None).unwrap(),
            60.0,
        ),
        (
            AudioFormat::from_sdp(97, Some(("L16", 16_000, Some(1))), None, None).unwrap(),
            60.0,
        ),
    ] {
        let mut line = Line::new(format);
        line.run(ms(3_000));
        let db = tone_to_rest_db(line.last(ms(1_000)), 997.0);
        assert!(db > least_db, "{format:?}: {db}");
        let level = rms(line.last(ms(1_000)));
        assert!((level - 0.212).abs() < 0.02, "{format:?}: {level}");
        assert_eq!(line.status().counters.lost, 0, "{format:?}");
    }
}

#[test]
fn delay_on_a_wire_is_below_forty_five_milliseconds() {
    let mut line = Line::opus();
    let mut rng = fastrand::Rng::with_seed(1);
    let noise: Vec<f32> = (0..960_000).map(|_| rng.f32() * 0.4 - 0.2).collect();
    // A voice-like sound that never repeats, so that the lag is unambiguous.
    line.microphone = Box::new(move |n| noise[n..n + 24].iter().sum::<f32>() / 6.0);
    line.run(ms(5_000));
    let delay = line.delay_ms();
    println!("{delay} {:?}", line.status());
    assert!((20.0..45.0).contains(&delay), "{delay}");
}

#[test]
fn a_tone_survives_loss_reordering_jitter_and_duplicates() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut line = Line::opus();
    line.fate = Box::new(move |_| match rng.u32(0..100) {
        0..5 => vec![],
        5..10 => vec![ms(5), ms(9)],
        _ => vec![ms(rng.u64(0..30))],
    });
    line.run(ms(20_000));
    let status = line.status();
    let steps: Vec<f32> = line.heard[48_000..].chunks(480).map(max_step).collect();
    let db = tone_to_rest_db(line.last(ms(1_000)), 997.0);
    println!(
        "{db} {} {status:?}",
        steps.iter().copied().fold(0.0, f32::max)
    );
    // 5 % of 1000 packets.
    assert!((30..80).contains(&status.counters.lost), "{status:?}");
}
