//! The four bytes that every RTCP packet begins with (RFC 3550 §6.4.1).
use crate::wire::{Put as _, Reader, low16, patch_u16};

/// A packet cut out of its compound: its header, and what follows without padding.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawPacket<'a> {
    pub(super) version: u8,
    pub(super) is_padded: bool,
    /// Report count, source count, subtype or feedback format: five bits.
    pub(super) count: u8,
    pub(super) kind: u8,
    pub(super) body: &'a [u8],
}

impl<'a> RawPacket<'a> {
    /// Takes the next packet; `None` where the datagram ends within it.
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let flags = reader.u8()?;
        let kind = reader.u8()?;
        let words = reader.u16()?;
        Some(Self {
            version: flags >> 6,
            is_padded: flags & 0x20 != 0,
            count: flags & 0x1F,
            kind,
            body: reader.take(4 * usize::from(words))?,
        })
    }

    /// Drops the padding; `None` where it is nothing, no whole words, or more than there is (§6.4.1).
    pub(super) fn without_padding(mut self) -> Option<Self> {
        if self.is_padded {
            let padding = usize::from(*self.body.last()?);
            let kept = self.body.len().checked_sub(padding)?;
            if padding == 0 || padding % 4 != 0 {
                return None;
            }
            self.body = self.body.split_at_checked(kept)?.0;
            self.is_padded = false;
        }
        Some(self)
    }
}

/// Appends a packet: header, what `body` writes, zeros up to a whole word.
pub(super) fn write_packet(
    out: &mut Vec<u8>,
    count: u8,
    kind: u8,
    body: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    out.put_u8(0x80 | count & 0x1F);
    out.put_u8(kind);
    out.put_u16(0);
    body(out);
    out.pad_to_word(start);
    let words = (out.len() - start) / 4 - 1;
    patch_u16(out, start + 2, low16(words));
}

/// Whether a datagram that came to a port shared by both is RTCP: its second byte is 192 to 223 (RFC 5761 §4).
#[must_use]
pub fn is_rtcp(bytes: &[u8]) -> bool {
    matches!(bytes.get(1), Some(192..=223))
}

pub(super) const SR: u8 = 200;
pub(super) const RR: u8 = 201;
pub(super) const SDES: u8 = 202;
pub(super) const BYE: u8 = 203;
pub(super) const APP: u8 = 204;
pub(super) const RTPFB: u8 = 205;
pub(super) const PSFB: u8 = 206;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_words_without_the_first() {
        let mut out = Vec::new();
        write_packet(&mut out, 3, APP, |out| out.put_u8(7));
        assert_eq!(out, [0x83, 204, 0, 1, 7, 0, 0, 0]);
    }

    #[test]
    fn padding_is_whole_words_and_not_nothing() {
        for (last, kept) in [(0, None), (1, None), (4, Some(4)), (8, Some(0)), (12, None)] {
            let bytes = [0xA0, 204, 0, 2, 1, 2, 3, 4, 0, 0, 0, last];
            let raw = RawPacket::read(&mut Reader::new(&bytes)).unwrap();
            assert_eq!(raw.without_padding().map(|raw| raw.body.len()), kept);
        }
    }

    #[test]
    fn second_byte_tells_rtcp_from_rtp() {
        assert!(is_rtcp(&[0x80, 200]));
        assert!(!is_rtcp(&[0x80, 96]));
        assert!(!is_rtcp(&[0x80, 0xE0]));
        assert!(!is_rtcp(&[0x80]));
    }
}
