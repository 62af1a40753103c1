//! Who sends media just now: `Active` and `Silent` (T-67).
use std::time::Instant;

use media::rtp_time::Ssrc;

use super::event::SessionEvent;
use super::rtp_session::RtpSession;

/// The active sources, and when one of them may have fallen silent.
#[derive(Debug, Default)]
pub(super) struct Activity {
    active: Vec<Ssrc>,
    pub(super) check_at: Option<Instant>,
}

impl RtpSession {
    /// Media of this source came.
    pub(super) fn note_active(&mut self, now: Instant, ssrc: Ssrc) {
        let Some(member) = self.members.get_mut(ssrc).filter(|m| !m.is_active) else {
            return;
        };
        member.is_active = true;
        self.activity.active.push(ssrc);
        let check_at = now + self.config.silent_after;
        self.activity.check_at.get_or_insert(check_at);
        self.tell(SessionEvent::Active(ssrc));
    }

    /// Looks who has fallen silent.
    pub(super) fn look_for_silence(&mut self, now: Instant) {
        let silent_after = self.config.silent_after;
        let members = &self.members;
        let silent_at = |ssrc: &Ssrc| {
            let reception = members.get(*ssrc)?.reception.as_ref()?;
            Some(reception.last + silent_after)
        };
        let is_silent = |ssrc: &Ssrc| silent_at(ssrc).is_none_or(|at| at <= now);
        let active = &self.activity.active;
        let silent: Vec<Ssrc> = active.iter().copied().filter(is_silent).collect();
        self.activity.check_at = active
            .iter()
            .filter_map(silent_at)
            .filter(|at| *at > now)
            .min();
        for ssrc in silent {
            self.silence(ssrc);
        }
    }

    /// A source is silent from now on.
    pub(super) fn silence(&mut self, ssrc: Ssrc) {
        self.activity.active.retain(|active| *active != ssrc);
        if let Some(member) = self.members.get_mut(ssrc).filter(|m| m.is_active) {
            member.is_active = false;
            self.tell(SessionEvent::Silent(ssrc));
        }
    }
}
