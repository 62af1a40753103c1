//! Options of the commands that change what is in a directory, and of `people`.
use clap::Args;
use conf_core::directories::{ConferenceEntry, Principal};

use super::{DirectoryChoice, Lasting, Moment, parse_duration, parse_moment};

/// Options of `publish`.
#[derive(Args, Debug)]
pub struct PublishArguments {
    /// An .sdp file, or "-" for standard input
    #[arg(value_name = "FILE.sdp")]
    pub file: String,
    /// Which directories
    #[command(flatten)]
    pub choice: DirectoryChoice,
    /// Whose it is, and for whom
    #[command(flatten)]
    pub sharing: Sharing,
    /// Stay, and keep it alive in the directory, until stopped or until it is over
    #[arg(long)]
    pub keep: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What an entry tells besides the description (P-03).
#[derive(Args, Debug)]
pub struct Sharing {
    /// Who holds it, for people to read
    #[arg(long, value_name = "NAME")]
    pub originator: Option<String>,
    /// Who may see and join it, as often as wanted: everyone, authenticated, dn:NAME, group:NAME or key:FINGERPRINT; at first everyone
    #[arg(long, value_name = "WHO")]
    pub reader: Vec<Principal>,
    /// Who besides you may change and withdraw it, as often as wanted; at first nobody
    #[arg(long, value_name = "WHO")]
    pub editor: Vec<Principal>,
}

impl Sharing {
    /// The entry with what was named, and all else as it is.
    pub(crate) fn apply(&self, mut entry: ConferenceEntry) -> ConferenceEntry {
        entry.originator = self.originator.clone().or(entry.originator);
        if !self.reader.is_empty() {
            entry.permissions.readers.clone_from(&self.reader);
        }
        if !self.editor.is_empty() {
            entry.permissions.editors.clone_from(&self.editor);
        }
        entry
    }
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
    /// Whose it is, and for whom
    #[command(flatten)]
    pub sharing: Sharing,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
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
    /// One JSON object
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
