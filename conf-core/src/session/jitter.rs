//! Interarrival jitter (RFC 3550 §6.4.1, A.8).
use media::rtp_time::RtpTime;

/// The running estimate for one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jitter {
    /// In sixteenths of a tick.
    scaled: u64,
    /// Arrival less media time of the last packet.
    transit: Option<u32>,
}

impl Jitter {
    /// No packet yet.
    pub(super) const NEW: Self = Self {
        scaled: 0,
        transit: None,
    };

    /// Takes a packet of this media time that arrived at `arrival` on the same clock, whose zero may be anywhere.
    pub(super) fn update(&mut self, arrival: RtpTime, time: RtpTime) {
        let transit = arrival.delta(time).cast_unsigned();
        if let Some(before) = self.transit.replace(transit) {
            let change = RtpTime(transit).delta(RtpTime(before)).unsigned_abs();
            let decay = (self.scaled + 8) >> 4;
            self.scaled = self.scaled + u64::from(change) - decay;
        }
    }

    /// The clock changed with the payload type: what comes next is not compared with what was before.
    pub(super) const fn restart(&mut self) {
        self.transit = None;
    }

    /// The estimate in ticks.
    pub(super) fn ticks(self) -> u32 {
        u32::try_from(self.scaled >> 4).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_arrival_has_none() {
        let mut jitter = Jitter::NEW;
        for packet in 0..100u32 {
            jitter.update(
                RtpTime(7 + packet * 160),
                RtpTime(u32::MAX - 500) + packet * 160,
            );
        }
        assert_eq!(jitter.ticks(), 0);
    }

    /// The appendix's recurrence, done here in floating point.
    #[test]
    fn estimate_follows_the_formula() {
        let mut jitter = Jitter::NEW;
        let mut expected = 0.0f64;
        let delays = [0u32, 80, 0, 240, 40, 40, 800, 0, 0, 160, 90, 10];
        for (packet, delay) in (0u32..).zip(delays) {
            jitter.update(RtpTime(packet * 160 + delay), RtpTime(packet * 160));
            let before = delays[packet.saturating_sub(1) as usize];
            expected += (f64::from(delay.abs_diff(before)) - expected) / 16.0;
            assert!((f64::from(jitter.ticks()) - expected).abs() < 1.5);
        }
        assert!(jitter.ticks() > 80);
    }

    #[test]
    fn worst_case_does_not_overflow() {
        let mut jitter = Jitter::NEW;
        for packet in 0..1000u32 {
            jitter.update(RtpTime(0), RtpTime((packet & 1) << 31));
        }
        assert!(jitter.ticks() > 1 << 30);
    }
}
