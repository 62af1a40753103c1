//! What goes between the video path and the session: coded pictures in packets, with what RTP says of them.
use std::time::Instant;

use super::layers::Layer;
use crate::rtp_time::{RtpTime, SeqNo, Ssrc};

/// Names a received source: an SSRC means something in its stream only, and a sender's layers may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId {
    /// Which of the streams of the conference.
    pub layer: Layer,
    /// Who in it.
    pub ssrc: Ssrc,
}

impl SourceId {
    /// This source of this stream.
    #[must_use]
    pub const fn new(layer: Layer, ssrc: Ssrc) -> Self {
        Self { layer, ssrc }
    }
}

/// A packet that has come, checked by the session; its payload lies in the datagram.
#[derive(Clone, Copy, Debug)]
pub struct VideoPacket<'a> {
    /// Who sent it, in which stream.
    pub source: SourceId,
    /// Which of the formats of the description it has.
    pub payload_type: u8,
    /// Its place among the packets of this source.
    pub seq: SeqNo,
    /// When its picture was taken, in ticks of 90 kHz.
    pub time: RtpTime,
    /// Last packet of its picture.
    pub marker: bool,
    /// When it came.
    pub arrival: Instant,
    /// A piece of the coded picture.
    pub payload: &'a [u8],
}

/// A packet to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedVideoPacket {
    /// Which of the layers that the sender was made with.
    pub layer: Layer,
    /// Which of the formats of the description it has.
    pub payload_type: u8,
    /// When its picture was taken: ticks of 90 kHz since the sender began.
    pub time: RtpTime,
    /// When that was.
    pub captured: Instant,
    /// Last packet of its picture.
    pub marker: bool,
    /// A piece of the coded picture.
    pub payload: Vec<u8>,
}
