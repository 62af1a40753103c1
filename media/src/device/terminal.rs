//! Where sound comes from and goes to, named by a short text: `device:USB Headset`, `file:hello.wav?loop`.
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// One end of the audio path, as a person names it on the command line or in the settings.
///
/// [`FromStr`] and [`fmt::Display`] are inverse to each other:
///
/// | text | microphone | speaker |
/// |---|---|---|
/// | `default` | the system's default input | the system's default output |
/// | `device:NAME` | that input device | that output device |
/// | `file:PATH` | plays a WAV or Ogg Opus file once | records a 16-bit stereo WAV file |
/// | `file:PATH?loop` | plays it again and again | not allowed |
/// | `tone:HZ` | a sine wave | not allowed |
/// | `beep` | a beep of 100 ms at each full second of the clock, when the test picture flashes | not allowed |
/// | `none` | silence | nowhere |
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Terminal {
    /// The device that the system calls its default, also when that changes.
    #[default]
    Default,
    /// The device of this name, as [`list_devices`](super::list_devices) gives it.
    Device(String),
    /// A file to play or to record.
    File {
        /// Where it lies.
        path: PathBuf,
        /// Whether playing starts again at the end.
        loops: bool,
    },
    /// A sine wave of so many Hz, to test with.
    Tone(f32),
    /// A beep with each flash of the test picture, to measure how sound and pictures go together.
    Beep,
    /// Nothing: silence in, nowhere out.
    None,
}

impl Terminal {
    /// Whether opening it asks the operating system's sound service for something.
    pub fn is_device(&self) -> bool {
        matches!(self, Self::Default | Self::Device(_))
    }

    /// Whether sound can be sent to it: a tone only speaks, and a recording does not begin again.
    pub fn is_sink(&self) -> bool {
        !matches!(
            self,
            Self::Tone(_) | Self::Beep | Self::File { loops: true, .. }
        )
    }
}

/// Why a text names no terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TerminalError {
    /// The text has none of the known forms.
    #[error("`{0}` is no terminal: use default, device:NAME, file:PATH, tone:HZ, beep or none")]
    UnknownKind(String),
    /// `device:` without a name.
    #[error("`device:` needs the name of a device, as `rendezvous devices` shows it")]
    NoName,
    /// `file:` without a path.
    #[error("`file:` needs the path of a file")]
    NoPath,
    /// `tone:` with something that cannot be heard or is not a number.
    #[error("`{0}` is not a frequency from 20 to 20000 Hz")]
    BadFrequency(String),
}

impl FromStr for Terminal {
    type Err = TerminalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text
            .split_once(':')
            .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, rest) {
            ("default", None) => Ok(Self::Default),
            ("beep", None) => Ok(Self::Beep),
            ("none", None) => Ok(Self::None),
            ("device", Some(name)) => device(name),
            ("file", Some(path)) => file(path),
            ("tone", Some(hz)) => tone(hz),
            _ => Err(TerminalError::UnknownKind(text.to_owned())),
        }
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Device(name) => write!(f, "device:{name}"),
            Self::File { path, loops } => {
                let suffix = if *loops { LOOP_SUFFIX } else { "" };
                write!(f, "file:{}{suffix}", path.display())
            }
            Self::Tone(hz) => write!(f, "tone:{hz}"),
            Self::Beep => f.write_str("beep"),
            Self::None => f.write_str("none"),
        }
    }
}

fn device(name: &str) -> Result<Terminal, TerminalError> {
    if name.is_empty() {
        return Err(TerminalError::NoName);
    }
    Ok(Terminal::Device(name.to_owned()))
}

fn file(rest: &str) -> Result<Terminal, TerminalError> {
    let (path, loops) = rest
        .strip_suffix(LOOP_SUFFIX)
        .map_or((rest, false), |path| (path, true));
    if path.is_empty() {
        return Err(TerminalError::NoPath);
    }
    Ok(Terminal::File {
        path: PathBuf::from(path),
        loops,
    })
}

fn tone(hz: &str) -> Result<Terminal, TerminalError> {
    hz.parse()
        .ok()
        .filter(|hz| AUDIBLE_HZ.contains(hz))
        .map(Terminal::Tone)
        .ok_or_else(|| TerminalError::BadFrequency(hz.to_owned()))
}

const LOOP_SUFFIX: &str = "?loop";
const AUDIBLE_HZ: std::ops::RangeInclusive<f32> = 20.0..=20_000.0;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_read() {
        let file = |path: &str, loops| Terminal::File {
            path: path.into(),
            loops,
        };
        let table = [
            ("default", Terminal::Default),
            ("none", Terminal::None),
            ("beep", Terminal::Beep),
            ("tone:440", Terminal::Tone(440.0)),
            ("tone:997.5", Terminal::Tone(997.5)),
            ("file:a b.wav", file("a b.wav", false)),
            ("file:/x/y.opus?loop", file("/x/y.opus", true)),
            ("file:C:\\sound.wav", file("C:\\sound.wav", false)),
            ("device:hw:CARD=PCH", Terminal::Device("hw:CARD=PCH".into())),
        ];
        for (text, terminal) in table {
            assert_eq!(text.parse(), Ok(terminal.clone()), "{text}");
            assert_eq!(terminal.to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let table = [
            ("", TerminalError::UnknownKind(String::new())),
            ("mic", TerminalError::UnknownKind("mic".into())),
            ("none:", TerminalError::UnknownKind("none:".into())),
            ("device:", TerminalError::NoName),
            ("file:?loop", TerminalError::NoPath),
            ("tone:", TerminalError::BadFrequency(String::new())),
            ("tone:NaN", TerminalError::BadFrequency("NaN".into())),
            ("tone:5", TerminalError::BadFrequency("5".into())),
        ];
        for (text, error) in table {
            assert_eq!(text.parse::<Terminal>(), Err(error), "{text}");
        }
    }

    #[test]
    fn sound_goes_only_where_it_can() {
        for (text, is_sink) in [
            ("default", true),
            ("file:x.wav", true),
            ("file:x.wav?loop", false),
            ("tone:440", false),
            ("beep", false),
            ("none", true),
        ] {
            assert_eq!(text.parse::<Terminal>().unwrap().is_sink(), is_sink);
        }
    }

    proptest! {
        #[test]
        fn what_was_read_is_written_the_same(text in "(device|file|tone|beep|none|default|x)?:?.{0,20}") {
            if let Ok(terminal) = text.parse::<Terminal>() {
                prop_assert_eq!(terminal.to_string().parse::<Terminal>(), Ok(terminal));
            }
        }
    }
}
