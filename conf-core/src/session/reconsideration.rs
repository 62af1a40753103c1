//! When the next report goes out: timer reconsideration, forwards and reverse (RFC 3550 §6.3.2 to §6.3.6, §6.3.4).
use std::time::{Duration, Instant};

/// The variables of §6.3 that concern time and size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// `tp`: when the last report went out, or would have.
    pub(super) previous: Instant,
    /// `tn`: when the next is due; `None` while the bandwidth allows none.
    pub(super) next: Option<Instant>,
    /// `pmembers`: members when `next` was computed.
    members: usize,
    /// No report was sent yet.
    pub(super) is_initial: bool,
    /// `avg_rtcp_size` in bytes, UDP and IP headers included.
    pub(super) average_bytes: f64,
}

impl Schedule {
    /// The first report is due after `interval`; its size is guessed.
    pub(super) fn new(now: Instant, interval: Option<Duration>, first_bytes: usize) -> Self {
        Self {
            previous: now,
            next: interval.map(|interval| now + interval),
            members: 1,
            is_initial: true,
            average_bytes: size(first_bytes),
        }
    }

    /// The timer ran out (§6.3.6): whether the report may go out now that the interval is computed anew.
    pub(super) fn reconsider(
        &mut self,
        now: Instant,
        interval: Option<Duration>,
        members: usize,
    ) -> bool {
        let next = interval.map(|interval| self.previous + interval);
        let is_due = next.is_some_and(|next| next <= now);
        if !is_due {
            self.next = next;
            self.members = members;
        }
        is_due
    }

    /// A report went out; the next follows after `interval`.
    pub(super) fn sent(&mut self, now: Instant, interval: Option<Duration>, members: usize) {
        self.previous = now;
        self.next = interval.map(|interval| now + interval);
        self.members = members;
        self.is_initial = false;
    }

    /// Members became fewer: what is left of the interval shrinks with them (§6.3.4).
    pub(super) fn reverse(&mut self, now: Instant, members: usize) {
        if members >= self.members {
            return;
        }
        let (Ok(fewer), Ok(more)) = (u32::try_from(members), u32::try_from(self.members)) else {
            return;
        };
        let ratio = f64::from(fewer) / f64::from(more.max(1));
        if let Some(next) = &mut self.next {
            *next = now + next.saturating_duration_since(now).mul_f64(ratio);
        }
        let elapsed = now.saturating_duration_since(self.previous).mul_f64(ratio);
        self.previous = now.checked_sub(elapsed).unwrap_or(now);
        self.members = members;
    }

    /// The bandwidth came to allow reports, or not: starts or stops the timer where it was not so before.
    pub(super) fn allow(&mut self, now: Instant, interval: Option<Duration>) {
        match (self.next, interval) {
            (None, Some(interval)) => self.next = Some(now + interval),
            (Some(_), None) => self.next = None,
            _ => {}
        }
    }

    /// Feedback went out early: the next regular report is left out (RFC 4585 §3.5.2).
    pub(super) fn skip_one(&mut self, interval: Duration) {
        if self.next.is_some() {
            self.previous += interval;
            self.next = Some(self.previous + interval);
        }
    }

    /// An RTCP datagram came or went (§6.3.3): its size counts a sixteenth.
    pub(super) fn average_in(&mut self, bytes: usize) {
        self.average_bytes += (size(bytes) - self.average_bytes) / 16.0;
    }
}

fn size(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn joining_crowd_puts_the_report_off() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start, Some(secs(2)), 100);
        let timer = start + secs(2);
        assert!(!schedule.reconsider(timer, Some(secs(30)), 100));
        assert_eq!(schedule.next, Some(start + secs(30)));
        assert!(schedule.reconsider(start + secs(30), Some(secs(29)), 100));
        schedule.sent(start + secs(30), Some(secs(31)), 100);
        assert_eq!(schedule.next, Some(start + secs(61)));
        assert!(!schedule.is_initial);
    }

    /// By hand from §6.3.4: of 100 members 25 are left, at 40 s of 80 s.
    #[test]
    fn leaving_crowd_draws_the_report_near() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start, Some(secs(2)), 100);
        schedule.sent(start, Some(secs(80)), 100);
        schedule.reverse(start + secs(40), 25);
        assert_eq!(schedule.next, Some(start + secs(50)));
        assert_eq!(schedule.previous, start + secs(30));
        schedule.reverse(start + secs(40), 30);
        assert_eq!(
            schedule.next,
            Some(start + secs(50)),
            "more members change nothing"
        );
    }

    #[test]
    fn average_moves_by_a_sixteenth() {
        let mut schedule = Schedule::new(Instant::now(), None, 160);
        schedule.average_in(320);
        assert!((schedule.average_bytes - 170.0).abs() < 1e-9);
    }
}
