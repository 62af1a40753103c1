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
    let end = calendar::end(wanted).unwrap_or(now + HORIZON);
    let end = end.min(now + HORIZON);
    if end <= now {
        return Vec::new();
    }
    calendar::clashes(wanted, known, budget, &(now..end))
}

/// Nobody plans farther; series that never end are looked at for so long.
const HORIZON: Duration = Duration::from_secs(366 * 86_400);
