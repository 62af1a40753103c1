//! `rendezvous publish`: a description into a directory.
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::directories::{
    Basis, ConferenceEntry, DirectoryClient, DirectoryConfig, DirectoryError, Entry, Published,
};
use conf_core::{Description, calendar};

use super::args::PublishArguments;
use super::change::{self, Change};
use super::choice;
use super::clash;
use super::failure::{Failure, FailureKind};
use super::lookup;
use super::stop::{Awakened, Waiter};
use super::{json, text};

pub(super) fn run(arguments: &PublishArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let config = arguments.choice.config()?;
    let description = read(arguments)?;
    if calendar::end(&description).is_some_and(|end| end <= SystemTime::now()) {
        return Err(Failure::new(FailureKind::Refused, "the conference is over"));
    }
    let entry = ConferenceEntry::new(Arc::clone(&description));
    let entry = arguments.sharing.apply(entry);
    let mut client = DirectoryClient::new(config.clone()).map_err(Failure::other)?;
    let wanted = Entry::Conference(entry.clone());
    let published = put(&mut client, &config, entry)?;
    let name = choice::name(&config);
    if arguments.json {
        let dies = published
            .lifetime
            .map(|lifetime| SystemTime::now() + lifetime);
        json::print(&json::published("published", &name, &description, dies))?;
    } else {
        println!(
            "“{}” is published in {name} as {}. {}",
            text::shown(&description.name),
            description.id(),
            change::lifetime(&published, &description),
        );
    }
    clash::listen_and_warn(&description, &config, &waiter);
    if arguments.keep {
        keep(
            &waiter,
            &mut client,
            &wanted,
            &published,
            calendar::end(&description),
        )?;
    }
    Ok(())
}

/// Publishes it; where the directory is away, the change is kept.
pub(super) fn put(
    client: &mut DirectoryClient,
    config: &DirectoryConfig,
    entry: ConferenceEntry,
) -> Result<Published, Failure> {
    let wanted = Entry::Conference(entry.clone());
    let published = client.put(&wanted, Basis::New, SystemTime::now());
    published.map_err(|error| {
        let change = Change {
            config,
            id: entry.description.id(),
            entry: Some(entry),
            basis: Basis::New,
        };
        change.failed(error)
    })
}

fn read(arguments: &PublishArguments) -> Result<Arc<Description>, Failure> {
    let reference = lookup::reference(&arguments.file);
    lookup::read_local(&reference)?.ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "give an .sdp file, or - for standard input",
        )
    })
}

/// Refreshes it until stopped or until the conference is over; at half its life, so that one refresh may be lost.
fn keep(
    waiter: &Waiter,
    client: &mut DirectoryClient,
    entry: &Entry,
    published: &Published,
    end: Option<SystemTime>,
) -> Result<(), Failure> {
    let Some(mut lifetime) = published.lifetime else {
        return Ok(());
    };
    eprintln!("It is kept alive until stopped (Ctrl-C).");
    let wanted = lifetime;
    let (mut next, mut since) = (Instant::now() + lifetime / 2, SystemTime::now());
    loop {
        match waiter.wait(Some(next.min(Instant::now() + LOOK_EVERY))) {
            Awakened::Stopped => return Ok(()),
            Awakened::Woken | Awakened::Due => {}
        }
        let wall = SystemTime::now();
        if end.is_some_and(|end| end <= wall) {
            return Ok(());
        }
        let has_slept = wall
            .duration_since(since)
            .is_ok_and(|gone| gone >= lifetime / 2);
        if Instant::now() < next && !has_slept {
            continue;
        }
        let refreshed = match client.refresh(&entry.id(), wanted) {
            // It died: this computer slept, or its server lost it.
            Err(DirectoryError::NotFound) => {
                let again = client.put(entry, Basis::New, SystemTime::now());
                again.map(|published| published.lifetime.unwrap_or(wanted))
            }
            refreshed => refreshed,
        };
        match refreshed {
            Ok(lives_for) => lifetime = lives_for,
            Err(error) if error.is_temporary() => {
                eprintln!("{error}. It is tried again.");
                lifetime = RETRY * 2;
            }
            Err(error) => return Err(change::failure("the directory", &error)),
        }
        (next, since) = (Instant::now() + lifetime / 2, wall);
    }
}

/// While the computer sleeps, steady time stands still and lifetimes go on.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(5);
