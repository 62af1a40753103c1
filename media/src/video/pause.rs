//! Stopping and going on with a stream that nobody watches (RFC 7728), where many listen: whoever wants it speaks up.
//!
//! State machines without a clock: messages and time go in, messages come out. How they are written into RTCP is not
//! their business.
use std::time::{Duration, Instant};

/// Counts how often a stream was paused (§8.1): messages about an earlier pause are void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct PauseId(pub u16);

impl PauseId {
    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether `self` is not older than `other` (§8.4.1: half of the numbers lie on either side).
    #[must_use]
    pub const fn is_current(self, other: Self) -> bool {
        self.0.wrapping_sub(other.0) < 0x8000
    }
}

/// A message about one stream (§8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseMessage {
    /// A receiver does not need it.
    Pause(PauseId),
    /// A receiver needs it.
    Resume(PauseId),
    /// The sender has stopped.
    Paused(PauseId),
    /// The sender does not do what was asked for.
    Refused(PauseId),
}

/// The sender's side (§6): it stops once all have had the time to object.
#[derive(Clone, Copy, Debug)]
pub struct PauseSender {
    id: PauseId,
    state: SenderState,
    hold_off: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SenderState {
    Playing,
    Pausing { until: Instant },
    Paused { repeat: Instant },
}

impl PauseSender {
    /// A stream that is sent; receivers have `hold_off` to object (§6.2: the longest way there and back, and their
    /// random wait).
    #[must_use]
    pub const fn new(hold_off: Duration) -> Self {
        Self {
            id: PauseId(0),
            state: SenderState::Playing,
            hold_off,
        }
    }

    /// Whether nothing is to be sent.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        matches!(self.state, SenderState::Paused { .. })
    }

    /// Takes a message; gives the answer.
    pub fn handle(&mut self, now: Instant, message: PauseMessage) -> Option<PauseMessage> {
        match (message, self.state) {
            (PauseMessage::Pause(id), SenderState::Playing) if id == self.id => {
                let until = now + self.hold_off;
                self.state = SenderState::Pausing { until };
                None
            }
            // Said of an earlier pause: whoever said it learns the number (§8.4.1).
            (PauseMessage::Pause(id), SenderState::Playing) if id != self.id => {
                Some(PauseMessage::Refused(self.id))
            }
            (
                PauseMessage::Resume(id),
                SenderState::Pausing { .. } | SenderState::Paused { .. },
            ) if id.is_current(self.id) => {
                self.resume();
                None
            }
            _ => None,
        }
    }

    /// Stops when nobody has objected, and says so, then and again and again for those who come later (§6.3).
    pub fn handle_timeout(&mut self, now: Instant) -> Option<PauseMessage> {
        match self.state {
            SenderState::Pausing { until } if until <= now => {}
            SenderState::Paused { repeat } if repeat <= now => {}
            _ => return None,
        }
        let repeat = now + REPEAT_EVERY;
        self.state = SenderState::Paused { repeat };
        Some(PauseMessage::Paused(self.id))
    }

    /// When to call [`Self::handle_timeout`].
    #[must_use]
    pub const fn next_timeout(&self) -> Option<Instant> {
        match self.state {
            SenderState::Playing => None,
            SenderState::Pausing { until: at } | SenderState::Paused { repeat: at } => Some(at),
        }
    }

    /// Each pause has a number of its own.
    const fn resume(&mut self) {
        self.id = self.id.next();
        self.state = SenderState::Playing;
    }
}

/// A receiver's side (§6): it says what it needs, unless somebody else has said so.
#[derive(Debug)]
pub struct PauseReceiver {
    id: PauseId,
    is_wanted: bool,
    is_paused: bool,
    /// What is to be said, and when.
    pending: Option<(Instant, PauseMessage)>,
    rng: fastrand::Rng,
}

impl PauseReceiver {
    /// About a stream that is sent and wanted; chance comes from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            id: PauseId(0),
            is_wanted: true,
            is_paused: false,
            pending: None,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// The stream is on the screen now, or no longer.
    pub fn want(&mut self, now: Instant, is_wanted: bool) {
        if self.is_wanted == is_wanted {
            return;
        }
        self.is_wanted = is_wanted;
        self.pending = if is_wanted {
            // Whoever waits to see somebody does not wait for chance.
            self.is_paused
                .then_some((now, PauseMessage::Resume(self.id)))
        } else {
            let due = now + PAUSE_AFTER + self.dither();
            (!self.is_paused).then_some((due, PauseMessage::Pause(self.id)))
        };
    }

    /// Takes what the sender or another receiver said.
    pub fn handle(&mut self, now: Instant, message: PauseMessage) {
        match message {
            PauseMessage::Pause(id) if id == self.id => {
                if self.is_wanted {
                    let due = now + self.dither();
                    self.pending.get_or_insert((due, PauseMessage::Resume(id)));
                } else {
                    self.pending = None;
                }
            }
            PauseMessage::Paused(id) => {
                (self.id, self.is_paused) = (id, true);
                let objection = (now + self.dither(), PauseMessage::Resume(id));
                self.pending = self.is_wanted.then_some(objection);
            }
            // Another wants it: nothing more is to be said by us.
            PauseMessage::Resume(id) if id == self.id => self.pending = None,
            PauseMessage::Refused(id) => (self.id, self.is_paused) = (id, false),
            PauseMessage::Pause(_) | PauseMessage::Resume(_) => {}
        }
    }

    /// Packets come: the stream is not paused, and the next pause has another number.
    pub fn note_media(&mut self) {
        if self.is_paused {
            self.is_paused = false;
            self.id = self.id.next();
            self.pending = None;
        }
    }

