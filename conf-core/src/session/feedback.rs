//! When feedback goes out: early where AVPF allows it, else with the next report (RFC 4585 §3.5, RFC 5506).
use std::time::{Duration, Instant};

use media::rtp_time::{SeqNo, Ssrc};

use super::config::RtcpPace;
use super::event::SessionEvent;
use super::io::SessionOutput;
use super::rtp_session::{COMPOUND_OVERHEAD, RtpSession};
use crate::rtcp::{CompoundWriter, Feedback, FeedbackMessage, Nack};

/// Feedback that waits, and the state of §3.5.2.
#[derive(Debug, Default)]
pub(super) struct EarlyFeedback {
    pending: Vec<Feedback>,
    /// `te`: when it goes out before the regular report.
    pub(super) early_at: Option<Instant>,
    /// One early packet was sent since the last regular report, so there is no other.
    is_spent: bool,
    /// `t_rr_last`, and how far from it the next regular report is at least.
    last_regular: Option<(Instant, Duration)>,
    /// Feedback dropped because too much waited, or because no datagram holds it.
    pub(super) dropped: u64,
}

impl EarlyFeedback {
    fn push(&mut self, feedback: Feedback, max_bytes: usize) -> bool {
        if self.pending.contains(&feedback) {
            return false;
        }
        let fits = CompoundWriter::reduced_size(max_bytes).feedback(&feedback);
        let has_room = fits && self.pending.len() < MAX_PENDING;
        if has_room {
            self.pending.push(feedback);
        } else {
            self.dropped += 1;
        }
        has_room
    }

    /// Another has asked for the same (§3.5.2, step 3): the source will answer to all.
    fn suppress(&mut self, seen: &Feedback) {
        self.pending.retain_mut(|ours| {
            if ours.media != seen.media {
                return true;
            }
            match (&mut ours.message, &seen.message) {
                (FeedbackMessage::Nack(ours), FeedbackMessage::Nack(theirs)) => {
                    leave_out(ours, theirs)
                }
                (ours, theirs) => ours != theirs,
            }
        });
        if self.pending.is_empty() {
            self.early_at = None;
        }
    }

    /// Adds what waits to a datagram, as far as there is room.
    pub(super) fn drain_into(&mut self, writer: &mut CompoundWriter) {
        self.pending.retain(|feedback| !writer.feedback(feedback));
    }

    /// The SSRC changed: so does the sender of what waits.
    pub(super) fn set_sender(&mut self, ssrc: Ssrc) {
        for feedback in &mut self.pending {
            feedback.sender = ssrc;
        }
    }

    /// A regular report went out, and the next is at least so far away.
    pub(super) fn regular_sent(&mut self, now: Instant, distance: Duration) {
        self.early_at = None;
        self.is_spent = false;
        self.last_regular = Some((now, distance));
    }

    /// A regular report was left out; feedback may be early again all the same (§3.5.3).
    pub(super) const fn regular_suppressed(&mut self) {
        self.is_spent = false;
    }

    /// Whether a regular report that is due is left out for `trr-int` (§3.5.3).
    pub(super) fn is_too_soon(&self, now: Instant) -> bool {
        let is_near = |(at, distance): (Instant, Duration)| now < at + distance;
        self.pending.is_empty() && self.last_regular.is_some_and(is_near)
    }
}

impl RtpSession {
    /// Takes feedback to send, and plans when (§3.5.2, steps 1 to 6).
    pub(super) fn plan_feedback(&mut self, now: Instant, to: Ssrc, message: FeedbackMessage) {
        let media = match message {
            FeedbackMessage::FullIntra(_) | FeedbackMessage::Pause(_) => Ssrc(0),
            _ => to,
        };
        let sender = self.own.ssrc;
        let feedback = Feedback {
            sender,
            media,
            message,
        };
        let max_bytes = self.config.max_rtcp_bytes.saturating_sub(COMPOUND_OVERHEAD);
        let is_new = self.feedback.push(feedback, max_bytes);
        let is_early = matches!(self.config.pace, RtcpPace::Feedback { .. });
        let (Some(next), true, true) = (self.schedule.next, is_new, is_early) else {
            return;
        };
        let dither = self.longest_dither();
        let is_regular_near = next <= now + dither;
        if !is_regular_near && !self.feedback.is_spent && self.feedback.early_at.is_none() {
            let wait = backoff(dither, self.member_count(), self.rng.f64());
            self.feedback.early_at = Some(now + wait);
        }
    }

