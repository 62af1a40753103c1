//! Who is here: the sources of every medium gathered into people, by CNAME.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;
use media::video::Layer;

use super::{ConferenceEvent, Departure, Information, PersonId, Presence};

/// Which medium of the conference a source belongs to.
pub(super) type MediumIndex = usize;

/// The medium of sound.
pub(super) const AUDIO: MediumIndex = 0;

/// The medium of a layer of pictures.
pub(super) const fn medium_of(layer: Layer) -> MediumIndex {
    match layer {
        Layer::Thumbnail => 1,
        Layer::Full => 2,
        Layer::Screen => 3,
    }
}

/// The layer that a medium carries; none for sound.
pub(super) fn layer_of(medium: MediumIndex) -> Option<Layer> {
    Layer::ALL
        .into_iter()
        .find(|layer| medium_of(*layer) == medium)
}

/// Names one source: an SSRC means something in one RTP session only.
pub(super) type SourceKey = (MediumIndex, Ssrc);

/// One person, and what we chose for them.
#[derive(Debug)]
pub(super) struct PersonRecord {
    pub(super) information: Information,
    pub(super) sources: Vec<SourceKey>,
    pub(super) presence: Presence,
    pub(super) is_talking: bool,
    pub(super) is_muted_by_me: bool,
    pub(super) gain_db: f32,
    first_heard: Instant,
    is_introduced: bool,
}

/// Everybody but ourselves, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct People {
    records: BTreeMap<PersonId, PersonRecord>,
    by_source: BTreeMap<SourceKey, PersonId>,
    by_cname: BTreeMap<Box<str>, PersonId>,
    next_id: u64,
    events: Vec<ConferenceEvent>,
}

impl People {
    /// How long a newcomer may stay nameless before being introduced all the same:
    /// the longest wait for a first report (RFC 3550 section 6.2), so that the name is usually there.
    const INTRODUCTION_PATIENCE: Duration = Duration::from_secs(4);

    /// A source became valid, or told something new of itself.
    pub(super) fn note_source(&mut self, now: Instant, key: SourceKey, information: &Information) {
        let id = self.person_for(now, key, information);
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        if record.information == *information || record.is_secondary(key) {
            return;
        }
        record.information.clone_from(information);
        if record.is_introduced {
            let information = information.clone();
            self.events
                .push(ConferenceEvent::PersonChanged { id, information });
        } else if information.cname.is_some() {
            self.introduce(id);
        }
    }

    /// A source said goodbye or was given up; the person goes with their last source.
    pub(super) fn forget_source(&mut self, key: SourceKey, departure: Departure) {
        let Some(id) = self.by_source.remove(&key) else {
            return;
        };
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        record.sources.retain(|source| *source != key);
        if !record.sources.is_empty() {
            return;
        }
        if !record.is_introduced {
            self.introduce(id);
        }
        self.stop_talking(id);
        self.records.remove(&id);
        self.by_cname.retain(|_, owner| *owner != id);
        self.events
            .push(ConferenceEvent::PersonLeft { id, departure });
    }

    /// Nothing has come from a source for too long, or something has come again.
    pub(super) fn note_presence(&mut self, key: SourceKey, presence: Presence) {
        let Some(id) = self.by_source.get(&key).copied() else {
            return;
        };
        let Some(record) = self
            .records
            .get_mut(&id)
            .filter(|record| record.presence != presence && !record.is_secondary(key))
        else {
            return;
        };
        record.presence = presence;
        match presence {
            Presence::Here => self.events.push(ConferenceEvent::PersonRecovered { id }),
            Presence::TimedOut => {
                self.stop_talking(id);
                self.events.push(ConferenceEvent::PersonTimedOut { id });
            }
        }
    }

    /// A source is heard to talk, or to have stopped.
    pub(super) fn note_talking(&mut self, key: SourceKey, is_talking: bool) {
        let Some(id) = self.by_source.get(&key).copied() else {
            return;
        };
        let Some(record) = self
            .records
            .get_mut(&id)
            .filter(|record| record.is_talking != is_talking)
        else {
            return;
        };
        record.is_talking = is_talking;
        if record.is_introduced {
            self.events.push(talking_event(id, is_talking));
        }
    }

    /// Our choice for one person; gives the sources that it applies to.
    pub(super) fn choose(&mut self, id: PersonId, gain_db: f32, is_muted: bool) -> &[SourceKey] {
        let Some(record) = self.records.get_mut(&id) else {
            return &[];
        };
        record.gain_db = gain_db;
        record.is_muted_by_me = is_muted;
        &record.sources
    }

