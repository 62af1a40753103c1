//! `rendezvous directory bridge`: announcements into a directory, and what it has onto the network.
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use conf_core::directories::{Basis, Bridge, ConferenceEntry, Happening, NotTaken, Step, name_of};
use conf_core::{InterfaceChoice, Scope, Station};

use super::super::args::ScopeArgument;
use super::super::choice::DirectoryChoice;
use super::super::failure::{Failure, FailureKind};
use super::super::stop::{Awakened, Waiter};
use super::super::text;
use crate::host;

/// Options of `directory bridge`.
#[derive(Args, Debug)]
pub(super) struct BridgeArguments {
    /// Which directories
    #[command(flatten)]
    choice: DirectoryChoice,
    /// Carry conferences of this scope, as often as wanted [default: site and organisation]
    #[arg(long, value_enum)]
    scope: Vec<ScopeArgument>,
    /// Network interface to listen and announce on, or "all" [default: the one with a multicast route]
    #[arg(
        long,
        value_name = "IF",
        default_value = "default",
        hide_default_value = true
    )]
    interface: InterfaceChoice,
}

/// Announcers within a site repeat themselves every 10 s, and may be missed twice.
const LISTEN: Duration = Duration::from_secs(30);

pub(super) fn run(arguments: &BridgeArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let config = arguments.choice.config()?;
    let url = name_of(&config).unwrap_or_default();
    let station = host::start_station(
        arguments.interface.clone(),
        vec![config],
        false,
        waiter.waker(),
    )?;
    let mut bridge = Bridge::new(Arc::clone(&url), scopes(arguments));
    let ready_at = Instant::now() + LISTEN;
    eprintln!("Carrying conferences between the network and {url} until stopped (Ctrl-C).");
    loop {
        let is_listening = Instant::now() < ready_at;
        let deadline = if is_listening {
            ready_at
        } else {
            Instant::now() + LISTEN
        };
        if waiter.wait(Some(deadline)) == Awakened::Stopped {
            break;
        }
        resume(&mut bridge, &station, &url);
        let is_ready = !is_listening && is_connected(&station);
        for step in bridge.steps(&station.catalogue(), SystemTime::now(), is_ready) {
            take(&station, &url, &step).map_err(Failure::other)?;
        }
        tell(&station)?;
    }
    station.shutdown();
    Ok(())
}

fn scopes(arguments: &BridgeArguments) -> Vec<Scope> {
    if arguments.scope.is_empty() {
        return vec![Scope::Site, Scope::Organisation];
    }
    arguments.scope.iter().copied().map(Scope::from).collect()
}

fn is_connected(station: &Station) -> bool {
    use conf_core::directories::DirectoryState;
    let statuses = station.directories().statuses();
    statuses
        .iter()
        .all(|status| matches!(status.state, DirectoryState::Connected(_)))
}

/// What an earlier run put there is still carried.
fn resume(bridge: &mut Bridge, station: &Station, url: &str) {
    for entry in station.catalogue().iter() {
        let found = station.directories().found(url, entry.id);
        let Some(found) = found.filter(|found| found.is_mine == Some(true)) else {
            continue;
        };
        if let Some(conference) = super::super::entry::conference(&found)
            && conference.originator.as_deref() == Some(Bridge::ORIGINATOR)
        {
            bridge.resume(Arc::clone(&conference.description));
        }
    }
}

fn take(station: &Station, url: &str, step: &Step) -> Result<(), NotTaken> {
    match step {
        Step::Publish(description) => {
            let entry = ConferenceEntry {
                originator: Some(Bridge::ORIGINATOR.to_owned()),
                ..ConferenceEntry::new(Arc::clone(description))
            };
            println!(
                "{} into the directory: {}",
                entry.description.id(),
                text::shown(&description.name)
            );
            let there = station.directories().found(url, description.id());
            let basis = there.map_or(Basis::New, |found| super::super::entry::basis(&found));
            station.directories().edit(url, entry, basis)
        }
        Step::Withdraw(id) => {
            println!("{id} out of the directory");
            station.directories().withdraw(url, *id)
        }
        Step::Announce(description) => {
            println!(
                "{} onto the network: {}",
                description.id(),
                text::shown(&description.name)
            );
            station.announce((**description).clone());
            Ok(())
        }
        Step::Silence(id) => {
            println!("{id} off the network");
            station.withdraw(*id);
            Ok(())
        }
    }
}

/// What the directory does not take is said; it is not the end.
fn tell(station: &Station) -> Result<(), Failure> {
    while station.poll_event().is_some() {}
    while let Some(event) = station.directories().poll_event() {
        match event.what {
            Happening::Failed(id, error) => eprintln!("{id}: {error}"),
            Happening::Queued(id, error) => eprintln!("{id} waits: {error}"),
            Happening::Conflict(conflict) => {
                eprintln!("{}: somebody else published another version", conflict.id)
            }
            Happening::NotKept(reason) => return Err(Failure::new(FailureKind::Other, reason)),
            _ => {}
        }
    }
    Ok(())
}
