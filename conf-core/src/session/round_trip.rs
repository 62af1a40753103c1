//! What a member says about the media that we send, and how far away it is (RFC 3550 §6.4.1).
use std::time::{Duration, Instant};

use super::ntp::{NtpTime, from_short_fixed_point};
use crate::rtcp::ReportBlock;

/// A member's last report block about us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AboutUs {
    /// Lost on the way to it since its last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost since the beginning.
    pub cumulative_lost: i32,
    /// Interarrival jitter there, in ticks of our media clock.
    pub jitter_rtp_ticks: u32,
    /// There and back, where it has had a sender report of ours.
    pub round_trip: Option<Duration>,
    /// When the block arrived.
    pub arrival: Instant,
}

impl AboutUs {
    pub(super) fn new(now: Instant, now_ntp: NtpTime, block: &ReportBlock) -> Self {
        Self {
            fraction_lost: block.fraction_lost,
            cumulative_lost: block.cumulative_lost,
            jitter_rtp_ticks: block.jitter_rtp_ticks,
            round_trip: round_trip(now_ntp, block),
            arrival: now,
        }
    }
}

/// Now less "last SR" less "delay since last SR"; a little below zero, as coarse clocks may make it, is zero.
fn round_trip(now: NtpTime, block: &ReportBlock) -> Option<Duration> {
    if block.last_sr == 0 {
        return None;
    }
    let since_report = now.middle().wrapping_sub(block.last_sr);
    let units = since_report.wrapping_sub(block.delay_since_last_sr);
    match units.cast_signed() {
        0.. => Some(from_short_fixed_point(units)),
        ..0 if units.cast_signed() >= -SLACK => Some(Duration::ZERO),
        _ => None,
    }
}

/// Ten milliseconds in 1/65536 s.
const SLACK: i32 = 655;

#[cfg(test)]
mod tests {
    use media::rtp_time::Ssrc;

    use super::*;

    /// The worked example of RFC 3550 §6.4.1, figure 2.
    #[test]
    fn example_of_the_rfc() {
        let block = |last_sr, delay_since_last_sr| ReportBlock {
            ssrc: Ssrc(0),
            fraction_lost: 0,
            cumulative_lost: 0,
            highest_seq: 0,
            jitter_rtp_ticks: 0,
            last_sr,
            delay_since_last_sr,
        };
        let now = NtpTime(0xB44D_B710_8000_0000);
        assert_eq!(now.middle(), 0xB710_8000);
        let trip = |last_sr, delay| round_trip(now, &block(last_sr, delay));
        assert_eq!(
            trip(0xB705_2000, 0x0005_4000),
            Some(Duration::from_millis(6125))
        );
        assert_eq!(trip(0, 0x0005_4000), None);
        assert_eq!(trip(0xB710_8000, 100), Some(Duration::ZERO));
        assert_eq!(trip(0xB710_8000, 0x0001_0000), None);
    }
}
