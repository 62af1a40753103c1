//! How long packets must wait so that nearly all of them are there when their turn comes.
//!
//! The *transit* of a packet is its arrival minus its media time; only differences mean something. The least transit of
//! the last seconds is the *base*, how far a packet lies above it is its *lateness*, and the target is a high quantile
//! of lateness and a margin. All in ticks of 48 kHz.

/// Learns the target delay of one source from the arrival of its packets.
#[derive(Debug)]
pub struct DelayEstimator {
    epoch_start: Option<i64>,
    /// The least transit of this epoch and of the one before.
    epoch_min: i64,
    last_min: i64,
    /// What `histogram` is counted from: at most a bucket below the base.
    histogram_base: i64,
    /// How often a packet was so late, in steps of [`BUCKET`]; the weights of all add up to 1.
    histogram: [f32; BUCKETS],
    /// How many packets that are, up to [`MEMORY`].
    packets: u16,
    /// Lateness of packets that missed their turn time and again; forgotten slowly.
    peak: i64,
    peak_time: i64,
    /// How often packets missed their turn lately: with each by 1 up, with each [`ACCIDENTS_APART`] by 1 down.
    accidents: f32,
    accident_time: i64,
    /// The packet observed last: its arrival and its transit.
    last: (i64, i64),
    /// Added to every target: for threads that are woken late.
    pub(super) spare: i64,
}

impl Default for DelayEstimator {
    fn default() -> Self {
        Self {
            epoch_start: None,
            epoch_min: 0,
            last_min: 0,
            histogram_base: 0,
            histogram: [0.0; BUCKETS],
            packets: 0,
            peak: 0,
            peak_time: 0,
            accidents: 0.0,
            accident_time: 0,
            last: (i64::MIN / 2, 0),
            spare: 0,
        }
    }
}

impl DelayEstimator {
    /// Takes the arrival of a packet in order; gives its lateness.
    pub fn observe(&mut self, arrival: i64, time: i64) -> i64 {
        let transit = arrival - time;
        let is_new_world = self.epoch_start.is_none() || (transit - self.base()).abs() > JUMP;
        if is_new_world {
            self.rebase(arrival, transit);
        }
        self.follow_base(arrival, transit);
        if !self.is_held_back_with_the_last(arrival, transit) {
            self.count(transit - self.histogram_base);
        }
        self.last = (arrival, transit);
        transit - self.base()
    }

    /// A packet came `lateness` above the base, and its turn was over. Now and then that is an accident: a thread was
    /// woken late, somewhere on the way. When it happens often, the target covers it from now on; it did so already
    /// where clocks have drifted apart. This tells whether it was no accident.
    pub fn note_late(&mut self, now: i64, lateness: i64) -> bool {
        if lateness <= self.target(now) {
            return true;
        }
        let forgotten = (now - self.accident_time) as f32 / ACCIDENTS_APART as f32;
        self.accidents = (self.accidents - forgotten).max(0.0) + 1.0;
        self.accident_time = now;
        let is_usual = self.accidents > MOST_ACCIDENTS;
        if is_usual {
            self.accidents = MOST_ACCIDENTS;
            self.peak = self.decayed_peak(now).max(lateness.min(MAX_TARGET));
            self.peak_time = now;
        }
        is_usual
    }

    /// The transit of the fastest packets.
    #[must_use]
    pub fn base(&self) -> i64 {
        self.epoch_min.min(self.last_min)
    }

    /// How long after the fastest packet would have come sound should be played.
    #[must_use]
    pub fn target(&self, now: i64) -> i64 {
        let quantile = self.quantile() - (self.base() - self.histogram_base);
        (quantile.max(self.decayed_peak(now)) + MARGIN).clamp(MIN_TARGET, MAX_TARGET) + self.spare
    }

    /// What to begin with beyond the target, because few packets show less than the whole spread of lateness.
    #[must_use]
    pub fn unseen(&self) -> i64 {
        let seen = (self.quantile() - BUCKET).max(0);
        (seen * UNSEEN / i64::from(self.packets.max(1))).min(MAX_UNSEEN)
    }

    /// What was held up comes all at once, and is one event, however many packets it is: what came first tells how long
    /// it took.
    fn is_held_back_with_the_last(&self, arrival: i64, transit: i64) -> bool {
        let (last_arrival, last_transit) = self.last;
        arrival - last_arrival < TOGETHER && transit < last_transit
    }

    fn rebase(&mut self, arrival: i64, transit: i64) {
        self.epoch_start = Some(arrival);
        (self.epoch_min, self.last_min, self.histogram_base) = (transit, transit, transit);
        self.peak = 0;
    }

