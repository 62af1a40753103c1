//! `rendezvous directory`: one file a command.
mod account;
mod bridge;
mod check;
mod neighbours;
mod password;
mod serve;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::failure::{Failure, FailureKind};

/// Options of `directory`.
#[derive(Args, Debug)]
pub struct DirectoryArguments {
    /// What to do
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// Run a directory server until stopped
    Serve(serve::ServeArguments),
    /// Look at a directory: what the server is, and what may be done there
    Check(check::CheckArguments),
    /// Carry announcements into a directory, and what it has onto the network, until stopped
    Bridge(bridge::BridgeArguments),
    /// Keep the password for a directory in the keyring of this computer; it is asked for, or read from standard input
    Password(password::PasswordArguments),
    /// Look after the accounts of a directory server, which may be running
    Account(account::AccountArguments),
}

pub(super) fn run(arguments: &DirectoryArguments) -> Result<(), Failure> {
    match &arguments.command {
        DirectoryCommand::Serve(arguments) => serve::run(arguments),
        DirectoryCommand::Check(arguments) => check::run(arguments),
        DirectoryCommand::Bridge(arguments) => bridge::run(arguments),
        DirectoryCommand::Password(arguments) => password::run(arguments),
        DirectoryCommand::Account(arguments) => account::run(arguments),
    }
}

/// Where a server's data are, unless it is said.
fn data_folder(given: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let default = || crate::paths::data_dir().map(|folder| folder.join("directory"));
    given.cloned().or_else(default).ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "there is no place for the data: say --data DIR",
        )
    })
}
