//! Announces any number of descriptions: when, to which groups, under which hash, and how they are withdrawn
//! (RFC 2974 sections 3.1, 4 and 5).

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;

use super::farewell::Farewell;
use super::hash;
use super::packet::{MessageKind, Packet, SDP};
use super::schedule::{Schedule, interval};
use super::target::{Target, end, near_targets, targets};
use super::{Event, Output, QUERY, Unannounced};
use crate::clock::Clock;
use crate::description::{ConferenceId, Description};

/// The announcing half of an agent.
#[derive(Debug)]
pub(super) struct Announcer {
    ads: BTreeMap<(ConferenceId, IpAddr), Ad>,
    farewells: Vec<Farewell>,
    groups: BTreeMap<IpAddr, Group>,
    v4: Option<IpAddr>,
    v6: Option<IpAddr>,
    /// When something is due: searched one by one, but only after a change.
    next: Option<Instant>,
    /// Names our own queries, so that they are known when they come back.
    query_hash: u16,
    /// When to ask once more, in case the first query is lost.
    query_again: Option<Instant>,
    rng: Rng,
}

/// One description, announced to one group.
#[derive(Debug)]
struct Ad {
    target: Target,
    payload: Vec<u8>,
    hash: u16,
    /// What it was last announced as coming from; a deletion must say the same.
    origin: Option<IpAddr>,
    /// When the session is over, by the wall clock and by ours.
    end: Option<SystemTime>,
    ends: Option<Instant>,
    schedule: Schedule,
}

/// A group in which we announce.
#[derive(Debug, Default)]
struct Group {
    ads: usize,
    /// Announcements that others make there.
    others: usize,
    answered: Option<Instant>,
}

impl Announcer {
    pub(super) fn new(mut rng: Rng) -> Self {
        Self {
            ads: BTreeMap::new(),
            farewells: Vec::new(),
            groups: BTreeMap::new(),
            v4: None,
            v6: None,
            next: None,
            query_hash: rng.u16(1..),
            query_again: None,
            rng,
        }
    }

    /// Begins to announce, or goes on with a new version; the same again changes nothing.
    pub(super) fn publish(
        &mut self,
        now: Instant,
        clock: &Clock,
        description: &Description,
    ) -> Result<(), Unannounced> {
        let id = description.id();
        let payload = description.to_string().into_bytes();
        let targets = targets(description);
        self.check(id, &payload, &targets)?;
        let end = end(description);
        let ends = end.and_then(|end| clock.instant(end));
        if ends.is_some_and(|ends| ends <= now) {
            return Err(Unannounced::Over);
        }
        let hash = self.hash_of(&payload);
        self.retire(now, id, |ad| !targets.contains(&ad.target));
        for target in &targets {
            self.farewells
                .retain(|farewell| !farewell.concerns(id, target.group));
        }
        for target in targets {
            let known = self.ads.get(&(id, target.group));
            if known.is_some_and(|ad| ad.payload == payload) {
                continue;
            }
            let ad = Ad {
                target,
                payload: payload.clone(),
                hash,
                origin: known.and_then(|ad| ad.origin),
                end,
                ends,
                schedule: Schedule::new(now),
            };
            if self.ads.insert((id, target.group), ad).is_none() {
                self.groups.entry(target.group).or_default().ads += 1;
            }
        }
        self.find_next();
        Ok(())
    }

    /// Ceases to announce, and says so.
    pub(super) fn withdraw(&mut self, now: Instant, id: ConferenceId) {
        self.retire(now, id, |_| true);
        self.find_next();
    }

    /// Notes where our datagrams come from; what comes from elsewhere now is announced anew.
    pub(super) fn set_local(&mut self, now: Instant, addresses: &[IpAddr]) {
        let first = |is_v4: bool| {
            let mut usable = addresses.iter().filter(|ip| !ip.is_unspecified());
            usable.find(|ip| ip.is_ipv4() == is_v4).copied()
        };
        (self.v4, self.v6) = (first(true), first(false));
        for ad in self.ads.values_mut() {
            let local = if ad.target.group.is_ipv4() {
                self.v4
            } else {
                self.v6
            };
            if local.is_some() && local != ad.origin {
                ad.schedule = Schedule::new(now);
            }
        }
        self.find_next();
    }

