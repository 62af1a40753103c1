//! A sender, a network and a receiver, each with its own clock.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::sound::{correlation, tone};
use crate::engine::{
    AudioCounters, AudioEngine, AudioPacket, AudioSnapshot, EncodedPacket, EngineConfig,
    SourceCounters, SourceStatus,
};
use crate::payload::AudioFormat;
use crate::rtp_time::{SeqNo, Ssrc};

pub(super) const ANN: Ssrc = Ssrc(0xA22);

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// When a packet comes after it was sent: never, once or several times.
type Fate = Vec<Duration>;

pub(super) struct Line {
    pub(super) sender: AudioEngine,
    pub(super) receiver: AudioEngine,
    pub(super) fate: Box<dyn FnMut(u16) -> Fate>,
    pub(super) microphone: Box<dyn Fn(usize) -> f32>,
    /// How long the sender takes for 10 ms of its own clock.
    pub(super) sender_step: Duration,
    /// How many steps the receiver makes at once: some devices ask for their sound in large pieces.
    pub(super) burst: u64,
    /// What was sent, with its sequence number.
    pub(super) sent: Vec<(SeqNo, EncodedPacket)>,
    /// The left channel of what was heard.
    pub(super) heard: Vec<f32>,
    pub(super) next_seq: SeqNo,
    /// Added to the sender's media time.
    pub(super) time_offset: u32,
    pub(super) ssrc: Ssrc,
    now: Instant,
    next_capture: Instant,
    captured: usize,
    under_way: BTreeMap<(Instant, usize), (SeqNo, EncodedPacket)>,
}

impl Line {
    pub(super) fn new(format: AudioFormat) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
        let now = Instant::now();
        Self {
            sender: AudioEngine::new(EngineConfig::new(vec![format])),
            receiver: AudioEngine::new(EngineConfig::new(vec![format])),
            fate: Box::new(|_| vec![ms(1)]),
            microphone: Box::new(tone(997.0)),
            sender_step: ms(10),
            burst: 1,
            sent: Vec::new(),
            heard: Vec::new(),
            next_seq: SeqNo(65_500),
            time_offset: 0xFFFF_F000,
            ssrc: ANN,
            now,
            next_capture: now,
            captured: 0,
            under_way: BTreeMap::new(),
        }
    }

    pub(super) fn opus() -> Self {
        Self::new(AudioFormat::opus(96))
    }

    pub(super) fn run(&mut self, span: Duration) -> &mut Self {
        let end = self.now + span;
        while self.now < end {
            self.now += ms(10) * u32::try_from(self.burst).unwrap();
            while self.next_capture + ms(10) <= self.now {
                self.capture();
            }
            (0..self.burst).for_each(|_| self.play());
        }
        self
    }

    fn capture(&mut self) {
        // A block of the microphone is there when its last sample is.
        self.next_capture += self.sender_step;
        let block: Vec<f32> = (self.captured..self.captured + 480)
            .map(&self.microphone)
            .collect();
        self.captured += 480;
        self.sender.step(self.next_capture, &block, &mut [0.0; 960]);
        while let Some(packet) = self.sender.poll_encoded() {
            for delay in (self.fate)(self.next_seq.0) {
                let order = self.under_way.len();
                self.under_way
                    .insert((self.next_capture + delay, order), (self.next_seq, packet));
            }
            self.sent.push((self.next_seq, packet));
            self.next_seq = self.next_seq.next();
        }
    }

    /// The computer is too busy for anything but the network.
    pub(super) fn stall(&mut self, span: Duration) {
        self.now += span;
        while self.next_capture + ms(10) <= self.now {
            self.capture();
        }
        self.receiver.skip((span.as_millis() / 10) as u64);
        let missed = usize::try_from(span.as_millis()).unwrap() * 48;
        self.heard.extend(std::iter::repeat_n(0.0, missed));
    }

    fn play(&mut self) {
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
                ssrc: self.ssrc,
                payload_type: packet.payload_type,
                seq,
                time: packet.time + self.time_offset,
                marker: packet.marker,
                arrival,
                payload: packet.payload(),
            });
        }
    }

    pub(super) fn snapshot(&self) -> AudioSnapshot {
        let mut snapshot = AudioSnapshot::default();
        self.receiver.snapshot(&mut snapshot);
        snapshot
    }

    pub(super) fn status(&self) -> SourceStatus {
        self.snapshot().sources[0]
    }

    pub(super) fn counters(&self) -> SourceCounters {
        self.status().counters
    }

    pub(super) fn send_counters(&self) -> AudioCounters {
        let mut snapshot = AudioSnapshot::default();
        self.sender.snapshot(&mut snapshot);
        snapshot.counters
    }

    /// What was heard in the last `span`.
    pub(super) fn last(&self, span: Duration) -> &[f32] {
        &self.heard[self.heard.len() - usize::try_from(span.as_millis()).unwrap() * 48..]
    }

    /// From the sample at the microphone to the same sample at the speaker, and how alike 200 ms of them are.
    pub(super) fn delay(&self) -> (Duration, f64) {
        // Sound that was handed out in the last step begins to be played at the end of it.
        let heard = self.last(ms(200));
        let most = 14_400;
        let first = self.captured - heard.len() - most;
        let said: Vec<f32> = (first..self.captured).map(&self.microphone).collect();
        let alike = |lag: usize| correlation(heard, &said[most - lag..][..heard.len()]);
        let coarse = (0..=most)
            .step_by(4)
            .max_by(|a, b| alike(*a).total_cmp(&alike(*b)))
            .unwrap();
        let lag = (coarse.saturating_sub(4)..=(coarse + 4).min(most))
            .max_by(|a, b| alike(*a).total_cmp(&alike(*b)))
            .unwrap();
        (
            Duration::from_micros(lag as u64 * 1_000 / 48) + ms(10),
            alike(lag),
        )
    }
}
