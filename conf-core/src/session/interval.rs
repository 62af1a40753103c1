//! How long to wait between reports (RFC 3550 §6.2, §6.3.1; RFC 3556; RFC 4585 §3.4).
use std::time::Duration;

use super::config::{RtcpBandwidth, RtcpPace};

/// What the interval depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct IntervalInput {
    /// Members, we among them.
    pub(super) members: usize,
    /// Those of them who send media.
    pub(super) senders: usize,
    pub(super) bandwidth: RtcpBandwidth,
    /// Whether we send media.
    pub(super) is_sender: bool,
    /// Average of RTCP datagrams with their UDP and IP headers, in bytes.
    pub(super) average_bytes: f64,
    pub(super) minimum: Duration,
}

impl IntervalInput {
    /// The interval before it is randomised; `None` where the bandwidth allows us no reports.
    pub(super) fn deterministic(&self) -> Option<Duration> {
        let (share_bits, sharers) = self.share();
        if share_bits == 0 {
            return None;
        }
        let bytes_per_sec = f64::from(share_bits) / 8.0;
        let sharers = f64::from(u32::try_from(sharers.max(1)).unwrap_or(u32::MAX));
        let secs = self.average_bytes * sharers / bytes_per_sec;
        let interval = Duration::from_secs_f64(secs.clamp(0.0, MAX_SECS));
        Some(interval.max(self.minimum))
    }

    /// The bandwidth that we share, and with how many: senders have theirs while they are no more than its part.
    fn share(&self) -> (u32, usize) {
        let RtcpBandwidth { senders, receivers } = self.bandwidth;
        let total = self.bandwidth.total();
        let widen = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
        let are_senders_few = widen(self.senders).saturating_mul(u128::from(total))
            <= widen(self.members).saturating_mul(u128::from(senders));
        match (are_senders_few, self.is_sender) {
            // RFC 3556 §2: receivers without bandwidth of their own are silent.
            (_, false) if receivers == 0 => (0, 1),
            (false, _) => (total, self.members),
            (true, true) => (senders, self.senders),
            (true, false) => (receivers, self.members.saturating_sub(self.senders)),
        }
    }
}

/// The interval as it is used: between 0.5 and 1.5 of the deterministic one, made up for what reconsideration adds.
pub(super) fn randomised(deterministic: Duration, rng: &mut fastrand::Rng) -> Duration {
    deterministic
        .mul_f64((0.5 + rng.f64()) / COMPENSATION)
        .max(SHORTEST)
}

/// The lower bound, which is halved before the first report.
pub(super) fn minimum(pace: RtcpPace, is_sender: bool, is_initial: bool) -> Duration {
    let usual = match pace {
        RtcpPace::Fixed => FIXED_MINIMUM,
        RtcpPace::Reduced { session_bandwidth } if is_sender => {
            let secs = 360_000.0 / f64::from(session_bandwidth.max(1));
            Duration::from_secs_f64(secs).min(FIXED_MINIMUM)
        }
        RtcpPace::Reduced { .. } => FIXED_MINIMUM,
        RtcpPace::Feedback { .. } if is_initial => return Duration::from_secs(1),
        RtcpPace::Feedback { .. } => return Duration::ZERO,
    };
    if is_initial { usual / 2 } else { usual }
}

/// RFC 3550 §6.2.
pub(super) const FIXED_MINIMUM: Duration = Duration::from_secs(5);
/// RFC 3550 §6.3.1: e − 3/2.
const COMPENSATION: f64 = std::f64::consts::E - 1.5;
/// With AVPF there is no minimum; this keeps a session of two from doing nothing else.
const SHORTEST: Duration = Duration::from_millis(20);
/// A day: beyond it an interval says only "never".
const MAX_SECS: f64 = 86_400.0;

#[cfg(test)]
mod tests {
    use super::*;

    const RTCP_OF_64K: RtcpBandwidth = RtcpBandwidth::of_session(64_000);

    fn secs(members: usize, senders: usize, is_sender: bool) -> f64 {
        let input = IntervalInput {
            members,
            senders,
            bandwidth: RTCP_OF_64K,
            is_sender,
            average_bytes: 100.0,
            minimum: FIXED_MINIMUM,
        };
        input.deterministic().unwrap().as_secs_f64()
    }

