//! The command line's definition; --help, the completions and the man page come from here.
use clap::{Args, Parser, Subcommand};
use conf_core::InterfaceChoice;

use super::choice::DirectoryChoice;
use super::moment::{Moment, parse_duration, parse_moment};

mod create;
mod entry;
mod join;

pub use create::Lasting;
pub(super) use create::{AudioArgument, CreateArguments, RepairArgument, ScopeArgument};
pub(super) use entry::{EditArguments, PeopleArguments, PublishArguments, WithdrawArguments};
pub use join::JoinArguments;

/// Audio and video conferences over IP multicast, with no media server.
///
/// Without a command, the window opens.
#[derive(Debug, Parser)]
#[command(name = "rendezvous", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What to do; without one, the window opens
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Conference to show in the window: an .sdp file or a rendezvous: link
    pub open: Option<String>,
}

/// What each exit code means; scripts may rely on them.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed for a reason that the message tells
  2  the command line was wrong
  3  no such conference, or more than one
  4  the description is broken; the message names line and reason
  5  the conference cannot be joined: encrypted, over, or nothing in common
  6  the network or the directory cannot be used
  7  the directory is away; the change is kept, to be made later
  8  the directory refuses the change, or somebody else changed the entry first

Environment:
  RENDEZVOUS_DIRECTORY_PASSWORD  the password that belongs to --bind; without it, the keyring's
  RENDEZVOUS_LOG       what to log to standard error, e.g. debug or conf_core=trace
  RENDEZVOUS_DATA_DIR  where settings, own conferences and the cache are kept";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the conferences known now, and where each was heard
    List(ListArguments),
    /// Show one conference
    Show(ShowArguments),
    /// Describe a new conference, and announce it if asked to
    Create(CreateArguments),
    /// Take part in a conference
    Join(Box<JoinArguments>),
    /// Publish a description in a directory
    Publish(PublishArguments),
    /// Change a conference that is in a directory
    Edit(EditArguments),
    /// Take a conference out of a directory
    Withdraw(WithdrawArguments),
    /// Show what is held when, and how much bandwidth it takes
    Calendar(CalendarArguments),
    /// List the people in directories
    People(PeopleArguments),
    /// List microphones and loudspeakers, cameras, and what can be shared
    Devices(DevicesArguments),
    /// Run a directory of conferences and people, or look after one
    Directory(super::directory::DirectoryArguments),
    /// Print the man page
    #[command(hide = true)]
    Man,
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// The network of all commands that listen.
#[derive(Args, Clone, Debug)]
pub struct NetworkChoice {
    /// Network interface to use, or "all" [default: the one with a multicast route]
    #[arg(
        long,
        value_name = "IF",
        default_value = "default",
        hide_default_value = true
    )]
    pub interface: InterfaceChoice,
}

/// Options of `list`.
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Only those whose names contain this, in which * stands for any text
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Go on, and print each change, until stopped
    #[arg(long)]
    pub watch: bool,
    /// Through which network
    #[command(flatten)]
    pub network: NetworkChoice,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `show`.
#[derive(Args, Debug)]
pub struct ShowArguments {
    /// A name, an id, an .sdp file, "-" for standard input, or a rendezvous: link
    #[arg(value_name = "CONFERENCE")]
    pub conference: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Print the description as it would be announced
    #[arg(long, conflicts_with = "json")]
    pub sdp: bool,
    /// Print it as a calendar file (iCalendar)
    #[arg(long, conflicts_with_all = ["json", "sdp"])]
    pub ics: bool,
    /// Print every field that was read, as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Through which network
    #[command(flatten)]
    pub network: NetworkChoice,
}

/// Options of `calendar`.
#[derive(Args, Debug)]
pub struct CalendarArguments {
    /// From when on: as for --start of create, or a day, "2026-11-24" [default: the beginning of today]
    #[arg(long, value_name = "T", value_parser = parse_moment)]
    pub from: Option<Moment>,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Through which network
    #[command(flatten)]
    pub network: NetworkChoice,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `devices`.
#[derive(Args, Debug)]
pub struct DevicesArguments {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}
