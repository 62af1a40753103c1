//! Whether there is bandwidth for a conference at its times, beside all else that is known.
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conf_core::calendar::{self, Budget, Clash};
use conf_core::{CatalogueEntry, Description};

/// When, from now on, its scope is to carry more than it bears while this conference is held.
pub fn clashes(
    wanted: &Description,
    known: &[Arc<CatalogueEntry>],
    budget: &Budget,
    now: SystemTime,
) -> Vec<Clash> {
    let first = wanted.occurrences(now).next();
    let start = first.and_then(|first| first.start).unwrap_or(now).max(now);
    let end = calendar::end(wanted).unwrap_or(start + HORIZON);
    let end = end.min(start + HORIZON);
    if end <= start {
        return Vec::new();
    }
    calendar::clashes(wanted, known, budget, &(start..end))
}

/// A series that never ends is looked at for so long.
const HORIZON: Duration = Duration::from_secs(366 * 86_400);
