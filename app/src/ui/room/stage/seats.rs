//! Who sits where: the one who is looked at in the first seat, and all others in seats that they keep.
use std::time::{Duration, Instant};

use super::tour::Tour;
use crate::model::Whose;

/// The seats. People change places two at a time, and only when they must, so that nobody has to be looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seats {
    /// The first seat is the large one, where there is one.
    order: Vec<Whose>,
    pinned: Option<Whose>,
    /// Who may come to the fore, and since when.
    candidate: Option<(Whose, Instant)>,
    /// Where one looks around, and does not follow who talks.
    tour: Option<Tour>,
}

/// Somebody, or a shared screen, as the seats know them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attendee {
    /// Who.
    pub whose: Whose,
    /// Their level while they talk, −100..=0 dBFS.
    pub talking_dbfs: Option<f32>,
    /// Whether they send pictures.
    pub has_picture: bool,
}

/// What of the seats is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visible {
    /// Whether the first seat is larger than the others.
    pub has_large: bool,
    /// So many seats can be seen.
    pub seats: usize,
}

impl Seats {
    /// Whoever comes to the fore has talked for so long.
    pub const HOLD: Duration = Duration::from_secs(1);
    /// And for so long if the one who is looked at talks as well.
    pub const HOLD_AGAINST: Duration = Duration::from_secs(2);
    /// Somebody without a picture stays for so long after the last word.
    pub const HOLD_UNSEEN: Duration = Duration::from_secs(4);

    /// Follows who is there and who talks.
    pub fn update(&mut self, now: Instant, present: &[Attendee], visible: Visible) {
        self.dismiss(present);
        self.admit(present);
        match self.pinned.and_then(|pinned| self.place(pinned)) {
            Some(place) => self.order.swap(0, place),
            None => self.pinned = None,
        }
        if visible.has_large && self.tour.is_some() {
            return self.go_round(now, present);
        }
        if let Some(tour) = &mut self.tour {
            tour.rest();
        }
        // Where the large seat is taken for good, the others share what is left.
        let is_taken = self.order.first().is_some_and(|first| self.stays(first));
        let visible = Visible {
            has_large: visible.has_large && !is_taken,
            ..visible
        };
        let wanted = self.wanted(present, visible);
        let since = match (self.candidate, wanted) {
            (Some((before, since)), Some((wanted, _))) if before == wanted => since,
            _ => now,
        };
        self.candidate = wanted.map(|(wanted, _)| (wanted, since));
        if let Some((wanted, hold)) = wanted
            && now.saturating_duration_since(since) >= hold
        {
            self.bring_forward(wanted, present, visible);
            self.candidate = None;
        }
    }

    /// Puts somebody into the first seat for good, or lets the speaker have it again.
    pub fn pin(&mut self, whose: Option<Whose>) {
        self.pinned = whose;
        if let Some(place) = whose.and_then(|whose| self.place(whose)) {
            self.order.swap(0, place);
        }
    }

    /// Who is in the first seat for good.
    pub const fn pinned(&self) -> Option<Whose> {
        self.pinned
    }

    /// Looks at one after the other from now on, or again at whoever talks.
    pub fn look_around(&mut self, is_wanted: bool) {
        self.tour = is_wanted.then(Tour::default);
        self.candidate = None;
    }

    /// Whether one looks around.
    pub const fn is_looking_around(&self) -> bool {
        self.tour.is_some()
    }

    /// Whoever's turn it is changes places with the one who was looked at.
    fn go_round(&mut self, now: Instant, present: &[Attendee]) {
        // Nobody who talks is waited for.
        self.candidate = None;
        let (Some(tour), Some(first)) = (&mut self.tour, self.order.first().copied()) else {
            return;
        };
        if self.pinned.is_some() {
            return tour.rest();
        }
        let is_seen = |one: &&Attendee| one.has_picture && one.whose != Whose::Mine;
        let seen = present.iter().filter(is_seen).map(|one| one.whose);
        let next = tour.next(now, first, seen);
        if let Some(place) = next.and_then(|next| self.place(next)) {
            self.order.swap(0, place);
        }
    }

    /// Everybody, by seat.
    pub fn order(&self) -> &[Whose] {
        &self.order
    }

