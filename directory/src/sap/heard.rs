//! One announcement as it was heard from one announcer.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::description::Description;

/// Who announces, and where: only the same may delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Announcer {
    /// The SAP group in which it is heard.
    pub group: IpAddr,
    /// The originating source, as the packet names it.
    pub origin: IpAddr,
    /// The host that sent the datagram.
    pub from: IpAddr,
}

impl Announcer {
    /// Comes before all others.
    pub(super) const FIRST: Self = Self {
        group: FIRST_IP,
        origin: FIRST_IP,
        from: FIRST_IP,
    };
}

/// One announcement by one announcer.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Who announces it.
    pub announcer: Announcer,
    /// What is announced.
    pub description: Arc<Description>,
    /// The same as it was received.
    pub text: Arc<[u8]>,
    /// With the origin, names this version.
    pub hash: u16,
    /// When this announcer was first heard to announce the conference.
    pub first_heard: SystemTime,
    /// When it was last.
    pub last_heard: SystemTime,
    /// How often; one hostile packet says little.
    pub times_heard: u32,
    pub(super) last: Instant,
    pub(super) interval: Duration,
    /// Came from the cache, and need not be heard again before this.
    pub(super) grace: Option<Instant>,
    /// When the session is over.
    pub(super) end: Option<SystemTime>,
    pub(super) ends: Option<Instant>,
    /// When this version was first heard: of equal versions the newest counts.
    pub(super) changed: Instant,
}

/// An announcement that was kept on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Who announced it.
    pub announcer: Announcer,
    /// The description as it was received.
    pub text: Arc<[u8]>,
    /// The hash that named it.
    pub hash: u16,
    /// When it was first heard.
    pub first_heard: SystemTime,
    /// When it was last.
    pub last_heard: SystemTime,
    /// How often.
    pub times_heard: u32,
}

impl From<&Heard> for Restored {
    fn from(heard: &Heard) -> Self {
        Self {
            announcer: heard.announcer,
            text: Arc::clone(&heard.text),
            hash: heard.hash,
            first_heard: heard.first_heard,
            last_heard: heard.last_heard,
            times_heard: heard.times_heard,
        }
    }
}

impl Heard {
    /// When this version was first heard.
    pub(crate) fn changed(&self) -> Instant {
        self.changed
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.times_heard > 1
    }

    pub(super) fn hear_again(&mut self, now: Instant, wall: SystemTime) {
        let gap = now.saturating_duration_since(self.last);
        // One lost packet must not halve the patience, nor a repeat shorten it at once.
        self.interval = gap.max(self.interval.mul_f64(INTERVAL_DECAY));
        self.last = now;
        self.last_heard = wall;
        self.times_heard = self.times_heard.saturating_add(1);
        self.grace = None;
    }

    /// When it is to be forgotten unless it is heard again.
    pub(super) fn deadline(&self) -> Instant {
        let patience = MIN_TIMEOUT.max(self.interval.saturating_mul(TIMEOUT_INTERVALS));
        let silent = self.last + patience;
        let silent = self.grace.map_or(silent, |grace| grace.max(silent));
        self.ends.map_or(silent, |ends| ends.min(silent))
    }
}

const FIRST_IP: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
/// RFC 2974 section 4: one hour, or ten times the announcement period, whichever is greater.
const MIN_TIMEOUT: Duration = Duration::from_secs(3_600);
const TIMEOUT_INTERVALS: u32 = 10;
/// Of the longest gap heard, at each announcement.
const INTERVAL_DECAY: f64 = 0.875;