    /// Notes how many announcements others make in each group: ours slow down with them.
    pub(super) fn set_load(&mut self, load: impl Fn(IpAddr) -> usize) {
        let mut is_changed = false;
        for (address, group) in &mut self.groups {
            let others = load(*address);
            is_changed |= others != group.others;
            group.others = others;
        }
        if is_changed {
            self.find_next();
        }
    }

    /// Notes that the wall clock was set.
    pub(super) fn set_clock(&mut self, clock: &Clock) {
        for ad in self.ads.values_mut() {
            ad.ends = ad.end.and_then(|end| clock.instant(end));
        }
        self.find_next();
    }

    /// Somebody asked what there is; see [`QUERY`].
    pub(super) fn answer(&mut self, now: Instant, asked: IpAddr) {
        let Some(group) = self.groups.get_mut(&asked) else {
            return;
        };
        let is_recent = group.answered.is_some_and(|at| now < at + ANSWER_EVERY);
        if is_recent || group.ads + group.others > MAX_ADS_TO_ANSWER {
            return;
        }
        group.answered = Some(now);
        for ad in self.ads.values_mut() {
            if ad.target.group == asked && ad.target.is_near {
                let delay = ANSWER_WITHIN.mul_f64(self.rng.f64());
                ad.schedule.answer(now, now + delay);
            }
        }
        self.find_next();
    }

    /// Asks the announcers of room and site to repeat themselves, now and once again: whoever has answered the first
    /// query leaves the second alone.
    pub(super) fn query(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.send_query(out);
        self.query_again = Some(now + QUERY_AGAIN);
        self.find_next();
    }

    fn send_query(&self, out: &mut VecDeque<Output>) {
        for target in near_targets() {
            let Some(origin) = self.local(target.group) else {
                continue;
            };
            let hash = self.query_hash;
            let packet = Packet::new(MessageKind::Announcement, hash, origin, QUERY, &[]);
            out.push_back(Output::Transmit(target.transmit(&packet)));
        }
    }

