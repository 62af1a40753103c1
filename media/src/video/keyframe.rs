//! Keyframes: when receivers ask for one, so that few of many do, and when a sender makes one, so that it is never flooded.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::rtp_time::Ssrc;

/// When to ask the senders of a group for keyframes (RFC 4585 §6.3.1, RFC 5104 §4.3.1). Whoever waits longest hears that
/// somebody else has asked, and does not.
#[derive(Debug)]
pub struct KeyframeRequests {
    wanted: BTreeMap<Ssrc, Request>,
    rng: fastrand::Rng,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    due: Instant,
    /// Doubles with each request that brought nothing.
    patience: Duration,
}

impl KeyframeRequests {
    /// Asks nobody yet; chance comes from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            wanted: BTreeMap::new(),
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Nothing of a source can be shown without a keyframe; `receivers` are in the group, ourselves included.
    pub fn want(&mut self, now: Instant, ssrc: Ssrc, receivers: usize) {
        if self.wanted.len() < MAX_WANTED && !self.wanted.contains_key(&ssrc) {
            let due = now + self.backoff(receivers);
            let patience = FIRST_PATIENCE;
            self.wanted.insert(ssrc, Request { due, patience });
        }
    }

    /// A keyframe has come, or the source is gone.
    pub fn satisfy(&mut self, ssrc: Ssrc) {
        self.wanted.remove(&ssrc);
    }

    /// Somebody else has asked the source for one.
    pub fn note_heard(&mut self, now: Instant, ssrc: Ssrc) {
        if let Some(request) = self.wanted.get_mut(&ssrc) {
            request.due = request.due.max(now + request.patience);
        }
    }

    /// The next source to ask.
    pub fn poll(&mut self, now: Instant) -> Option<Ssrc> {
        let (ssrc, request) = self
            .wanted
            .iter_mut()
            .find(|(_, request)| request.due <= now)?;
        request.due = now + request.patience;
        request.patience = (request.patience * 2).min(LAST_PATIENCE);
        Some(*ssrc)
    }

    /// When to call [`Self::poll`].
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.wanted.values().map(|request| request.due).min()
    }

    /// RFC 5401 §4.2: most wait for long, and one for a short while.
    fn backoff(&mut self, receivers: usize) -> Duration {
        if receivers <= FEW {
            return Duration::ZERO;
        }
        let longest = BACKOFF.as_secs_f64();
        let lambda = (receivers as f64).ln() + 1.0;
        let least = lambda / (longest * (lambda.exp() - 1.0));
        let x = least + self.rng.f64() * lambda / longest;
        let wait = longest / lambda * (x * (lambda.exp() - 1.0) * longest / lambda).ln();
        Duration::from_secs_f64(wait.clamp(0.0, longest))
    }
}

/// When a sender makes keyframes.
#[derive(Clone, Copy, Debug)]
pub struct KeyframeSchedule {
    /// At the latest so long after the one before, for those who cannot ask.
    pub interval: Duration,
    last: Option<Instant>,
    is_wanted: bool,
}

impl KeyframeSchedule {
    /// Makes one each `interval`, and earlier if somebody asks.
    #[must_use]
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            last: None,
            is_wanted: false,
        }
    }

    /// Somebody asks for one.
    pub const fn request(&mut self) {
        self.is_wanted = true;
    }

    /// Whether the picture taken `now` is to be a keyframe.
    pub fn take(&mut self, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|last| {
            let since = now.saturating_duration_since(last);
            since >= self.interval || (self.is_wanted && since >= LEAST_GAP)
        });
        if is_due {
            self.note_made(now);
        }
        is_due
    }

    /// A keyframe was made for reasons of its own.
    pub const fn note_made(&mut self, now: Instant) {
        self.last = Some(now);
        self.is_wanted = false;
    }
}

/// Where two or three talk, nobody need wait for anybody.
const FEW: usize = 3;
/// With it a lost keyframe is replaced within half a second, encoding and way included.
const BACKOFF: Duration = Duration::from_millis(200);
/// The way there and back, encoding and pacing.
const FIRST_PATIENCE: Duration = Duration::from_millis(500);
const LAST_PATIENCE: Duration = Duration::from_secs(4);
/// A keyframe is ten times as large as another picture.
const LEAST_GAP: Duration = Duration::from_millis(400);
const MAX_WANTED: usize = 256;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const SENDER: Ssrc = Ssrc(7);

    #[test]
    fn among_few_a_request_is_made_at_once_and_repeated_ever_more_rarely() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::new(1);
        requests.want(start, SENDER, 2);
        let mut asked = Vec::new();
        while asked.len() < 6 {
            let now = requests.next_timeout().unwrap();
            assert_eq!(requests.poll(now), Some(SENDER));
            asked.push((now - start).as_millis());
        }
        assert_eq!(asked, [0, 500, 1_500, 3_500, 7_500, 11_500]);
        requests.satisfy(SENDER);
        assert_eq!(requests.next_timeout(), None);
    }

    #[test]
    fn of_five_hundred_receivers_only_some_ask() {
        let start = Instant::now();
        let way = Duration::from_millis(5);
        let mut asked = Vec::new();
        for seed in 0..20 {
            let mut dues: Vec<Instant> = (0..500)
                .map(|number| {
                    let mut requests = KeyframeRequests::new(seed * 1_000 + number);
                    requests.want(start, SENDER, 500);
                    requests.next_timeout().unwrap()
                })
                .collect();
            dues.sort();
            // Those who do not hear the first request in time ask as well.
            let count = dues.iter().filter(|due| **due <= dues[0] + way).count();
            assert!(dues[0] - start < BACKOFF && dues[499] - start <= BACKOFF);
            asked.push(count);
        }
        asked.sort_unstable();
        assert!(asked[10] <= 6 && asked[19] <= 20, "{asked:?}");
    }

    #[test]
    fn whoever_hears_a_request_waits_for_what_it_brings() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::new(3);
        requests.want(start, SENDER, 100);
        requests.note_heard(start, SENDER);
        assert_eq!(requests.poll(start + BACKOFF), None);
        assert_eq!(requests.poll(start + FIRST_PATIENCE), Some(SENDER));
    }

    #[test]
    fn a_sender_makes_keyframes_at_intervals_and_never_too_often() {
        let start = Instant::now();
        let mut schedule = KeyframeSchedule::new(Duration::from_secs(4));
        let made: Vec<u32> = (0..300)
            .filter(|frame| {
                // Hostile: a request with each frame of the first three seconds.
                if *frame < 90 {
                    schedule.request();
                }
                schedule.take(start + Duration::from_millis(33) * *frame)
            })
            .collect();
        assert_eq!(made, [0, 13, 26, 39, 52, 65, 78, 91, 213]);
    }
}
