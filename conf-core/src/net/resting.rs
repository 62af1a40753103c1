//! Sockets whose datagrams are in no hurry and come thick and fast: they are not watched, but read together now and then.
//!
//! Twenty-five people's small pictures come four hundred times a second, and being woken costs more than all that is done
//! with one. So their socket rests between two reads, as network drivers do with interrupts, until it has rested in vain.
use std::time::{Duration, Instant};

use mio::Token;
use quinn_udp::BATCH_SIZE;

/// How what comes to one socket follows upon each other.
#[derive(Debug)]
pub(super) struct Rush {
    /// How long it may wait.
    patience: Duration,
    /// Datagrams since it was last found empty.
    came: usize,
    /// When that was, and how often in a row it was so soon after the time before.
    emptied: Option<Instant>,
    in_a_row: u8,
}

impl Rush {
    /// What comes may wait for so long.
    pub(super) const fn new(patience: Duration) -> Self {
        Self {
            patience,
            came: 0,
            emptied: None,
            in_a_row: 0,
        }
    }

    /// So many datagrams were read.
    pub(super) const fn note_read(&mut self, datagrams: usize) {
        self.came += datagrams;
    }

    /// The socket is empty: for how long it rests now, if it does. Who `has_rested` goes on with it until nothing comes.
    pub(super) fn rest(&mut self, now: Instant, has_rested: bool) -> Option<Duration> {
        let came = std::mem::take(&mut self.came);
        let is_soon = |last: Instant| now < last + self.patience;
        if came == 0 || !self.emptied.replace(now).is_some_and(is_soon) && !has_rested {
            self.in_a_row = 0;
            return None;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        let rests = has_rested || self.in_a_row >= IN_A_ROW;
        // What the system keeps for a socket is bounded: where more comes it is read sooner.
        rests.then(|| self.patience * FEW / u32::try_from(came).unwrap_or(u32::MAX).max(FEW))
    }
}

/// Those that rest, all until the same time.
#[derive(Debug, Default)]
pub(super) struct Resting {
    tokens: Vec<Token>,
    /// Since when, and until when.
    span: Option<(Instant, Instant)>,
}

impl Resting {
    /// Lets one more rest, as long as the others do and no longer than it may.
    pub(super) fn add(&mut self, now: Instant, token: Token, rest: Duration) {
        let until = now + rest;
        self.tokens.push(token);
        let (since, others) = self.span.unwrap_or((now, until));
        self.span = Some((since, others.min(until)));
    }

    /// When they have rested.
    pub(super) fn due(&self) -> Option<Instant> {
        self.span.map(|(_, until)| until)
    }

    /// Those that have rested by now. Half of it is enough for who is awake anyway.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Token> {
        let is_due = |(since, until): (Instant, Instant)| now >= since + (until - since) / 2;
        if !self.span.is_some_and(is_due) {
            return Vec::new();
        }
        self.span = None;
        std::mem::take(&mut self.tokens)
    }
}

/// A picture of several packets may be read in several goes, and is not many pictures.
const IN_A_ROW: u8 = 4;
/// As many as are read with one call; the least that a system keeps is three times that.
const FEW: u32 = BATCH_SIZE as u32;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const PATIENCE: Duration = Duration::from_millis(20);

    /// A datagram each so many milliseconds; how long the socket rests after the last.
    fn rest_after(rush: &mut Rush, gaps: &[u32], has_rested: bool) -> Option<Duration> {
        let mut now = Instant::now();
        let mut rest = None;
        for gap in gaps {
            now += MS * *gap;
            rush.note_read(1);
            rest = rush.rest(now, has_rested);
        }
        rest
    }

    #[test]
    fn a_socket_rests_where_much_comes_in_a_row() {
        let mut rush = Rush::new(PATIENCE);
        assert_eq!(rest_after(&mut rush, &[3, 3, 3, 3], false), None);
        let mut rush = Rush::new(PATIENCE);
        assert_eq!(
            rest_after(&mut rush, &[3, 3, 3, 3, 3], false),
            Some(PATIENCE)
        );
        let few = [30, 1, 1, 30, 1, 1, 30, 1, 1, 30];
        assert_eq!(rest_after(&mut rush, &few, false), None);
        let mut hurried = Rush::new(Duration::ZERO);
        assert_eq!(rest_after(&mut hurried, &[0; 10], false), None);
    }

    #[test]
    fn it_goes_on_resting_until_nothing_comes_and_for_less_where_very_much_does() {
        let mut rush = Rush::new(PATIENCE);
        assert_eq!(rest_after(&mut rush, &[25], true), Some(PATIENCE));
        rush.note_read(4 * BATCH_SIZE);
        assert_eq!(rush.rest(Instant::now(), true), Some(PATIENCE / 4));
        assert_eq!(rush.rest(Instant::now(), true), None);
    }

    #[test]
    fn all_rest_until_the_first_of_them_is_due() {
        let start = Instant::now();
        let mut resting = Resting::default();
        assert_eq!(resting.due(), None);
        resting.add(start, Token(1), PATIENCE);
        resting.add(start + 4 * MS, Token(2), PATIENCE);
        assert_eq!(resting.due(), Some(start + PATIENCE));
        assert!(resting.take_due(start + 9 * MS).is_empty());
        assert_eq!(resting.take_due(start + 10 * MS), [Token(1), Token(2)]);
        assert_eq!(resting.due(), None);
        assert!(resting.take_due(start + 99 * MS).is_empty());
    }
}
