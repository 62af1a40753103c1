//! `rendezvous list`: the conferences known now, and where each was heard.
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::directories::{Kind, Query};
use conf_core::{CatalogueEntry, ConferenceId, Station};

use super::args::ListArguments;
use super::failure::Failure;
use super::stop::{Awakened, Waiter};
use super::{hearing, json, text};
use crate::host;

pub(super) fn run(arguments: &ListArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let station = start(arguments, &waiter)?;
    if arguments.watch {
        watch(&station, &waiter, arguments)?;
    } else {
        hearing::listen(&station, &waiter, |station| {
            !wanted(station, arguments).is_empty()
        });
        host::tell_network(&station, &mut None);
        print_all(&station, arguments)?;
    }
    station.shutdown();
    Ok(())
}

/// Those known now that are asked for.
fn wanted(station: &Station, arguments: &ListArguments) -> Vec<Arc<CatalogueEntry>> {
    let catalogue = station.catalogue();
    let named = arguments.name.as_ref();
    let query = named.map(|name| Query::named(Kind::Conference, &format!("*{name}*")));
    let is_wanted = |entry: &&Arc<CatalogueEntry>| {
        let name = &entry.description.name;
        query.as_ref().is_none_or(|query| query.admits(name))
    };
    catalogue.iter().filter(is_wanted).cloned().collect()
}

fn start(arguments: &ListArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.network.interface.clone();
    host::start_station(interface, directories, false, waiter.waker())
}

/// Prints each change until stopped.
fn watch(station: &Station, waiter: &Waiter, arguments: &ListArguments) -> Result<(), Failure> {
    let mut problem = None;
    let mut shown = BTreeMap::new();
    while waiter.wait(None) != Awakened::Stopped {
        host::tell_network(station, &mut problem);
        while station.poll_event().is_some() {}
        compare(station, &mut shown, arguments)?;
    }
    Ok(())
}

fn print_all(station: &Station, arguments: &ListArguments) -> Result<(), Failure> {
    let catalogue = wanted(station, arguments);
    let wall = SystemTime::now();
    for entry in &catalogue {
        print("listed", entry, wall, arguments)?;
    }
    if !arguments.json {
        let through = host::interface_names(station);
        let nothing = match (catalogue.is_empty(), &arguments.name) {
            (false, _) => "",
            (true, None) => "Nothing is known. ",
            (true, Some(_)) => "Nothing of that name is known. ",
        };
        eprintln!("{nothing}Listened on {through}.");
        host::tell_directories(station);
    }
    Ok(())
}

/// Prints what has changed since the last time.
fn compare(
    station: &Station,
    shown: &mut BTreeMap<ConferenceId, Arc<CatalogueEntry>>,
    arguments: &ListArguments,
) -> Result<(), Failure> {
    let catalogue = wanted(station, arguments);
    let wall = SystemTime::now();
    let is_gone = |id: &ConferenceId| !catalogue.iter().any(|entry| entry.id == *id);
    let gone: Vec<ConferenceId> = shown.keys().filter(|id| is_gone(id)).copied().collect();
    for id in gone {
        if let Some(entry) = shown.remove(&id) {
            print_gone(&entry, arguments)?;
        }
    }
    for entry in &catalogue {
        let word = match shown.get(&entry.id) {
            None => "appeared",
            Some(before) if before.description != entry.description => "changed",
            Some(_) => continue,
        };
        print(word, entry, wall, arguments)?;
        shown.insert(entry.id, Arc::clone(entry));
    }
    Ok(())
}

fn print(
    word: &str,
    entry: &CatalogueEntry,
    wall: SystemTime,
    arguments: &ListArguments,
) -> Result<(), Failure> {
    if arguments.json {
        return json::print(&json::entry(word, entry, wall));
    }
    let mark = match word {
        "appeared" => "+ ",
        "changed" => "~ ",
        _ => "",
    };
    print_line(&format!("{mark}{}", text::entry_line(entry, wall)))
}

fn print_gone(entry: &CatalogueEntry, arguments: &ListArguments) -> Result<(), Failure> {
    if arguments.json {
        return json::print(&json::gone(entry.id));
    }
    print_line(&format!(
        "- {}  {}",
        entry.id,
        text::shown(&entry.description.name)
    ))
}

fn print_line(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(Failure::other)
}
