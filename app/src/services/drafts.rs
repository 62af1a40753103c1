//! Turns what the author wrote into a description: addresses are claimed, identity and version kept.
use std::time::SystemTime;

use conf_core::{CatalogueEntry, Description, IpVersion, Scope, Station};

use crate::host::{self, Groups};
use crate::model;

/// A new conference of ours.
pub(super) fn describe_new(draft: &model::Draft, station: &Station) -> Result<Description, String> {
    describe(
        conf_core::Draft::new(&draft.name, host::address(station)),
        draft,
        station,
    )
}

/// A new version of one of our conferences.
pub(super) fn describe_again(
    entry: &CatalogueEntry,
    draft: &model::Draft,
    station: &Station,
) -> Result<Description, String> {
    describe(
        conf_core::Draft::from_description(&entry.description),
        draft,
        station,
    )
}

fn describe(
    mut draft: conf_core::Draft,
    wanted: &model::Draft,
    station: &Station,
) -> Result<Description, String> {
    draft.name.clone_from(&wanted.name);
    draft.description = Some(wanted.description.clone());
    draft.start = Some(wanted.start.into());
    draft.stop = Some(wanted.end.into());
    draft.set_scope(Scope::from(wanted.scope));
    let mut rng = fastrand::Rng::with_seed(host::seed());
    if draft.group.is_none() {
        let groups = Groups::in_use(&station.catalogue());
        let claimed = groups
            .claim(draft.scope, IpVersion::V4, &mut rng)
            .map_err(|error| error.to_string())?;
        draft.group = Some(claimed);
    }
    draft
        .describe(SystemTime::now(), &mut rng)
        .map_err(|error| error.to_string())
}
