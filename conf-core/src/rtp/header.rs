//! Writing the fixed header of a packet that we send (RFC 3550 §5.1).
use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use crate::wire::Put as _;

/// What stands before our payload: no contributors, extension or padding, which this program never sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    /// Marker bit.
    pub marker: bool,
    /// Payload type; only its low seven bits are sent.
    pub payload_type: u8,
    /// Sequence number.
    pub seq: SeqNo,
    /// Media time of the first sample, random offset included.
    pub time: RtpTime,
    /// Who sends.
    pub ssrc: Ssrc,
}

/// Bytes of a header without contributors.
pub const HEADER_BYTES: usize = 12;

impl RtpHeader {
    /// Appends the header.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u8(VERSION_2);
        out.put_u8(u8::from(self.marker) << 7 | self.payload_type & 0x7F);
        out.put_u16(self.seq.0);
        out.put_u32(self.time.0);
        out.put_u32(self.ssrc.0);
    }
}

const VERSION_2: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    /// The first packet of `rtp_opus_gst.hex`, and one without marker after it.
    #[test]
    fn headers_are_those_of_gstreamer() {
        let mut out = Vec::new();
        let mut header = RtpHeader {
            marker: true,
            payload_type: 96,
            seq: SeqNo(0x3E28),
            time: RtpTime(0xCBBD_CECB),
            ssrc: Ssrc(0x1111_1111),
        };
        header.write(&mut out);
        header.marker = false;
        header.seq = header.seq.next();
        header.time = RtpTime(0xCBBD_D153);
        header.write(&mut out);
        assert_eq!(
            out,
            [
                0x80, 0xE0, 0x3E, 0x28, 0xCB, 0xBD, 0xCE, 0xCB, 0x11, 0x11, 0x11,
                0x11, // first
                0x80, 0x60, 0x3E, 0x29, 0xCB, 0xBD, 0xD1, 0x53, 0x11, 0x11, 0x11,
                0x11, // second
            ]
        );
    }
}
