//! Lips and voice: pictures are told which moment of their sender's voice is heard when, and a voice whose pictures come
//! later than it waits for them within the limits of a conversation.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::engine::{AudioSnapshot, EngineCommand, HeardTime, SourceStatus};
use media::rtp_time::{ClockRate, Ssrc};
use media::video::lip_sync::{DueClock, HeardSound, SenderTime};
use media::video::{Layer, SourceId, View};

use super::medium::Medium;
use super::people::{AUDIO, People, PersonRecord, layer_of};
use super::video::{SeenPictures, Video};

/// How long each voice waits for its pictures.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Milliseconds, of those who wait.
    voices: BTreeMap<Ssrc, f32>,
}

/// Tells the pictures of everybody which moment of the voice is heard.
pub(super) fn set_clocks(
    now: Instant,
    people: &People,
    audio: &AudioSnapshot,
    medium: &Medium,
    video: &mut Video,
) {
    let clocks = people.iter().flat_map(|(_, record)| {
        let heard = voice(now, record, audio).and_then(|(ssrc, heard)| {
            Some(HeardSound {
                sender: sender_time(medium, ssrc, heard.clock_rate)?,
                media: heard.time,
                at: heard.at,
            })
        });
        sources(record).map(move |source| (source, heard))
    });
    let clocks: Vec<(SourceId, Option<HeardSound>)> = clocks.collect();
    for (source, heard) in clocks {
        let due = heard.and_then(|heard| {
            let medium = video.medium(source.layer)?;
            let video = sender_time(medium, source.ssrc, ClockRate::HZ_90000)?;
            Some(DueClock { video, heard })
        });
        video.set_due(source, due);
    }
}

impl Waits {
    /// Lets voices wait as long as their pictures need; gives what has changed.
    pub(super) fn follow(
        &mut self,
        now: Instant,
        people: &People,
        audio: &AudioSnapshot,
        seen: &SeenPictures,
    ) -> Vec<EngineCommand> {
        let mut changes = Vec::new();
        let mut voices = BTreeMap::new();
        for (_, record) in people.iter() {
            let Some((ssrc, _)) = voice(now, record, audio) else {
                continue;
            };
            let before = self.voices.remove(&ssrc).unwrap_or(0.0);
            let status = audio.sources.iter().find(|source| source.ssrc == ssrc);
            let wait = match (lateness(record, seen), status) {
                (Some(ready_ms), Some(status)) if has_settled(status) => {
                    next_wait(before, ready_ms)
                }
                (Some(_), _) => before,
                (None, _) => 0.0,
            };
            if wait > 0.0 {
                voices.insert(ssrc, wait);
            }
            if wait != before {
                changes.push(delay(ssrc, wait));
            }
        }
        // Whoever is left here has no voice any more.
        changes.extend(self.voices.keys().map(|ssrc| delay(*ssrc, 0.0)));
        self.voices = voices;
        changes
    }
}

fn delay(ssrc: Ssrc, milliseconds: f32) -> EngineCommand {
    let delay = Duration::from_secs_f32(milliseconds / 1_000.0);
    EngineCommand::DelaySource { ssrc, delay }
}

/// By how much the pictures of a person that are shown are ready after their voice, at worst.
fn lateness(record: &PersonRecord, seen: &SeenPictures) -> Option<f32> {
    let theirs = seen.of(record);
    let shown = theirs.filter(|source| source.view != View::Hidden && source.has_picture);
    let late = shown.filter_map(|source| Some(source.statistics.lip_sync?.ready_ms));
    late.max_by(f32::total_cmp)
}

/// Whether a voice is as late as it was last told to be.
fn has_settled(status: &SourceStatus) -> bool {
    (status.delay_ms - status.target_delay_ms).abs() < SETTLED_MS
}

fn next_wait(wait: f32, ready_ms: f32) -> f32 {
    let is_right = (EARLY_MS..=LATE_MS).contains(&ready_ms);
    if is_right {
        wait
    } else {
        // A little is left over, so that it does not sway.
        (wait + ready_ms - (EARLY_MS + LATE_MS) / 2.0).clamp(0.0, LONGEST_WAIT_MS)
    }
}

/// The voice of a person that was heard last.
fn voice(now: Instant, record: &PersonRecord, audio: &AudioSnapshot) -> Option<(Ssrc, HeardTime)> {
    let is_theirs = |source: &&SourceStatus| record.sources.contains(&(AUDIO, source.ssrc));
    let theirs = audio.sources.iter().filter(is_theirs);
    let heard = theirs.filter_map(|source| Some((source.ssrc, source.heard?)));
    let fresh = heard.filter(|(_, heard)| now < heard.at + MEMORY);
    fresh.max_by_key(|(_, heard)| heard.at)
}

fn sources(record: &PersonRecord) -> impl Iterator<Item = SourceId> {
    let sources = record.sources.iter();
    sources.filter_map(|(medium, ssrc)| {
        let layer: Layer = layer_of(*medium)?;
        Some(SourceId::new(layer, *ssrc))
    })
}

fn sender_time(medium: &Medium, ssrc: Ssrc, clock: ClockRate) -> Option<SenderTime> {
    let report = medium.session().member(ssrc)?.clock()?;
    Some(SenderTime {
        wall: report.ntp.since_1900()?,
        media: report.rtp_time,
        clock,
    })
}

/// So long after somebody fell silent their clock still tells: crystals differ by a millisecond in it.
const MEMORY: Duration = Duration::from_secs(30);
/// Pictures that are ready so early or late do not move the voice: a frame of 30 a second, and half of what ITU-R BT.1359
/// finds anybody to notice.
const EARLY_MS: f32 = -33.0;
const LATE_MS: f32 = 20.0;
/// With the 50 ms of a voice on a local network that is what ITU-T G.114 gives a conversation.
const LONGEST_WAIT_MS: f32 = 100.0;
const SETTLED_MS: f32 = 12.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_waits_for_late_pictures_up_to_the_limit_and_no_longer_than_needed() {
        assert_eq!(next_wait(0.0, 10.0), 0.0);
        assert_eq!(next_wait(0.0, 60.0), 66.5);
        // It waits now, and the pictures come just before.
        assert_eq!(next_wait(66.5, -6.5), 66.5);
        assert_eq!(next_wait(66.5, 90.0), LONGEST_WAIT_MS);
        assert_eq!(next_wait(66.5, -200.0), 0.0);
        assert!((next_wait(66.5, -40.0) - 33.0).abs() < 0.01);
    }
}
