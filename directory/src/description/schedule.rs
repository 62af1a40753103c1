//! When a conference is held, by the wall clock: what is on, what comes next.
use std::time::SystemTime;

use super::Description;
use super::time::{NtpTime, Repeat, Time, ZoneAdjustment};

/// How a conference stands to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It is always on.
    Permanent,
    /// It is on.
    Current {
        /// When this occurrence ends, where it does.
        until: Option<SystemTime>,
    },
    /// It is not on, but will be.
    Upcoming {
        /// When the next occurrence begins.
        start: SystemTime,
    },
    /// It is over for good.
    Past,
}

/// One time at which the conference is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// First moment; none where it always was.
    pub start: Option<SystemTime>,
    /// The moment after the last; none where it has no end.
    pub stop: Option<SystemTime>,
}

impl Description {
    /// How the conference stands to this moment. One without `t=` is always on.
    pub fn activity(&self, wall: SystemTime) -> Activity {
        let is_permanent = |time: &Time| {
            (time.start, time.stop) == (NtpTime(0), NtpTime(0)) && time.repeats.is_empty()
        };
        if self.times.is_empty() || self.times.iter().any(is_permanent) {
            return Activity::Permanent;
        }
        let now = ntp(wall);
        let series = self.series(now);
        let current = series.iter().filter(|series| series.next <= now);
        if let Some(stop) = current.map(|series| series.last_stop(now)).max() {
            let until = wall_time(stop);
            return Activity::Current { until };
        }
        let next = series.iter().map(|series| series.next).min();
        match next.and_then(wall_time) {
            Some(start) => Activity::Upcoming { start },
            None => Activity::Past,
        }
    }

    /// All occurrences that end after `from`, in the order in which they begin; there may be no end of them.
    pub fn occurrences(&self, from: SystemTime) -> impl Iterator<Item = Occurrence> + use<> {
        let mut series = self.series(ntp(from));
        std::iter::from_fn(move || {
            let earliest = series.iter_mut().min_by_key(|series| series.next)?;
            let (start, stop) = (earliest.next, earliest.stop(earliest.next));
            earliest.next = start + earliest.step;
            series.retain(|series| series.next < series.end);
            Some(Occurrence {
                start: wall_time(start),
                stop: wall_time(stop),
            })
        })
    }

    /// All occurrences from the first on, as series at equal distances.
    pub(super) fn rounds(&self) -> impl Iterator<Item = Round> + use<> {
        self.series(0).into_iter().map(|series| Round {
            first: ntp_time(series.next),
            duration_secs: (series.stop(series.next) < FOREVER)
                .then(|| series.duration.unsigned_abs()),
            repeat: series.repeat(),
        })
    }

    fn series(&self, from: i64) -> Vec<Series> {
        let mut series = Vec::new();
        for (index, time) in self.times.iter().enumerate() {
            // RFC 4566 has one z= behind all times, RFC 8866 one behind each.
            let later = self.times.iter().skip(index).map(|time| &time.zones);
            let zones = later.into_iter().find(|zones| !zones.is_empty());
            let zones = zones.map(Vec::as_slice).unwrap_or_default();
            if time.repeats.is_empty() {
                series.push(Series::once(time));
            }
            for repeat in &time.repeats {
                series.extend(repeated(time, repeat, zones));
            }
        }
        series.iter_mut().for_each(|series| series.skip_to(from));
        series.retain(|series| series.next < series.end && series.stop(series.next) > from);
        series
    }
}

/// A series of occurrences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Round {
    /// Where the first begins; 0 where that is unknown.
    pub(super) first: NtpTime,
    /// How long each lasts, where they end.
    pub(super) duration_secs: Option<u64>,
    /// What follows the first.
    pub(super) repeat: Option<RoundRepeat>,
}

/// How a series goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoundRepeat {
    /// From one beginning to the next.
    pub(super) interval_secs: u64,
    /// Where the last begins, if there is a last.
    pub(super) last: Option<NtpTime>,
}

