//! `rendezvous withdraw`: a conference out of a directory.
use conf_core::directories::{Basis, DirectoryClient, Kind, ObjectId};

use super::args::WithdrawArguments;
use super::change::{self, Change};
use super::choice;
use super::entry::{self, Wanted};
use super::failure::Failure;
use super::stop::Waiter;
use super::{held, json, text};

pub(super) fn run(arguments: &WithdrawArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let config = arguments.choice.config()?;
    let name = choice::name(&config);
    let mut client = DirectoryClient::new(config.clone()).map_err(Failure::other)?;
    let failed = |id, error| {
        let change = Change {
            config: &config,
            id,
            entry: None,
            basis: Basis::New,
        };
        change.failed(error)
    };
    let found = match entry::find(&mut client, &name, &arguments.conference) {
        Ok(found) => found,
        Err(Wanted::Away(Some(id), error)) => return Err(failed(id, *error)),
        Err(Wanted::Away(None, error)) => return Err(change::failure(&name, &error)),
        Err(Wanted::Unreadable(failure)) => return Err(failure),
    };
    let Some(conference) = entry::conference(&found) else {
        return Err(Failure::other("that is no conference"));
    };
    let id = conference.description.id();
    let what = ObjectId::Name(Kind::Conference, found.published.name.clone());
    client.withdraw(&what).map_err(|error| failed(id, error))?;
    if arguments.json {
        json::print(&json::published(
            "withdrawn",
            &name,
            &conference.description,
            None,
        ))?;
    } else {
        let title = text::shown(conference.name());
        println!("“{title}” is no longer in {name}.");
    }
    held::release(id, &waiter);
    Ok(())
}
