//! Who may stop sending, and what we need of others: the pauses of one stream, both sides.
use std::collections::BTreeMap;
use std::time::Instant;

use media::rtp_time::Ssrc;

use super::pause::{PauseReceiver, PauseSender, Turn};
use crate::conference::medium::Medium;
use crate::rtcp::{FeedbackMessage, PauseEntry, PauseKind};

/// The pauses of one stream.
#[derive(Debug)]
pub(super) struct Pauses {
    own: PauseSender,
    others: BTreeMap<Ssrc, PauseReceiver>,
}

impl Pauses {
    /// We begin paused: nobody has seen us yet.
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            own: PauseSender::paused(now),
            others: BTreeMap::new(),
        }
    }

    /// A source is on the screen from now on, or no longer.
    pub(super) fn want(&mut self, now: Instant, ssrc: Ssrc, is_wanted: bool) {
        if let Some(other) = self.others.get_mut(&ssrc) {
            other.want(now, is_wanted);
        } else if is_wanted && self.others.len() < MAX_SOURCES {
            self.others.entry(ssrc).or_default().want(now, true);
        }
    }

    /// A source is gone.
    pub(super) fn forget(&mut self, ssrc: Ssrc) {
        self.others.remove(&ssrc);
    }

    /// Packets of a source come.
    pub(super) fn note_media(&mut self, now: Instant, ssrc: Ssrc) {
        if let Some(other) = self.others.get_mut(&ssrc) {
            other.note_media(now);
        }
    }

    /// Somebody came who may not know that we have stopped.
    pub(super) fn note_newcomer(&mut self, now: Instant) {
        self.own.note_newcomer(now);
    }

    /// Nobody else is in the stream.
    pub(super) fn note_alone(&mut self, now: Instant) {
        self.own.note_alone(now);
    }

    /// Takes what was said; whether we are to go on sending.
    pub(super) fn handle(&mut self, now: Instant, entry: &PauseEntry, medium: &mut Medium) -> bool {
        if entry.target != medium.session().ssrc() {
            let is_known = self.others.contains_key(&entry.target);
            if is_known || self.others.len() < MAX_SOURCES {
                let other = self.others.entry(entry.target).or_default();
                other.handle(now, entry.kind, entry.id);
            }
            return false;
        }
        let turn = self.own.handle(now, entry.kind, entry.id);
        self.say(now, turn, medium);
        turn == Turn::Resume
    }

    /// Says what is due; whether we are to stop sending. Who has nothing to send says nothing of it.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        is_sending: impl FnOnce() -> bool,
        medium: &mut Medium,
    ) -> bool {
        let due: Vec<(Ssrc, PauseKind, u16)> = self
            .others
            .iter_mut()
            .filter_map(|(ssrc, other)| other.poll(now).map(|(kind, id)| (*ssrc, kind, id)))
            .collect();
        for (target, kind, id) in due {
            ask(now, PauseEntry { target, kind, id }, medium);
        }
        let turn = self.own.handle_timeout(now);
        if turn != Turn::None && is_sending() {
            self.say(now, turn, medium);
        }
        turn == Turn::SayPaused
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let others = self.others.values().filter_map(PauseReceiver::next_timeout);
        others.chain(self.own.next_timeout()).min()
    }

    fn say(&self, now: Instant, turn: Turn, medium: &mut Medium) {
        let kind = match turn {
            Turn::None | Turn::Resume => return,
            Turn::SayPaused => PauseKind::Paused(medium.session().last_sent().0.into()),
            Turn::SayRefused => PauseKind::Refused,
        };
        let target = medium.session().ssrc();
        let id = self.own.id();
        ask(now, PauseEntry { target, kind, id }, medium);
    }
}

fn ask(now: Instant, entry: PauseEntry, medium: &mut Medium) {
    let message = FeedbackMessage::Pause(vec![entry]);
    medium.ask(now, entry.target, message);
}

/// As many as members of a session.
const MAX_SOURCES: usize = 4_096;
