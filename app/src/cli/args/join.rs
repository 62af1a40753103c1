//! Options of `join`.
use std::time::Duration;

use clap::{Args, ValueEnum};
use conf_core::{Loopback, Size, Terminal, VideoLimits, VideoTerminal};

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
    /// What is sent of your camera at most
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Where the pictures of others go: file:PATH.y4m or none [default: they are not decoded]
    #[arg(long, value_name = "TERMINAL", value_parser = parse_video_output)]
    pub video_out: Option<VideoTerminal>,
    /// With --video-out: pictures of so many at once at most are decoded, those who came first; a shared screen counts as one more [default: all]
    #[arg(long, value_name = "N", requires = "video_out")]
    pub max_videos: Option<u16>,
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
    /// With --json: figures of all streams, so often, e.g. "5s" [default: only on leaving]
    #[arg(long, value_name = "DURATION", value_parser = parse_period, requires = "json")]
    pub statistics: Option<Duration>,
}

/// Caps of the pictures that are sent; what is not given is automatic.
#[derive(Args, Clone, Copy, Debug)]
pub struct LimitArguments {
    /// Thousands of bits per second of your camera at most, in each of its streams [default: what the pictures are worth and the conference grants]
    #[arg(long, value_name = "KBIT/S", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_bit_rate: Option<u32>,
    /// Pictures per second of your camera at most [default: 30, and 15 of thumbnails]
    #[arg(long, value_name = "FPS", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub max_frame_rate: Option<u32>,
    /// What pictures of your camera are made to fit, such as 640x360 [default: 1280x720, and 320x180 for thumbnails]
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub max_size: Option<Size>,
}

impl From<LimitArguments> for VideoLimits {
    fn from(arguments: LimitArguments) -> Self {
        Self {
            bit_rate: arguments.max_bit_rate.map(|kbits| kbits * 1_000),
            frame_rate: arguments.max_frame_rate,
            size: arguments.max_size,
        }
    }
}

fn parse_size(text: &str) -> Result<Size, String> {
    let side = |text: &str| text.parse().ok().filter(|side| (16..=8_192).contains(side));
    let size = text.split_once('x');
    size.and_then(|(width, height)| Some(Size::new(side(width)?, side(height)?)))
        .ok_or_else(|| format!("`{text}` is no size: use for example 640x360"))
}

fn parse_period(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Lasting::For(period) if period >= LEAST_PERIOD => Ok(period),
        _ => Err(format!("`{text}` is no time of a second or more")),
    }
}

/// Rates are those of a second.
const LEAST_PERIOD: Duration = Duration::from_secs(1);

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