/// Occurrences at equal distances; all in NTP seconds.
#[derive(Debug, Clone, Copy)]
struct Series {
    /// Where the next occurrence begins.
    next: i64,
    /// From one to the next.
    step: i64,
    /// How long each lasts.
    duration: i64,
    /// No occurrence begins here or later.
    end: i64,
}

impl Series {
    fn once(time: &Time) -> Self {
        let next = time.start.0.cast_signed();
        Self {
            next,
            step: FOREVER,
            duration: end_of(time) - next,
            end: FOREVER,
        }
    }

    fn stop(&self, start: i64) -> i64 {
        (start + self.duration).min(FOREVER)
    }

    /// Nothing where the first occurrence is the last.
    fn repeat(&self) -> Option<RoundRepeat> {
        let last = self.next + (self.end - 1 - self.next) / self.step * self.step;
        (last > self.next && self.step < FOREVER).then(|| RoundRepeat {
            interval_secs: self.step.unsigned_abs(),
            last: (self.end < FOREVER).then(|| ntp_time(last)),
        })
    }

    /// Drops what is over by then.
    fn skip_to(&mut self, from: i64) {
        let behind = from - self.duration - self.next;
        if behind >= 0 {
            let steps = behind / self.step + 1;
            self.next = self.next.saturating_add(steps.saturating_mul(self.step));
        }
    }

    /// End of the last occurrence that has begun by `now`, where one has.
    fn last_stop(&self, now: i64) -> i64 {
        let begun = now.min(self.end - 1) - self.next;
        self.stop(self.next + begun / self.step * self.step)
    }
}

/// One series for each offset and each stretch of time between two zone adjustments.
fn repeated<'a>(
    time: &'a Time,
    repeat: &'a Repeat,
    zones: &'a [ZoneAdjustment],
) -> impl Iterator<Item = Series> + 'a {
    let step = repeat.interval_secs.cast_signed();
    repeat.offsets_secs.iter().flat_map(move |offset| {
        let base = time.start.0.cast_signed() + offset.cast_signed();
        stretches(zones).map(move |(begin, end, shift)| {
            let missed = (begin - base).max(0);
            let first = base + missed / step * step + if missed % step > 0 { step } else { 0 };
            Series {
                next: first + shift,
                step,
                duration: repeat.duration_secs.cast_signed(),
                end: end.min(end_of(time)) + shift,
            }
        })
    })
}

/// Begin, end and shift of each stretch.
fn stretches(zones: &[ZoneAdjustment]) -> impl Iterator<Item = (i64, i64, i64)> {
    let begin = |zone: &ZoneAdjustment| zone.at.0.cast_signed();
    let ends = zones.iter().map(begin).chain([FOREVER]);
    let begins = zones
        .iter()
        .map(move |zone| (begin(zone), zone.offset_secs));
    let begins = std::iter::once((0, 0)).chain(begins);
    begins
        .zip(ends)
        .map(|((begin, shift), end)| (begin, end, shift))
}

fn end_of(time: &Time) -> i64 {
    match time.stop.0 {
        0 => FOREVER,
        stop => stop.cast_signed(),
    }
}

fn ntp(time: SystemTime) -> i64 {
    NtpTime::from_system(time).0.cast_signed()
}

/// 0 where it is no date.
fn ntp_time(secs: i64) -> NtpTime {
    let is_date = (1..=NtpTime::MAX_SECS.cast_signed()).contains(&secs);
    NtpTime(if is_date { secs.unsigned_abs() } else { 0 })
}

fn wall_time(secs: i64) -> Option<SystemTime> {
    let is_bounded = (1..FOREVER).contains(&secs);
    is_bounded
        .then(|| NtpTime(secs.unsigned_abs()).to_system())
        .flatten()
}

