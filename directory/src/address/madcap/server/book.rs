//! Which group is leased to whom and when. Nothing is ever leased twice at one time.
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::super::lease_id::LeaseId;
use super::super::options::UnixTime;
use super::super::window::Window;

/// One lease as a server keeps it, also over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub id: LeaseId,
    /// The first address of its scope.
    pub scope: IpAddr,
    /// What is leased.
    pub groups: Vec<IpAddr>,
    /// For how long.
    #[serde(flatten)]
    pub window: Window,
    /// The host that asked.
    pub client: IpAddr,
}

/// All leases, by name, by group, by end and by host.
#[derive(Debug)]
pub(super) struct Book {
    /// Kept free on either side of a lease, for clocks that differ (RFC 2730 section 2.12), in seconds.
    extra_secs: u32,
    leases: BTreeMap<LeaseId, Record>,
    by_group: BTreeMap<IpAddr, Vec<LeaseId>>,
    by_end: BTreeSet<(UnixTime, LeaseId)>,
    by_client: BTreeMap<IpAddr, usize>,
}

impl Book {
    pub(super) fn new(extra_secs: u32) -> Self {
        Self {
            extra_secs,
            leases: BTreeMap::new(),
            by_group: BTreeMap::new(),
            by_end: BTreeSet::new(),
            by_client: BTreeMap::new(),
        }
    }

    /// Enters a lease, in place of an earlier one of that name.
    pub(super) fn put(&mut self, record: Record) {
        self.remove(&record.id);
        for group in &record.groups {
            let leases = self.by_group.entry(*group).or_default();
            leases.push(record.id.clone());
        }
        self.by_end.insert((record.window.end, record.id.clone()));
        *self.by_client.entry(record.client).or_default() += 1;
        self.leases.insert(record.id.clone(), record);
    }

    /// Strikes a lease out.
    pub(super) fn remove(&mut self, id: &LeaseId) -> Option<Record> {
        let record = self.leases.remove(id)?;
        for group in &record.groups {
            if let Some(leases) = self.by_group.get_mut(group) {
                leases.retain(|other| other != id);
                if leases.is_empty() {
                    self.by_group.remove(group);
                }
            }
        }
        self.by_end.remove(&(record.window.end, id.clone()));
        if let Some(count) = self.by_client.get_mut(&record.client) {
            *count -= 1;
            if *count == 0 {
                self.by_client.remove(&record.client);
            }
        }
        Some(record)
    }

    /// Strikes one out that is over, with the time after it that was kept free.
    pub(super) fn remove_over(&mut self, now: UnixTime) -> Option<Record> {
        let id = self.by_end.first().filter(|_| {
            let free_at = self.next_free_at();
            free_at.is_some_and(|free_at| free_at <= now)
        });
        let id = id.map(|(_, id)| id.clone())?;
        self.remove(&id)
    }

    /// When the next one can be struck out.
    pub(super) fn next_free_at(&self) -> Option<UnixTime> {
        let (end, _) = self.by_end.first()?;
        Some(end.plus_secs(self.extra_secs))
    }

    pub(super) fn get(&self, id: &LeaseId) -> Option<&Record> {
        self.leases.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.leases.values()
    }

    pub(super) fn len(&self) -> usize {
        self.leases.len()
    }

    pub(super) fn count_of(&self, client: IpAddr) -> usize {
        self.by_client.get(&client).copied().unwrap_or_default()
    }

    /// Whether nobody has the group at any time.
    pub(super) fn is_unused(&self, group: IpAddr) -> bool {
        !self.by_group.contains_key(&group)
    }

    /// Whether nobody but `own` has the group in that time, give or take what is kept free.
    pub(super) fn is_free(&self, group: IpAddr, window: Window, own: &LeaseId) -> bool {
        let window = window.widened(self.extra_secs);
        !self
            .others(group, own)
            .any(|other| other.widened(self.extra_secs).overlaps(window))
    }

    /// Until when the group could be had from `start` on, if it can be had at all.
    pub(super) fn free_until(
        &self,
        group: IpAddr,
        start: UnixTime,
        own: &LeaseId,
    ) -> Option<UnixTime> {
        if !self.is_free(group, Window::lasting(start, 1), own) {
            return None;
        }
        let later = self.others(group, own).filter(|other| other.start >= start);
        let limits = later.map(|other| {
            let kept_free = self.extra_secs.saturating_mul(2);
            other.start.minus_secs(kept_free)
        });
        Some(limits.min().unwrap_or(UnixTime(u32::MAX)))
    }

    fn others<'a>(&'a self, group: IpAddr, own: &'a LeaseId) -> impl Iterator<Item = Window> + 'a {
        let leases = self.by_group.get(&group).into_iter().flatten();
        let others = leases.filter(move |id| *id != own);
        others.filter_map(|id| Some(self.leases.get(id)?.window))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u8) -> LeaseId {
        LeaseId::new(&[1, number]).unwrap()
    }

    fn record(number: u8, group: u8, start: u32, secs: u32) -> Record {
        Record {
            id: id(number),
            scope: IpAddr::from([239, 255, 0, 0]),
            groups: vec![IpAddr::from([239, 255, 0, group])],
            window: Window::lasting(UnixTime(start), secs),
            client: IpAddr::from([10, 0, 0, number % 3]),
        }
    }

    #[test]
    fn a_group_is_free_before_after_and_for_its_own_lease() {
        let mut book = Book::new(10);
        book.put(record(1, 7, 1000, 100));
        let group = IpAddr::from([239, 255, 0, 7]);
        let free =
            |start, secs| book.is_free(group, Window::lasting(UnixTime(start), secs), &id(2));
        assert!(free(900, 80) && !free(900, 81));
        assert!(free(1120, 5) && !free(1119, 5));
        assert!(book.is_free(group, Window::lasting(UnixTime(1000), 500), &id(1)));
        assert_eq!(
            book.free_until(group, UnixTime(900), &id(2)),
            Some(UnixTime(980))
        );
        assert_eq!(book.free_until(group, UnixTime(1000), &id(2)), None);
        assert_eq!(
            book.free_until(group, UnixTime(1120), &id(2)),
            Some(UnixTime(u32::MAX))
        );
    }

    #[test]
    fn leases_are_struck_out_in_the_order_of_their_ends() {
        let mut book = Book::new(10);
        book.put(record(1, 1, 0, 300));
        book.put(record(2, 2, 0, 100));
        assert_eq!(book.next_free_at(), Some(UnixTime(110)));
        assert_eq!(book.remove_over(UnixTime(109)), None);
        assert_eq!(book.remove_over(UnixTime(110)).unwrap().id, id(2));
        assert_eq!(book.remove_over(UnixTime(110)), None);
        assert_eq!(book.len(), 1);
    }

    proptest! {
        #[test]
        fn all_listings_agree(steps in prop::collection::vec((0u8..12, 0u8..6, 0u32..200, 0u32..50, any::<bool>()), 0..80)) {
            let mut book = Book::new(5);
            for (number, group, start, secs, is_put) in steps {
                if is_put {
                    book.put(record(number, group, start, secs));
                } else {
                    book.remove(&id(number));
                }
                prop_assert_eq!(book.by_end.len(), book.leases.len());
                prop_assert_eq!(book.by_client.values().sum::<usize>(), book.leases.len());
                prop_assert_eq!(book.by_group.values().map(Vec::len).sum::<usize>(), book.leases.len());
                prop_assert!(book.by_group.values().all(|leases| !leases.is_empty()));
            }
        }
    }
}
