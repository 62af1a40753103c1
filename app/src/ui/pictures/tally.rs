//! How many pictures are shown and how many come too fast for that, for the log.
use std::time::{Duration, Instant};

/// What was painted since it was last written to the log.
#[derive(Default)]
pub(super) struct Tally {
    since: Option<Instant>,
    frames: u32,
    pictures: u64,
    /// Pictures that a newer one overtook before they were painted; of those, the ones of whoever is looked at.
    overtaken: [u64; 2],
}

impl Tally {
    /// So many newer pictures were shown, which overtook others.
    pub(super) const fn note_pictures(&mut self, shown: u64, overtaken: u64, is_large: bool) {
        self.pictures += shown;
        self.overtaken[0] += overtaken;
        self.overtaken[1] += if is_large { overtaken } else { 0 };
    }

    /// The window was painted.
    pub(super) fn note_frame(&mut self, now: Instant) {
        self.frames += 1;
        let since = *self.since.get_or_insert(now);
        let span = now.saturating_duration_since(since);
        if span < LOGGED_EVERY || self.pictures == 0 {
            return;
        }
        let [overtaken, large] = self.overtaken;
        let (frames, pictures) = (self.frames, self.pictures);
        let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(span_ms, frames, pictures, overtaken, large, "painted");
        *self = Self {
            since: Some(now),
            ..Self::default()
        };
    }
}

const LOGGED_EVERY: Duration = Duration::from_secs(2);
