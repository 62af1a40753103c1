//! A conference of the list, from all that is known of it.
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::directories::{self, Directories, Found};
use conf_core::leases::{Held, Lease};
use conf_core::{CatalogueEntry, Description, JoinError, calendar, plan};

use super::convert::{lock, media_line, scope, timestamp};
use super::entry_id;
use crate::model::{
    self, Activity, Difference, Entry, GroupOrigin, MediaLine, Occasion, Problem, Rate, Seen,
    Source,
};

/// What is known besides the catalogue.
pub(super) struct Surroundings<'a> {
    /// What stands there, and whose it is.
    pub(super) directories: &'a Directories,
    /// Which groups are leased.
    pub(super) held: &'a [Held],
}

impl Surroundings<'_> {
    fn found(&self, entry: &CatalogueEntry, url: &str) -> Option<Arc<Found>> {
        self.directories.found(url, entry.id)
    }

    fn originator(&self, entry: &CatalogueEntry) -> Option<String> {
        entry.sources.iter().find_map(|source| {
            let conf_core::Seen::Directory { url, .. } = source else {
                return None;
            };
            match &self.found(entry, url)?.entry {
                directories::Entry::Conference(conference) => conference.originator.clone(),
                directories::Entry::Person(_) => None,
            }
        })
    }

    fn lease(&self, entry: &CatalogueEntry) -> Option<&Lease> {
        let held = self.held.iter().find(|held| held.conference == entry.id);
        held.map(|held| &held.lease)
    }
}

/// One conference of the list, as of `wall`.
pub(super) fn entry(entry: &CatalogueEntry, wall: SystemTime, around: &Surroundings<'_>) -> Entry {
    let description = &*entry.description;
    let is_mine = |url: &str| {
        let found = around.found(entry, url);
        found.is_some_and(|found| found.is_mine == Some(true))
    };
    let seen: Vec<Seen> = entry
        .sources
        .iter()
        .map(|source| Seen {
            differs: difference(entry, source),
            ..seen(source, &is_mine)
        })
        .collect();
    let is_own = seen.iter().any(|seen| match seen.source {
        Source::Directory { is_mine, .. } => is_mine,
        Source::Own => true,
        Source::Network { .. } | Source::File(_) => false,
    });
    Entry {
        id: entry_id(entry.id),
        name: description.name.clone(),
        description: description.information.clone().unwrap_or_default(),
        when: activity(description, wall),
        repeats: repeats(description),
        next: next(description, wall),
        originator: around.originator(entry),
        rate: rate(description),
        scope: scope(description.scope().unwrap_or_default()),
        media: description
            .mediums()
            .map(|medium| line(&medium, entry, around))
            .collect(),
        contacts: contacts(description),
        seen,
        lock: description.encryption().as_ref().map(lock),
        refusal: refusal(description, wall),
        draft: is_own.then(|| draft(description)).flatten(),
        sdp: description.to_string(),
    }
}

/// With where its group comes from: one's own that is not leased was picked here.
fn line(
    medium: &conf_core::Medium<'_>,
    entry: &CatalogueEntry,
    around: &Surroundings<'_>,
) -> MediaLine {
    let group = medium.groups().first().map(|group| group.ip());
    let lease = around.lease(entry);
    let lease = lease.filter(|lease| group.is_some_and(|ip| lease.grant.groups.contains(&ip)));
    let is_own = entry.sources.contains(&conf_core::Seen::Own);
    let origin = match lease {
        Some(lease) => Some(GroupOrigin::Leased {
            server: lease.grant.server.ip().to_string(),
            until: timestamp(lease.grant.window.end.to_wall()).unwrap_or_default(),
        }),
        None => is_own.then_some(GroupOrigin::Picked),
    };
    MediaLine {
        origin,
        ..media_line(medium)
    }
}

fn rate(description: &Description) -> Rate {
    let demand = calendar::demand(description);
    Rate {
        kbit_per_s: demand.kbit_per_s,
        is_estimate: demand.is_estimate,
    }
}

