//! Stopping a layer that nobody watches (RFC 7728), where many listen: whoever watches objects, and one word is enough.
//!
//! Two state machines without a clock or chance. The session that carries their messages waits by chance and drops what
//! another has said in the meantime.
use std::time::{Duration, Instant};

use crate::rtcp::PauseKind;

/// The sender's side (§6): it stops once all have had the time to object.
#[derive(Clone, Copy, Debug)]
pub(super) struct PauseSender {
    id: u16,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Playing,
    Pausing { until: Instant },
    Paused { repeat: Instant },
}

/// What the sender is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// Say that it has stopped (again).
    SayPaused,
    /// Say that it goes on.
    SayRefused,
    /// Go on.
    Resume,
}

impl PauseSender {
    /// A stream that is not sent until somebody wants it.
    pub(super) const fn paused(now: Instant) -> Self {
        let state = State::Paused { repeat: now };
        Self { id: 0, state }
    }

    pub(super) const fn id(&self) -> u16 {
        self.id
    }

    #[cfg(test)]
    const fn is_paused(&self) -> bool {
        matches!(self.state, State::Paused { .. })
    }

    /// Takes what a receiver asks for.
    pub(super) fn handle(&mut self, now: Instant, kind: PauseKind, id: u16) -> Turn {
        match (kind, self.state) {
            (PauseKind::Pause, State::Playing) if id == self.id => {
                let until = now + HOLD_OFF;
                self.state = State::Pausing { until };
                Turn::None
            }
            // Whoever is behind learns the number.
            (PauseKind::Pause, State::Playing) => Turn::SayRefused,
            (PauseKind::Resume, State::Paused { .. }) if id != self.id => Turn::SayPaused,
            (PauseKind::Resume, State::Paused { .. } | State::Pausing { .. }) if id == self.id => {
                self.id = self.id.wrapping_add(1);
                self.state = State::Playing;
                Turn::Resume
            }
            _ => Turn::None,
        }
    }

    /// Somebody came who may not know.
    pub(super) fn note_newcomer(&mut self, now: Instant) {
        if let State::Paused { repeat } = &mut self.state {
            *repeat = now.min(*repeat);
        }
    }

    /// Nobody else is there who could ask for it, or object.
    pub(super) fn note_alone(&mut self, now: Instant) {
        if self.state == State::Playing {
            let until = now + HOLD_OFF;
            self.state = State::Pausing { until };
        }
    }

    /// Whether it is time to say that it has stopped: when nobody has objected, and then again and again.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Turn {
        match self.state {
            State::Pausing { until: due } | State::Paused { repeat: due } if due <= now => {
                let repeat = now + REPEAT_EVERY;
                self.state = State::Paused { repeat };
                Turn::SayPaused
            }
            _ => Turn::None,
        }
    }

    pub(super) const fn next_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Playing => None,
            State::Pausing { until: at } | State::Paused { repeat: at } => Some(at),
        }
    }
}

/// A receiver's side: it says what it needs, and again while that has not come true.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PauseReceiver {
    id: u16,
    is_wanted: bool,
    /// Whether it is sent, as far as that is known.
    is_playing: Option<bool>,
    next: Option<(Instant, PauseKind)>,
    /// Whether that is an objection to what another has said.
    is_objection: bool,
    /// Until it is said again.
    patience: Duration,
}

impl PauseReceiver {
    /// It is on the screen from now on, or no longer.
    pub(super) fn want(&mut self, now: Instant, is_wanted: bool) {
        if self.is_wanted == is_wanted {
            return;
        }
        self.is_wanted = is_wanted;
        self.plan(match (is_wanted, self.is_playing) {
            (true, Some(true)) | (false, Some(false)) => None,
            (true, Some(false)) => Some((now, PauseKind::Resume)),
            // It may come by itself.
            (true, None) => Some((now + LOOK, PauseKind::Resume)),
            (false, _) => Some((now + LOOK_AWAY, PauseKind::Pause)),
        });
    }

