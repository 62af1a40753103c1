//! What the user was told of everybody's pictures, and what has changed since.
use std::collections::BTreeMap;

use media::video::{Layer, Size, SourceId, VideoEvent, VideoSourceStatus};

use super::port::pictures_of;
use crate::conference::people::{People, PersonRecord, layer_of};
use crate::conference::{ConferenceEvent, PersonId, Pictures};

/// What is known of each source, and what was told of each person.
#[derive(Debug, Default)]
pub(super) struct Told {
    sources: BTreeMap<SourceId, Known>,
    people: BTreeMap<PersonId, Seen>,
    is_due: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    is_active: bool,
    /// How large the pictures are that are shown.
    size: Option<Size>,
    is_waiting: bool,
    /// Packets come again after a silence, and no picture has been made of them yet: what is shown is from before.
    is_returning: bool,
    /// Pictures that had been decoded when that was last looked at.
    decoded: u64,
}

/// A person as they are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    camera: Look,
    screen: Look,
}

/// Pictures of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    sends: bool,
    best: Option<(Layer, Size)>,
    /// Whether they have been seen at all since they began to send.
    was_seen: bool,
    is_frozen: bool,
}

impl Told {
    /// A source began to send, or ceased.
    pub(super) fn note_active(&mut self, source: SourceId, is_active: bool) {
        let known = self.sources.entry(source).or_default();
        // The decoder does not tell a picture of the size that it told before.
        known.is_returning = is_active && known.size.is_some();
        known.is_active = is_active;
        self.is_due = true;
    }

    /// Figures of all who send; gives whether somebody has come back to the screen.
    pub(super) fn note_figures(&mut self, sources: &[VideoSourceStatus]) -> bool {
        let mut has_news = false;
        for status in sources {
            let Some(known) = self.sources.get_mut(&status.id) else {
                continue;
            };
            let decoded = status.statistics.decoded;
            if known.is_returning && !known.is_waiting && decoded > known.decoded {
                known.is_returning = false;
                has_news = true;
            }
            known.decoded = decoded;
        }
        self.is_due |= has_news;
        has_news
    }

    /// Whether a source sends now.
    pub(super) fn is_active(&self, source: SourceId) -> bool {
        let known = self.sources.get(&source);
        known.is_some_and(|known| known.is_active)
    }

    /// Something happened to a source's pictures.
    pub(super) fn note_pictures(&mut self, event: &VideoEvent) {
        match *event {
            VideoEvent::Showing { source, size } => {
                let known = self.sources.entry(source).or_default();
                known.size = Some(size);
                (known.is_waiting, known.is_returning) = (false, false);
            }
            VideoEvent::Waiting { source } => {
                self.sources.entry(source).or_default().is_waiting = true;
            }
        }
        self.is_due = true;
    }

    /// Whether large pictures of somebody's camera are on the screen.
    pub(super) fn is_seen_large(&self, record: &PersonRecord) -> bool {
        let is_seen = |(source, known): (SourceId, Known)| {
            source.layer == Layer::Full && known.shown().is_some()
        };
        self.of(record).any(is_seen)
    }

    /// Nothing of a source is on the screen any more.
    pub(super) fn note_hidden(&mut self, source: SourceId) {
        if let Some(known) = self.sources.get_mut(&source) {
            known.size = None;
            (known.is_waiting, known.is_returning) = (false, false);
            self.is_due = true;
        }
    }

    pub(super) fn forget(&mut self, source: SourceId) {
        self.sources.remove(&source);
        self.is_due = true;
    }

    /// Whose source is whose has changed.
    pub(super) fn note_people(&mut self) {
        self.is_due = true;
    }

    /// Whether something may have changed.
    pub(super) const fn is_due(&self) -> bool {
        self.is_due
    }

    /// What has changed. It does not wait until a person is introduced: the name may come later than the first picture.
    pub(super) fn take_events(&mut self, people: &People) -> Vec<ConferenceEvent> {
        let mut events = Vec::new();
        if !std::mem::take(&mut self.is_due) {
            return events;
        }
        for (id, record) in people.iter() {
            let before = self.people.get(&id).copied().unwrap_or_default();
            let now = self.seen(record, before);
            if now != before {
                tell(id, before, now, &mut events);
                self.people.insert(id, now);
            }
        }
        self.people.retain(|id, _| people.has(*id));
        events
    }

    /// What is known of a person's sources.
    fn of(&self, record: &PersonRecord) -> impl Iterator<Item = (SourceId, Known)> {
        record.sources.iter().filter_map(|(medium, ssrc)| {
            let source = SourceId::new(layer_of(*medium)?, *ssrc);
            Some((source, *self.sources.get(&source)?))
        })
    }

    fn seen(&self, record: &PersonRecord, before: Seen) -> Seen {
        let theirs: Vec<(SourceId, Known)> = self.of(record).collect();
        let look = |pictures, before| {
            let of = |(source, _): &&(SourceId, Known)| pictures_of(source.layer) == pictures;
            Look::at(theirs.iter().filter(of), before)
        };
        Seen {
            camera: look(Pictures::Camera, before.camera),
            screen: look(Pictures::Screen, before.screen),
        }
    }
}

impl Known {
    /// How large the pictures are that come and are shown.
    fn shown(&self) -> Option<Size> {
        self.size.filter(|_| self.is_active && !self.is_returning)
    }
}

impl Look {
    fn at<'a>(sources: impl Iterator<Item = &'a (SourceId, Known)> + Clone, before: Self) -> Self {
        let sends = sources.clone().any(|(_, known)| known.is_active);
        let shown =
            sources.filter_map(|(source, known)| Some((source.layer, known.shown()?, known)));
        let best = shown.max_by_key(|(layer, ..)| *layer);
        Self {
            sends,
            best: best.map(|(layer, size, _)| (layer, size)),
            was_seen: sends && (before.was_seen || best.is_some()),
            is_frozen: best.is_some_and(|(.., known)| known.is_waiting),
        }
    }
}

fn tell(id: PersonId, before: Seen, now: Seen, events: &mut Vec<ConferenceEvent>) {
    let (camera, screen) = (now.camera, now.screen);
    match (before.camera.sends, camera.sends) {
        (false, true) => events.push(ConferenceEvent::VideoJoined { id }),
        (true, false) => events.push(ConferenceEvent::VideoLeft { id }),
        _ => {}
    }
    events.extend(picture(id, before.camera, camera));
    match (before.camera.is_frozen, camera.is_frozen) {
        (false, true) => events.push(ConferenceEvent::VideoFrozen { id }),
        (true, false) if camera.best.is_some() => events.push(ConferenceEvent::VideoResumed { id }),
        _ => {}
    }
    match (before.screen.sends, screen.sends) {
        (false, true) => events.push(ConferenceEvent::ScreenShared { id }),
        (true, false) => events.push(ConferenceEvent::ScreenEnded { id }),
        _ => {}
    }
    events.extend(picture(id, before.screen, screen));
}

/// The first picture, or one of another size.
fn picture(id: PersonId, before: Look, now: Look) -> Option<ConferenceEvent> {
    let (layer, size) = now.best.filter(|best| Some(*best) != before.best)?;
    Some(if before.was_seen {
        ConferenceEvent::LayerChanged { id, layer, size }
    } else {
        ConferenceEvent::FirstPicture { id, layer, size }
    })
}
