//! Where pictures come from and go to, named by a short text: `camera`, `screen`, `file:clip.y4m?loop`, `test:640x360@30`.
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::camera_form::{CameraForm, parse_size};
use crate::video::Size;

/// One end of the video path, as a person names it on the command line or in the settings.
///
/// [`FromStr`] and [`fmt::Display`] are inverse to each other:
///
/// | text | source | output |
/// |---|---|---|
/// | `camera` | the first camera | not allowed |
/// | `camera:NAME` | that camera | not allowed |
/// | `camera:NAME?size=640x360&rate=15` | the same, no larger and no more often; either may be left out | not allowed |
/// | `screen` | the whole screen, all monitors of it | not allowed |
/// | `screen:NAME` | one monitor | not allowed |
/// | `window:TITLE` | the window of this title, or else the only one whose title contains it | not allowed |
/// | `window:ID` | one window, by the number that the window system gives it, hexadecimal with `0x` | not allowed |
/// | `file:PATH` | plays a YUV4MPEG2 or H.264 file once, in real time | writes a YUV4MPEG2 file |
/// | `file:PATH?loop` | plays it again and again | not allowed |
/// | `test`, `test:WxH`, `test:WxH@FPS` | a moving pattern that tells its frame number and clock | not allowed |
/// | `none` | no picture | nowhere |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VideoTerminal {
    /// A camera.
    Camera {
        /// What it is called; the first without.
        name: Option<String>,
        /// What is wanted of it.
        form: CameraForm,
    },
    /// The whole screen, or one monitor.
    Screen(Option<String>),
    /// One window.
    Window(WindowName),
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

/// How a window is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowName {
    /// By the number that the window system gave it.
    Id(u32),
    /// By its title, or a part of it that no other has.
    Title(String),
}

impl VideoTerminal {
    /// The pattern as it is unless asked for otherwise.
    pub const TEST: Self = Self::Test {
        size: Size::new(640, 360),
        frame_rate: 30,
    };

    /// The first camera as it is unless asked for otherwise.
    pub const CAMERA: Self = Self::Camera {
        name: None,
        form: CameraForm {
            size: None,
            frame_rate: None,
        },
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
        "`{0}` is no terminal for video: use camera, camera:NAME[?size=WxH&rate=FPS], screen, screen:MONITOR, window:TITLE, file:PATH, test, test:WxH@FPS or none"
    )]
    UnknownKind(String),
    /// Something is missing after the colon.
    #[error("`{0}:` needs something after the colon")]
    Nothing(&'static str),
    /// `test:` with something that cannot be painted.
    #[error("`{0}` is no size and frame rate: use for example 640x360@30")]
    BadPattern(String),
}

impl FromStr for VideoTerminal {
    type Err = VideoTerminalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(camera) = camera(text) {
            return camera;
        }
        let (kind, rest) = text
            .split_once(':')
            .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, rest) {
            ("screen", None) => Ok(Self::Screen(None)),
            ("screen", Some("")) => Err(VideoTerminalError::Nothing("screen")),
            ("screen", Some(monitor)) => Ok(Self::Screen(Some(monitor.to_owned()))),
            ("window", Some("")) => Err(VideoTerminalError::Nothing("window")),
            ("window", Some(name)) => Ok(Self::Window(window(name))),
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
            Self::Camera { name: None, form } => write!(f, "camera{form}"),
            Self::Camera {
                name: Some(name),
                form,
            } => write!(f, "camera:{name}{form}"),
            Self::Screen(None) => f.write_str("screen"),
            Self::Screen(Some(monitor)) => write!(f, "screen:{monitor}"),
            Self::Window(WindowName::Id(id)) => write!(f, "window:{id:#x}"),
            Self::Window(WindowName::Title(title)) => write!(f, "window:{title}"),
            Self::File { path, loops } => {
                let suffix = if *loops { LOOP_SUFFIX } else { "" };
                write!(f, "file:{}{suffix}", path.display())
            }
            Self::Test { size, frame_rate } => write!(f, "test:{size}@{frame_rate}"),
            Self::None => f.write_str("none"),
        }
    }
}

/// A text that begins as a camera's.
fn camera(text: &str) -> Option<Result<VideoTerminal, VideoTerminalError>> {
    let (named, form) = CameraForm::split(text);
    let name = match named.strip_prefix("camera")? {
        "" => None,
        ":" => return Some(Err(VideoTerminalError::Nothing("camera"))),
        rest => Some(rest.strip_prefix(':')?.to_owned()),
    };
    Some(Ok(VideoTerminal::Camera { name, form }))
}

fn window(name: &str) -> WindowName {
    let number = name
        .strip_prefix("0x")
        .map_or_else(|| name.parse(), |hex| u32::from_str_radix(hex, 16));
    number.map_or_else(|_| WindowName::Title(name.to_owned()), WindowName::Id)
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
    Some(VideoTerminal::Test {
        size: parse_size(size)?,
        frame_rate: frame_rate.filter(|rate| (1..=120).contains(rate))?,
    })
}

const LOOP_SUFFIX: &str = "?loop";

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
        let camera = |name: &str, form| VideoTerminal::Camera {
            name: Some(name.into()),
            form,
        };
        let table = [
            ("camera", VideoTerminal::CAMERA),
            ("camera:HD: Pro", camera("HD: Pro", CameraForm::default())),
            (
                "camera:HD?size=640x360&rate=15",
                camera(
                    "HD",
                    CameraForm {
                        size: Some(Size::new(640, 360)),
                        frame_rate: Some(15),
                    },
                ),
            ),
            ("screen", VideoTerminal::Screen(None)),
            ("screen:DP-1", VideoTerminal::Screen(Some("DP-1".into()))),
            (
                "window:0x1a0000f",
                VideoTerminal::Window(WindowName::Id(0x01A0_000F)),
            ),
            (
                "window:Crane: plan",
                VideoTerminal::Window(WindowName::Title("Crane: plan".into())),
            ),
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
        let sixteen = VideoTerminal::Window(WindowName::Id(16));
        assert_eq!("window:16".parse(), Ok(sixteen));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let table = [
            ("webcam", VideoTerminalError::UnknownKind("webcam".into())),
            ("camera:", VideoTerminalError::Nothing("camera")),
            (
                "camera?rate=0",
                VideoTerminalError::UnknownKind("camera?rate=0".into()),
            ),
            ("file:?loop", VideoTerminalError::Nothing("file")),
            ("window:", VideoTerminalError::Nothing("window")),
            ("screen:", VideoTerminalError::Nothing("screen")),
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
