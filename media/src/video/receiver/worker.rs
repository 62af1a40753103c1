//! One decoding thread: fetches its mail, decodes what is worth it, shows what is due.
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::handle::{VideoEvent, VideoHandle};
use super::inbox::Mail;
use super::source::{Source, View};
use crate::device::PictureSink;
use crate::payload::h264::H264Format;
use crate::video::{Layer, Picture, Size, SourceId, VideoPlayout};

/// The thread's own.
pub(super) struct Worker {
    handle: VideoHandle,
    number: usize,
    formats: Vec<(Layer, H264Format)>,
    patience: Duration,
    sink: Option<PictureSink>,
    streams: BTreeMap<SourceId, Shown>,
    next_report: Option<Instant>,
    /// The small one that was decoded last, and whether others wait for their turn.
    last_small: Option<SourceId>,
    has_more: bool,
    clock: Clock,
}

/// Tells the time.
pub(super) type Clock = Box<dyn Fn() -> Instant + Send>;

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
        clock: Clock,
    ) -> Self {
        Self {
            handle,
            number,
            formats,
            patience,
            sink,
            streams: BTreeMap::new(),
            next_report: None,
            last_small: None,
            has_more: false,
            clock,
        }
    }

    pub(super) fn run(mut self) {
        let handle = self.handle.clone();
        let Some(inbox) = handle.inbox(self.number) else {
            return;
        };
        let mut mail = Mail::default();
        while !mail.is_stopping {
            inbox.fetch(&mut mail, self.wait(self.now()));
            self.turn(&mut mail);
        }
    }

    /// Does all that there is to do now.
    pub(super) fn turn(&mut self, mail: &mut Mail) {
        self.read(mail);
        mail.clear();
        self.decode();
        let now = self.now();
        self.show(now);
        self.report(now);
    }

    fn now(&self) -> Instant {
        (self.clock)()
    }

    /// How long there is nothing to do unless something comes.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        if self.has_more {
            return Duration::ZERO;
        }
        // What waits of somebody who is hidden waits for nothing.
        let streams = self.streams.values();
        let streams = streams.filter(|shown| shown.source.view() != View::Hidden);
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
                    shown.told = None;
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
        for shown in self.streams.values_mut() {
            let view = shown.source.view();
            if matches!(view, View::Large | View::Ready) {
                shown.decode(view, &self.handle, &self.clock);
            }
        }
        self.decode_small();
    }

    /// Small ones take their turns; where there is not enough time for all, large ones are looked after in between.
    fn decode_small(&mut self) {
        let until = self.now() + SMALL_TURN;
        let (after, before) = match self.last_small {
            Some(last) => (Bound::Excluded(last), Bound::Included(last)),
            None => (Bound::Unbounded, Bound::Unbounded),
        };
        self.has_more = false;
        for range in [(after, Bound::Unbounded), (Bound::Unbounded, before)] {
            for (id, shown) in self.streams.range_mut(range) {
                if shown.source.view() != View::Small {
                    continue;
                }
                if (self.clock)() >= until {
                    self.has_more = true;
                    return;
                }
                shown.decode(View::Small, &self.handle, &self.clock);
                self.last_small = Some(*id);
            }
        }
    }

    fn show(&mut self, now: Instant) {
        let mut has_shown = false;
        for shown in self.streams.values_mut() {
            let picture = shown.playout.show(now);
            // Who has just been hidden may have some left.
            let is_seen = |_: &Picture| shown.source.view() >= View::Small;
            if let Some(picture) = picture.filter(is_seen) {
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

    fn decode(&mut self, view: View, handle: &VideoHandle, clock: &Clock) {
        if self.playout.has_gap() {
            self.playout.handle_timeout(clock());
        }
        if view == View::Ready {
            self.has_told_waiting = false;
            return self.playout.keep_ready();
        }
        self.playout.set_clock(self.source.due());
        while self.playout.decode_next(view, clock) {}
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

/// The last packet of a picture may be missing, and only the clock tells.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// A third of a picture at 30 a second.
const SMALL_TURN: Duration = Duration::from_millis(10);
const REPORT_EVERY: Duration = Duration::from_millis(100);