    /// What is to be said by now.
    pub fn poll(&mut self, now: Instant) -> Option<PauseMessage> {
        let (due, message) = self.pending?;
        if due > now {
            return None;
        }
        // A lost message is said again while it matters.
        let again = matches!(message, PauseMessage::Resume(_)) && self.is_paused;
        self.pending = again.then_some((now + RESUME_AGAIN, message));
        Some(message)
    }

    /// When to call [`Self::poll`].
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.pending.map(|(due, _)| due)
    }

    fn dither(&mut self) -> Duration {
        LONGEST_DITHER.mul_f64(self.rng.f64())
    }
}

/// For the sender: longer than the longest random wait of a receiver, and the way.
pub const HOLD_OFF: Duration = Duration::from_millis(300);
/// Enough for one of many to speak before the others do.
const LONGEST_DITHER: Duration = Duration::from_millis(200);
/// Whoever looks away for a moment does not stop anything.
const PAUSE_AFTER: Duration = Duration::from_secs(3);
/// As often as reports are due at the least.
const REPEAT_EVERY: Duration = Duration::from_secs(5);
const RESUME_AGAIN: Duration = Duration::from_millis(500);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sender and its receivers on a network without delay that loses what it is told to.
    struct Room {
        now: Instant,
        sender: PauseSender,
        receivers: Vec<PauseReceiver>,
        said: Vec<PauseMessage>,
    }

    impl Room {
        fn new(receivers: u64) -> Self {
            Self {
                now: Instant::now(),
                sender: PauseSender::new(HOLD_OFF),
                receivers: (0..receivers).map(PauseReceiver::new).collect(),
                said: Vec::new(),
            }
        }

        fn tell(&mut self, message: PauseMessage, from: Option<usize>) {
            self.said.push(message);
            for (index, receiver) in self.receivers.iter_mut().enumerate() {
                if Some(index) != from {
                    receiver.handle(self.now, message);
                }
            }
            if from.is_some()
                && let Some(answer) = self.sender.handle(self.now, message)
            {
                self.tell(answer, None);
            }
        }

        fn run_for(&mut self, span: Duration) {
            let end = self.now + span;
            loop {
                let receivers = self
                    .receivers
                    .iter()
                    .filter_map(PauseReceiver::next_timeout);
                let due = receivers.chain(self.sender.next_timeout()).min();
                let Some(due) = due.filter(|due| *due <= end) else {
                    break;
                };
                self.now = due.max(self.now);
                if let Some(message) = self.sender.handle_timeout(self.now) {
                    self.tell(message, None);
                }
                for index in 0..self.receivers.len() {
                    if let Some(message) = self.receivers[index].poll(self.now) {
                        self.tell(message, Some(index));
                    }
                }
                if !self.sender.is_paused() {
                    self.receivers
                        .iter_mut()
                        .for_each(PauseReceiver::note_media);
                }
            }
            self.now = end;
        }

        fn want(&mut self, receiver: usize, is_wanted: bool) {
            self.receivers[receiver].want(self.now, is_wanted);
        }
    }

    const SECONDS: Duration = Duration::from_secs(1);

    #[test]
    fn what_nobody_watches_is_paused_after_one_request() {
        let mut room = Room::new(500);
        (0..500).for_each(|receiver| room.want(receiver, false));
        room.run_for(4 * SECONDS);
        assert!(room.sender.is_paused());
        let expected = [
            PauseMessage::Pause(PauseId(0)),
            PauseMessage::Paused(PauseId(0)),
        ];
        assert_eq!(room.said, expected);
    }

    #[test]
    fn one_who_watches_keeps_it_going() {
        let mut room = Room::new(50);
        (1..50).for_each(|receiver| room.want(receiver, false));
        room.run_for(60 * SECONDS);
        assert!(!room.sender.is_paused());
        assert!(room.said.len() <= 4, "{:?}", room.said);
    }

    #[test]
    fn a_paused_stream_goes_on_at_once_when_somebody_looks() {
        let mut room = Room::new(20);
        (0..20).for_each(|receiver| room.want(receiver, false));
        room.run_for(10 * SECONDS);
        assert!(room.sender.is_paused());
        room.want(3, true);
        room.run_for(Duration::from_millis(1));
        assert!(!room.sender.is_paused());
        room.want(3, false);
        room.run_for(10 * SECONDS);
        assert!(room.sender.is_paused());
        assert!(room.said.contains(&PauseMessage::Paused(PauseId(1))));
    }

    #[test]
    fn a_newcomer_who_missed_everything_is_heard() {
        let mut room = Room::new(2);
        (0..2).for_each(|receiver| room.want(receiver, false));
        room.run_for(4 * SECONDS);
        room.receivers.push(PauseReceiver::new(9));
        // The next repetition tells it.
        room.run_for(6 * SECONDS);
        assert!(!room.sender.is_paused());
    }

    #[test]
    fn numbers_wrap() {
        assert!(PauseId(0).is_current(PauseId(0xFFFF)));
        assert!(!PauseId(0xFFFF).is_current(PauseId(0)));
        assert_eq!(PauseId(0xFFFF).next(), PauseId(0));
    }

    proptest! {
        #[test]
        fn in_the_end_it_plays_if_and_only_if_somebody_watches(changes in prop::collection::vec((0..5_usize, any::<bool>(), 0..4_000_u64), 0..30)) {
            let mut room = Room::new(5);
            let mut wants = [true; 5];
            for (receiver, is_wanted, ms) in changes {
                wants[receiver] = is_wanted;
                room.want(receiver, is_wanted);
                room.run_for(Duration::from_millis(ms));
            }
            room.run_for(20 * SECONDS);
            prop_assert_eq!(room.sender.is_paused(), !wants.contains(&true));
        }
    }
}
