//! Something like speech, always the same: a gliding voice of harmonics with syllables, and hiss between them.
use media::codec::{EncoderOptions, encoder};
use media::payload::AudioFormat;

/// `count` packets of 20 ms, encoded as this program sends.
pub(crate) fn packets(count: usize) -> Vec<Vec<u8>> {
    let options = EncoderOptions {
        bit_rate: None,
        is_dtx_enabled: false,
        max_payload: 1_400,
    };
    let mut encoder = encoder(&AudioFormat::opus(96), &options).unwrap();
    let mut voice = Voice::new();
    let mut packets = Vec::new();
    for _ in 0..count {
        let frame: Vec<f32> = (0..960).map(|_| voice.next()).collect();
        let mut payload = [0; 1_400];
        let len = encoder.encode(&frame, &mut payload).unwrap().unwrap();
        packets.push(payload[..len].to_vec());
    }
    packets
}

struct Voice {
    rng: fastrand::Rng,
    time: f32,
    phase: f32,
}

impl Voice {
    fn new() -> Self {
        Self {
            rng: fastrand::Rng::with_seed(1),
            time: 0.0,
            phase: 0.0,
        }
    }

    fn next(&mut self) -> f32 {
        use std::f32::consts::TAU;
        self.time += 1.0 / 48_000.0;
        let pitch_hz = 120.0 + 30.0 * (self.time * 0.7 * TAU).sin();
        self.phase = (self.phase + pitch_hz / 48_000.0).fract();
        let syllable = (self.time * 3.5 * TAU).sin().max(0.0);
        let formant_hz = 500.0 + 300.0 * (self.time * 1.3 * TAU).sin();
        let voiced: f32 = (1..24_u8)
            .map(f32::from)
            .map(|harmonic| {
                let off = (harmonic * pitch_hz - formant_hz) / 300.0;
                (harmonic * self.phase * TAU).sin() / (1.0 + off * off)
            })
            .sum();
        let hiss = self.rng.f32() - 0.5;
        0.1 * syllable * voiced + 0.02 * (1.0 - syllable) * hiss
    }
}
