//! How a source's media clock stands against its wall clock: what lip sync is made of (RFC 3550 §6.4.1).
use std::time::Instant;

use media::rtp_time::{ClockRate, RtpTime};

use super::ntp::NtpTime;

/// One moment on both clocks of a source, as its last sender report told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    /// By the sender's wall clock.
    pub ntp: NtpTime,
    /// By its media clock.
    pub rtp_time: RtpTime,
    /// When the report arrived.
    pub arrival: Instant,
}

impl SenderClock {
    /// When by the sender's wall clock a packet of this media time was sampled; `None` where the sender has no wall
    /// clock. Two streams of one sender are in step where their times here are equal. Right within 2³¹ ticks of the
    /// report.
    #[must_use]
    pub fn ntp_at(&self, time: RtpTime, clock_rate: ClockRate) -> Option<NtpTime> {
        let ticks = time.delta(self.rtp_time);
        let distance = clock_rate.duration(u64::from(ticks.unsigned_abs()));
        (self.ntp != NtpTime(0)).then(|| match ticks {
            0.. => self.ntp.after(distance),
            _ => self.ntp.before(distance),
        })
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn media_time_is_mapped_on_both_sides_of_the_report_and_of_the_wrap() {
        let clock = SenderClock {
            ntp: NtpTime(1000 << 32),
            rtp_time: RtpTime(u32::MAX),
            arrival: Instant::now(),
        };
        let rate = ClockRate::HZ_48000;
        let at = |time| clock.ntp_at(RtpTime(time), rate).unwrap();
        assert_eq!(at(u32::MAX), NtpTime(1000 << 32));
        assert_eq!(at(23_999).0, 1000 << 32 | 1 << 31);
        assert_eq!(
            NtpTime(1000 << 32).since(at(u32::MAX - 96_000)),
            Ok(Duration::from_secs(2))
        );
        let without = SenderClock {
            ntp: NtpTime(0),
            ..clock
        };
        assert_eq!(without.ntp_at(RtpTime(0), rate), None);
    }
}
