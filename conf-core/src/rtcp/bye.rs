//! Goodbye (RFC 3550 §6.6).
use media::rtp_time::Ssrc;

use super::header::{self, RawPacket, write_packet};
use crate::wire::{Put as _, Reader, low8};

/// A goodbye of which it has been checked that all its sources are there.
#[derive(Clone, Copy, Debug)]
pub struct Bye<'a> {
    sources: &'a [u8],
    reason: Option<&'a [u8]>,
}

impl<'a> Bye<'a> {
    /// A reason that is cut short counts as none: the goodbye is what matters.
    pub(super) fn read(raw: RawPacket<'a>) -> Option<Self> {
        let mut reader = Reader::new(raw.body);
        let sources = reader.take(4 * usize::from(raw.count))?;
        let length = reader.u8().unwrap_or(0);
        Some(Self {
            sources,
            reason: reader
                .take(usize::from(length))
                .filter(|text| !text.is_empty()),
        })
    }

    /// Who leaves; at most 31.
    pub fn sources(&self) -> impl Iterator<Item = Ssrc> + use<'a> {
        let mut reader = Reader::new(self.sources);
        std::iter::from_fn(move || reader.u32().map(Ssrc))
    }

    /// Why, in the leaver's words.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.reason
            .map(|text| String::from_utf8_lossy(text).into_owned())
    }

    /// Appends the goodbye of one source; an empty reason is left out, a long one cut at 255 bytes.
    pub(super) fn write(out: &mut Vec<u8>, ssrc: Ssrc, reason: &str) {
        write_packet(out, 1, header::BYE, |out| {
            out.put_u32(ssrc.0);
            if !reason.is_empty() {
                let (kept, _) = reason.split_at(reason.floor_char_boundary(255));
                out.put_u8(low8(kept.len()));
                out.extend_from_slice(kept.as_bytes());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goodbye_with_and_without_a_reason() {
        let mut out = Vec::new();
        Bye::write(&mut out, Ssrc(0x0102_0304), "tea");
        assert_eq!(out, [0x81, 203, 0, 2, 1, 2, 3, 4, 3, b't', b'e', b'a']);
        let bye = Bye::read(RawPacket::read(&mut Reader::new(&out)).unwrap()).unwrap();
        assert_eq!(bye.sources().collect::<Vec<_>>(), [Ssrc(0x0102_0304)]);
        assert_eq!(bye.reason().as_deref(), Some("tea"));

        out.clear();
        Bye::write(&mut out, Ssrc(1), "");
        assert_eq!(out, [0x81, 203, 0, 1, 0, 0, 0, 1]);
    }

    #[test]
    fn reason_cut_short_does_not_spoil_the_goodbye() {
        let raw = RawPacket {
            version: 2,
            is_padded: false,
            count: 1,
            kind: header::BYE,
            body: &[0, 0, 0, 1, 9, b'x', 0, 0],
        };
        let bye = Bye::read(raw).unwrap();
        assert_eq!((bye.sources().count(), bye.reason()), (1, None));
    }
}
