//! `rendezvous list`: the conferences known now, and where each was heard.
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

use conf_core::{CatalogueEntry, ConferenceId, Station};

use super::args::ListArguments;
use super::failure::Failure;
use super::stop::{Awakened, Waiter};
use super::{json, text};
use crate::host;

/// Announcers answer a newcomer's question within half a second of hearing it.
const LISTEN: Duration = Duration::from_millis(1_300);
/// Where nobody answers, other programs may still announce: ffmpeg repeats itself every 5 s.
const LISTEN_ON: Duration = Duration::from_secs(6);

pub(super) fn run(arguments: &ListArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let station = host::start_station(arguments.interface.clone(), false, waiter.waker())?;
    if arguments.watch {
        watch(&station, &waiter, arguments)?;
    } else {
        listen(&station, &waiter);
        print_all(&station, arguments)?;
    }
    station.shutdown();
    Ok(())
}

/// Listens for the answers; for longer where there are none.
fn listen(station: &Station, waiter: &Waiter) {
    let began = Instant::now();
    let mut problem = None;
    loop {
        let is_empty = station.catalogue().is_empty();
        let awakened = waiter.wait(Some(began + if is_empty { LISTEN_ON } else { LISTEN }));
        host::tell_network(station, &mut problem);
        if awakened != Awakened::Woken {
            return;
        }
    }
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
    let catalogue = station.catalogue();
    let wall = SystemTime::now();
    for entry in catalogue.iter() {
        print("listed", entry, wall, arguments)?;
    }
    if !arguments.json {
        let through = host::interface_names(station);
        let nothing = if catalogue.is_empty() {
            "Nothing is known. "
        } else {
            ""
        };
        eprintln!("{nothing}Listened on {through}.");
    }
    Ok(())
}

/// Prints what has changed since the last time.
fn compare(
    station: &Station,
    shown: &mut BTreeMap<ConferenceId, CatalogueEntry>,
    arguments: &ListArguments,
) -> Result<(), Failure> {
    let catalogue = station.catalogue();
    let wall = SystemTime::now();
    let is_gone = |id: &ConferenceId| !catalogue.iter().any(|entry| entry.id == *id);
    let gone: Vec<ConferenceId> = shown.keys().filter(|id| is_gone(id)).copied().collect();
    for id in gone {
        if let Some(entry) = shown.remove(&id) {
            print_gone(&entry, arguments)?;
        }
    }
    for entry in catalogue.iter() {
        let word = match shown.get(&entry.id) {
            None => "appeared",
            Some(before) if before.description != entry.description => "changed",
            Some(_) => continue,
        };
        print(word, entry, wall, arguments)?;
        shown.insert(entry.id, entry.clone());
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