    /// Takes what the sender or another receiver said.
    pub(super) fn handle(&mut self, now: Instant, kind: PauseKind, id: u16) {
        match kind {
            PauseKind::Paused(_) => {
                (self.id, self.is_playing) = (id, Some(false));
                let resume = (now, PauseKind::Resume);
                let is_news = self.next.is_none_or(|(_, kind)| kind != PauseKind::Resume);
                if !self.is_wanted {
                    self.plan(None);
                } else if is_news {
                    self.plan(Some(resume));
                }
            }
            PauseKind::Refused => {
                (self.id, self.is_playing) = (id, Some(true));
                let again = (now + SAY_AGAIN, PauseKind::Pause);
                self.plan((!self.is_wanted).then_some(again));
            }
            PauseKind::Pause if self.is_wanted => {
                // The sender waits for objections.
                self.id = id;
                self.plan(Some((now, PauseKind::Resume)));
                self.is_objection = true;
            }
            // Another has said it: it will show whether the sender heard that.
            PauseKind::Pause => self.postpone(now + SAY_AGAIN),
            PauseKind::Resume => {
                (self.id, self.is_playing) = (id.wrapping_add(1), Some(true));
                if self.is_wanted {
                    self.postpone(now + SAY_AGAIN);
                } else {
                    // Whoever said so will say when they look away, unless they just vanish.
                    self.plan(Some((now + OTHERS_LOOK, PauseKind::Pause)));
                }
            }
        }
    }

    /// Packets come.
    pub(super) fn note_media(&mut self, now: Instant) {
        let asks = self.next.is_some_and(|(_, kind)| kind == PauseKind::Resume);
        if self.is_playing == Some(true) && (!asks || self.is_objection) {
            return;
        }
        if self.is_playing == Some(false) {
            self.id = self.id.wrapping_add(1);
        }
        self.is_playing = Some(true);
        let away = (now + LOOK_AWAY, PauseKind::Pause);
        self.plan((!self.is_wanted).then_some(away));
    }

    /// What is to be said by now.
    pub(super) fn poll(&mut self, now: Instant) -> Option<(PauseKind, u16)> {
        let (due, kind) = self.next.filter(|(due, _)| *due <= now)?;
        let id = self.id;
        self.next = Some((due.max(now) + self.patience, kind));
        self.patience = (self.patience * 2).min(OTHERS_LOOK);
        if self.is_objection {
            // The next pause has another number.
            self.id = self.id.wrapping_add(1);
            self.plan(None);
        }
        Some((kind, id))
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.next.map(|(due, _)| due)
    }

    fn plan(&mut self, next: Option<(Instant, PauseKind)>) {
        self.next = next;
        self.is_objection = false;
        self.patience = SAY_AGAIN;
    }

    fn postpone(&mut self, until: Instant) {
        if let Some((due, _)) = &mut self.next {
            *due = until.max(*due);
        }
    }
}

