//! Keyframes: when receivers ask for one, and when a sender makes one, so that it is never flooded.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::rtp_time::Ssrc;

/// When to ask senders for keyframes (RFC 4585 §6.3.1, RFC 5104 §4.3.1). The session that carries the requests waits by
/// chance, and keeps silent where another has asked.
#[derive(Debug, Default)]
pub struct KeyframeRequests {
    wanted: BTreeMap<Ssrc, Request>,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    due: Instant,
    /// Doubles with each request that brought nothing.
    patience: Duration,
}

impl KeyframeRequests {
    /// Nothing of a source can be shown without a keyframe.
    pub fn want(&mut self, now: Instant, ssrc: Ssrc) {
        if self.wanted.len() < MAX_WANTED && !self.wanted.contains_key(&ssrc) {
            let patience = FIRST_PATIENCE;
            self.wanted.insert(ssrc, Request { due: now, patience });
        }
    }

    /// A keyframe has come, or the source is gone.
    pub fn satisfy(&mut self, ssrc: Ssrc) {
        self.wanted.remove(&ssrc);
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
        let mut requests = KeyframeRequests::default();
        requests.want(start, SENDER);
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
