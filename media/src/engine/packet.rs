//! What goes between the engine and the session: coded sound, with what RTP says of it.
use std::time::Instant;

use crate::rtp_time::{RtpTime, SeqNo, Ssrc};

/// The most bytes of one payload: what is left of an Ethernet frame after IPv4, UDP and RTP, and room for SRTP.
pub const MAX_PAYLOAD: usize = 1_472 - 12;

/// A packet that has come, checked by the session; its payload lies in the datagram.
#[derive(Clone, Copy, Debug)]
pub struct AudioPacket<'a> {
    /// Who sent it.
    pub ssrc: Ssrc,
    /// Which of the formats of the description it has.
    pub payload_type: u8,
    /// Its place among the packets of this source.
    pub seq: SeqNo,
    /// When its first sample was taken, in ticks of the format's clock.
    pub time: RtpTime,
    /// First packet after silence (RFC 3551 §4.1).
    pub marker: bool,
    /// When it came.
    pub arrival: Instant,
    /// The coded sound.
    pub payload: &'a [u8],
}

/// Coded sound to be sent; it owns its payload without an allocation.
#[derive(Clone, Copy)]
pub struct EncodedPacket {
    /// Which of the formats of the description it has.
    pub payload_type: u8,
    /// When its first sample was taken: ticks of the format's clock since the engine began. It goes on in silence.
    pub time: RtpTime,
    /// When that was.
    pub captured: Instant,
    /// First packet after silence (RFC 3551 §4.1).
    pub marker: bool,
    len: usize,
    bytes: [u8; MAX_PAYLOAD],
}

impl EncodedPacket {
    /// A packet whose first sample was taken at this media time, and then; its payload `fill` writes: it gives the number of bytes written, or `None` if there are none.
    pub fn build(
        payload_type: u8,
        (time, captured): (RtpTime, Instant),
        marker: bool,
        fill: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<Self> {
        let mut bytes = [0; MAX_PAYLOAD];
        let len = fill(&mut bytes)?.min(MAX_PAYLOAD);
        Some(Self {
            payload_type,
            time,
            captured,
            marker,
            len,
            bytes,
        })
    }

    /// The coded sound.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl std::fmt::Debug for EncodedPacket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedPacket")
            .field("payload_type", &self.payload_type)
            .field("time", &self.time)
            .field("marker", &self.marker)
            .field("len", &self.len)
            .finish()
    }
}
