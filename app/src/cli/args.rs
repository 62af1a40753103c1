//! The command line's definition; --help, the completions and the man page come from here.
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use conf_core::directories::Principal;
use conf_core::leases::Madcap;
use conf_core::{InterfaceChoice, Loopback, Scope, Terminal, VideoTerminal};

use super::choice::DirectoryChoice;
use super::moment::{Moment, parse_duration, parse_moment};

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
    Join(JoinArguments),
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

/// Options of `create`.
#[derive(Args, Debug)]
pub struct CreateArguments {
    /// Its name
    #[arg(long, value_name = "N")]
    pub name: String,
    /// What it is about
    #[arg(long, value_name = "D")]
    pub description: Option<String>,
    /// When it begins: "now", "14:30", "2026-11-24 09:00", with a zone as in RFC 3339, or "+30m"
    #[arg(long, value_name = "T", default_value = "now", value_parser = parse_moment)]
    pub start: Moment,
    /// How long it lasts: "45m", "1h30m", or "permanent"
    #[arg(long, value_name = "D", default_value = "1h", value_parser = parse_duration)]
    pub duration: Lasting,
    /// How far it reaches
    #[arg(long, value_enum, default_value_t = ScopeArgument::Site)]
    pub scope: ScopeArgument,
    /// How sound is coded
    #[arg(long, value_enum, default_value_t = AudioArgument::Opus)]
    pub audio: AudioArgument,
    /// With video as well, coded in H.264
    #[arg(long)]
    pub video: bool,
    /// How lost packets of video are repaired where many take part; "fec" sends half as much besides
    #[arg(long, value_enum, default_value_t = RepairArgument::Nack, requires = "video")]
    pub video_repair: RepairArgument,
    /// Multicast group to use [default: a random one of the scope that nobody announces]
    #[arg(long, value_name = "ADDR[/TTL]")]
    pub address: Option<super::address::AddressArgument>,
    /// Lease the groups from a MADCAP server: its address, several separated by commas of which the first that answers is used, or "auto" for any on the network
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = super::groups::parse_madcap, conflicts_with = "address")]
    pub madcap: Option<Madcap>,
    /// Use IPv6 groups
    #[arg(long, conflicts_with = "address")]
    pub ipv6: bool,
    /// Through which network
    #[command(flatten)]
    pub network: NetworkChoice,
    /// Write the description here instead of to standard output
    #[arg(long, value_name = "FILE.sdp")]
    pub output: Option<PathBuf>,
    /// Go on announcing it until stopped or until it ends, then take it back
    #[arg(long)]
    pub announce: bool,
    /// One JSON object: the description, and where its groups come from
    #[arg(long)]
    pub json: bool,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
}

/// How long a conference lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// So long.
    For(Duration),
    /// It has no end.
    Permanently,
}

/// Options of `join`.
#[derive(Args, Debug)]
pub struct JoinArguments {
    /// A name, an id, an .sdp file, "-" for standard input, or a rendezvous: link
    #[arg(value_name = "CONFERENCE")]
    pub conference: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Without a window
    #[arg(long)]
    pub headless: bool,
    /// The name that the others see [default: the one set in the window, else the login name]
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// Your e-mail address, for the others to see [default: the one set in the window, if any; so for all of these]
    #[arg(long, value_name = "E")]
    pub email: Option<String>,
    /// Your telephone number
    #[arg(long, value_name = "P")]
    pub phone: Option<String>,
    /// Where you are
    #[arg(long, value_name = "L")]
    pub location: Option<String>,
    /// What you want to say of your state, such as "back at ten"
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Where your sound comes from: default, device:NAME, file:PATH[?loop], tone:HZ, beep or none
    #[arg(long, value_name = "TERMINAL", default_value = "default")]
    pub microphone: Terminal,
    /// Where theirs goes, as often as wanted: default, device:NAME, file:PATH.wav or none [default: default]
    #[arg(long, value_name = "TERMINAL")]
    pub speaker: Vec<Terminal>,
    /// Where your pictures come from: camera, camera:NAME, either with ?size=WxH&rate=FPS, file:PATH[?loop], test, test:WxH@FPS or none
    #[arg(long, value_name = "TERMINAL", default_value = "none")]
    pub camera: VideoTerminal,
    /// What to share besides your camera: screen, screen:MONITOR, window:TITLE (of `devices`), or anything that --camera takes
    #[arg(long, value_name = "TERMINAL", default_value = "none")]
    pub share: VideoTerminal,
    /// Where the pictures of others go: file:PATH.y4m or none [default: they are not decoded]
    #[arg(long, value_name = "TERMINAL", value_parser = parse_video_output)]
    pub video_out: Option<VideoTerminal>,
    /// Through which network
    #[command(flatten)]
    pub network: NetworkChoice,
    /// Who on this computer hears you: nobody, the other programs, or you as well
    #[arg(long, value_enum, default_value_t = LoopbackArgument::Selective)]
    pub loopback: LoopbackArgument,
    /// Leave after so long, e.g. "90s" or "1h30m"
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    pub lasting: Option<Lasting>,
    /// One JSON object an event, a line each
    #[arg(long)]
    pub json: bool,
}

