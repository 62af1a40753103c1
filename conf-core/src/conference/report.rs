//! Makes the snapshot that the user sees out of what the conference knows.
use std::collections::HashMap;
use std::time::{Duration, Instant};

use media::engine::{AudioSnapshot, SILENCE_DBFS, SourceStatus};
use media::rtp_time::Ssrc;
use media::video::VideoSourceStatus;

use super::medium::Medium;
use super::people::{AUDIO, People, PersonRecord};
use super::video::{SeenPictures, Video, pictures_of};
use super::{
    ConferenceSnapshot, ConferenceState, Me, Person, PersonId, Pictures, Problem, Reception,
    Statistics,
};
use crate::session::ReceptionStatistics;

/// What a snapshot is made of.
pub(super) struct Parts<'a> {
    pub(super) state: ConferenceState,
    pub(super) since: Instant,
    pub(super) me: &'a Me,
    pub(super) people: &'a People,
    pub(super) problems: &'a [Problem],
    pub(super) medium: &'a Medium,
    pub(super) audio: &'a AudioSnapshot,
    pub(super) video: Option<&'a Video>,
    pub(super) seen: &'a SeenPictures,
}

/// One moment of the conference.
pub(super) fn snapshot(parts: &Parts<'_>) -> ConferenceSnapshot {
    let heard: HashMap<Ssrc, &SourceStatus> = parts
        .audio
        .sources
        .iter()
        .map(|source| (source.ssrc, source))
        .collect();
    let people = parts
        .people
        .iter()
        .map(|(id, record)| person(id, record, parts, &heard))
        .collect();
    ConferenceSnapshot {
        state: parts.state,
        since: parts.since,
        me: parts.me.clone(),
        people,
        problems: parts.problems.to_vec(),
        statistics: statistics(parts),
    }
}

fn person(
    id: PersonId,
    record: &PersonRecord,
    parts: &Parts<'_>,
    heard: &HashMap<Ssrc, &SourceStatus>,
) -> Person {
    let voices = record.sources.iter().filter(|(medium, _)| *medium == AUDIO);
    let loudest = voices
        .clone()
        .filter_map(|(_, ssrc)| heard.get(ssrc))
        .max_by(|a, b| a.level_dbfs.total_cmp(&b.level_dbfs));
    let ssrc = loudest
        .map(|source| source.ssrc)
        .or_else(|| voices.clone().next().map(|(_, ssrc)| *ssrc));
    Person {
        id,
        information: record.information.clone(),
        presence: record.presence,
        is_talking: record.is_talking,
        level_dbfs: loudest.map_or(SILENCE_DBFS, |source| source.level_dbfs),
        is_muted_by_me: record.is_muted_by_me,
        gain_db: record.gain_db,
        reception: ssrc
            .map(|ssrc| reception(ssrc, parts.medium, loudest.copied()))
            .unwrap_or_default(),
        video: best(record, parts.seen, Pictures::Camera),
        screen: best(record, parts.seen, Pictures::Screen),
    }
}

/// The largest of a person's pictures that are there to be seen.
fn best(record: &PersonRecord, seen: &SeenPictures, what: Pictures) -> Option<VideoSourceStatus> {
    let theirs = seen.of(record);
    let theirs = theirs.filter(|source| pictures_of(source.id.layer) == what);
    theirs
        .max_by_key(|source| (source.has_picture, source.view, source.id.layer))
        .copied()
}

fn reception(ssrc: Ssrc, medium: &Medium, heard: Option<&SourceStatus>) -> Reception {
    let received = medium
        .session()
        .member(ssrc)
        .and_then(|member| member.reception());
    let milliseconds = |ms: f32| Duration::from_secs_f32(ms.max(0.0) / 1000.0);
    Reception {
        packets: received.as_ref().map_or(0, |received| received.packets),
        loss_percent: received.as_ref().map_or(0.0, loss_percent),
        jitter: received
            .as_ref()
            .map_or(Duration::ZERO, |received| received.jitter),
        delay: heard.map_or(Duration::ZERO, |source| milliseconds(source.delay_ms)),
        concealed: heard.map_or(Duration::ZERO, |source| {
            Duration::from_millis(source.counters.concealed_ms)
        }),
    }
}

fn loss_percent(received: &ReceptionStatistics) -> f32 {
    // Duplicates can make the loss negative (RFC 3550 section 6.4.1).
    let lost = u32::try_from(received.lost).unwrap_or(0);
    if received.expected == 0 {
        0.0
    } else {
        (f64::from(lost) * 100.0 / f64::from(received.expected)) as f32
    }
}

fn statistics(parts: &Parts<'_>) -> Statistics {
    let mut sum = Statistics {
        audio_dropped: parts.audio.counters.received_dropped,
        ..Statistics::default()
    };
    let video = parts.video.into_iter().flat_map(Video::mediums);
    for medium in std::iter::once(parts.medium).chain(video.map(|(_, medium)| medium)) {
        let totals = medium.session().statistics();
        let counters = totals.counters;
        sum.rtp_sent += u64::from(totals.packets_sent);
        sum.rtp_received += medium.received();
        sum.refused += totals.refused
            + counters.malformed_rtp
            + counters.malformed_rtcp
            + counters.unknown_payload_type
            + counters.conflicting;
    }
    sum
}
