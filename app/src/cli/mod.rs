//! The command line: one file a command.
mod address;
mod args;
mod calendar;
mod change;
mod choice;
mod clash;
mod create;
mod devices;
mod directory;
mod edit;
mod entry;
mod failure;
mod groups;
mod hearing;
mod held;
mod join;
mod json;
mod list;
mod lookup;
mod manual;
mod moment;
mod people;
mod publish;
mod reference;
mod secret;
mod show;
mod stop;
mod text;
mod watch;
mod withdraw;

pub use args::{Arguments, Command, JoinArguments, Lasting};
pub use failure::{Failure, FailureKind};
pub use reference::{Reference, link};

/// Carries out one command to its end.
///
/// # Errors
/// What the user has to know, with the exit code.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Create(arguments) => create::run(&arguments),
        Command::Join(arguments) => join::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments),
        Command::Edit(arguments) => edit::run(&arguments),
        Command::Withdraw(arguments) => withdraw::run(&arguments),
        Command::Calendar(arguments) => calendar::run(&arguments),
        Command::People(arguments) => people::run(&arguments),
        Command::Devices(arguments) => devices::run(&arguments),
        Command::Directory(arguments) => directory::run(&arguments),
        Command::Man => manual::man(),
        Command::Completions { shell } => manual::completions(shell),
    }
}