/// Longer than the longest random wait of a session (`session/feedback.rs`), and the way.
const HOLD_OFF: Duration = Duration::from_millis(800);
/// As often as reports are due.
const REPEAT_EVERY: Duration = Duration::from_secs(5);
/// Longer than joining a group takes on a local network.
const LOOK: Duration = Duration::from_millis(60);
/// Whoever looks away for a moment stops nothing.
const LOOK_AWAY: Duration = Duration::from_secs(3);
/// What was lost is said again.
const SAY_AGAIN: Duration = Duration::from_millis(700);
/// While others watch, it is asked so often whether they still do.
const OTHERS_LOOK: Duration = Duration::from_secs(60);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sender and its receivers on a network without delay, which loses a share of the messages.
    struct Room {
        now: Instant,
        sender: PauseSender,
        receivers: Vec<PauseReceiver>,
        said: Vec<PauseKind>,
        lost_in_256: u8,
        rng: fastrand::Rng,
    }

    impl Room {
        fn new(receivers: usize) -> Self {
            let now = Instant::now();
            Self {
                now,
                sender: PauseSender::paused(now),
                receivers: vec![PauseReceiver::default(); receivers],
                said: Vec::new(),
                lost_in_256: 0,
                rng: fastrand::Rng::with_seed(1),
            }
        }

        fn is_lost(&mut self) -> bool {
            self.rng.u8(..) < self.lost_in_256
        }

        fn tell(&mut self, kind: PauseKind, id: u16, from: Option<usize>) {
            self.said.push(kind);
            for index in 0..self.receivers.len() {
                if Some(index) != from && !self.is_lost() {
                    self.receivers[index].handle(self.now, kind, id);
                }
            }
            if from.is_some() && !self.is_lost() {
                match self.sender.handle(self.now, kind, id) {
                    Turn::SayPaused => self.tell(PauseKind::Paused(0), self.sender.id(), None),
                    Turn::SayRefused => self.tell(PauseKind::Refused, self.sender.id(), None),
                    Turn::Resume | Turn::None => {}
                }
            }
        }

        fn run_for(&mut self, span: Duration) {
            let end = self.now + span;
            loop {
                if !self.sender.is_paused() {
                    // Only who watches is in the group.
                    let now = self.now;
                    let watching = self.receivers.iter_mut().filter(|one| one.is_wanted);
                    watching.for_each(|one| one.note_media(now));
                }
                let receivers = self
                    .receivers
                    .iter()
                    .filter_map(PauseReceiver::next_timeout);
                let due = receivers.chain(self.sender.next_timeout()).min();
                let Some(due) = due.filter(|due| *due <= end) else {
                    break;
                };
                self.now = due.max(self.now);
                if self.sender.handle_timeout(self.now) == Turn::SayPaused {
                    self.tell(PauseKind::Paused(0), self.sender.id(), None);
                }
                for index in 0..self.receivers.len() {
                    if let Some((kind, id)) = self.receivers[index].poll(self.now) {
                        self.tell(kind, id, Some(index));
                    }
                }
            }
            self.now = end;
        }

        fn want(&mut self, receiver: usize, is_wanted: bool) {
            self.receivers[receiver].want(self.now, is_wanted);
            // To be in the group is to get packets.
            self.run_for(Duration::ZERO);
        }
    }

    const SECONDS: Duration = Duration::from_secs(1);

    #[test]
    fn what_nobody_watches_is_not_sent_and_is_sent_as_soon_as_somebody_does() {
        let mut room = Room::new(20);
        room.run_for(SECONDS);
        assert!(room.sender.is_paused());
        room.want(3, true);
        room.run_for(Duration::from_millis(100));
        assert!(!room.sender.is_paused());
        room.want(3, false);
        room.run_for(5 * SECONDS);
        assert!(room.sender.is_paused());
    }

    #[test]
    fn one_who_watches_keeps_it_going_without_much_talk() {
        let mut room = Room::new(50);
        (0..50).for_each(|receiver| room.want(receiver, true));
        room.run_for(SECONDS);
        (1..50).for_each(|receiver| room.want(receiver, false));
        room.said.clear();
        room.run_for(50 * SECONDS);
        assert!(!room.sender.is_paused());
        assert!(room.said.len() <= 110, "{:?}", room.said.len());
        assert!(!room.said.contains(&PauseKind::Paused(0)));
    }

    #[test]
    fn somebody_who_vanishes_is_noticed() {
        let mut room = Room::new(3);
        room.want(0, true);
        room.run_for(SECONDS);
        assert!(!room.sender.is_paused());
        room.receivers.remove(0);
        room.run_for(130 * SECONDS);
        assert!(room.sender.is_paused());
    }

    proptest! {
        #[test]
        fn in_the_end_it_plays_if_and_only_if_somebody_watches(
            changes in prop::collection::vec((0..5_usize, any::<bool>(), 0..4_000_u64), 0..30),
            lost_in_256 in 0_u8..128,
        ) {
            let mut room = Room::new(5);
            let mut wants = [false; 5];
            room.lost_in_256 = lost_in_256;
            for (receiver, is_wanted, ms) in changes {
                wants[receiver] = is_wanted;
                room.want(receiver, is_wanted);
                room.run_for(Duration::from_millis(ms));
            }
            room.lost_in_256 = 0;
            // A pause of the last who does not know of those before may be refused once.
            room.run_for(200 * SECONDS);
            prop_assert_eq!(room.sender.is_paused(), !wants.contains(&true));
        }
    }
}