    /// By hand: 5 % of 64 kbit/s are 400 bytes/s; a quarter is 100, three quarters are 300.
    #[test]
    fn table_worked_out_by_hand() {
        for (members, senders, is_sender, expected) in [
            (1, 0, false, 5.0),            // 1·100/300 s, below the minimum
            (2, 1, true, 5.0),             // senders are more than a quarter: 2·100/400
            (100, 30, true, 25.0),         // more than a quarter: 100·100/400
            (100, 30, false, 25.0),        // the same for all
            (100, 25, true, 25.0),         // a quarter: 25·100/100
            (100, 25, false, 25.0),        // and 75·100/300
            (1000, 5, false, 995.0 / 3.0), // 995·100/300
            (1000, 5, true, 5.0),          // 5·100/100
            (1000, 10, true, 10.0),
        ] {
            let interval = secs(members, senders, is_sender);
            assert!(
                (interval - expected).abs() < 1e-6,
                "{members} {senders} {is_sender}: {interval}"
            );
        }
    }

    /// RFC 3550 A.7's arithmetic, written as the appendix writes it.
    fn appendix(members: f64, senders: f64, is_sender: bool, rtcp_bytes_per_sec: f64) -> f64 {
        let mut bandwidth = rtcp_bytes_per_sec;
        let mut n = members;
        if senders <= members * 0.25 {
            if is_sender {
                bandwidth *= 0.25;
                n = senders;
            } else {
                bandwidth *= 0.75;
                n -= senders;
            }
        }
        f64::max(100.0 * n / bandwidth, 5.0)
    }

    #[test]
    fn agrees_with_the_appendix_up_to_a_thousand_members() {
        for members in 2..=1000u32 {
            for senders in [
                0,
                1,
                2,
                5,
                members / 4,
                members / 4 + 1,
                members / 2,
                members,
            ] {
                for is_sender in [false, true] {
                    let senders =
                        senders.clamp(u32::from(is_sender), members - u32::from(!is_sender));
                    let ours = secs(members as usize, senders as usize, is_sender);
                    let theirs = appendix(members.into(), senders.into(), is_sender, 400.0);
                    assert!(
                        (ours - theirs).abs() < 1e-6,
                        "{members} {senders}: {ours} {theirs}"
                    );
                }
            }
        }
    }

    #[test]
    fn zero_bandwidth_silences_whom_rfc_3556_says() {
        let allowed = |senders, receivers, is_sender| {
            let input = IntervalInput {
                members: 10,
                senders: 2,
                bandwidth: RtcpBandwidth { senders, receivers },
                is_sender,
                average_bytes: 100.0,
                minimum: FIXED_MINIMUM,
            };
            input.deterministic().is_some()
        };
        assert!(!allowed(0, 0, true) && !allowed(0, 0, false));
        assert!(allowed(800, 0, true) && !allowed(800, 0, false));
        assert!(allowed(0, 800, true) && allowed(0, 800, false));
    }

    #[test]
    fn minimum_is_halved_at_first_and_scaled_for_senders() {
        let fast = RtcpPace::Reduced {
            session_bandwidth: 720_000,
        };
        let slow = RtcpPace::Reduced {
            session_bandwidth: 36_000,
        };
        for (pace, is_sender, is_initial, millis) in [
            (RtcpPace::Fixed, true, false, 5000),
            (RtcpPace::Fixed, false, true, 2500),
            (fast, true, false, 500),
            (fast, true, true, 250),
            (fast, false, false, 5000),
            (slow, true, false, 5000),
        ] {
            assert_eq!(
                minimum(pace, is_sender, is_initial),
                Duration::from_millis(millis)
            );
        }
    }

    #[test]
    fn randomised_intervals_spread_evenly_over_their_range() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut all: Vec<f64> = (0..10_000)
            .map(|_| randomised(Duration::from_secs(5), &mut rng).as_secs_f64())
            .collect();
        all.sort_by(f64::total_cmp);
        let (low, high) = (2.5 / 1.218_281_828, 7.5 / 1.218_281_828);
        assert!(all[0] >= low && all[9999] <= high);
        for quarter in 1..4u32 {
            let expected = low + (high - low) * f64::from(quarter) / 4.0;
            assert!((all[quarter as usize * 2500] - expected).abs() < 0.1);
        }
    }
}
