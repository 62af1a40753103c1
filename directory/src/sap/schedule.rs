//! When the next announcement is due (RFC 2974 section 3.1, with two documented deviations).
//!
//! The RFC repeats an announcement every 300 s or more, which leaves a newcomer without a list for minutes.
//! A new announcement is therefore repeated after 1, 3, 7 and 15 s, and within a room or site the floor is 10 s.
//! The RFC's bandwidth, 4000 bit/s for all announcements of a scope together, is kept: many announcements slow each other down.

use std::time::{Duration, Instant};

use fastrand::Rng;

/// When one announcement was and will be sent to one group.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The regular one that comes next is due this long after `last`…
    steps: std::slice::Iter<'static, Duration>,
    step: Option<Duration>,
    /// …and when the steps are used up, `interval` times this, drawn anew each time.
    factor: f64,
    last: Option<Instant>,
    start: Instant,
    answer: Option<Instant>,
}

impl Schedule {
    /// A fast start from `start` on.
    pub(super) fn new(start: Instant) -> Self {
        Self {
            steps: FAST_START.iter(),
            step: None,
            factor: 1.0,
            last: None,
            start,
            answer: None,
        }
    }

    /// Notes that it was sent at `now`.
    pub(super) fn mark_sent(&mut self, now: Instant, interval: Duration, rng: &mut Rng) {
        let is_answer = self.regular(interval) > now;
        self.answer = None;
        if !is_answer {
            self.step = self.steps.next().copied();
        }
        self.last = Some(now);
        self.factor = 1.0 + (rng.f64() * 2.0 - 1.0) / 3.0;
    }

    /// Asks for one more at `at`, unless one was just sent or is on its way.
    pub(super) fn answer(&mut self, now: Instant, at: Instant) {
        let is_recent = self.last.is_some_and(|last| now < last + ANSWER_GAP);
        if !is_recent && self.answer.is_none() {
            self.answer = Some(at);
        }
    }

    /// When the next one is due, if regular ones are now `interval` apart.
    pub(super) fn due(&self, interval: Duration) -> Instant {
        let regular = self.regular(interval);
        self.answer.map_or(regular, |answer| answer.min(regular))
    }

    fn regular(&self, interval: Duration) -> Instant {
        match (self.last, self.step) {
            (None, _) => self.start,
            (Some(last), Some(step)) => last + step,
            (Some(last), None) => last + interval.mul_f64(self.factor),
        }
    }
}

/// The mean time between two announcements of `size` bytes, one of `ads` in its scope.
pub(super) fn interval(is_near: bool, ads: usize, size: usize) -> Duration {
    let floor = if is_near { NEAR_FLOOR } else { FAR_FLOOR };
    let bytes = u64::try_from(ads.saturating_mul(size)).unwrap_or(u64::MAX);
    floor.max(Duration::from_millis(
        bytes.saturating_mul(8_000) / BITS_PER_SECOND,
    ))
}

/// Gaps that make 0, 1, 3, 7 and 15 s.
const FAST_START: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// Within a room or a site; a deviation from RFC 2974, as above.
const NEAR_FLOOR: Duration = Duration::from_secs(10);
/// RFC 2974 section 3.1.
const FAR_FLOOR: Duration = Duration::from_secs(300);
/// RFC 2974 section 3.1.
const BITS_PER_SECOND: u64 = 4_000;
/// Whoever asks has heard what was sent this recently, or asks again.
const ANSWER_GAP: Duration = Duration::from_secs(1);

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    fn secs(secs: f64) -> Duration {
        Duration::from_secs_f64(secs)
    }

    #[test]
    fn interval_is_the_formula_of_rfc_2974() {
        assert_eq!(interval(true, 1, 400), secs(10.0));
        assert_eq!(interval(false, 1, 400), secs(300.0));
        assert_eq!(interval(true, 100, 400), secs(80.0));
        assert_eq!(interval(false, 1_000, 1_000), secs(2_000.0));
    }

    #[test]
    fn fast_start_then_within_a_third_of_the_interval() {
        let start = Instant::now();
        let mut rng = Rng::with_seed(1);
        let mut schedule = Schedule::new(start);
        let mut sent = Vec::new();
        for _ in 0..100 {
            let due = schedule.due(secs(30.0));
            sent.push(due.duration_since(start));
            schedule.mark_sent(due, secs(30.0), &mut rng);
        }
        assert_eq!(sent[..5], [0.0, 1.0, 3.0, 7.0, 15.0].map(secs));
        let gaps: Vec<Duration> = sent[4..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            gaps.iter()
                .all(|gap| (secs(20.0)..=secs(40.0)).contains(gap))
        );
        let spread = *gaps.iter().max().unwrap() - *gaps.iter().min().unwrap();
        assert!(spread > secs(15.0), "randomised: {spread:?}");
    }

    #[test]
    fn answer_comes_between_and_leaves_the_fast_start_alone() {
        let start = Instant::now();
        let mut rng = Rng::with_seed(1);
        let mut schedule = Schedule::new(start);
        schedule.mark_sent(start, secs(10.0), &mut rng);
        schedule.answer(start + secs(0.9), start + secs(0.95));
        assert_eq!(schedule.due(secs(10.0)), start + secs(1.0), "just sent");
        schedule.mark_sent(start + secs(1.0), secs(10.0), &mut rng);
        schedule.answer(start + secs(2.1), start + secs(2.2));
        assert_eq!(schedule.due(secs(10.0)), start + secs(2.2));
        schedule.mark_sent(start + secs(2.2), secs(10.0), &mut rng);
        assert_eq!(
            schedule.due(secs(10.0)),
            start + secs(4.2),
            "the same step, from there"
        );
    }
}
