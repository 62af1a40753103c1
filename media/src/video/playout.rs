//! One source from packets to pictures that are shown with the voice they belong to; the time is always told.
use std::time::{Duration, Instant};

use super::lip_sync::{self, DueClock};
use super::show::Held;
use super::statistics::SyncTally;
use super::{Picture, StreamStatistics, VideoPacket, VideoStream, View, WaitingUnit};
use crate::codec::UnsupportedFormat;
use crate::payload::h264::H264Format;

/// Receives, decodes and shows one source.
pub struct VideoPlayout {
    stream: VideoStream,
    held: Held,
    clock: Option<DueClock>,
    sync: SyncTally,
    /// Whether what comes is kept until it is wanted.
    is_ready: bool,
}

impl VideoPlayout {
    /// A source in this format; missing packets are waited for as long as `patience`.
    pub fn new(format: H264Format, patience: Duration) -> Result<Self, UnsupportedFormat> {
        Ok(Self {
            stream: VideoStream::new(format, patience)?,
            held: Held::default(),
            clock: None,
            sync: SyncTally::default(),
            is_ready: false,
        })
    }

    /// Takes one packet.
    pub fn push(&mut self, packet: &VideoPacket<'_>) {
        self.stream.push(packet);
    }

    /// Packets have been left out before they came here: the next picture shown is a keyframe.
    pub fn skip_to_keyframe(&mut self) {
        self.stream.skip_to_keyframe();
    }

    /// Shows pictures with the sound by this clock, or as they come.
    pub fn set_clock(&mut self, clock: Option<DueClock>) {
        self.clock = clock;
    }

    /// Whether packets wait for others that have not come.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.stream.next_timeout().is_some()
    }

    /// Gives up on packets that have not come for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.stream.handle_timeout(now);
    }

    /// Decodes nothing yet, and keeps what it takes to begin at once with the newest picture.
    pub fn keep_ready(&mut self) {
        self.is_ready = true;
        self.stream.keep_ready();
    }

    /// Decodes the next coded picture, or leaves it out where it has waited for too long; `false` if there is none.
    pub fn decode_next(&mut self, view: View, now: impl Fn() -> Instant) -> bool {
        if std::mem::take(&mut self.is_ready) {
            self.stream.resume(now());
        }
        let Some(unit) = self.stream.poll_unit() else {
            return false;
        };
        let start = now();
        if is_behind(view, &unit, start) {
            self.stream.shed(unit);
        } else if is_slow(view, &unit, start) {
            self.stream.pass_over(unit);
        } else if let Ok(decoded) = self.stream.decode(unit) {
            let ready = now();
            let took = ready.saturating_duration_since(start);
            self.stream.note_decode_time(took);
            if let Some(decoded) = decoded {
                let due = self.clock.and_then(|clock| clock.due(decoded.time));
                if let Some(due) = due {
                    self.sync.note_ready(lip_sync::behind(ready, due));
                }
                self.held.push(due, decoded.picture);
            }
        }
        true
    }

    /// The picture to show now, if it is time for one.
    pub fn show(&mut self, now: Instant) -> Option<Picture> {
        let (picture, due) = self.held.take(now)?;
        match due {
            Some(due) => self.sync.note_shown(lip_sync::behind(now, due)),
            None => self.sync = SyncTally::default(),
        }
        Some(picture)
    }

    /// When there is something to do if nothing comes before.
    #[must_use]
    pub fn next_timeout(&self, now: Instant) -> Option<Instant> {
        let timeouts = [self.stream.next_timeout(), self.held.next_due(now)];
        timeouts.into_iter().flatten().min()
    }

    /// Whether nothing can be shown before the next keyframe.
    #[must_use]
    pub const fn needs_keyframe(&self) -> bool {
        self.stream.needs_keyframe()
    }

    /// How it is doing.
    pub fn statistics(&mut self, now: Instant) -> StreamStatistics {
        StreamStatistics {
            overtaken: self.held.overtaken(),
            lip_sync: self.sync.lip_sync(),
            ..self.stream.statistics(now)
        }
    }
}

/// A picture that has waited for too long is left out with all up to one from which to go on.
fn is_behind(view: View, unit: &WaitingUnit, now: Instant) -> bool {
    let limit = if view == View::Large {
        LARGE_LIMIT
    } else {
        SMALL_LIMIT
    };
    unit.waited(now) > limit && !unit.is_keyframe()
}

/// Before that, those are left out to which no other refers, so that the others are in time.
fn is_slow(view: View, unit: &WaitingUnit, now: Instant) -> bool {
    let limit = if view == View::Large {
        LARGE_EASE
    } else {
        SMALL_EASE
    };
    unit.waited(now) > limit && unit.is_disposable()
}

/// What is late by so much is no conversation any more.
const LARGE_LIMIT: Duration = Duration::from_millis(400);
/// Large pictures lose half of their rate after small ones have given way altogether.
const LARGE_EASE: Duration = Duration::from_millis(200);
/// Small pictures give way first.
const SMALL_LIMIT: Duration = Duration::from_millis(150);
/// More than a picture at 15 a second, and than a moment in which another program has the processor.
const SMALL_EASE: Duration = Duration::from_millis(80);
