//! The `rendezvous` program: the window, or one command.
use std::process::ExitCode;

use clap::Parser as _;
use rendezvous::cli::{self, Arguments, Command, Failure};
use rendezvous::start;

fn main() -> ExitCode {
    log_as_asked();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rendezvous: {failure}");
            failure.exit_code()
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => start::window(arguments.open.map(start::Opening::Show)),
        Some(Command::Join(join)) if !join.headless => {
            start::window(Some(start::Opening::Join(join)))
        }
        Some(command) => cli::run(command),
    }
}

/// The log goes to standard error, and only what `RENDEZVOUS_LOG` asks for; warnings without it. ldap3_proto would
/// report each malformed request as an error: the directory server counts them.
fn log_as_asked() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("RENDEZVOUS_LOG").unwrap_or_else(|_| {
            tracing_subscriber::EnvFilter::new("warn,winit=error,ldap3_lber=off,ldap3_proto=off")
        });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
