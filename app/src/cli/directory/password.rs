//! `rendezvous directory password`: what the keyring keeps for logging in.
use clap::Args;

use super::super::choice::{self, parse_urls};
use super::super::failure::{Failure, FailureKind};
use super::super::secret;
use crate::directories::parse_list;
use crate::keyring::Account;

/// Options of `directory password`.
#[derive(Args, Debug)]
pub(super) struct PasswordArguments {
    /// ldap://HOST[:PORT], ldaps://… or ils://…; several may be separated by commas
    #[arg(value_name = "URL", value_parser = parse_urls)]
    directory: String,
    /// The name to log in with [default: as the settings say for this directory]
    #[arg(long, value_name = "DN")]
    bind: Option<String>,
    /// Forget it instead
    #[arg(long)]
    forget: bool,
}

pub(super) fn run(arguments: &PasswordArguments) -> Result<(), Failure> {
    let usage = |message: &str| Failure::new(FailureKind::Usage, message);
    let urls = parse_list(&arguments.directory).map_err(|error| usage(&error))?;
    let name = arguments.bind.clone();
    let name = name.or_else(|| choice::name_in_settings(&urls));
    let name = name.ok_or_else(|| usage("say whose password it is: --bind DN"))?;
    let accounts: Vec<Account> = urls.iter().map(|url| Account::new(&name, url)).collect();
    if arguments.forget {
        return forget(&accounts);
    }
    let password = secret::read(&format!("Password of {name}: "))?;
    if password.reveal().is_empty() {
        return Err(usage("an empty password proves nothing"));
    }
    for account in &accounts {
        account.keep(&password).map_err(Failure::other)?;
    }
    Ok(())
}

fn forget(accounts: &[Account]) -> Result<(), Failure> {
    let mut was_there = false;
    for account in accounts {
        was_there |= account.forget().map_err(Failure::other)?;
    }
    if was_there {
        return Ok(());
    }
    let message = "the keyring has no such password";
    Err(Failure::new(FailureKind::NotFound, message))
}
