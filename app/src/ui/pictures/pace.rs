//! When the window is painted anew because of pictures: as seldom as nobody notices.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use conf_core::{PaneWaker, PictureSlot};

/// Asked by the decoding threads at each picture, told by the window at each frame.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<State>>);

/// A slot whose pictures are on the screen.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) slot: PictureSlot,
    /// Pictures that were taken from it.
    pub(super) seen: u64,
    /// Whether it leads: the others are painted when it is.
    pub(super) is_large: bool,
    /// Whether it is put on the screen without painting the window.
    pub(super) is_in_pane: bool,
}

#[derive(Debug, Default)]
struct State {
    watched: Vec<Watched>,
    panes: Option<PaneWaker>,
    painted: Option<Instant>,
    /// When the next frame has been asked for.
    asked: Option<Instant>,
}

impl Pace {
    /// A picture may have come: how long from now the window is to be painted, if that has to be asked for.
    pub fn note_picture(&self, now: Instant) -> Option<Duration> {
        let mut state = self.lock();
        state.wake_panes();
        let wait = state.wait(now)?;
        state.ask(now, wait)
    }

    /// Something else has happened: likewise. It can wait as long as small pictures do, and is painted with them.
    pub fn note_event(&self, now: Instant) -> Option<Duration> {
        let mut state = self.lock();
        let wait = state.until(now, state.small_period());
        state.ask(now, wait)
    }

    /// Who puts pictures into panes, from now on.
    pub(super) fn set_panes(&self, panes: Option<PaneWaker>) {
        self.lock().panes = panes;
    }

    /// The window has been painted with these.
    pub(super) fn note_frame(&self, now: Instant, watched: Vec<Watched>) {
        let mut state = self.lock();
        state.watched = watched;
        state.painted = Some(now);
        state.asked = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake_panes(&self) {
        let mut in_panes = self.watched.iter().filter(|one| one.is_in_pane);
        if let Some(panes) = &self.panes
            && in_panes.any(|one| one.slot.count() != one.seen)
        {
            panes.wake();
        }
    }

    fn wait(&self, now: Instant) -> Option<Duration> {
        let newer = self
            .watched
            .iter()
            .filter(|one| !one.is_in_pane && one.slot.count() != one.seen);
        let least = newer.map(|one| {
            if one.is_large {
                LARGE_PERIOD
            } else {
                self.small_period()
            }
        });
        Some(self.until(now, least.min()?))
    }

    fn small_period(&self) -> Duration {
        if self.watched.iter().any(|one| one.is_large) {
            LED_PERIOD
        } else {
            SMALL_PERIOD
        }
    }

    fn until(&self, now: Instant, period: Duration) -> Duration {
        let due = self.painted.map_or(now, |painted| painted + period);
        due.saturating_duration_since(now)
    }

    fn ask(&mut self, now: Instant, wait: Duration) -> Option<Duration> {
        let at = now + wait;
        if self
            .asked
            .is_some_and(|asked| asked <= at && now < asked + LOST)
        {
            return None;
        }
        self.asked = Some(at);
        Some(wait)
    }
}

/// No faster than most screens: a large picture is painted as it comes.
const LARGE_PERIOD: Duration = Duration::from_millis(12);
/// Thirty pictures a second; all tiles that have a newer one are painted at once.
const SMALL_PERIOD: Duration = Duration::from_millis(33);
/// Where there is a large picture the small ones are painted when it is; this long they wait for it, longer than from one of
/// its pictures to the next, or all would be painted twice as often.
const LED_PERIOD: Duration = Duration::from_millis(50);
/// A frame that has been asked for and has not come by then is asked for again: the window may have been hidden.
const LOST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use conf_core::{PicturePool, Size};

    use super::*;

    fn put(slot: &PictureSlot) {
        let pool = PicturePool::default();
        slot.put(pool.take(Size::new(2, 2), Instant::now()).finish());
    }

    fn watched(slot: &PictureSlot, is_large: bool) -> Watched {
        Watched {
            slot: slot.clone(),
            seen: slot.count(),
            is_large,
            is_in_pane: false,
        }
    }

    #[test]
    fn pictures_in_panes_do_not_have_the_window_painted() {
        let (pace, slot, now) = (Pace::default(), PictureSlot::default(), Instant::now());
        let in_pane = Watched {
            is_in_pane: true,
            ..watched(&slot, true)
        };
        pace.note_frame(now, vec![in_pane]);
        put(&slot);
        assert_eq!(pace.note_picture(now + SMALL_PERIOD), None);
    }

    #[test]
    fn nothing_is_painted_without_a_newer_picture() {
        let (pace, slot, now) = (Pace::default(), PictureSlot::default(), Instant::now());
        assert_eq!(pace.note_picture(now), None);
        pace.note_frame(now, vec![watched(&slot, true)]);
        assert_eq!(pace.note_picture(now + SMALL_PERIOD), None);
    }

    #[test]
    fn small_pictures_wait_for_each_other_and_are_asked_for_once() {
        let (pace, now) = (Pace::default(), Instant::now());
        let slots = [PictureSlot::default(), PictureSlot::default()];
        pace.note_frame(now, slots.iter().map(|slot| watched(slot, false)).collect());
        put(&slots[0]);
        let soon = Duration::from_millis(5);
        assert_eq!(pace.note_picture(now + soon), Some(SMALL_PERIOD - soon));
        put(&slots[1]);
        assert_eq!(pace.note_picture(now + 2 * soon), None);
    }

    #[test]
    fn an_event_is_painted_with_the_pictures() {
        let (pace, slot, now) = (Pace::default(), PictureSlot::default(), Instant::now());
        assert_eq!(pace.note_event(now), Some(Duration::ZERO));
        assert_eq!(pace.note_event(now), None);
        pace.note_frame(now, vec![watched(&slot, false)]);
        let soon = Duration::from_millis(5);
        assert_eq!(pace.note_event(now + soon), Some(SMALL_PERIOD - soon));
        put(&slot);
        assert_eq!(pace.note_picture(now + 2 * soon), None);
        let later = now + SMALL_PERIOD + LOST;
        assert_eq!(pace.note_event(later), Some(Duration::ZERO));
    }

    #[test]
    fn a_large_picture_overtakes_the_small_ones_which_come_along() {
        let (pace, now) = (Pace::default(), Instant::now());
        let (small, large) = (PictureSlot::default(), PictureSlot::default());
        pace.note_frame(now, vec![watched(&small, false), watched(&large, true)]);
        put(&small);
        let wait = pace.note_picture(now + LARGE_PERIOD).unwrap();
        assert!(LARGE_PERIOD + wait > Duration::from_secs(1) / 30);
        put(&large);
        let at_once = Some(Duration::ZERO);
        assert_eq!(pace.note_picture(now + LARGE_PERIOD), at_once);
    }
}
