//! Turns what the author wrote into a description: addresses are leased or claimed, identity and version kept.
use std::time::SystemTime;

use conf_core::leases::Lease;
use conf_core::{CatalogueEntry, Description, DraftVideo, FULL_GROUPS, IpVersion, Scope, Station};

use crate::groups::{Chosen, Purpose};
use crate::host;
use crate::model;

/// A new conference of ours, and where its groups come from: this lease, where there is one.
pub(super) fn describe_new(
    wanted: &model::Draft,
    station: &Station,
    lease: Option<Lease>,
) -> Result<(Description, Chosen), String> {
    let mut rng = fastrand::Rng::with_seed(host::seed());
    let known = station.catalogue();
    let chosen = Chosen::complete(lease, &purpose(wanted), &known, &mut rng);
    let chosen = chosen.map_err(|error| error.to_string())?;
    let mut draft = conf_core::Draft::new(&wanted.name, host::address(station));
    write(&mut draft, wanted);
    settle(&mut draft, wanted, &chosen);
    match describe(&draft, &mut rng) {
        Ok(description) => Ok((description, chosen)),
        Err(reason) => {
            chosen.give_back(station);
            Err(reason)
        }
    }
}

/// Whether a new version of a conference gets other groups: it has another reach, or now has pictures.
pub(super) fn gets_groups(entry: &CatalogueEntry, wanted: &model::Draft) -> bool {
    has_too_few_groups(&rewritten(entry, wanted), wanted)
}

/// A new version of one of our conferences, and its groups where they are others: this lease's, where there is one.
pub(super) fn describe_again(
    entry: &CatalogueEntry,
    wanted: &model::Draft,
    station: &Station,
    lease: Option<Lease>,
) -> Result<(Description, Option<Chosen>), String> {
    let mut rng = fastrand::Rng::with_seed(host::seed());
    let mut draft = rewritten(entry, wanted);
    let mut chosen = None;
    if has_too_few_groups(&draft, wanted) {
        let known = station.catalogue();
        let complete = Chosen::complete(lease, &purpose(wanted), &known, &mut rng);
        let complete = complete.map_err(|error| error.to_string())?;
        settle(&mut draft, wanted, &complete);
        chosen = Some(complete);
    }
    match describe(&draft, &mut rng) {
        Ok(description) => Ok((description, chosen)),
        Err(reason) => {
            chosen.inspect(|chosen| chosen.give_back(station));
            Err(reason)
        }
    }
}

fn rewritten(entry: &CatalogueEntry, wanted: &model::Draft) -> conf_core::Draft {
    let mut draft = conf_core::Draft::from_description(&entry.description);
    write(&mut draft, wanted);
    draft
}

fn has_too_few_groups(draft: &conf_core::Draft, wanted: &model::Draft) -> bool {
    draft.group.is_none() || (wanted.has_video && draft.video.is_none())
}

/// What the groups of this one are for: sound; thumbnails, shared screens, and a range for large pictures; over IPv4.
pub(super) fn purpose(wanted: &model::Draft) -> Purpose {
    Purpose {
        scope: Scope::from(wanted.scope),
        version: IpVersion::V4,
        mediums: if wanted.has_video { 3 } else { 1 },
        range: if wanted.has_video { FULL_GROUPS } else { 0 },
        start: Some(wanted.start.into()),
        stop: Some(wanted.end.into()),
    }
}

/// Gives it its groups.
fn settle(draft: &mut conf_core::Draft, wanted: &model::Draft, chosen: &Chosen) {
    draft.group = chosen.groups.first().copied();
    let others = chosen.groups.get(1..).unwrap_or_default();
    draft.video = DraftVideo::of_groups(others).filter(|_| wanted.has_video);
    repair(draft, wanted);
}

fn repair(draft: &mut conf_core::Draft, wanted: &model::Draft) {
    if let Some(video) = &mut draft.video {
        video.has_repair = wanted.has_repair;
    }
}

fn write(draft: &mut conf_core::Draft, wanted: &model::Draft) {
    draft.name.clone_from(&wanted.name);
    draft.description = Some(wanted.description.clone());
    draft.start = Some(wanted.start.into());
    draft.stop = Some(wanted.end.into());
    draft.set_scope(Scope::from(wanted.scope));
    if !wanted.has_video {
        draft.video = None;
    }
    repair(draft, wanted);
}

fn describe(draft: &conf_core::Draft, rng: &mut fastrand::Rng) -> Result<Description, String> {
    let described = draft.describe(SystemTime::now(), rng);
    described.map_err(|error| error.to_string())
}