/// Options of `publish`.
#[derive(Args, Debug)]
pub struct PublishArguments {
    /// An .sdp file, or "-" for standard input
    #[arg(value_name = "FILE.sdp")]
    pub file: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Who holds it, for people to read
    #[arg(long, value_name = "NAME")]
    pub originator: Option<String>,
    /// Who may see and join it, as often as wanted: everyone, authenticated, dn:NAME, group:NAME or key:FINGERPRINT [default: everyone]
    #[arg(long, value_name = "WHO")]
    pub reader: Vec<Principal>,
    /// Who besides you may change and withdraw it, as often as wanted
    #[arg(long, value_name = "WHO")]
    pub editor: Vec<Principal>,
    /// Stay, and keep it alive in the directory, until stopped or until it is over
    #[arg(long)]
    pub keep: bool,
}

/// Options of `edit`.
#[derive(Args, Debug)]
pub struct EditArguments {
    /// A name or an id, or its .sdp file
    #[arg(value_name = "CONFERENCE")]
    pub conference: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Its new name
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// What it is about now
    #[arg(long, value_name = "D")]
    pub description: Option<String>,
    /// When it begins now; as for create
    #[arg(long, value_name = "T", value_parser = parse_moment)]
    pub start: Option<Moment>,
    /// How long it lasts now; as for create
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub duration: Option<Lasting>,
    /// Take all else from this description
    #[arg(long, value_name = "FILE.sdp")]
    pub sdp: Option<String>,
}

/// Options of `withdraw`.
#[derive(Args, Debug)]
pub struct WithdrawArguments {
    /// A name or an id, or its .sdp file
    #[arg(value_name = "CONFERENCE")]
    pub conference: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
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

/// Options of `people`.
#[derive(Args, Debug)]
pub struct PeopleArguments {
    /// Only those whose names contain this
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
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

fn parse_video_output(text: &str) -> Result<VideoTerminal, String> {
    let terminal: VideoTerminal = text.parse().map_err(|error| format!("{error}"))?;
    if terminal.is_output() {
        Ok(terminal)
    } else {
        Err(format!(
            "pictures cannot go to `{text}`: use file:PATH.y4m or none"
        ))
    }
}

/// How far a conference reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScopeArgument {
    /// This network segment
    Room,
    /// This site
    Site,
    /// The whole organisation
    Organisation,
    /// Wherever multicast is routed
    World,
}

/// How sound is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AudioArgument {
    /// Opus, 48 kHz
    Opus,
    /// G.711 µ-law, 8 kHz
    Pcmu,
    /// Uncompressed, 16 bit, 48 kHz
    L16,
}

/// How lost packets of video are repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RepairArgument {
    /// They are asked for and sent again while few are there
    Nack,
    /// Packets that repair others are sent besides (FlexFEC, RFC 8627), however many are there
    Fec,
}

/// Who on this computer hears what we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LoopbackArgument {
    /// Nobody on this computer
    None,
    /// The other programs on this computer
    Selective,
    /// The other programs and you yourself
    Full,
}

impl From<ScopeArgument> for Scope {
    fn from(argument: ScopeArgument) -> Self {
        match argument {
            ScopeArgument::Room => Self::Room,
            ScopeArgument::Site => Self::Site,
            ScopeArgument::Organisation => Self::Organisation,
            ScopeArgument::World => Self::World,
        }
    }
}

impl From<LoopbackArgument> for Loopback {
    fn from(argument: LoopbackArgument) -> Self {
        match argument {
            LoopbackArgument::None => Self::None,
            LoopbackArgument::Selective => Self::Selective,
            LoopbackArgument::Full => Self::Full,
        }
    }
}
