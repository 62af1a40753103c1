//! Where pictures come from and go to, named by a short text: `camera`, `screen`, `file:clip.y4m?loop`, `test:640x360@30`.
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::video::{MAX_SIDE, Size};

/// One end of the video path, as a person names it on the command line or in the settings.
///
/// [`FromStr`] and [`fmt::Display`] are inverse to each other:
///
/// | text | source | output |
/// |---|---|---|
/// | `camera` | the first camera | not allowed |
/// | `camera:NAME` | that camera | not allowed |
/// | `screen` | the whole screen | not allowed |
/// | `window:ID` | one window, by the number that the window system gives it, hexadecimal with `0x` | not allowed |
/// | `file:PATH` | plays a YUV4MPEG2 or H.264 file once, in real time | writes a YUV4MPEG2 file |
/// | `file:PATH?loop` | plays it again and again | not allowed |
/// | `test`, `test:WxH`, `test:WxH@FPS` | a moving pattern that tells its frame number and clock | not allowed |
/// | `none` | no picture | nowhere |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VideoTerminal {
    /// The camera of this name, or the first.
    Camera(Option<String>),
    /// The whole screen.
    Screen,
    /// One window.
    Window(u32),
    /// A file to play or to write.
    File {
        /// Where it lies.
        path: PathBuf,
        /// Whether playing starts again at the end.
        loops: bool,
    },
    /// A pattern to test with.
    Test {
        /// How large.
        size: Size,
        /// Frames per second.
        frame_rate: u32,
    },
    /// No picture in, nowhere out.
    #[default]
    None,
}

impl VideoTerminal {
    /// The pattern as it is unless asked for otherwise.
    pub const TEST: Self = Self::Test {
        size: Size::new(640, 360),
        frame_rate: 30,
    };

    /// Whether pictures can be sent to it.
    #[must_use]
    pub const fn is_output(&self) -> bool {
        matches!(self, Self::None | Self::File { loops: false, .. })
    }
}

/// Why a text names no terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VideoTerminalError {
    /// The text has none of the known forms.
    #[error(
        "`{0}` is no terminal for video: use camera, camera:NAME, screen, window:ID, file:PATH, test, test:WxH@FPS or none"
    )]
    UnknownKind(String),
    /// Something is missing after the colon.
    #[error("`{0}:` needs something after the colon")]
    Nothing(&'static str),
    /// `window:` with something that is no number.
    #[error("`{0}` is no window: use the number that xwininfo shows")]
    BadWindow(String),
    /// `test:` with something that cannot be painted.
    #[error("`{0}` is no size and frame rate: use for example 640x360@30")]
    BadPattern(String),
}

impl FromStr for VideoTerminal {
    type Err = VideoTerminalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text
            .split_once(':')
            .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, rest) {
            ("camera", None) => Ok(Self::Camera(None)),
            ("camera", Some("")) => Err(VideoTerminalError::Nothing("camera")),
            ("camera", Some(name)) => Ok(Self::Camera(Some(name.to_owned()))),
            ("screen", None) => Ok(Self::Screen),
            ("window", Some(id)) => window(id),
            ("file", Some(path)) => file(path),
            ("test", None) => Ok(Self::TEST),
            ("test", Some(form)) => {
                test(form).ok_or_else(|| VideoTerminalError::BadPattern(form.to_owned()))
            }
            ("none", None) => Ok(Self::None),
            _ => Err(VideoTerminalError::UnknownKind(text.to_owned())),
        }
    }
}

impl fmt::Display for VideoTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Camera(None) => f.write_str("camera"),
            Self::Camera(Some(name)) => write!(f, "camera:{name}"),
            Self::Screen => f.write_str("screen"),
            Self::Window(id) => write!(f, "window:{id:#x}"),
            Self::File { path, loops } => {
                let suffix = if *loops { LOOP_SUFFIX } else { "" };
                write!(f, "file:{}{suffix}", path.display())
            }
            Self::Test { size, frame_rate } => write!(f, "test:{size}@{frame_rate}"),
            Self::None => f.write_str("none"),
        }
    }
}

fn window(id: &str) -> Result<VideoTerminal, VideoTerminalError> {
    let number = id
        .strip_prefix("0x")
        .map_or_else(|| id.parse(), |hex| u32::from_str_radix(hex, 16));
    number
        .map(VideoTerminal::Window)
        .map_err(|_| VideoTerminalError::BadWindow(id.to_owned()))
}

fn file(rest: &str) -> Result<VideoTerminal, VideoTerminalError> {
    let (path, loops) = rest
        .strip_suffix(LOOP_SUFFIX)
        .map_or((rest, false), |path| (path, true));
    if path.is_empty() {
        return Err(VideoTerminalError::Nothing("file"));
    }
    Ok(VideoTerminal::File {
        path: PathBuf::from(path),
        loops,
    })
}

fn test(form: &str) -> Option<VideoTerminal> {
    let (size, frame_rate) = form
        .split_once('@')
        .map_or((form, Some(30)), |(size, rate)| (size, rate.parse().ok()));
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| {
        let length = text.parse().ok();
        length.filter(|length: &u32| {
            (MIN_SIDE..=MAX_SIDE).contains(length) && length.is_multiple_of(2)
        })
    };
    Some(VideoTerminal::Test {
        size: Size::new(side(width)?, side(height)?),
        frame_rate: frame_rate.filter(|rate| (1..=120).contains(rate))?,
    })
}

const LOOP_SUFFIX: &str = "?loop";
/// Smaller, the pattern cannot be read.
const MIN_SIDE: u32 = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_read() {
        let file = |path: &str, loops| VideoTerminal::File {
            path: path.into(),
            loops,
        };
        let table = [
            ("camera", VideoTerminal::Camera(None)),
            (
                "camera:HD: Pro",
                VideoTerminal::Camera(Some("HD: Pro".into())),
            ),
            ("screen", VideoTerminal::Screen),
            ("window:0x1a0000f", VideoTerminal::Window(0x01A0_000F)),
            ("file:a b.y4m", file("a b.y4m", false)),
            ("file:/x/y.h264?loop", file("/x/y.h264", true)),
            ("test:640x360@30", VideoTerminal::TEST),
            ("none", VideoTerminal::None),
        ];
        for (text, terminal) in table {
            assert_eq!(text.parse(), Ok(terminal.clone()), "{text}");
            assert_eq!(terminal.to_string(), text);
        }
        assert_eq!("test".parse(), Ok(VideoTerminal::TEST));
        assert_eq!("window:16".parse(), Ok(VideoTerminal::Window(16)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let table = [
            ("webcam", VideoTerminalError::UnknownKind("webcam".into())),
            ("camera:", VideoTerminalError::Nothing("camera")),
            ("file:?loop", VideoTerminalError::Nothing("file")),
            ("window:x", VideoTerminalError::BadWindow("x".into())),
            (
                "test:641x360",
                VideoTerminalError::BadPattern("641x360".into()),
            ),
            (
                "test:640x360@0",
                VideoTerminalError::BadPattern("640x360@0".into()),
            ),
        ];
        for (text, error) in table {
            assert_eq!(text.parse::<VideoTerminal>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_read_is_written_the_same(text in "(camera|window|screen|file|test|none|x)?:?.{0,20}") {
            if let Ok(terminal) = text.parse::<VideoTerminal>() {
                prop_assert_eq!(terminal.to_string().parse::<VideoTerminal>(), Ok(terminal));
            }
        }
    }
}
