//! What the user was told of everybody's pictures, and what has changed since.
use std::collections::BTreeMap;

use media::video::{Layer, Size, SourceId, VideoEvent};

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
}

/// A person as they are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    sends: bool,
    shares: bool,
    best: Option<(Layer, Size)>,
    /// Whether they have been seen at all since they began to send.
    was_seen: bool,
    is_frozen: bool,
}

impl Told {
    /// A source began to send, or ceased.
    pub(super) fn note_active(&mut self, source: SourceId, is_active: bool) {
        self.sources.entry(source).or_default().is_active = is_active;
        self.is_due = true;
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
                known.is_waiting = false;
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
            source.layer == Layer::Full && known.is_active && known.size.is_some()
        };
        self.of(record).any(is_seen)
    }

    /// Nothing of a source is on the screen any more.
    pub(super) fn note_hidden(&mut self, source: SourceId) {
        if let Some(known) = self.sources.get_mut(&source) {
            known.size = None;
            known.is_waiting = false;
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
        let is_active = |pictures| {
            let mut of = theirs
                .iter()
                .filter(|(source, _)| pictures_of(source.layer) == pictures);
            of.any(|(_, known)| known.is_active)
        };
        let sends = is_active(Pictures::Camera);
        let cameras = theirs
            .iter()
            .filter(|(source, known)| source.layer != Layer::Screen && known.is_active);
        let shown = cameras.filter_map(|(source, known)| Some((source.layer, known.size?, known)));
        let best = shown.max_by_key(|(layer, ..)| *layer);
        Seen {
            sends,
            shares: is_active(Pictures::Screen),
            best: best.map(|(layer, size, _)| (layer, size)),
            was_seen: sends && (before.was_seen || best.is_some()),
            is_frozen: best.is_some_and(|(.., known)| known.is_waiting),
        }
    }
}

fn tell(id: PersonId, before: Seen, now: Seen, events: &mut Vec<ConferenceEvent>) {
    match (before.sends, now.sends) {
        (false, true) => events.push(ConferenceEvent::VideoJoined { id }),
        (true, false) => events.push(ConferenceEvent::VideoLeft { id }),
        _ => {}
    }
    match (before.shares, now.shares) {
        (false, true) => events.push(ConferenceEvent::ScreenShared { id }),
        (true, false) => events.push(ConferenceEvent::ScreenEnded { id }),
        _ => {}
    }
    if let Some((layer, size)) = now.best.filter(|best| Some(*best) != before.best) {
        events.push(if before.was_seen {
            ConferenceEvent::LayerChanged { id, layer, size }
        } else {
            ConferenceEvent::FirstPicture { id, layer, size }
        });
    }
    match (before.is_frozen, now.is_frozen) {
        (false, true) => events.push(ConferenceEvent::VideoFrozen { id }),
        (true, false) if now.best.is_some() => events.push(ConferenceEvent::VideoResumed { id }),
        _ => {}
    }
}
