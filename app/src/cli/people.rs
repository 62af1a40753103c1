//! `rendezvous people`: who is in the directories.
use conf_core::directories::{DirectoryClient, Entry, Kind, PersonEntry, Query};
use serde_json::json;

use super::args::PeopleArguments;
use super::change;
use super::choice;
use super::failure::{Failure, FailureKind};
use super::{json, text};

pub(super) fn run(arguments: &PeopleArguments) -> Result<(), Failure> {
    let configs = arguments.choice.configs()?;
    if configs.is_empty() {
        let message = "say which directory: --directory ldap://HOST";
        return Err(Failure::new(FailureKind::Usage, message));
    }
    let query = match &arguments.name {
        Some(name) => Query::named(Kind::Person, &format!("*{name}*")),
        None => Query::all(Kind::Person),
    };
    let mut failure = None;
    for config in configs {
        let name = choice::name(&config);
        let mut client = DirectoryClient::new(config).map_err(Failure::other)?;
        match client.search(&query) {
            Ok(found) => {
                if found.is_partial {
                    eprintln!("{name}: there are more people: ask for a name.");
                }
                for found in found.iter() {
                    if let Entry::Person(person) = &found.entry {
                        print(arguments, &name, person)?;
                    }
                }
            }
            // The others may still know.
            Err(error) => failure = Some(change::failure(&name, &error)),
        }
    }
    failure.map_or(Ok(()), Err)
}

fn print(arguments: &PeopleArguments, url: &str, person: &PersonEntry) -> Result<(), Failure> {
    if arguments.json {
        return json::print(&json!({
            "uid": person.uid,
            "name": person.name,
            "mail": person.mail,
            "addresses": person.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "location": person.location,
            "comment": person.comment,
            "in_call": person.is_in_call,
            "sends_sound": person.sends_sound,
            "sends_pictures": person.sends_pictures,
            "directory": url,
        }));
    }
    let addresses: Vec<String> = person.addresses.iter().map(ToString::to_string).collect();
    let told = [
        Some(addresses.join(", ")),
        person.mail.clone(),
        person.location.clone(),
        person.comment.clone(),
        (person.is_in_call == Some(true)).then(|| "in a call".to_owned()),
    ];
    let told: Vec<String> = told
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    println!(
        "{:<32}  {}",
        text::shown(&person.name),
        text::shown(&told.join("  "))
    );
    Ok(())
}
