//! `rendezvous edit`: changes a conference that stands in a directory.
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::Description;
use conf_core::directories::{ConferenceEntry, DirectoryClient, Entry, NtpTime, Time};
use jiff::Zoned;

use super::args::{EditArguments, Lasting};
use super::change::{self, Change};
use super::choice;
use super::entry::{self, Wanted};
use super::failure::{Failure, FailureKind};
use super::stop::Waiter;
use super::{clash, held, json, lookup, text};

pub(super) fn run(arguments: &EditArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let config = arguments.choice.config()?;
    let name = choice::name(&config);
    let mut client = DirectoryClient::new(config.clone()).map_err(Failure::other)?;
    let found =
        entry::find(&mut client, &name, &arguments.conference).map_err(|wanted| match wanted {
            Wanted::Away(_, error) => change::failure(&name, &error),
            Wanted::Unreadable(failure) => failure,
        })?;
    let Some(there) = entry::conference(&found) else {
        return Err(Failure::other("that is no conference"));
    };
    let changed = edited(arguments, &there.description)?;
    let entry = arguments.sharing.apply(ConferenceEntry {
        description: Arc::new(changed),
        ..there.clone()
    });
    let basis = entry::basis(&found);
    let wanted = Entry::Conference(entry.clone());
    let put = client.put(&wanted, basis.clone(), SystemTime::now());
    let published = put.map_err(|error| {
        let change = Change {
            config: &config,
            id: entry.description.id(),
            entry: Some(entry.clone()),
            basis,
        };
        change.failed(error)
    })?;
    if arguments.json {
        let dies = published
            .lifetime
            .map(|lifetime| SystemTime::now() + lifetime);
        json::print(&json::published("changed", &name, &entry.description, dies))?;
    } else {
        println!("“{}” is changed in {name}.", text::shown(entry.name()));
    }
    if entry.description.times != there.description.times {
        held::follow(&entry.description, &waiter);
    }
    clash::listen_and_warn(&entry.description, &config, &waiter);
    Ok(())
}

/// The next version of the description; what is not named stays as it is, attributes that nobody here knows included.
fn edited(arguments: &EditArguments, before: &Description) -> Result<Description, Failure> {
    let mut after = match &arguments.sdp {
        Some(file) => replacement(file, before)?,
        None => before.clone(),
    };
    if let Some(name) = &arguments.name {
        after.name.clone_from(name);
    }
    if let Some(about) = &arguments.description {
        after.information = Some(about.clone()).filter(|about| !about.is_empty());
    }
    if let Some(time) = time(arguments, before)? {
        after.times = vec![time];
    }
    let now = NtpTime::from_system(SystemTime::now()).0;
    if let (Some(origin), Some(version)) = (&mut after.origin, before.version()) {
        origin.version = version.after(now);
    }
    Ok(after)
}

fn replacement(file: &str, before: &Description) -> Result<Description, Failure> {
    let reference = lookup::reference(file);
    let read = lookup::read_local(&reference)?;
    let read = read.ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "give an .sdp file, or - for standard input",
        )
    })?;
    if read.id() != before.id() {
        return Err(Failure::new(
            FailureKind::Usage,
            "the file describes another conference: user, session id and address in its o= line are different",
        ));
    }
    Ok((*read).clone())
}

/// New times, if any were given. A repeating conference keeps its repetition only where its times stay.
fn time(arguments: &EditArguments, before: &Description) -> Result<Option<Time>, Failure> {
    if arguments.start.is_none() && arguments.duration.is_none() {
        return Ok(None);
    }
    if arguments.duration == Some(Lasting::Permanently) {
        return Ok(Some(Time::permanent()));
    }
    let known = before.times.first();
    let start = match &arguments.start {
        Some(start) => Some(start.resolve(&Zoned::now()).map_err(Failure::other)?),
        None => known.and_then(|time| time.start.to_system()),
    };
    let start = start.unwrap_or_else(SystemTime::now);
    let length = match (arguments.duration, known) {
        (Some(Lasting::For(length)), _) => length,
        (_, Some(known)) if known.stop.0 > known.start.0 => {
            std::time::Duration::from_secs(known.stop.0 - known.start.0)
        }
        _ => std::time::Duration::from_secs(3_600),
    };
    Ok(Some(Time {
        start: NtpTime::from_system(start),
        stop: NtpTime::from_system(start + length),
        ..Time::permanent()
    }))
}