    /// Sends what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if self.next.is_none_or(|next| next > now) {
            return;
        }
        let over = self
            .ads
            .iter()
            .filter(|(_, ad)| ad.ends.is_some_and(|ends| ends <= now));
        let mut over: Vec<ConferenceId> = over.map(|((id, _), _)| *id).collect();
        over.dedup();
        for id in over {
            self.retire(now, id, |_| true);
            out.push_back(Output::Event(Event::Ended(id)));
        }
        self.send_ads(now, out);
        if self.query_again.take_if(|again| *again <= now).is_some() {
            self.send_query(out);
        }
        for farewell in &mut self.farewells {
            out.extend(farewell.poll(now).map(Output::Transmit));
        }
        self.farewells.retain(|farewell| farewell.due().is_some());
        self.find_next();
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.next
    }

    /// Whether a packet is one of ours that came back.
    pub(super) fn is_own(&self, packet: &Packet<'_>) -> bool {
        let is_ad = |ad: &Ad| {
            ad.hash == packet.hash
                && ad.origin == Some(packet.origin)
                && ad.payload == *packet.payload
        };
        match packet.kind {
            MessageKind::Deletion => self.farewells.iter().any(|farewell| farewell.is(packet)),
            MessageKind::Announcement if packet.payload_type == QUERY => {
                packet.hash == self.query_hash && Some(packet.origin) == self.local(packet.origin)
            }
            MessageKind::Announcement => self.ads.values().any(is_ad),
        }
    }

    fn check(
        &self,
        id: ConferenceId,
        payload: &[u8],
        targets: &[Target],
    ) -> Result<(), Unannounced> {
        let others = self.ads.keys().filter(|(other, _)| *other != id).count();
        if targets.is_empty() {
            Err(Unannounced::NoGroup)
        } else if payload.len() > MAX_PAYLOAD {
            Err(Unannounced::TooLong(payload.len()))
        } else if others + targets.len() > MAX_ADS {
            Err(Unannounced::TooMany)
        } else {
            Ok(())
        }
    }

    fn retire(&mut self, now: Instant, id: ConferenceId, is_retired: impl Fn(&Ad) -> bool) {
        for ((_, group), ad) in self
            .ads
            .extract_if(.., |key, ad| key.0 == id && is_retired(ad))
        {
            if let Some(group) = self.groups.get_mut(&group) {
                group.ads -= 1;
            }
            let Some(origin) = ad.origin else {
                continue;
            };
            let name = (origin, ad.hash);
            let farewell = Farewell::new(now, id, ad.target, name, &ad.payload);
            self.farewells.push(farewell);
        }
    }

    fn send_ads(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let due: Vec<((ConferenceId, IpAddr), Duration)> = self
            .ads
            .iter()
            .map(|(key, ad)| (*key, ad, self.interval(ad)))
            .filter(|(_, ad, interval)| ad.schedule.due(*interval) <= now)
            .map(|(key, _, interval)| (key, interval))
            .collect();
        for (key, interval) in due {
            let (Some(origin), Some(ad)) = (self.local(key.1), self.ads.get_mut(&key)) else {
                continue;
            };
            ad.origin = Some(origin);
            ad.schedule.mark_sent(now, interval, &mut self.rng);
            let kind = MessageKind::Announcement;
            let packet = Packet::new(kind, ad.hash, origin, SDP, &ad.payload);
            out.push_back(Output::Transmit(ad.target.transmit(&packet)));
        }
    }

    fn find_next(&mut self) {
        let sendable = self
            .ads
            .values()
            .filter(|ad| self.local(ad.target.group).is_some());
        let due = sendable.map(|ad| ad.schedule.due(self.interval(ad)));
        let ends = self.ads.values().filter_map(|ad| ad.ends);
        let farewells = self.farewells.iter().filter_map(Farewell::due);
        let others = farewells.chain(self.query_again);
        self.next = due.chain(ends).chain(others).min();
    }

    fn interval(&self, ad: &Ad) -> Duration {
        let group = self.groups.get(&ad.target.group);
        let ads = group.map_or(1, |group| group.ads + group.others);
        interval(ad.target.is_near, ads, ad.payload.len() + HEADER_SIZE)
    }

    fn local(&self, group: IpAddr) -> Option<IpAddr> {
        if group.is_ipv4() { self.v4 } else { self.v6 }
    }

    /// The same for the same content in all its groups, and another than that of the version that it replaces.
    fn hash_of(&self, payload: &[u8]) -> u16 {
        let known = self.ads.values().find(|ad| ad.payload == payload);
        known.map_or_else(
            || hash::of(payload, |hash| self.ads.values().any(|ad| ad.hash == hash)),
            |ad| ad.hash,
        )
    }
}

/// Announcements that one agent makes at most: far more than a person would.
const MAX_ADS: usize = 200;
/// Longest description that is announced, in bytes; RFC 2974 section 6 recommends 1,000, and a longer one is fragmented.
const MAX_PAYLOAD: usize = 8_192;
/// SAP header with an IPv4 origin, and payload type.
const HEADER_SIZE: usize = 24;
/// Answers to a query come within this, spread at random.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// However many ask, a group is answered once in this time.
const ANSWER_EVERY: Duration = Duration::from_secs(2);
/// When all answers to the first query have come, and before those who gave one would give another.
const QUERY_AGAIN: Duration = Duration::from_secs(1);
/// Where there are more announcements than this, the newcomer has to wait for them, lest they all come at once.
const MAX_ADS_TO_ANSWER: usize = 50;
