//! Whether the window has to be painted for a newer state, or only figures have changed.
use std::time::{Duration, Instant};

/// What was told last of a state, as it is seen at a glance: without figures.
#[derive(Debug)]
pub(super) struct Glance<T> {
    told: Option<(T, Instant)>,
}

/// What is new about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing that would have to be told by now.
    Nothing,
    /// Figures may have changed, which were told a second ago.
    Figures,
    /// Something that is seen at a glance.
    Glance,
}

impl<T> Default for Glance<T> {
    fn default() -> Self {
        Self { told: None }
    }
}

impl<T: Clone + PartialEq> Glance<T> {
    /// Says what is new about a state that is seen so; unless that is nothing, it counts as told.
    ///
    /// Figures change all the time, and who reads them needs no more than one a second.
    pub(super) fn note(&mut self, seen: &T, now: Instant) -> News {
        let news = match &self.told {
            Some((before, _)) if before != seen => News::Glance,
            Some((_, at)) if now < *at + FIGURES_EVERY => News::Nothing,
            Some(_) => News::Figures,
            None => News::Glance,
        };
        if news != News::Nothing {
            self.told = Some((seen.clone(), now));
        }
        news
    }
}

/// A conference tells its state ten times a second, so what is left out comes with the next.
const FIGURES_EVERY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_told_at_once_and_figures_once_a_second() {
        let (mut glance, start) = (Glance::default(), Instant::now());
        let mut note = |seen, after_ms| glance.note(&seen, start + Duration::from_millis(after_ms));
        assert_eq!(note("silent", 0), News::Glance);
        assert_eq!(note("silent", 900), News::Nothing);
        assert_eq!(note("silent", 1_000), News::Figures);
        assert_eq!(note("talking", 1_100), News::Glance);
        assert_eq!(note("talking", 2_000), News::Nothing);
        assert_eq!(note("talking", 2_100), News::Figures);
    }
}