    /// Whoever sits last takes the seat of one who left; the first seat is for the next best.
    fn dismiss(&mut self, present: &[Attendee]) {
        let is_here = |whose: &Whose| present.iter().any(|one| one.whose == *whose);
        let had_first = self.order.first().copied();
        let mut place = self.order.len();
        while let Some(before) = place.checked_sub(1) {
            place = before;
            if self.order.get(place).is_some_and(|whose| !is_here(whose)) {
                self.order.swap_remove(place);
            }
        }
        if self.order.first().copied() != had_first {
            self.seat_first(present);
        }
    }

    /// Newcomers sit down at the end; a shared screen is what is looked at.
    fn admit(&mut self, present: &[Attendee]) {
        let is_new = |one: &&Attendee| !self.order.contains(&one.whose);
        let new: Vec<Whose> = present.iter().filter(is_new).map(|one| one.whose).collect();
        let is_first_mine = self.order.first().is_none_or(|first| *first == Whose::Mine);
        self.order.extend(&new);
        if is_first_mine && !new.is_empty() {
            self.seat_first(present);
        }
        let screen = new.iter().find(|whose| matches!(whose, Whose::Screen(_)));
        if let Some(place) = screen.and_then(|screen| self.place(*screen)) {
            self.order.swap(0, place);
        }
    }

    /// A shared screen, else the loudest, else somebody who can be seen, else anybody but oneself.
    fn seat_first(&mut self, present: &[Attendee]) {
        let rank = |one: &&Attendee| {
            let kind = match one.whose {
                Whose::Screen(_) => 3,
                Whose::Theirs(_) if one.talking_dbfs.is_some() => 2,
                Whose::Theirs(_) if one.has_picture => 1,
                Whose::Theirs(_) => 0,
                Whose::Mine => -1,
            };
            // Of equals the first.
            (kind, std::cmp::Reverse(self.place(one.whose)))
        };
        let best = present.iter().max_by_key(rank);
        if let Some(place) = best.and_then(|best| self.place(best.whose)) {
            self.order.swap(0, place);
        }
    }

