//! Stopping a stream and going on with it (RFC 7728 §8).
use media::rtp_time::Ssrc;

use crate::wire::{Put as _, Reader};

/// What is said of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseEntry {
    /// The stream.
    pub target: Ssrc,
    /// What is said.
    pub kind: PauseKind,
    /// Which pause it is about: the sender counts them.
    pub id: u16,
}

/// What is asked or told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseKind {
    /// A receiver does not need it.
    Pause,
    /// A receiver needs it.
    Resume,
    /// The sender has stopped, after the packet of this extended sequence number.
    Paused(u32),
    /// The sender does not do what was asked for.
    Refused,
}

impl PauseEntry {
    pub(super) const FORMAT: u8 = 9;

    /// Types that are not known here are passed over.
    pub(super) fn read_all(mut reader: Reader<'_>) -> Vec<Self> {
        let mut entries = Vec::new();
        while let Some((entry, kind)) = read_head(&mut reader) {
            let Some(kind) = kind else { continue };
            entries.push(Self { kind, ..entry });
        }
        entries
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        let (number, words) = match self.kind {
            PauseKind::Pause => (0, 0),
            PauseKind::Resume => (1, 0),
            PauseKind::Paused(_) => (2, 1),
            PauseKind::Refused => (3, 0),
        };
        out.put_u32(self.target.0);
        out.put_u8(number << 4);
        out.put_u8(words);
        out.put_u16(self.id);
        if let PauseKind::Paused(last) = self.kind {
            out.put_u32(last);
        }
    }
}

fn read_head(reader: &mut Reader<'_>) -> Option<(PauseEntry, Option<PauseKind>)> {
    let target = Ssrc(reader.u32()?);
    let number = reader.u8()? >> 4;
    let words = reader.u8()?;
    let id = reader.u16()?;
    let mut first = None;
    for _ in 0..words {
        let word = reader.u32()?;
        first.get_or_insert(word);
    }
    let kind = match number {
        0 => Some(PauseKind::Pause),
        1 => Some(PauseKind::Resume),
        2 => Some(PauseKind::Paused(first.unwrap_or_default())),
        3 => Some(PauseKind::Refused),
        _ => None,
    };
    let entry = PauseEntry {
        target,
        kind: PauseKind::Refused,
        id,
    };
    Some((entry, kind))
}
