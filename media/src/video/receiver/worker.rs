//! One decoding thread: fetches its mail, decodes what is worth it, shows what is due.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::handle::{VideoEvent, VideoHandle};
use super::inbox::Mail;
use super::show::Held;
use super::source::{Source, View};
use crate::device::PictureSink;
use crate::payload::h264::H264Format;
use crate::video::{Layer, Size, SourceId, VideoStream, WaitingUnit, lip_sync};

/// The thread's own.
pub(super) struct Worker {
    handle: VideoHandle,
    number: usize,
    formats: Vec<(Layer, H264Format)>,
    patience: Duration,
    sink: Option<PictureSink>,
    streams: BTreeMap<SourceId, Shown>,
    next_report: Option<Instant>,
}

/// One source and what is shown of it.
struct Shown {
    source: Arc<Source>,
    stream: VideoStream,
    held: Held,
    /// What was told last: the size shown, or that a keyframe is waited for.
    told: Option<Size>,
    has_told_waiting: bool,
}

impl Worker {
    pub(super) const fn new(
        handle: VideoHandle,
        number: usize,
        formats: Vec<(Layer, H264Format)>,
        patience: Duration,
        sink: Option<PictureSink>,
    ) -> Self {
        Self {
            handle,
            number,
            formats,
            patience,
            sink,
            streams: BTreeMap::new(),
            next_report: None,
        }
    }

    pub(super) fn run(mut self) {
        let handle = self.handle.clone();
        let Some(inbox) = handle.inbox(self.number) else {
            return;
        };
        let mut mail = Mail::default();
        while !mail.is_stopping {
            inbox.fetch(&mut mail, self.wait(now()));
            self.read(&mail);
            mail.clear();
            self.decode();
            self.show(now());
            self.report(now());
        }
    }

    /// How long there is nothing to do unless something comes.
    fn wait(&self, now: Instant) -> Duration {
        let streams = self.streams.values();
        let due = streams.filter_map(|shown| shown.next_due(now)).min();
        let longest = now + LONGEST_WAIT;
        due.map_or(longest, |due| due.min(longest))
            .saturating_duration_since(now)
    }

    fn read(&mut self, mail: &Mail) {
        self.handle.note_dropped(mail.dropped);
        for (source, packet) in mail.packets() {
            if !self.streams.contains_key(&packet.source) {
                let is_it = |(layer, format): &&(Layer, H264Format)| {
                    *layer == packet.source.layer && format.payload_type == packet.payload_type
                };
                let Some((_, format)) = self.formats.iter().find(is_it) else {
                    continue;
                };
                match VideoStream::new(format.clone(), self.patience) {
                    Ok(stream) => {
                        let shown = Shown::new(Arc::clone(source), stream);
                        self.streams.insert(packet.source, shown);
                    }
                    Err(error) => tracing::error!(%error, "no decoder"),
                }
            }
            if let Some(shown) = self.streams.get_mut(&packet.source) {
                if source.take_gap() {
                    shown.stream.skip_to_keyframe();
                }
                shown.stream.push(&packet);
            }
        }
        for source in &mail.removed {
            self.streams.remove(source);
        }
    }

    /// The one who is looked at comes first.
    fn decode(&mut self) {
        for view in [View::Large, View::Small] {
            for shown in self.streams.values_mut() {
                if shown.source.view() == view {
                    shown.stream.handle_timeout(now());
                    shown.decode(view, &self.handle);
                }
            }
        }
    }

    fn show(&mut self, now: Instant) {
        let mut has_shown = false;
        for shown in self.streams.values_mut() {
            if let Some(picture) = shown.held.take(now) {
                if let Some(sink) = &self.sink {
                    sink.put(shown.source.id, &picture);
                }
                shown.note_shown(picture.size(), &self.handle);
                shown.source.slot.put(picture);
                has_shown = true;
            }
        }
        if has_shown {
            self.handle.wake();
        }
    }

    fn report(&mut self, now: Instant) {
        if self.next_report.is_some_and(|due| now < due) {
            return;
        }
        self.next_report = Some(now + REPORT_EVERY);
        for shown in self.streams.values_mut() {
            let statistics = shown.stream.statistics(now);
            let needs_keyframe = shown.stream.needs_keyframe();
            shown.source.set_statistics(statistics, needs_keyframe);
        }
    }
}

impl Shown {
    fn new(source: Arc<Source>, stream: VideoStream) -> Self {
        Self {
            source,
            stream,
            held: Held::default(),
            told: None,
            has_told_waiting: false,
        }
    }

    fn decode(&mut self, view: View, handle: &VideoHandle) {
        while let Some(unit) = self.stream.poll_unit() {
            let start = now();
            if is_behind(view, &unit, start) {
                self.stream.shed(unit);
                continue;
            }
            let Ok(decoded) = self.stream.decode(unit) else {
                continue;
            };
            self.stream
                .note_decode_time(now().saturating_duration_since(start));
            if let Some(decoded) = decoded {
                let clock = self.source.due();
                let due =
                    clock.and_then(|clock| lip_sync::due(&clock.video, decoded.time, &clock.heard));
                self.held.push(due, decoded.picture);
            }
        }
        if self.stream.needs_keyframe() && !self.has_told_waiting {
            self.has_told_waiting = true;
            let source = self.source.id;
            handle.tell(VideoEvent::Waiting { source });
        }
    }

    fn note_shown(&mut self, size: Size, handle: &VideoHandle) {
        let is_waiting = self.stream.needs_keyframe();
        if self.told != Some(size) || (self.has_told_waiting && !is_waiting) {
            self.told = Some(size);
            self.has_told_waiting = is_waiting;
            let source = self.source.id;
            handle.tell(VideoEvent::Showing { source, size });
        }
    }

    fn next_due(&self, now: Instant) -> Option<Instant> {
        let dues = [self.stream.next_timeout(), self.held.next_due(now)];
        dues.into_iter().flatten().min()
    }
}

/// A picture that has waited for too long is left out, unless it is one from which to go on.
fn is_behind(view: View, unit: &WaitingUnit, now: Instant) -> bool {
    let limit = if view == View::Large {
        LARGE_LIMIT
    } else {
        SMALL_LIMIT
    };
    now.saturating_duration_since(unit.arrival) > limit && !unit.is_keyframe()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread is where decoding gets its time from"
)]
fn now() -> Instant {
    Instant::now()
}

/// What is late by so much is no conversation any more.
const LARGE_LIMIT: Duration = Duration::from_millis(400);
/// Small pictures give way first.
const SMALL_LIMIT: Duration = Duration::from_millis(150);
/// The last packet of a picture may be missing, and only the clock tells.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
const REPORT_EVERY: Duration = Duration::from_millis(100);