/// After the current or next occurrence.
fn next(description: &Description, wall: SystemTime) -> Vec<Occasion> {
    let further = description.occurrences(wall).skip(1).take(LISTED);
    let further = further.filter_map(|occurrence| {
        Some(Occasion {
            start: occurrence.start.and_then(timestamp)?,
            end: occurrence.stop.and_then(timestamp),
        })
    });
    further.collect()
}

/// So many further occurrences are told.
const LISTED: usize = 4;

fn activity(description: &Description, wall: SystemTime) -> Activity {
    let next = description.occurrences(wall).next();
    let end = next
        .and_then(|occurrence| occurrence.stop)
        .and_then(timestamp);
    match description.activity(wall) {
        conf_core::Activity::Permanent => Activity::Now { until: None },
        conf_core::Activity::Current { until } => Activity::Now {
            until: until.and_then(timestamp),
        },
        conf_core::Activity::Upcoming { start } => Activity::Upcoming {
            start: timestamp(start).unwrap_or_default(),
            end,
        },
        conf_core::Activity::Past => Activity::Past,
    }
}

/// `r=` in words, for the lengths that people use.
fn repeats(description: &Description) -> Option<String> {
    let repeat = description
        .times
        .iter()
        .find_map(|time| time.repeats.first())?;
    let days = repeat.interval_secs / 86_400;
    Some(match (days, repeat.interval_secs % 86_400) {
        (1, 0) => "every day".to_owned(),
        (7, 0) => "every week".to_owned(),
        (14, 0) => "every two weeks".to_owned(),
        (days, 0) => format!("every {days} days"),
        _ => format!("every {} hours", repeat.interval_secs / 3_600),
    })
}

fn contacts(description: &Description) -> Vec<String> {
    let lines = description
        .emails
        .iter()
        .chain(&description.phones)
        .chain(&description.uri);
    lines.cloned().collect()
}

/// What this source tells otherwise.
fn difference(entry: &CatalogueEntry, source: &conf_core::Seen) -> Option<Difference> {
    let mut all = entry.disagreements.iter();
    let found = all.find(|disagreement| disagreement.source == *source)?;
    let version = |description: &Description| {
        let version = description.version();
        version.map_or_else(String::new, |version| version.as_str().to_owned())
    };
    let (there, here) = (version(&found.description), version(&entry.description));
    let fields = found.fields.iter().map(|field| field.name());
    Some(Difference {
        versions: (there != here).then_some((there, here)),
        fields: fields.filter(|field| *field != "version").collect(),
    })
}

fn seen(seen: &conf_core::Seen, is_mine: &dyn Fn(&str) -> bool) -> Seen {
    match seen {
        conf_core::Seen::Own => Seen {
            source: Source::Own,
            at: None,
            differs: None,
        },
        conf_core::Seen::File(path) => Seen {
            source: Source::File(path.clone()),
            at: None,
            differs: None,
        },
        conf_core::Seen::Directory { url, .. } => Seen {
            source: Source::Directory {
                url: url.to_string(),
                is_mine: is_mine(url),
            },
            at: None,
            differs: None,
        },
        conf_core::Seen::Sap {
            announcer,
            last_heard,
            ..
        } => Seen {
            source: Source::Network {
                announcer: announcer.to_string(),
                interface: None,
            },
            at: timestamp(*last_heard),
            differs: None,
        },
    }
}

/// Why joining cannot succeed, apart from encryption and time, which are told on their own.
fn refusal(description: &Description, wall: SystemTime) -> Option<Problem> {
    match plan(description, wall) {
        Ok(_) | Err(JoinError::Encrypted(_) | JoinError::Over) => None,
        Err(error) => Some(Problem::from(&error)),
    }
}

/// What the form shows; one that has no times cannot be edited in it.
fn draft(description: &Description) -> Option<model::Draft> {
    let draft = conf_core::Draft::from_description(description);
    Some(model::Draft {
        name: draft.name,
        description: draft.description.unwrap_or_default(),
        start: draft.start.and_then(timestamp)?,
        end: draft.stop.and_then(timestamp)?,
        scope: scope(draft.scope),
        has_video: draft.video.is_some(),
        has_repair: draft.video.is_some_and(|video| video.has_repair),
    })
}