/// Far beyond [`NtpTime::MAX_SECS`], yet sums of a few do not overflow.
const FOREVER: i64 = 1 << 60;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: u64 = 3_900_000_000;
    const HOUR: u64 = 3_600;
    const DAY: u64 = 86_400;

    fn at(secs: u64) -> SystemTime {
        NtpTime(secs).to_system().unwrap()
    }

    fn read(times: &str) -> Description {
        let text = format!("v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\n{times}\n");
        Description::parse(text.as_bytes()).unwrap()
    }

    fn starts(description: &Description, from: u64) -> Vec<u64> {
        let occurrences = description.occurrences(at(from)).take(5);
        occurrences
            .map(|o| NtpTime::from_system(o.start.unwrap()).0 - START)
            .collect()
    }

    #[test]
    fn one_occurrence_comes_and_goes() {
        let once = read(&format!("t={START} {}", START + HOUR));
        let stop = at(START + HOUR);
        assert_eq!(
            once.activity(at(START - 1)),
            Activity::Upcoming { start: at(START) }
        );
        assert_eq!(
            once.activity(at(START)),
            Activity::Current { until: Some(stop) }
        );
        assert_eq!(
            once.activity(stop - Duration::from_secs(1)),
            Activity::Current { until: Some(stop) }
        );
        assert_eq!(once.activity(stop), Activity::Past);
    }

    #[test]
    fn unbounded_times() {
        let activity = |times: String| read(&times).activity(at(START));
        assert_eq!(activity("t=0 0".to_owned()), Activity::Permanent);
        assert_eq!(
            activity("m=audio 9 RTP/AVP 0".to_owned()),
            Activity::Permanent
        );
        assert_eq!(
            activity(format!("t={} 0", START - 1)),
            Activity::Current { until: None }
        );
        let until = Some(at(START + 1));
        assert_eq!(
            activity(format!("t=0 {}", START + 1)),
            Activity::Current { until }
        );
        assert_eq!(activity(format!("t=0 {START}")), Activity::Past);
    }

    #[test]
    fn weekly_on_two_days_as_in_rfc_8866_section_5_10() {
        let weekly = read(&format!("t={START} {}\nr=7d 1h 0 25h", START + 14 * DAY));
        let all = [0, 25 * HOUR, 7 * DAY, 7 * DAY + 25 * HOUR];
        assert_eq!(starts(&weekly, START - DAY), all);
        assert_eq!(starts(&weekly, START + HOUR - 1), all);
        assert_eq!(starts(&weekly, START + HOUR), all[1..]);
        let next = at(START + 25 * HOUR);
        assert_eq!(
            weekly.activity(at(START + HOUR)),
            Activity::Upcoming { start: next }
        );
        assert_eq!(
            weekly.activity(next),
            Activity::Current {
                until: Some(next + Duration::from_secs(HOUR))
            }
        );
        assert_eq!(weekly.activity(at(START + 14 * DAY)), Activity::Past);
    }

    #[test]
    fn summer_time_moves_what_comes_after_it() {
        let (spring, autumn) = (START + DAY + 1, START + 3 * DAY + 1);
        let daily = read(&format!(
            "t={START} 0\nr=1d 1h 0\nz={spring} -1h {autumn} 0"
        ));
        let expected = [0, DAY, 2 * DAY - HOUR, 3 * DAY - HOUR, 4 * DAY];
        assert_eq!(starts(&daily, START), expected);
        assert_eq!(starts(&daily, START + 2 * DAY)[..2], expected[3..]);
    }

    #[test]
    fn several_times_are_merged_in_order() {
        let times = format!(
            "t={} {}\nt={START} {}\nr=2d 1h 0",
            START + DAY,
            START + DAY + HOUR,
            START + 3 * DAY
        );
        assert_eq!(starts(&read(&times), START), [0, DAY, 2 * DAY]);
    }

    #[test]
    fn hostile_repetition_is_answered_at_once() {
        let endless = read("t=1 0\nr=1 200000000000 0");
        assert!(matches!(
            endless.activity(at(START)),
            Activity::Current { .. }
        ));
        let distant = read("t=1 0\nr=1 1 0\nz=1 -200000000000");
        assert!(distant.occurrences(at(START)).next().is_some());
        let far = read("t=255611289600 255611289600\nr=255611289600 255611289600 255611289600");
        assert_eq!(far.activity(at(START)), Activity::Past);
    }
}
