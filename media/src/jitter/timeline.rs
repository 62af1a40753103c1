//! Media time that wraps, made into ticks that do not.
use crate::rtp_time::{ClockRate, RtpTime};

/// The media time of one source, extended to 64 bits and converted to ticks of 48 kHz.
#[derive(Debug)]
pub(super) struct Timeline {
    clock_rate: ClockRate,
    last: Option<(RtpTime, i64)>,
}

impl Timeline {
    pub(super) fn new(clock_rate: ClockRate) -> Self {
        Self {
            clock_rate,
            last: None,
        }
    }

    /// Ticks of `time`, taken for near the newest packet; the first one is 0.
    pub(super) fn place(&self, time: RtpTime) -> i64 {
        let tick_rate = i64::from(ClockRate::HZ_48000.hz());
        self.extend(time) * tick_rate / i64::from(self.clock_rate.hz())
    }

    /// The inverse of [`Self::place`], once a packet was accepted.
    pub(super) fn time_at(&self, ticks: i64) -> Option<RtpTime> {
        let (last, extended) = self.last?;
        let tick_rate = i64::from(ClockRate::HZ_48000.hz());
        let ahead = ticks * i64::from(self.clock_rate.hz()) / tick_rate - extended;
        i32::try_from(ahead).ok().map(|ahead| last.offset(ahead))
    }

    /// A packet of that time was accepted.
    pub(super) fn advance_to(&mut self, time: RtpTime) {
        self.last = Some((time, self.extend(time)));
    }

    fn extend(&self, time: RtpTime) -> i64 {
        self.last
            .map_or(0, |(last, extended)| extended + i64::from(time.delta(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_across_the_wrap() {
        let mut timeline = Timeline::new(ClockRate::HZ_8000);
        timeline.advance_to(RtpTime(u32::MAX - 79));
        assert_eq!(timeline.place(RtpTime(80)), 960);
        assert_eq!(timeline.time_at(960), Some(RtpTime(80)));
        assert_eq!(timeline.time_at(-480), Some(RtpTime(u32::MAX - 159)));
        timeline.advance_to(RtpTime(80));
        assert_eq!(timeline.place(RtpTime(u32::MAX - 79)), 0);
    }
}