    fn follow_base(&mut self, arrival: i64, transit: i64) {
        self.epoch_min = self.epoch_min.min(transit);
        if self
            .epoch_start
            .is_some_and(|start| arrival - start > EPOCH)
        {
            self.epoch_start = Some(arrival);
            self.last_min = self.epoch_min;
            self.epoch_min = transit;
        }
        self.shift_histogram();
    }

    /// Keeps the buckets counted from the base as it moves, in whole buckets.
    fn shift_histogram(&mut self) {
        let buckets = (self.base() - self.histogram_base).div_euclid(BUCKET);
        let Some(shift) = usize::try_from(buckets.unsigned_abs())
            .ok()
            .filter(|shift| *shift > 0)
        else {
            return;
        };
        self.histogram_base += buckets * BUCKET;
        let shift = shift.min(BUCKETS);
        if buckets > 0 {
            let below: f32 = self.histogram.iter().take(shift).sum();
            self.histogram.rotate_left(shift);
            self.histogram
                .iter_mut()
                .rev()
                .take(shift)
                .for_each(|weight| *weight = 0.0);
            self.histogram[0] += below;
        } else {
            let above: f32 = self.histogram.iter().rev().take(shift).sum();
            self.histogram.rotate_right(shift);
            self.histogram
                .iter_mut()
                .take(shift)
                .for_each(|weight| *weight = 0.0);
            self.histogram[BUCKETS - 1] += above;
        }
    }

    fn count(&mut self, above: i64) {
        let bucket = usize::try_from(above / BUCKET)
            .unwrap_or(0)
            .min(BUCKETS - 1);
        self.packets = (self.packets + 1).min(MEMORY);
        let weight = 1.0 / f32::from(self.packets);
        for counted in &mut self.histogram {
            *counted *= 1.0 - weight;
        }
        if let Some(counted) = self.histogram.get_mut(bucket) {
            *counted += weight;
        }
    }

    /// The upper edge of the bucket below which [`QUANTILE`] of all packets lie, or all of a few but [`OUTLIERS`].
    fn quantile(&self) -> i64 {
        let packets = f32::from(self.packets.max(1));
        let passed_over = (1.0 - QUANTILE).max((OUTLIERS / packets).min(FEW));
        let mut beyond = 0.0;
        let mut edge = BUCKET * i64::try_from(BUCKETS).unwrap_or(0);
        for weight in self.histogram.iter().rev() {
            beyond += weight;
            if beyond > passed_over {
                break;
            }
            edge -= BUCKET;
        }
        edge
    }

    fn decayed_peak(&self, now: i64) -> i64 {
        let left = (PEAK_HOLD + PEAK_FADE - (now - self.peak_time)).clamp(0, PEAK_FADE);
        self.peak * left / PEAK_FADE
    }
}

