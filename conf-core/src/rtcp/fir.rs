//! Full intra request: a decoder that starts afresh asks for a key frame (RFC 5104 §4.3.1).
use media::rtp_time::Ssrc;

use crate::wire::{Put as _, Reader};

/// One entry of a full intra request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullIntraRequest {
    /// Who is asked.
    pub ssrc: Ssrc,
    /// Counts the commands: a repeated number is a repeated packet.
    pub command: u8,
}

impl FullIntraRequest {
    pub(super) const FORMAT: u8 = 4;

    pub(super) fn read_all(mut reader: Reader<'_>) -> Vec<Self> {
        let read = move || {
            let ssrc = Ssrc(reader.u32()?);
            let command = reader.u8()?;
            reader.u24()?;
            Some(Self { ssrc, command })
        };
        std::iter::from_fn(read).collect()
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.put_u32(self.ssrc.0);
        out.put_u8(self.command);
        out.put_u24(0);
    }
}
