//! Everything that was heard, by whom it was announced, with the indices that keep looking up, expiring and bounding cheap.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use super::heard::{Announcer, Heard};
use crate::description::ConferenceId;

/// What is remembered at most, whatever a hostile host invents.
///
/// When the table is full, the announcement that was heard only once and longest ago makes room;
/// if all have been heard again, the new one is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Announcements in all.
    pub announcements: usize,
    /// Announcements that come from one host's address.
    pub per_sender: usize,
    /// Announcers of one conference.
    pub per_conference: usize,
    /// Text of all announcements together, in bytes.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            announcements: 10_000,
            per_sender: 500,
            per_conference: 16,
            bytes: 8 << 20,
        }
    }
}

/// One announcement: a conference by one announcer.
pub(super) type Key = (ConferenceId, Announcer);

/// The announcements and their indices.
#[derive(Debug, Default)]
pub(super) struct Table {
    heard: BTreeMap<Key, Entry>,
    by_hash: HashMap<(Announcer, u16), ConferenceId>,
    deadlines: BTreeSet<(Instant, Key)>,
    /// Those heard once come first, of each kind the ones heard longest ago.
    recency: BTreeSet<(bool, Instant, Key)>,
    per_sender: HashMap<IpAddr, usize>,
    per_group: HashMap<IpAddr, usize>,
    bytes: usize,
    limits: Limits,
}

#[derive(Debug)]
struct Entry {
    heard: Heard,
    /// Where it stands in `deadlines`: no later than its deadline, and moved only when that comes.
    queued: Instant,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Table,
    Sender,
    Conference,
}

impl Table {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Gives the keys of those that have to be removed before `bytes` of text have a place under `key`.
    pub(super) fn make_room(&self, key: &Key, bytes: usize) -> Result<Vec<Key>, Full> {
        let replaced = self.get(key).map(|heard| heard.text.len());
        let from = self
            .per_sender
            .get(&key.1.from)
            .copied()
            .unwrap_or_default();
        if replaced.is_none() && from >= self.limits.per_sender {
            return Err(Full::Sender);
        }
        let limit = self.limits.per_conference;
        if replaced.is_none() && self.of(key.0).take(limit).count() >= limit {
            return Err(Full::Conference);
        }
        let mut count = self.heard.len() + usize::from(replaced.is_none());
        let mut size = self.bytes + bytes - replaced.unwrap_or_default();
        let mut victims = Vec::new();
        let mut candidates = self.recency.iter().filter(|(.., other)| other != key);
        while count > self.limits.announcements || size > self.limits.bytes {
            let victim = candidates.next().filter(|(is_confirmed, ..)| !is_confirmed);
            let (_, _, key) = victim.ok_or(Full::Table)?;
            count -= 1;
            size -= self.get(key).map_or(0, |heard| heard.text.len());
            victims.push(*key);
        }
        Ok(victims)
    }

