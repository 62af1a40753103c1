//! Sources, sequence numbers and media time as RTP counts them: all their wrapping arithmetic lives here.
use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// Synchronisation source: who sends (RFC 3550 §3). Shown as eight hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ssrc(pub u32);

impl fmt::Display for Ssrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Sequence number of a packet (RFC 3550 §5.1): 16 bits that wrap. It has no order of its own: use [`SeqNo::delta`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct SeqNo(pub u16);

impl SeqNo {
    /// The number of the packet sent after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// How many packets `self` lies after `other`; negative if before. Right while they are less than 32768 apart.
    #[must_use]
    pub const fn delta(self, other: Self) -> i16 {
        self.0.wrapping_sub(other.0).cast_signed()
    }

    /// Whether `self` was sent after `other`.
    #[must_use]
    pub const fn is_after(self, other: Self) -> bool {
        self.delta(other) > 0
    }
}

impl Add<u16> for SeqNo {
    type Output = Self;

    fn add(self, packets: u16) -> Self {
        Self(self.0.wrapping_add(packets))
    }
}

impl Sub<u16> for SeqNo {
    type Output = Self;

    fn sub(self, packets: u16) -> Self {
        Self(self.0.wrapping_sub(packets))
    }
}

impl fmt::Display for SeqNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Media time of a packet in ticks of its clock (RFC 3550 §5.1): 32 bits that wrap. Use [`RtpTime::delta`] to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct RtpTime(pub u32);

impl RtpTime {
    /// How many ticks `self` lies after `other`; negative if before. Right while they are less than 2³¹ apart.
    #[must_use]
    pub const fn delta(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0).cast_signed()
    }

    /// Whether `self` lies after `other`.
    #[must_use]
    pub const fn is_after(self, other: Self) -> bool {
        self.delta(other) > 0
    }

    /// This time moved by `ticks`, which may be negative.
    #[must_use]
    pub const fn offset(self, ticks: i32) -> Self {
        Self(self.0.wrapping_add_signed(ticks))
    }
}

impl Add<u32> for RtpTime {
    type Output = Self;

    fn add(self, ticks: u32) -> Self {
        Self(self.0.wrapping_add(ticks))
    }
}

impl AddAssign<u32> for RtpTime {
    fn add_assign(&mut self, ticks: u32) {
        *self = *self + ticks;
    }
}

impl Sub<u32> for RtpTime {
    type Output = Self;

    fn sub(self, ticks: u32) -> Self {
        Self(self.0.wrapping_sub(ticks))
    }
}

impl fmt::Display for RtpTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Ticks per second of a media clock; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockRate(NonZeroU32);

impl ClockRate {
    /// 8 kHz: telephone audio (RFC 3551).
    pub const HZ_8000: Self = Self(NonZeroU32::new(8_000).unwrap());
    /// 48 kHz: Opus (RFC 7587 §4.1), and what is mixed here.
    pub const HZ_48000: Self = Self(NonZeroU32::new(48_000).unwrap());
    /// 90 kHz: video (RFC 3551 §5).
    pub const HZ_90000: Self = Self(NonZeroU32::new(90_000).unwrap());

    /// A clock of `hz` ticks per second; `None` for zero.
    #[must_use]
    pub const fn new(hz: u32) -> Option<Self> {
        match NonZeroU32::new(hz) {
            Some(hz) => Some(Self(hz)),
            None => None,
        }
    }

    /// Ticks per second.
    #[must_use]
    pub const fn hz(self) -> u32 {
        self.0.get()
    }

    /// How many whole ticks fit in `duration`; the largest `u64` where they are more.
    #[must_use]
    pub fn ticks(self, duration: Duration) -> u64 {
        let ticks = duration.as_nanos() * u128::from(self.hz()) / NANOS_PER_SEC;
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// How long `ticks` take, to the nanosecond below.
    #[must_use]
    pub fn duration(self, ticks: u64) -> Duration {
        let hz = u64::from(self.hz());
        let nanos = u128::from(ticks % hz) * NANOS_PER_SEC / u128::from(hz);
        Duration::from_secs(ticks / hz) + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

impl fmt::Display for ClockRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const NANOS_PER_SEC: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ssrc_is_shown_as_eight_hex_digits() {
        assert_eq!(Ssrc(0xBEEF).to_string(), "0000beef");
    }

    #[test]
    fn sequence_numbers_compare_across_the_wrap() {
        assert_eq!(SeqNo(2).delta(SeqNo(65534)), 4);
        assert_eq!(SeqNo(65534).delta(SeqNo(2)), -4);
        assert!(SeqNo(0).is_after(SeqNo(65535)));
        assert!(!SeqNo(7).is_after(SeqNo(7)));
        assert_eq!(SeqNo(65535).next(), SeqNo(0));
    }

    #[test]
    fn media_time_compares_across_the_wrap() {
        assert_eq!(RtpTime(959).delta(RtpTime(u32::MAX)), 960);
        assert_eq!(RtpTime(u32::MAX) + 960, RtpTime(959));
        assert_eq!(RtpTime(959).offset(-960), RtpTime(u32::MAX));
    }

    #[test]
    fn ticks_and_durations_agree() {
        let frame = Duration::from_millis(20);
        assert_eq!(ClockRate::HZ_48000.ticks(frame), 960);
        assert_eq!(ClockRate::HZ_8000.duration(160), frame);
        assert_eq!(
            ClockRate::HZ_90000.duration(u64::MAX).as_secs(),
            u64::MAX / 90_000
        );
        assert_eq!(ClockRate::new(0), None);
    }

    proptest! {
        #[test]
        fn adding_then_comparing_gives_what_was_added(start: u16, ahead in 0..=i16::MAX.cast_unsigned()) {
            prop_assert_eq!((SeqNo(start) + ahead).delta(SeqNo(start)), ahead.cast_signed());
        }

        #[test]
        fn offset_and_delta_are_inverse(start: u32, ticks: i32) {
            prop_assert_eq!(RtpTime(start).offset(ticks).delta(RtpTime(start)), ticks);
        }

        #[test]
        fn ticks_survive_the_way_through_durations(hz in 1u32..200_000, ticks in 0u64..1 << 40) {
            let clock = ClockRate::new(hz).unwrap();
            let back = clock.ticks(clock.duration(ticks));
            prop_assert!(back == ticks || back + 1 == ticks);
        }
    }
}
