//! Options of `create`.
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use conf_core::Scope;
use conf_core::leases::Madcap;

use super::super::address::AddressArgument;
use super::super::groups::parse_madcap;
use super::{DirectoryChoice, Moment, NetworkChoice, parse_duration, parse_moment};

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
    pub address: Option<AddressArgument>,
    /// Lease the groups from a MADCAP server: its address, several separated by commas of which the first that answers is used, or "auto" for any on the network
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = parse_madcap, conflicts_with = "address")]
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
