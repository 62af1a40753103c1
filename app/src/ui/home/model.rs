//! Which conferences a tab shows, in which order, and what each row says.
use super::people;
use crate::model::{Activity, Entry, Model};
use crate::ui::view::{Filter, HomeView};
use crate::ui::words;

/// One row of the list.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The conference.
    pub(super) entry: &'a Entry,
    /// On now.
    pub(super) is_live: bool,
    /// `until 14:00`.
    pub(super) when: String,
    /// `on this network, in directory.example`.
    pub(super) whence: String,
    /// `Site`.
    pub(super) scope: &'static str,
    /// Whether Join is offered.
    pub(super) is_joinable: bool,
}

impl<'a> Row<'a> {
    fn new(entry: &'a Entry, model: &Model) -> Self {
        let clock = &model.clock;
        let activity = entry.activity(clock.wall);
        Self {
            entry,
            is_live: matches!(activity, Activity::Now { .. }),
            when: words::when(activity, clock),
            whence: words::whence(entry, model),
            scope: words::scope(entry.scope),
            is_joinable: entry.refusal(clock.wall).is_none(),
        }
    }

    /// What a screen reader says.
    pub(super) fn spoken(&self) -> String {
        let lock = if self.entry.lock.is_some() {
            ", encrypted"
        } else {
            ""
        };
        format!("{}, {}, {}{lock}", self.entry.name, self.when, self.scope)
    }
}

/// The rows of the tab and search in `view`.
pub(super) fn rows<'a>(model: &'a Model, view: &HomeView) -> Vec<Row<'a>> {
    let query = view.search.trim().to_lowercase();
    let mut entries: Vec<&Entry> = model
        .conferences
        .iter()
        .map(|entry| &**entry)
        .filter(|entry| belongs(entry, view.filter, model) && entry.matches(&query))
        .collect();
    entries.sort_by_cached_key(|entry| order(entry, model));
    entries
        .into_iter()
        .map(|entry| Row::new(entry, model))
        .collect()
}

/// How many conferences or people of a tab match the search.
pub(super) fn count(model: &Model, filter: Filter, search: &str) -> usize {
    if filter == Filter::People {
        return people::found(model, search).len();
    }
    let query = search.trim().to_lowercase();
    let is_shown = |entry: &&Entry| belongs(entry, filter, model) && entry.matches(&query);
    let all = model.conferences.iter().map(|entry| &**entry);
    all.filter(is_shown).count()
}

fn belongs(entry: &Entry, filter: Filter, model: &Model) -> bool {
    match (filter, entry.activity(model.clock.wall)) {
        (Filter::Now, activity) => matches!(activity, Activity::Now { .. }),
        (Filter::Upcoming, activity) => matches!(activity, Activity::Upcoming { .. }),
        (Filter::Mine, _) => entry.is_mine() || entry.is_only_from_file(),
        (Filter::All, _) => true,
        (Filter::People, _) => false,
    }
}

/// On now, then to come by their beginning, then over; by name within each.
fn order(entry: &Entry, model: &Model) -> (i64, String, String) {
    let time = match entry.activity(model.clock.wall) {
        Activity::Now { .. } => i64::MIN,
        Activity::Upcoming { start, .. } => start.as_second(),
        Activity::Past => i64::MAX,
    };
    (time, entry.name.to_lowercase(), entry.id.0.clone())
}
