//! Sound from files: WAV of any rate, depth and number of channels, and Ogg Opus; out comes mono at 48 kHz.
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read as _, Seek as _};
use std::path::Path;

use super::keeper::Fault;
use super::ogg_opus::OggOpus;
use super::wav::Wav;

/// A file that is being played.
pub(super) enum SoundFile {
    Wav(Wav),
    OggOpus(OggOpus),
}

impl SoundFile {
    /// Opens a file; what it is its first bytes tell, not its name.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let name = path.display();
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => Fault::Missing(format!("there is no file {name}")),
            _ => Fault::Failed(format!("{name} cannot be read: {error}")),
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut magic = Vec::new();
        file.by_ref()
            .take(4)
            .read_to_end(&mut magic)
            .map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let reader = BufReader::new(file);
        let opened = match magic.as_slice() {
            b"RIFF" => Wav::new(reader).map(Self::Wav),
            b"OggS" => OggOpus::new(reader).map(Self::OggOpus),
            _ => Err("it is neither WAV nor Ogg Opus".to_owned()),
        };
        opened.map_err(|reason| Fault::Failed(format!("{name} cannot be played: {reason}")))
    }

    /// Appends some samples to `out`; `false` is the end, or a place that cannot be read.
    pub(super) fn read(&mut self, out: &mut Vec<f32>) -> bool {
        match self {
            Self::Wav(wav) => wav.read(out),
            Self::OggOpus(ogg) => ogg.read(out),
        }
    }
}