    /// Who should come forward, after how long.
    fn wanted(&self, present: &[Attendee], visible: Visible) -> Option<(Whose, Duration)> {
        let first = self.order.first()?;
        let attendee = |whose: &Whose| present.iter().find(|one| one.whose == *whose);
        let others = present.iter().filter(|one| {
            let is_seen = self
                .place(one.whose)
                .is_some_and(|place| place < visible.seats);
            let is_there = if visible.has_large {
                one.whose == *first
            } else {
                is_seen
            };
            one.whose != Whose::Mine && !is_there
        });
        let talkers = others.clone().filter_map(|one| {
            let is_candidate = self.candidate.is_some_and(|(whose, _)| whose == one.whose);
            Some((one.whose, is_candidate, one.talking_dbfs?))
        });
        // Whoever began first stays the candidate until they pause.
        let talker = talkers.max_by(|a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)));
        let looked_at = attendee(first).filter(|_| visible.has_large);
        let is_answered = looked_at.is_some_and(|one| one.talking_dbfs.is_some());
        if let Some((talker, ..)) = talker {
            let hold = if is_answered {
                Self::HOLD_AGAINST
            } else {
                Self::HOLD
            };
            return Some((talker, hold));
        }
        let is_blank = looked_at.is_some_and(|one| !one.has_picture);
        let mut seen = others.filter(|one| one.has_picture);
        let seen = seen.next().filter(|_| is_blank && !is_answered)?;
        Some((seen.whose, Self::HOLD_UNSEEN))
    }

    /// Into the first seat, or into the last visible one whose owner is silent.
    fn bring_forward(&mut self, whose: Whose, present: &[Attendee], visible: Visible) {
        let is_silent = |whose: &Whose| {
            let mut all = present.iter();
            !all.any(|one| one.whose == *whose && one.talking_dbfs.is_some())
        };
        let seat = if visible.has_large {
            Some(0)
        } else {
            let seats = self.order.iter().take(visible.seats);
            seats.clone().rposition(|sitting| {
                is_silent(sitting) && !self.stays(sitting) && *sitting != Whose::Mine
            })
        };
        if let (Some(seat), Some(place)) = (seat, self.place(whose)) {
            self.order.swap(seat, place);
        }
    }

    /// Whether nobody who talks takes this seat.
    fn stays(&self, whose: &Whose) -> bool {
        self.pinned == Some(*whose) || matches!(whose, Whose::Screen(_))
    }

    fn place(&self, whose: Whose) -> Option<usize> {
        self.order.iter().position(|sitting| *sitting == whose)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::PersonId;

    const SPEAKER: Visible = Visible {
        has_large: true,
        seats: 6,
    };
    const GRID: Visible = Visible {
        has_large: false,
        seats: 3,
    };

    fn they(number: u64) -> Whose {
        Whose::Theirs(PersonId(number))
    }

    fn silent(whose: Whose) -> Attendee {
        Attendee {
            whose,
            talking_dbfs: None,
            has_picture: true,
        }
    }

    fn talking(whose: Whose, dbfs: f32) -> Attendee {
        Attendee {
            talking_dbfs: Some(dbfs),
            ..silent(whose)
        }
    }

    fn room(count: u64) -> Vec<Attendee> {
        let others = (1..=count).map(|number| silent(they(number)));
        std::iter::once(silent(Whose::Mine)).chain(others).collect()
    }

    #[test]
    fn alone_one_sees_oneself_until_somebody_comes() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        seats.update(now, &room(0), SPEAKER);
        assert_eq!(seats.order(), [Whose::Mine]);
        seats.update(now, &room(2), SPEAKER);
        assert_eq!(seats.order(), [they(1), Whose::Mine, they(2)]);
    }

    #[test]
    fn speaker_comes_to_the_fore_after_a_second_and_swaps_with_one_only() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(4);
        seats.update(now, &present, SPEAKER);
        let before = seats.order().to_vec();
        present[3] = talking(they(3), -20.0);
        seats.update(now, &present, SPEAKER);
        seats.update(now + Seats::HOLD / 2, &present, SPEAKER);
        assert_eq!(seats.order(), before);
        seats.update(now + Seats::HOLD, &present, SPEAKER);
        assert_eq!(seats.order()[0], they(3));
        let moved = seats.order().iter().zip(&before).filter(|(a, b)| a != b);
        assert_eq!(moved.count(), 2);
    }

    #[test]
    fn a_word_of_assent_moves_nobody() {
        let (mut seats, mut now) = (Seats::default(), Instant::now());
        let mut present = room(3);
        present[1] = talking(they(1), -15.0);
        seats.update(now, &present, SPEAKER);
        for round in 0..20 {
            now += Seats::HOLD / 2;
            present[2] = match round % 2 {
                0 => talking(they(2), -10.0),
                _ => silent(they(2)),
            };
            seats.update(now, &present, SPEAKER);
            assert_eq!(seats.order()[0], they(1));
        }
    }

    #[test]
    fn whoever_talks_is_seen_beside_what_stays_large() {
        let now = Instant::now();
        let visible = Visible {
            seats: 3,
            ..SPEAKER
        };
        let mut people = room(5);
        let mut seats = Seats::default();
        seats.update(now, &people, visible);
        seats.pin(Some(they(1)));
        people[5] = talking(they(5), -20.0);
        seats.update(now, &people, visible);
        seats.update(now + Seats::HOLD, &people, visible);
        assert_eq!(seats.order()[0], they(1));
        assert!(seats.order()[1..3].contains(&they(5)), "{seats:?}");

        people.push(silent(Whose::Screen(PersonId(2))));
        seats.pin(None);
        people[4] = talking(they(4), -20.0);
        people[5] = silent(they(5));
        seats.update(now + 2 * Seats::HOLD, &people, visible);
        seats.update(now + 3 * Seats::HOLD, &people, visible);
        assert_eq!(seats.order()[0], Whose::Screen(PersonId(2)));
        assert!(seats.order()[1..3].contains(&they(4)), "{seats:?}");
    }

    #[test]
    fn whoever_is_pinned_stays_until_they_leave() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(3);
        seats.update(now, &present, SPEAKER);
        seats.pin(Some(they(2)));
        assert_eq!(seats.order()[0], they(2));
        present[3] = talking(they(3), -10.0);
        seats.update(now, &present, SPEAKER);
        seats.update(now + Seats::HOLD * 5, &present, SPEAKER);
        assert_eq!((seats.order()[0], seats.pinned()), (they(2), Some(they(2))));
        present.remove(2);
        seats.update(now + Seats::HOLD * 6, &present, SPEAKER);
        assert_eq!((seats.order()[0], seats.pinned()), (they(3), None));
    }

    #[test]
    fn a_shared_screen_is_looked_at_whoever_talks() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(3);
        seats.update(now, &present, SPEAKER);
        let screen = Whose::Screen(PersonId(2));
        present.push(silent(screen));
        present[1] = talking(they(1), -10.0);
        seats.update(now, &present, SPEAKER);
        seats.update(now + Seats::HOLD * 3, &present, SPEAKER);
        assert_eq!(seats.order()[0], screen);
        present.pop();
        seats.update(now + Seats::HOLD * 4, &present, SPEAKER);
        assert_eq!(seats.order()[0], they(1));
    }

    #[test]
    fn somebody_without_a_picture_gives_way_when_silent_for_long() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(2);
        present[1].has_picture = false;
        present[1].talking_dbfs = Some(-20.0);
        seats.update(now, &present, SPEAKER);
        assert_eq!(seats.order()[0], they(1));
        present[1].talking_dbfs = None;
        seats.update(now + Seats::HOLD, &present, SPEAKER);
        seats.update(now + Seats::HOLD * 2, &present, SPEAKER);
        assert_eq!(seats.order()[0], they(1));
        seats.update(now + Seats::HOLD + Seats::HOLD_UNSEEN, &present, SPEAKER);
        assert_eq!(seats.order()[0], they(2));
    }

    #[test]
    fn in_a_grid_only_who_cannot_be_seen_comes_forward() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(5);
        seats.update(now, &present, GRID);
        let before = seats.order().to_vec();
        present[1] = talking(they(1), -10.0);
        seats.update(now, &present, GRID);
        seats.update(now + Seats::HOLD, &present, GRID);
        assert_eq!(seats.order(), before);
        present[5] = talking(they(5), -10.0);
        seats.update(now + Seats::HOLD, &present, GRID);
        seats.update(now + Seats::HOLD * 2, &present, GRID);
        let place = seats
            .order()
            .iter()
            .position(|one| *one == they(5))
            .unwrap();
        assert_eq!(place, 2);
        assert!(seats.order()[..3].contains(&they(1)));
    }

    #[test]
    fn who_looks_around_sees_one_after_the_other_whoever_talks() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        let mut present = room(3);
        present[2] = talking(they(2), -10.0);
        seats.look_around(true);
        let mut first = |second| {
            seats.update(now + Duration::from_secs(second), &present, SPEAKER);
            seats.order()[0]
        };
        let start = first(0);
        assert!((1..10).all(|second| first(second) == start));
        let turns: Vec<Whose> = [10, 20, 30].map(&mut first).to_vec();
        assert_eq!(turns.iter().filter(|one| **one == they(1)).count(), 1);
        assert_eq!(turns[2], start);
    }

    #[test]
    fn whoever_is_kept_large_stays_while_one_looks_around() {
        let (mut seats, now) = (Seats::default(), Instant::now());
        seats.look_around(true);
        seats.update(now, &room(3), SPEAKER);
        seats.pin(Some(they(3)));
        let first = |seats: &mut Seats, second| {
            seats.update(now + Duration::from_secs(second), &room(3), SPEAKER);
            seats.order()[0]
        };
        assert_eq!(first(&mut seats, 60), they(3));
        seats.pin(None);
        // Looked at anew, for as long as everybody.
        assert_eq!(first(&mut seats, 61), they(3));
        assert_eq!(first(&mut seats, 72), they(1));
    }

    proptest! {
        #[test]
        fn everybody_has_one_seat_and_nobody_moves_without_need(
            rounds in prop::collection::vec((any::<u8>(), any::<u8>(), any::<bool>(), 0_u64..3_000), 1..60),
        ) {
            let (mut seats, mut now) = (Seats::default(), Instant::now());
            seats.look_around(rounds.len() % 2 == 0);
            let mut before: Vec<Attendee> = Vec::new();
            for (here, talk, has_large, pause) in rounds {
                now += Duration::from_millis(pause);
                let is_set = |bits: u8, number: u64| bits >> number & 1 == 1;
                let present: Vec<Attendee> = room(7)
                    .into_iter()
                    .zip(0..)
                    .filter(|(_, number)| *number == 0 || is_set(here, *number))
                    .map(|(one, number)| match is_set(talk, number) {
                        true => talking(one.whose, -(number as f32)),
                        false => one,
                    })
                    .collect();
                let visible = Visible { has_large, seats: 4 };
                let seated = seats.order().to_vec();
                seats.update(now, &present, visible);
                let mut sorted = seats.order().to_vec();
                sorted.sort();
                let names = |all: &[Attendee]| all.iter().map(|one| one.whose).collect::<Vec<_>>();
                prop_assert_eq!(sorted, names(&present));
                if names(&present) == names(&before) {
                    let moved = seats.order().iter().zip(&seated).filter(|(a, b)| a != b);
                    prop_assert!(moved.count() <= 2);
                }
                before = present;
            }
        }
    }
}
