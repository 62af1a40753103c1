//! Finds the entry of a directory that the command line means.
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::directories::{
    Basis, Catalogue, ConferenceEntry, DirectoryClient, DirectoryError, Entry, Found, Kind, Query,
};
use conf_core::{ConferenceId, Lookup};

use super::failure::{Failure, FailureKind};
use super::lookup;
use super::reference::Reference;

/// The conference that is called so, or has this id, and stands in the directory.
pub(super) fn find(
    client: &mut DirectoryClient,
    name: &str,
    wanted: &str,
) -> Result<Found, Wanted> {
    let reference = Reference::parse(wanted, Path::exists);
    let wanted = match lookup::read_local(&reference).map_err(Wanted::Unreadable)? {
        Some(description) => description.id().to_string(),
        None => reference.wanted().to_owned(),
    };
    let found = client.search(&Query::all(Kind::Conference));
    let found = found.map_err(|error| Wanted::Away(wanted.parse().ok(), Box::new(error)))?;
    let mut catalogue = Catalogue::new();
    for found in found.iter() {
        if let Entry::Conference(conference) = &found.entry {
            let (name_there, description) = (&found.published.name, &conference.description);
            let listed =
                catalogue.set_in_directory(&name.into(), name_there, Arc::clone(description));
            if listed.is_err() {
                // The others are found by their id.
                break;
            }
        }
    }
    let entries = catalogue.snapshot(SystemTime::now());
    let id = match conf_core::find(&entries, &wanted) {
        Lookup::Found(entry) => Some(entry.id),
        Lookup::Ambiguous(several) => {
            return Err(Wanted::Unreadable(lookup::ambiguous(&wanted, &several)));
        }
        Lookup::None => wanted.parse().ok(),
    };
    let is_it =
        |found: &Found| conference(found).is_some_and(|there| Some(there.description.id()) == id);
    found.into_iter().find(is_it).ok_or_else(|| {
        let message = format!("no conference called “{wanted}” is in {name}");
        Wanted::Unreadable(Failure::new(FailureKind::NotFound, message))
    })
}

/// Why the entry was not found.
pub(super) enum Wanted {
    /// The directory is away, or refuses; the conference, if its id was given.
    Away(Option<ConferenceId>, Box<DirectoryError>),
    /// It is not there, or it is not clear which.
    Unreadable(Failure),
}

/// The conference of an entry.
pub(super) fn conference(found: &Found) -> Option<&ConferenceEntry> {
    match &found.entry {
        Entry::Conference(conference) => Some(conference),
        Entry::Person(_) => None,
    }
}

/// What a change of this entry is made from.
pub(super) fn basis(found: &Found) -> Basis {
    let revision = found.published.revision.clone();
    revision.map_or(Basis::Any, Basis::Revision)
}
