//! `rendezvous show`: one conference, for people, for scripts, for a calendar, or as it would be announced.
use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::{CatalogueEntry, Description, Station};

use super::args::ShowArguments;
use super::failure::{Failure, FailureKind};
use super::lookup;
use super::reference::{Reference, link};
use super::stop::Waiter;
use super::{json, text};
use crate::host;

pub(super) fn run(arguments: &ShowArguments) -> Result<(), Failure> {
    let reference = lookup::reference(&arguments.conference);
    let (description, entry) = match lookup::read_local(&reference)? {
        Some(description) => (description, None),
        None => {
            let entry = look_for(arguments, &reference)?;
            (Arc::clone(&entry.description), Some(entry))
        }
    };
    let text = if arguments.json {
        let read = serde_json::to_value(&*description).map_err(Failure::other)?;
        return json::print(&json::shown(read, entry.as_deref()));
    } else if arguments.sdp {
        description.to_string()
    } else if arguments.ics {
        calendar(&description)?
    } else {
        details(&description, entry.as_deref())
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::other)
}

fn start(arguments: &ShowArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.network.interface.clone();
    host::start_station(interface, directories, false, waiter.waker())
}

fn look_for(
    arguments: &ShowArguments,
    reference: &Reference,
) -> Result<Arc<CatalogueEntry>, Failure> {
    let waiter = Waiter::new()?;
    let station = start(arguments, &waiter)?;
    let found = lookup::find(&station, &waiter, reference.wanted());
    station.shutdown();
    found
}

fn details(description: &Description, entry: Option<&CatalogueEntry>) -> String {
    let sources = entry.map(|entry| &*entry.sources).unwrap_or_default();
    let disagreements = entry.map(|entry| &*entry.disagreements).unwrap_or_default();
    text::details(description, sources, disagreements, SystemTime::now())
}

fn calendar(description: &Description) -> Result<String, Failure> {
    let file = description.to_icalendar(&link(&description.id()), SystemTime::now());
    file.ok_or_else(|| {
        let message = format!(
            "“{}” has no beginning, so that it fits no calendar",
            text::shown(&description.name)
        );
        Failure::new(FailureKind::Other, message)
    })
}
