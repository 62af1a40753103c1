//! When the next step is due: an absolute schedule, which may be bent to follow a device.
use std::time::{Duration, Instant};

use super::STEP;

/// A schedule of steps. Errors do not add up, and after a stall it goes on from the present.
#[derive(Debug)]
pub(super) struct Pace {
    due: Instant,
    period: Duration,
}

impl Pace {
    /// The first step is due now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: now,
            period: STEP,
        }
    }

    /// Lets every step take `1 + drift` times as long from now on.
    pub(super) fn set_drift(&mut self, drift: f64) {
        self.period = STEP.mul_f64((1.0 + drift).clamp(0.5, 2.0));
    }

    /// When the step was due that is to be made now, if one is; the next one is due a period later.
    ///
    /// A step has the time at which it was due, whenever the thread was woken: what it plays is heard on that schedule,
    /// and nothing learns from it how busy this computer is.
    pub(super) fn take_step(&mut self, now: Instant) -> Option<Instant> {
        let due = Some(self.due).filter(|due| *due <= now)?;
        self.due += self.period;
        Some(due)
    }

    /// Gives up what a stall has left behind beyond [`MAX_BACKLOG`], and tells how many steps that are.
    pub(super) fn skip_backlog(&mut self, now: Instant) -> u64 {
        let mut skipped = 0;
        let behind = now.saturating_duration_since(self.due);
        if behind > MAX_BACKLOG {
            skipped = (behind.as_nanos() / self.period.as_nanos()) as u64;
            self.due = now;
        }
        skipped
    }

    /// How long to wait for the next step.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }
}

/// A stall up to this is made good by steps in a row, so that nothing is lost to a busy computer;
/// the rings of the devices hold about as much.
const MAX_BACKLOG: Duration = Duration::from_millis(60);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    fn steps_until(pace: &mut Pace, now: Instant) -> usize {
        std::iter::from_fn(|| pace.take_step(now)).count()
    }

    #[test]
    fn late_turns_do_not_add_up() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut steps = 0;
        for turn in 0..1_000 {
            let late = Duration::from_micros(turn * 7 % 900);
            let now = start + STEP * turn as u32 + late;
            steps += steps_until(&mut pace, now);
        }
        assert_eq!(steps, 1_000);
    }

    #[test]
    fn a_late_step_has_the_time_at_which_it_was_due() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let later = start + STEP * 2 + STEP / 2;
        let due: Vec<_> = std::iter::from_fn(|| pace.take_step(later)).collect();
        assert_eq!(due, [start, start + STEP, start + STEP * 2]);
    }

    #[test]
    fn a_long_stall_is_skipped_and_counted() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let later = start + STEP * 100;
        assert_eq!(pace.skip_backlog(later), 100);
        assert_eq!(steps_until(&mut pace, later), 1);
        assert_eq!(pace.wait(later), STEP);
    }

    #[test]
    fn a_short_stall_is_made_good() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let later = start + STEP * 5;
        assert_eq!(pace.skip_backlog(later), 0);
        assert_eq!(steps_until(&mut pace, later), 6);
    }

    #[test]
    fn drift_changes_the_number_of_steps() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.set_drift(-0.005);
        assert_eq!(steps_until(&mut pace, start + STEP * 10_000), 10_051);
    }
}
