//! Options of `join`.
use clap::{Args, ValueEnum};
use conf_core::{Loopback, Terminal, VideoTerminal};

use super::{DirectoryChoice, Lasting, NetworkChoice, parse_duration};

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

impl From<LoopbackArgument> for Loopback {
    fn from(argument: LoopbackArgument) -> Self {
        match argument {
            LoopbackArgument::None => Self::None,
            LoopbackArgument::Selective => Self::Selective,
            LoopbackArgument::Full => Self::Full,
        }
    }
}
