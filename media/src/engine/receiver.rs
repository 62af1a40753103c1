//! Everybody else: routes packets to sources and mixes what they say.
use std::time::Instant;

use super::config::EngineConfig;
use super::packet::AudioPacket;
use super::snapshot::{AudioCounters, SourceStatus};
use super::source::{Settings, Source};
use crate::dsp::limiter::Limiter;
use crate::payload::AudioFormat;
use crate::rtp_time::Ssrc;

/// The receiving half of the engine.
pub(super) struct Receiver {
    formats: Vec<AudioFormat>,
    max_sources: usize,
    max_decoded: usize,
    /// By [`Ssrc`].
    sources: Vec<Source>,
    /// What was set, by [`Ssrc`], also for those who have not spoken yet.
    settings: Vec<(Ssrc, Settings)>,
    /// Scratch: the levels of those who speak.
    levels: Vec<f32>,
    scout: Option<Ssrc>,
    scout_steps: u32,
    limiter: Limiter,
    /// Ticks of 48 kHz.
    spare_delay: i64,
}

impl Receiver {
    pub(super) fn new(config: &EngineConfig) -> Self {
        Self {
            formats: config.receive.clone(),
            max_sources: config.max_sources.max(1),
            max_decoded: config.max_decoded.max(1),
            sources: Vec::with_capacity(config.max_sources.max(1)),
            settings: Vec::new(),
            levels: Vec::with_capacity(config.max_sources.max(1)),
            scout: None,
            scout_steps: SCOUT_STEPS,
            limiter: Limiter::default(),
            spare_delay: i64::try_from(config.spare_delay.as_micros() * 48 / 1_000).unwrap_or(0),
        }
    }

    /// Takes a packet that came at `arrival` ticks.
    pub(super) fn push(
        &mut self,
        packet: &AudioPacket<'_>,
        arrival: i64,
        counters: &mut AudioCounters,
    ) {
        let format = self
            .formats
            .iter()
            .find(|format| format.payload_type == packet.payload_type);
        let Some(format) = format.copied() else {
            counters.unknown_payload_type += 1;
            return;
        };
        let found = self
            .sources
            .binary_search_by_key(&packet.ssrc, |source| source.ssrc);
        let index = match found {
            Ok(index) => Some(index),
            Err(_) => self.add_source(packet, &format, counters),
        };
        let source = index.and_then(|index| self.sources.get_mut(index));
        let spare = self.spare_delay;
        let is_taken = source.is_some_and(|source| {
            let is_taken = source.push(&format, packet, arrival).is_ok();
            source.set_spare(spare);
            is_taken
        });
        if !is_taken {
            counters.unknown_payload_type += 1;
        }
    }

    pub(super) fn set(&mut self, ssrc: Ssrc, settings: Settings) {
        match self
            .settings
            .binary_search_by_key(&ssrc, |(known, _)| *known)
        {
            Ok(index) => drop(
                self.settings
                    .get_mut(index)
                    .map(|(_, known)| *known = settings),
            ),
            Err(index) if self.settings.len() < MAX_SETTINGS => {
                self.settings.insert(index, (ssrc, settings))
            }
            Err(_) => {}
        }
        if let Some(source) = self.sources.iter_mut().find(|source| source.ssrc == ssrc) {
            source.set(settings);
        }
    }

    /// Lets a source wait so many ticks longer than everybody does.
    pub(super) fn delay(&mut self, ssrc: Ssrc, ticks: i64) {
        if let Some(source) = self.sources.iter_mut().find(|source| source.ssrc == ssrc) {
            source.delay(ticks);
        }
    }

    pub(super) fn remove(&mut self, ssrc: Ssrc) {
        self.settings.retain(|(known, _)| *known != ssrc);
        self.sources.retain(|source| source.ssrc != ssrc);
    }

    /// Mixes the next 10 ms of all into `playback`.
    pub(super) fn step(&mut self, now: i64, playback: &mut [f32], counters: &mut AudioCounters) {
        playback.fill(0.0);
        let choice = self.choose();
        let mut places = self.max_decoded;
        for source in &mut self.sources {
            let is_active = source.is_active();
            let has_place = places > 0 && source.level_dbfs() >= choice.least_dbfs;
            if is_active && !has_place && choice.scout != Some(source.ssrc) {
                counters.over_cap += 1;
                source.rest();
                continue;
            }
            places -= usize::from(is_active && has_place);
            source.play(now, playback);
        }
        counters.limited_steps += u64::from(self.limiter.process(playback));
    }

    /// Time passed without steps.
    pub(super) fn pass_over(&mut self) {
        self.sources.iter_mut().for_each(Source::pass_over);
    }

    /// Every source, by [`Ssrc`].
    pub(super) fn status(
        &self,
        now: i64,
        instant: impl Fn(i64) -> Option<Instant>,
    ) -> impl Iterator<Item = SourceStatus> {
        let sources = self.sources.iter();
        sources.map(move |source| source.status(now, &instant))
    }

    /// When more speak than are decoded: the loudest, and in turn one of the others, to learn how loud that one is.
    fn choose(&mut self) -> Choice {
        self.levels.clear();
        let active = self.sources.iter().filter(|source| source.is_active());
        self.levels.extend(active.map(Source::level_dbfs));
        if self.levels.len() <= self.max_decoded {
            return Choice {
                least_dbfs: f32::NEG_INFINITY,
                scout: None,
            };
        }
        let last = self.max_decoded - 1;
        let (_, least, _) = self
            .levels
            .select_nth_unstable_by(last, |a, b| b.total_cmp(a));
        let least_dbfs = *least;
        self.scout_steps += 1;
        if self.scout_steps >= SCOUT_STEPS {
            self.scout_steps = 0;
            let waiting = self.sources.iter().filter(|source| source.is_active());
            let longest = waiting.max_by_key(|source| source.waited_steps());
            self.scout = longest.map(|source| source.ssrc);
        }
        Choice {
            least_dbfs,
            scout: self.scout,
        }
    }

    fn add_source(
        &mut self,
        packet: &AudioPacket<'_>,
        format: &AudioFormat,
        counters: &mut AudioCounters,
    ) -> Option<usize> {
        if self.sources.len() >= self.max_sources {
            let oldest = self
                .sources
                .iter()
                .enumerate()
                .min_by_key(|(_, source)| source.last_heard);
            let oldest = oldest.map(|(index, _)| index)?;
            self.sources.remove(oldest);
            counters.sources_evicted += 1;
        }
        let known = self
            .settings
            .binary_search_by_key(&packet.ssrc, |(ssrc, _)| *ssrc);
        let settings = known.ok().and_then(|index| self.settings.get(index));
        let settings = settings.map_or_else(Settings::default, |(_, settings)| *settings);
        let source = Source::new(packet.ssrc, format, packet.payload, settings).ok()?;
        let place = self
            .sources
            .partition_point(|other| other.ssrc < packet.ssrc);
        self.sources.insert(place, source);
        Some(place)
    }
}

/// Who is decoded in this step.
struct Choice {
    least_dbfs: f32,
    scout: Option<Ssrc>,
}

/// 150 ms: time for a packet to ripen and for a syllable to be heard.
const SCOUT_STEPS: u32 = 15;
/// Far more than anybody sets by hand.
const MAX_SETTINGS: usize = 4_096;
