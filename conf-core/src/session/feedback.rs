//! When feedback goes out: early where AVPF allows it, else with the next report (RFC 4585 §3.5, RFC 5506).
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;

use super::config::RtcpPace;
use super::event::SessionEvent;
use super::io::SessionOutput;
use super::rtp_session::{COMPOUND_OVERHEAD, RtpSession};
use crate::rtcp::{CompoundWriter, Feedback, FeedbackMessage};

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
        self.pending
            .retain(|ours| ours.media != seen.media || ours.message != seen.message);
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
            FeedbackMessage::FullIntra(_) => Ssrc(0),
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
            self.feedback.early_at = Some(now + dither.mul_f64(self.rng.f64()));
        }
    }

    /// The early time has come: a packet with only what must be said.
    pub(super) fn transmit_early_feedback(&mut self) {
        self.feedback.early_at = None;
        let limit = self.config.max_rtcp_bytes;
        let mut writer = if self.config.is_reduced_size_allowed {
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
        if feedback.is_for(self.own.ssrc) {
            let from = feedback.sender;
            let message = feedback.message;
            self.tell(SessionEvent::FeedbackReceived { from, message });
        } else {
            self.feedback.suppress(&feedback);
        }
    }

    /// `T_dither_max` (§3.4): nothing between two, else half the interval.
    fn longest_dither(&self) -> Duration {
        if self.members.here() <= 1 {
            Duration::ZERO
        } else {
            self.last_interval / 2
        }
    }
}

/// A report's worth.
const MAX_PENDING: usize = 32;