    /// Puts in a new announcement or replaces an old one.
    pub(super) fn insert(&mut self, id: ConferenceId, heard: Heard) {
        let key = (id, heard.announcer);
        self.remove(&key);
        let queued = heard.deadline();
        self.by_hash.insert((heard.announcer, heard.hash), id);
        self.deadlines.insert((queued, key));
        self.recency.insert((heard.is_confirmed(), heard.last, key));
        *self.per_sender.entry(heard.announcer.from).or_default() += 1;
        *self.per_group.entry(heard.announcer.group).or_default() += 1;
        self.bytes += heard.text.len();
        self.heard.insert(key, Entry { heard, queued });
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Heard> {
        let Entry { heard, queued } = self.heard.remove(key)?;
        let announcer = heard.announcer;
        if self.by_hash.get(&(announcer, heard.hash)) == Some(&key.0) {
            self.by_hash.remove(&(announcer, heard.hash));
        }
        self.deadlines.remove(&(queued, *key));
        self.recency
            .remove(&(heard.is_confirmed(), heard.last, *key));
        decrement(&mut self.per_sender, announcer.from);
        decrement(&mut self.per_group, announcer.group);
        self.bytes -= heard.text.len();
        Some(heard)
    }

    /// Notes that it was heard once more, unchanged.
    pub(super) fn hear_again(&mut self, now: Instant, wall: SystemTime, key: &Key) {
        let Some(entry) = self.heard.get_mut(key) else {
            return;
        };
        let heard = &mut entry.heard;
        self.recency
            .remove(&(heard.is_confirmed(), heard.last, *key));
        heard.hear_again(now, wall);
        self.recency
            .insert((heard.is_confirmed(), heard.last, *key));
        // Mostly it moves away, and is left where it is; patience may run shorter, though.
        let deadline = heard.deadline();
        if deadline < entry.queued {
            self.deadlines.remove(&(entry.queued, *key));
            self.deadlines.insert((deadline, *key));
            entry.queued = deadline;
        }
    }

    /// Takes out one whose deadline has come.
    pub(super) fn pop_expired(&mut self, now: Instant) -> Option<(Key, Heard)> {
        loop {
            let (queued, key) = *self
                .deadlines
                .first()
                .filter(|(queued, _)| *queued <= now)?;
            let entry = self.heard.get_mut(&key)?;
            let deadline = entry.heard.deadline();
            if deadline <= now {
                return self.remove(&key).map(|heard| (key, heard));
            }
            self.deadlines.remove(&(queued, key));
            entry.queued = deadline;
            self.deadlines.insert((deadline, key));
        }
    }

    /// Changes when sessions are over, after the wall clock was set.
    pub(super) fn set_ends(&mut self, ends: impl Fn(&Heard) -> Option<Instant>) {
        self.deadlines.clear();
        for (key, entry) in &mut self.heard {
            entry.heard.ends = ends(&entry.heard);
            entry.queued = entry.heard.deadline();
            self.deadlines.insert((entry.queued, *key));
        }
    }

    /// When to call [`Self::pop_expired`] next.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(queued, _)| *queued)
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Heard> {
        self.heard.get(key).map(|entry| &entry.heard)
    }

    /// The conference that this announcer names by this hash.
    pub(super) fn by_hash(&self, announcer: Announcer, hash: u16) -> Option<ConferenceId> {
        self.by_hash.get(&(announcer, hash)).copied()
    }

    /// By all its announcers.
    pub(super) fn of(&self, id: ConferenceId) -> impl Iterator<Item = &Heard> {
        let all = self.heard.range((id, Announcer::FIRST)..);
        all.take_while(move |((other, _), _)| *other == id)
            .map(|(_, entry)| &entry.heard)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConferenceId, &Heard)> {
        self.heard
            .iter()
            .map(|((id, _), entry)| (*id, &entry.heard))
    }

    /// How many announcements are heard in a group.
    pub(super) fn load(&self, group: IpAddr) -> usize {
        self.per_group.get(&group).copied().unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        let count = self.heard.len();
        assert!(count <= self.limits.announcements && self.bytes <= self.limits.bytes);
        assert!(self.by_hash.len() <= count);
        assert_eq!((self.deadlines.len(), self.recency.len()), (count, count));
        assert_eq!(self.per_sender.values().sum::<usize>(), count);
        assert_eq!(self.per_group.values().sum::<usize>(), count);
        assert!(
            self.per_sender
                .values()
                .all(|n| (1..=self.limits.per_sender).contains(n))
        );
        let bytes: usize = self
            .heard
            .values()
            .map(|entry| entry.heard.text.len())
            .sum();
        assert_eq!(self.bytes, bytes);
        for (key, entry) in &self.heard {
            assert!(entry.queued <= entry.heard.deadline());
            assert!(self.deadlines.contains(&(entry.queued, *key)));
        }
    }
}

fn decrement(counts: &mut HashMap<IpAddr, usize>, key: IpAddr) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}