    /// Introduces those who stayed nameless for long enough.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let is_due = |record: &PersonRecord| {
            !record.is_introduced && record.first_heard + Self::INTRODUCTION_PATIENCE <= now
        };
        let due: Vec<PersonId> = self
            .records
            .iter()
            .filter(|(_, record)| is_due(record))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.introduce(id);
        }
    }

    /// Whether this person is here.
    pub(super) fn has(&self, id: PersonId) -> bool {
        self.records.contains_key(&id)
    }

    /// What happened since the last call, in order.
    pub(super) fn take_events(&mut self) -> Vec<ConferenceEvent> {
        std::mem::take(&mut self.events)
    }

    /// Everybody, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PersonId, &PersonRecord)> {
        self.records.iter().map(|(id, record)| (*id, record))
    }

    /// How many are here.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The choice that applies to a source: volume in dB, and whether it is silenced.
    pub(super) fn choice_for(&self, key: SourceKey) -> Option<(f32, bool)> {
        let record = self.records.get(self.by_source.get(&key)?)?;
        (record.gain_db != 0.0 || record.is_muted_by_me)
            .then_some((record.gain_db, record.is_muted_by_me))
    }

    fn person_for(&mut self, now: Instant, key: SourceKey, information: &Information) -> PersonId {
        let known = self.by_source.get(&key).copied();
        let named = information
            .cname
            .as_deref()
            .and_then(|cname| self.by_cname.get(cname))
            .copied();
        let is_guess = |id: PersonId| self.is_guessed(id, key, information);
        let id = match (known, named) {
            (Some(known), Some(named)) if known != named && is_guess(known) => {
                self.detach(known, key);
                self.adopt(named, key)
            }
            (Some(known), Some(named)) if known != named => {
                self.merge(known, named);
                named
            }
            (Some(known), None) if is_guess(known) => {
                self.detach(known, key);
                self.admit(now, key)
            }
            (Some(known), _) => known,
            (None, Some(named)) => self.adopt(named, key),
            (None, None) => match self.by_number(key, information) {
                Some(same) => self.adopt(same, key),
                None => self.admit(now, key),
            },
        };
        if let Some(cname) = information.cname.as_deref() {
            self.by_cname.entry(cname.into()).or_insert(id);
        }
        id
    }

    /// Who has this SSRC in another medium: as our own programs do, until a CNAME says otherwise.
    fn by_number(&self, key: SourceKey, information: &Information) -> Option<PersonId> {
        let mut others = self.by_source.iter();
        let (_, id) = others.find(|((medium, ssrc), _)| *ssrc == key.1 && *medium != key.0)?;
        let theirs = self.records.get(id)?.information.cname.as_deref();
        let is_same = theirs.is_none()
            || information.cname.is_none()
            || theirs == information.cname.as_deref();
        is_same.then_some(*id)
    }

    /// Whether a source was only taken to be this person's because of its SSRC, and its CNAME is another's.
    fn is_guessed(&self, id: PersonId, key: SourceKey, information: &Information) -> bool {
        let Some(record) = self.records.get(&id) else {
            return false;
        };
        let theirs = record.information.cname.as_deref();
        let others = record.sources.iter().any(|source| *source != key);
        others
            && theirs.is_some()
            && information.cname.is_some()
            && theirs != information.cname.as_deref()
    }

    fn detach(&mut self, id: PersonId, key: SourceKey) {
        self.by_source.remove(&key);
        if let Some(record) = self.records.get_mut(&id) {
            record.sources.retain(|source| *source != key);
        }
    }

    fn admit(&mut self, now: Instant, key: SourceKey) -> PersonId {
        self.next_id += 1;
        let id = PersonId(self.next_id);
        self.by_source.insert(key, id);
        self.records.insert(id, PersonRecord::new(now, key));
        id
    }

    fn adopt(&mut self, id: PersonId, key: SourceKey) -> PersonId {
        self.by_source.insert(key, id);
        if let Some(record) = self.records.get_mut(&id) {
            record.sources.push(key);
        }
        id
    }

    /// A nameless newcomer turns out to be somebody known: a second medium, or a new SSRC after a collision.
    fn merge(&mut self, newcomer: PersonId, known: PersonId) {
        let Some(record) = self.records.remove(&newcomer) else {
            return;
        };
        if record.is_introduced {
            let departure = Departure::SameAs(known);
            self.events.push(ConferenceEvent::PersonLeft {
                id: newcomer,
                departure,
            });
        }
        for key in record.sources {
            self.adopt(known, key);
        }
    }

    fn introduce(&mut self, id: PersonId) {
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        record.is_introduced = true;
        let information = record.information.clone();
        let is_talking = record.is_talking;
        self.events
            .push(ConferenceEvent::PersonJoined { id, information });
        if is_talking {
            self.events.push(talking_event(id, true));
        }
    }

    fn stop_talking(&mut self, id: PersonId) {
        let Some(record) = self.records.get_mut(&id).filter(|record| record.is_talking) else {
            return;
        };
        record.is_talking = false;
        self.events.push(talking_event(id, false));
    }
}

