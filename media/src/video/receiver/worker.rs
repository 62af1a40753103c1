//! One decoding thread: fetches its mail, decodes what is worth it, shows what is due.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::handle::{VideoEvent, VideoHandle};
use super::inbox::Mail;
use super::source::{Source, View};
use crate::device::PictureSink;
use crate::payload::h264::H264Format;
use crate::video::{Layer, Size, SourceId, VideoPlayout};

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
    playout: VideoPlayout,
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
        let due = streams.filter_map(|shown| shown.playout.next_timeout(now));
        let due = due.min();
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
                match VideoPlayout::new(format.clone(), self.patience) {
                    Ok(playout) => {
                        let shown = Shown::new(Arc::clone(source), playout);
                        self.streams.insert(packet.source, shown);
                    }
                    Err(error) => tracing::error!(%error, "no decoder"),
                }
            }
            if let Some(shown) = self.streams.get_mut(&packet.source) {
                if source.take_gap() {
                    shown.playout.skip_to_keyframe();
                }
                shown.playout.push(&packet);
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
                    shown.playout.handle_timeout(now());
                    shown.decode(view, &self.handle);
                }
            }
        }
    }

    fn show(&mut self, now: Instant) {
        let mut has_shown = false;
        for shown in self.streams.values_mut() {
            if let Some(picture) = shown.playout.show(now) {
                if let Some(sink) = &self.sink {
                    sink.put(shown.source.id, now, &picture);
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
            let statistics = shown.playout.statistics(now);
            let needs_keyframe = shown.playout.needs_keyframe();
            shown.source.set_statistics(statistics, needs_keyframe);
        }
    }
}

impl Shown {
    fn new(source: Arc<Source>, playout: VideoPlayout) -> Self {
        Self {
            source,
            playout,
            told: None,
            has_told_waiting: false,
        }
    }

    fn decode(&mut self, view: View, handle: &VideoHandle) {
        self.playout.set_clock(self.source.due());
        while self.playout.decode_next(view, now) {}
        if self.playout.needs_keyframe() && !self.has_told_waiting {
            self.has_told_waiting = true;
            let source = self.source.id;
            handle.tell(VideoEvent::Waiting { source });
        }
    }

    fn note_shown(&mut self, size: Size, handle: &VideoHandle) {
        let is_waiting = self.playout.needs_keyframe();
        if self.told != Some(size) || (self.has_told_waiting && !is_waiting) {
            self.told = Some(size);
            self.has_told_waiting = is_waiting;
            let source = self.source.id;
            handle.tell(VideoEvent::Showing { source, size });
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread is where decoding gets its time from"
)]
fn now() -> Instant {
    Instant::now()
}

/// The last packet of a picture may be missing, and only the clock tells.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
const REPORT_EVERY: Duration = Duration::from_millis(100);
