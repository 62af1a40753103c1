//! Application-defined packets (RFC 3550 §6.7).
use media::rtp_time::Ssrc;

use super::header::{self, RawPacket, write_packet};
use crate::wire::{Put as _, Reader};

/// An application-defined packet, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct App<'a> {
    /// Who sends it.
    pub ssrc: Ssrc,
    /// Five bits whose meaning the name gives.
    pub subtype: u8,
    /// Four ASCII letters that say whose packet it is.
    pub name: [u8; 4],
    /// The rest; filled up to a whole word when written.
    pub data: &'a [u8],
}

impl<'a> App<'a> {
    pub(super) fn read(raw: RawPacket<'a>) -> Option<Self> {
        let mut reader = Reader::new(raw.body);
        Some(Self {
            ssrc: Ssrc(reader.u32()?),
            subtype: raw.count,
            name: reader.array()?,
            data: reader.rest(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_packet(out, self.subtype, header::APP, |out| {
            out.put_u32(self.ssrc.0);
            out.extend_from_slice(&self.name);
            out.extend_from_slice(self.data);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_follows_the_source() {
        let bytes = [
            0x85, 204, 0, 3, 1, 2, 3, 4, b'R', b'D', b'V', b'1', 9, 8, 7, 6,
        ];
        let app = App::read(RawPacket::read(&mut Reader::new(&bytes)).unwrap()).unwrap();
        let expected = App {
            ssrc: Ssrc(0x0102_0304),
            subtype: 5,
            name: *b"RDV1",
            data: &[9, 8, 7, 6],
        };
        assert_eq!(app, expected);
        let mut out = Vec::new();
        expected.write(&mut out);
        assert_eq!(out, bytes);
    }
}
