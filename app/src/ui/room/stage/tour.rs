//! Looking around: whoever sends pictures is the large one for a while, one after the other.
use std::time::{Duration, Instant};

use crate::model::Whose;

/// Who is being looked at, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tour {
    since: Option<(Whose, Instant)>,
}

impl Tour {
    /// Everybody is looked at for so long.
    pub(super) const STAY: Duration = Duration::from_secs(10);

    /// Who comes after `first`, once that one has been looked at for long enough: in the order of coming into the
    /// conference, so that everybody has a turn whatever their seats are.
    pub(super) fn next(
        &mut self,
        now: Instant,
        first: Whose,
        seen: impl Iterator<Item = Whose> + Clone,
    ) -> Option<Whose> {
        let since = match self.since {
            Some((before, since)) if before == first => since,
            _ => now,
        };
        self.since = Some((first, since));
        if now.saturating_duration_since(since) < Self::STAY {
            return None;
        }
        let later = seen.clone().filter(|whose| *whose > first).min();
        let next = later.or_else(|| seen.min()).filter(|next| *next != first)?;
        self.since = Some((next, now));
        Some(next)
    }

    /// Nobody has a turn for a while; whoever is the large one after that is looked at anew.
    pub(super) const fn rest(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PersonId;

    fn they(number: u64) -> Whose {
        Whose::Theirs(PersonId(number))
    }

    /// Who is looked at in each of so many seconds.
    fn seconds(count: u64, start: Whose, all: &[Whose]) -> Vec<Whose> {
        let (mut tour, mut first, now) = (Tour::default(), start, Instant::now());
        let mut looked_at = |second| {
            let now = now + Duration::from_secs(second);
            if let Some(next) = tour.next(now, first, all.iter().copied()) {
                first = next;
            }
            first
        };
        (0..count).map(&mut looked_at).collect()
    }

    #[test]
    fn everybody_has_a_turn_of_the_same_length() {
        let all = [they(4), they(2), they(9)];
        let found = seconds(40, they(2), &all);
        let turns: Vec<Whose> = found.iter().step_by(10).copied().collect();
        assert_eq!(turns, [they(2), they(4), they(9), they(2)]);
        assert!(
            found
                .chunks(10)
                .all(|turn| turn.iter().all(|one| *one == turn[0]))
        );
    }

    #[test]
    fn whoever_sends_no_picture_has_no_turn() {
        let found = seconds(40, they(3), &[they(1), they(4)]);
        assert!(!found[10..].contains(&they(3)), "{found:?}");
    }

    #[test]
    fn alone_one_stays() {
        assert_eq!(seconds(25, they(1), &[they(1)]), [they(1); 25]);
        assert_eq!(seconds(25, they(1), &[]), [they(1); 25]);
    }
}