    /// The early time has come: a packet with only what must be said.
    pub(super) fn transmit_early_feedback(&mut self) {
        self.feedback.early_at = None;
        let limit = self.config.max_rtcp_bytes;
        // Before our first report nobody knows us, and what strangers ask for is passed over.
        let is_known = self.feedback.last_regular.is_some();
        let mut writer = if self.config.is_reduced_size_allowed && is_known {
            CompoundWriter::reduced_size(limit)
        } else {
            self.minimal_compound()
        };
        self.feedback.drain_into(&mut writer);
        let bytes = writer.finish();
        if bytes.is_empty() {
            return;
        }
        self.feedback.is_spent = true;
        self.schedule.skip_one(self.last_interval);
        self.own.has_sent = true;
        self.count_rtcp(bytes.len());
        self.outputs.push_back(SessionOutput::Rtcp(bytes));
    }

    /// A member's feedback came: it is for us, or says what we were about to say.
    pub(super) fn feedback_heard(&mut self, feedback: Feedback) {
        // What is said of pausing concerns all who watch.
        let is_public = matches!(feedback.message, FeedbackMessage::Pause(_));
        if is_public {
            self.feedback.suppress(&feedback);
        }
        if is_public || feedback.is_for(self.own.ssrc) {
            let from = feedback.sender;
            let message = feedback.message;
            self.tell(SessionEvent::FeedbackReceived { from, message });
        } else {
            self.feedback.suppress(&feedback);
        }
    }

    /// `T_dither_max` (§3.4): nothing between two, else half the interval, but no longer than feedback is of use.
    fn longest_dither(&self) -> Duration {
        if self.members.here() <= 1 {
            Duration::ZERO
        } else {
            (self.last_interval / 2).min(LONGEST_DITHER)
        }
    }
}

/// How long to wait of `longest`, by chance between 0 and 1: the more there are, the more of them wait for long
/// (RFC 5401 §4.2), so that the first is heard before many others speak.
fn backoff(longest: Duration, members: usize, chance: f64) -> Duration {
    let longest = longest.as_secs_f64();
    if longest <= 0.0 {
        return Duration::ZERO;
    }
    let lambda = (members as f64).ln() + 1.0;
    let least = lambda / (longest * (lambda.exp() - 1.0));
    let x = least + chance * lambda / longest;
    let wait = longest / lambda * (x * (lambda.exp() - 1.0) * longest / lambda).ln();
    Duration::from_secs_f64(wait.clamp(0.0, longest))
}

/// Takes out of our request what another has asked for; `false` where nothing is left.
fn leave_out(ours: &mut Vec<Nack>, theirs: &[Nack]) -> bool {
    let asked: Vec<SeqNo> = theirs.iter().flat_map(|nack| nack.lost()).collect();
    let lost = ours.iter().flat_map(|nack| nack.lost());
    let left: Vec<SeqNo> = lost.filter(|seq| !asked.contains(seq)).collect();
    *ours = Nack::cover(&left);
    !ours.is_empty()
}

/// With it a lost keyframe is replaced within half a second, encoding and way included.
const LONGEST_DITHER: Duration = Duration::from_millis(200);
/// A report's worth.
const MAX_PENDING: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_five_hundred_who_miss_the_same_only_some_ask() {
        let way = Duration::from_millis(5);
        let mut asked = Vec::new();
        for seed in 0..20 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let wait = |_| backoff(LONGEST_DITHER, 500, rng.f64());
            let mut waits: Vec<Duration> = (0..500).map(wait).collect();
            waits.sort();
            assert!(waits[499] <= LONGEST_DITHER);
            // Those who do not hear the first request in time ask as well.
            asked.push(waits.iter().filter(|wait| **wait <= waits[0] + way).count());
        }
        asked.sort_unstable();
        assert!(asked[10] <= 6 && asked[19] <= 20, "{asked:?}");
    }

    #[test]
    fn only_what_nobody_else_has_asked_for_is_asked() {
        let seqs = |list: &[u16]| list.iter().copied().map(SeqNo).collect::<Vec<_>>();
        let mut ours = Nack::cover(&seqs(&[1, 2, 40]));
        assert!(leave_out(&mut ours, &Nack::cover(&seqs(&[2, 3]))));
        assert_eq!(ours, Nack::cover(&seqs(&[1, 40])));
        assert!(!leave_out(&mut ours, &Nack::cover(&seqs(&[1, 40]))));
    }
}
