//! When a member of whom nothing is heard counts as gone (RFC 3550 §6.3.5), without throwing out the living.
//!
//! The RFC says: after five intervals, computed for a receiver with the fixed minimum and not randomised. That alone
//! loses live members where reports get lost or where they count on a longer interval than we (they see more members,
//! or know another `b=RR`). So here
//! * any packet is a sign of life, RTP or RTCP, in sequence or not;
//! * whoever has lately left a gap longer than randomising explains is measured by that gap in place of the interval,
//!   and so is everyone where that is what members do on average: then it is the network;
//! * when we ourselves were stopped (a suspended process), everyone's time begins anew;
//! * who times out is kept, and is [`Recovered`](super::SessionEvent::Recovered) on the first packet.
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;

use super::event::{LeaveReason, SessionEvent};
use super::member::{Member, Stage};
use super::rtp_session::RtpSession;

/// How regularly a member reports.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rhythm {
    last: Option<Instant>,
    /// The longest gap; fades with each report.
    gap: Duration,
}

impl Rhythm {
    /// A report came, where receivers report at `interval`.
    pub(super) fn note(&mut self, now: Instant, interval: Duration) {
        if let Some(last) = self.last.replace(now) {
            let gap = now.saturating_duration_since(last);
            self.gap = gap.max(self.gap / 32 * 31).min(LONGEST_GAP * interval);
        }
    }

    /// How long this member may be silent, where `usual_gap` is what members leave on average.
    fn patience(self, interval: Duration, usual_gap: Duration) -> Duration {
        let gap = self.gap.max(usual_gap);
        let is_explained = gap <= interval / 2 * 3;
        let rhythm = if is_explained { interval } else { gap };
        MISSED_REPORTS * rhythm.max(interval)
    }
}

/// What a look at one member finds.
enum Finding {
    SenderNoMore,
    TimedOut,
    Forgotten,
    Nothing,
}

impl RtpSession {
    /// Looks at everyone; this is due every few seconds.
    pub(super) fn look_for_timeouts(&mut self, now: Instant) {
        self.scan_at = now + SCAN_EVERY;
        let interval = self.timeout_interval();
        let usual_gap = self.usual_gap();
        let found: Vec<(Ssrc, Finding)> = self
            .members
            .iter()
            .flat_map(|(ssrc, member)| {
                let sender = self.examine_sender(now, member);
                let presence =
                    self.examine_presence(now, member.rhythm.patience(interval, usual_gap), member);
                [(ssrc, sender), (ssrc, presence)]
            })
            .filter(|(_, finding)| !matches!(finding, Finding::Nothing))
            .collect();
        for (ssrc, finding) in found {
            match finding {
                Finding::SenderNoMore => self.members.set_sender(ssrc, false),
                Finding::TimedOut => self.time_out(now, ssrc),
                Finding::Forgotten => self.forget(ssrc),
                Finding::Nothing => {}
            }
        }
        self.members_may_be_fewer(now);
    }

    /// Notes how late the timer is: who is woken long after the time was stopped, and heard nobody meanwhile.
    pub(super) fn note_stall(&mut self, now: Instant) {
        let due = self.next_timer();
        if due.is_some_and(|due| due + STALL < now) {
            self.awake_since = now;
        }
    }

    fn examine_sender(&self, now: Instant, member: &Member) -> Finding {
        let last = member.reception.as_ref().map(|reception| reception.last);
        let is_over = last.is_none_or(|last| last + 2 * self.last_interval <= now);
        if member.is_sender && is_over {
            Finding::SenderNoMore
        } else {
            Finding::Nothing
        }
    }

    fn usual_gap(&self) -> Duration {
        let here = self.members.iter().filter(|(_, m)| m.stage == Stage::Here);
        let sum: Duration = here.map(|(_, member)| member.rhythm.gap).sum();
        let count = u32::try_from(self.members.here()).unwrap_or(u32::MAX);
        sum / count.max(1)
    }

    fn examine_presence(&self, now: Instant, patience: Duration, member: &Member) -> Finding {
        let heard = member.heard.max(self.awake_since);
        match member.stage {
            Stage::Here if heard + patience <= now => Finding::TimedOut,
            Stage::Probation if heard + PROBATION <= now => Finding::Forgotten,
            Stage::TimedOut(at) if at + self.config.forget_after <= now => Finding::Forgotten,
            Stage::Left(_) if !member.is_straggler(now) => Finding::Forgotten,
            _ => Finding::Nothing,
        }
    }

    fn time_out(&mut self, now: Instant, ssrc: Ssrc) {
        self.silence(ssrc);
        self.members.set_sender(ssrc, false);
        self.members.set_stage(ssrc, Stage::TimedOut(now));
        self.tell(SessionEvent::TimedOut(ssrc));
    }

    fn forget(&mut self, ssrc: Ssrc) {
        let stage = self.members.get(ssrc).map(|member| member.stage);
        self.members.remove(ssrc);
        if let Some(Stage::TimedOut(_)) = stage {
            let reason = LeaveReason::Forgotten;
            self.tell(SessionEvent::Left { ssrc, reason });
        }
    }
}

/// RFC 3550 §6.3.5: `M`.
const MISSED_REPORTS: u32 = 5;
/// In intervals: of a member who reports more seldom than that, or whose reports nearly all get lost, it is no use to
/// remember more.
const LONGEST_GAP: u32 = 4;
/// Half the fixed minimum: how coarse time-outs are.
pub(super) const SCAN_EVERY: Duration = Duration::from_millis(2500);
/// A source that is heard once and not again was noise.
const PROBATION: Duration = Duration::from_secs(30);
/// No turn of the driver takes this long.
const STALL: Duration = Duration::from_secs(2);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    fn patience_after(gaps: &[u64]) -> Duration {
        let mut now = Instant::now();
        let mut rhythm = Rhythm::default();
        rhythm.note(now, INTERVAL);
        for gap in gaps {
            now += Duration::from_secs(*gap);
            rhythm.note(now, INTERVAL);
        }
        rhythm.patience(INTERVAL, Duration::ZERO)
    }

    #[test]
    fn patience_grows_with_gaps_and_has_a_bound() {
        assert_eq!(patience_after(&[]), 5 * INTERVAL);
        assert_eq!(patience_after(&[7, 3, 6]), 5 * INTERVAL);
        assert_eq!(patience_after(&[15]), 15 * INTERVAL);
        assert_eq!(patience_after(&[3600]), 20 * INTERVAL);
        let mut faded = vec![15];
        faded.extend([5; 21]);
        assert!(patience_after(&faded) > 5 * INTERVAL);
        faded.push(5);
        assert_eq!(patience_after(&faded), 5 * INTERVAL);
        let rhythm = Rhythm::default();
        assert_eq!(rhythm.patience(INTERVAL, INTERVAL), 5 * INTERVAL);
        assert_eq!(rhythm.patience(INTERVAL, 2 * INTERVAL), 10 * INTERVAL);
    }
}