/// Ticks in a millisecond.
const MS: i64 = 48;
/// 2.5 ms: finer than the step of the engine.
const BUCKET: i64 = 5 * MS / 2;
/// 300 ms: a conversation with more delay is none.
const BUCKETS: usize = 120;
const MAX_TARGET: i64 = 300 * MS;
/// For the wake-up of threads at both ends.
const MARGIN: i64 = 5 * MS;
const MIN_TARGET: i64 = 15 * MS / 2;
/// Of an even spread, n packets leave 2/n unseen on average; twice that is rarely too little.
const UNSEEN: i64 = 4;
/// More would have to be taken back in the first words.
const MAX_UNSEEN: i64 = 10 * MS;
/// 256 packets of 20 ms: 5 s.
const MEMORY: u16 = 256;
/// One packet in 50 may make its source fall back for a moment; it is played late, not lost.
const QUANTILE: f32 = 0.98;
/// So many late packets show nothing yet, of the first ones either ...
const OUTLIERS: f32 = 1.5;
/// ... unless they are more than this part of all.
const FEW: f32 = 0.1;
/// The base is the least of 5 to 10 s: a clock that is 100 ppm slow moves 1 ms in that time.
const EPOCH: i64 = 5_000 * MS;
/// Less than the shortest packets last.
const TOGETHER: i64 = 2 * MS;
/// What is seldomer spoils a hundredth of the sound at most, and delay would spoil all of it.
const ACCIDENTS_APART: i64 = 5_000 * MS;
/// Two in a row may still be two accidents.
const MOST_ACCIDENTS: f32 = 2.0;
/// A peak is kept for 20 s, lest sound move to and fro with every one, and then forgotten in a straight line of 10 s.
const PEAK_HOLD: i64 = 20_000 * MS;
const PEAK_FADE: i64 = 10_000 * MS;
/// Beyond 1 s it is no delay, but another clock: the source began anew, or stood still.
const JUMP: i64 = 1_000 * MS;

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds packets of 20 ms whose lateness in ms is given; returns the last target in ms.
    fn target_ms(
        estimator: &mut DelayEstimator,
        start: i64,
        lateness_ms: impl Iterator<Item = i64>,
    ) -> i64 {
        let mut now = 0;
        for (index, late) in (start..).zip(lateness_ms) {
            let time = index * 960;
            now = time + late * MS;
            estimator.observe(now, time);
        }
        estimator.target(now) / MS
    }

    #[test]
    fn a_quiet_network_comes_down_to_the_least() {
        let mut estimator = DelayEstimator::default();
        assert!(target_ms(&mut estimator, 0, [0].into_iter()) <= 12);
        assert_eq!(
            target_ms(&mut estimator, 1, [0, 1].into_iter().cycle().take(1_000)),
            7
        );
    }

    #[test]
    fn jitter_is_covered_within_a_second() {
        let mut estimator = DelayEstimator::default();
        let mut rng = fastrand::Rng::with_seed(3);
        let target = target_ms(
            &mut estimator,
            0,
            std::iter::repeat_with(|| rng.i64(0..40)).take(50),
        );
        assert!((36..=48).contains(&target), "{target}");
    }

    #[test]
    fn one_late_packet_among_few_shows_nothing_and_two_do() {
        let mut estimator = DelayEstimator::default();
        let late = |index| if index == 30 { 60 } else { 0 };
        assert_eq!(target_ms(&mut estimator, 0, (0..40).map(late)), 7);
        assert!(target_ms(&mut estimator, 40, [60].into_iter()) > 60);
    }

    #[test]
    fn packets_that_were_held_up_together_are_one_event() {
        let mut estimator = DelayEstimator::default();
        let held_up = [85, 65, 45, 25, 5];
        assert_eq!(target_ms(&mut estimator, 0, [0; 40].into_iter()), 7);
        assert_eq!(target_ms(&mut estimator, 40, held_up.into_iter()), 7);
        assert_eq!(target_ms(&mut estimator, 45, [0; 40].into_iter()), 7);
        assert!(target_ms(&mut estimator, 85, held_up.into_iter()) > 85);
    }

    #[test]
    fn turns_missed_often_lift_the_target_at_once_and_are_forgotten() {
        let mut estimator = DelayEstimator::default();
        target_ms(&mut estimator, 0, [0].into_iter().cycle().take(500));
        assert!(!estimator.note_late(500 * 960, 80 * MS), "an accident");
        assert!(!estimator.note_late(550 * 960, 80 * MS), "another");
        assert_eq!(estimator.target(550 * 960), MIN_TARGET);
        assert!(estimator.note_late(600 * 960, 80 * MS), "again");
        assert_eq!(estimator.target(600 * 960), 85 * MS);
        assert_eq!(estimator.target(1_500 * 960), 85 * MS, "18 s later");
        assert_eq!(estimator.target(2_100 * 960), MIN_TARGET, "30 s later");
    }

    #[test]
    fn turns_missed_now_and_then_stay_accidents() {
        let mut estimator = DelayEstimator::default();
        target_ms(&mut estimator, 0, [0].into_iter().cycle().take(500));
        for accident in 2..100 {
            assert!(!estimator.note_late(accident * ACCIDENTS_APART, 80 * MS));
        }
    }

    #[test]
    fn a_longer_way_is_taken_for_normal_after_some_seconds() {
        let mut estimator = DelayEstimator::default();
        target_ms(&mut estimator, 0, [0].into_iter().cycle().take(500));
        assert!(target_ms(&mut estimator, 500, [60].into_iter().cycle().take(50)) > 60);
        let target = target_ms(&mut estimator, 550, [60].into_iter().cycle().take(1_000));
        assert_eq!((target, estimator.base()), (7, 60 * MS));
    }

    #[test]
    fn a_faster_way_does_not_lift_the_target_for_long() {
        let mut estimator = DelayEstimator::default();
        target_ms(&mut estimator, 0, [60].into_iter().cycle().take(500));
        let target = target_ms(&mut estimator, 500, [0].into_iter().cycle().take(1_500));
        assert_eq!((target, estimator.base()), (7, 0));
    }

    #[test]
    fn drifting_clocks_do_not_count_as_jitter() {
        for drift in [-1, 1] {
            let mut estimator = DelayEstimator::default();
            // 1 tick in 10,000 is 100 ppm.
            let mut target = 0;
            for index in 0..20_000_i64 {
                let time = index * 960;
                let arrival = time + drift * time / 10_000;
                estimator.observe(arrival, time);
                target = estimator.target(arrival);
            }
            assert!(target <= 10 * MS, "{drift}: {target}");
        }
    }

    #[test]
    fn a_media_clock_that_stood_still_starts_anew() {
        let mut estimator = DelayEstimator::default();
        target_ms(&mut estimator, 0, [0].into_iter().cycle().take(100));
        assert_eq!(target_ms(&mut estimator, 100, [30_000].into_iter()), 7);
    }
}