impl PersonRecord {
    /// Whether the person's sound tells what this source tells: their name, and whether they are here.
    fn is_secondary(&self, key: SourceKey) -> bool {
        let is_named = self.information.cname.is_some();
        key.0 != AUDIO && is_named && self.sources.iter().any(|(medium, _)| *medium == AUDIO)
    }

    fn new(now: Instant, key: SourceKey) -> Self {
        Self {
            information: Information::default(),
            sources: vec![key],
            presence: Presence::Here,
            is_talking: false,
            is_muted_by_me: false,
            gain_db: 0.0,
            first_heard: now,
            is_introduced: false,
        }
    }
}

fn talking_event(id: PersonId, is_talking: bool) -> ConferenceEvent {
    if is_talking {
        ConferenceEvent::TalkingStarted { id }
    } else {
        ConferenceEvent::TalkingStopped { id }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    fn named(cname: &str, name: &str) -> Information {
        Information {
            cname: Some(cname.into()),
            name: Some(name.into()),
            ..Information::default()
        }
    }

    #[test]
    fn newcomer_is_introduced_with_the_name() {
        let now = Instant::now();
        let mut people = People::default();
        let key = (0, Ssrc(1));
        people.note_source(now, key, &Information::default());
        assert_eq!(people.take_events(), []);
        people.note_source(now, key, &named("ana@host", "Ana"));
        let information = named("ana@host", "Ana");
        assert_eq!(
            people.take_events(),
            [ConferenceEvent::PersonJoined {
                id: PersonId(1),
                information
            }]
        );
    }

    #[test]
    fn nameless_newcomer_is_introduced_after_a_while() {
        let now = Instant::now();
        let mut people = People::default();
        people.note_source(now, (0, Ssrc(1)), &Information::default());
        people.handle_timeout(now + People::INTRODUCTION_PATIENCE);
        assert_eq!(people.take_events().len(), 1);
    }

    #[test]
    fn new_ssrc_of_a_known_person_is_the_same_person() {
        let now = Instant::now();
        let mut people = People::default();
        people.note_source(now, (0, Ssrc(1)), &named("ana@host", "Ana"));
        people.note_source(now, (0, Ssrc(2)), &Information::default());
        assert_eq!(people.len(), 2);
        people.note_source(now, (0, Ssrc(2)), &named("ana@host", "Ana"));
        assert_eq!(people.len(), 1);
        people.forget_source((0, Ssrc(1)), Departure::Goodbye(None));
        assert_eq!(people.len(), 1);
        people.forget_source((0, Ssrc(2)), Departure::Goodbye(None));
        assert_eq!(people.len(), 0);
    }

    #[test]
    fn one_number_in_two_media_is_one_person_until_their_names_differ() {
        let now = Instant::now();
        let mut people = People::default();
        let nobody = Information::default();
        for medium in 0..3 {
            people.note_source(now, (medium, Ssrc(7)), &nobody);
        }
        assert_eq!(people.len(), 1);
        people.note_source(now, (1, Ssrc(7)), &named("ana@host", "Ana"));
        people.note_source(now, (0, Ssrc(7)), &named("ana@host", "Ana"));
        assert_eq!(people.len(), 1);
        people.note_source(now, (2, Ssrc(7)), &named("bo@host", "Bo"));
        assert_eq!(people.len(), 2);
        let sources: Vec<_> = people
            .iter()
            .map(|(_, record)| record.sources.len())
            .collect();
        assert_eq!(sources, [2, 1]);
    }

    #[test]
    fn somebody_who_times_out_stops_talking_and_may_recover() {
        let now = Instant::now();
        let mut people = People::default();
        let key = (0, Ssrc(1));
        people.note_source(now, key, &named("ana@host", "Ana"));
        people.note_talking(key, true);
        people.take_events();
        people.note_presence(key, Presence::TimedOut);
        people.note_presence(key, Presence::Here);
        let id = PersonId(1);
        let expected = [
            ConferenceEvent::TalkingStopped { id },
            ConferenceEvent::PersonTimedOut { id },
            ConferenceEvent::PersonRecovered { id },
        ];
        assert_eq!(people.take_events(), expected);
    }
}
