//! `rendezvous directory account`: who may come in by a password.
use std::path::PathBuf;

use clap::{Args, Subcommand};
use conf_core::server::{put_account, remove_account};

use super::super::failure::{Failure, FailureKind};
use super::super::secret;

/// Options of `directory account`.
#[derive(Args, Debug)]
pub(super) struct AccountArguments {
    /// What to do
    #[command(subcommand)]
    command: AccountCommand,
    /// Folder of the server's data [default: "directory" where all data are kept]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Add an account, or give it another password, which is asked for, or read from standard input
    Add {
        /// Its name; it binds as cn=NAME,ou=Accounts,o=rendezvous
        name: String,
    },
    /// Remove an account
    Remove {
        /// Its name
        name: String,
    },
}

pub(super) fn run(arguments: &AccountArguments) -> Result<(), Failure> {
    let data = super::data_folder(arguments.data.as_ref())?;
    match &arguments.command {
        AccountCommand::Add { name } => {
            let password = secret::read(&format!("Password of {name}: "))?;
            put_account(&data, name, password.reveal()).map_err(Failure::other)
        }
        AccountCommand::Remove { name } => match remove_account(&data, name) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                FailureKind::NotFound,
                "there is no such account",
            )),
            Err(error) => Err(Failure::other(error)),
        },
    }
}
