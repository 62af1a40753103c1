//! The session itself: inputs go to the file of their concept, outputs wait in one queue.
use std::collections::VecDeque;
use std::time::Instant;

use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use super::config::SessionConfig;
use super::io::{MediaPacket, SessionInput, SessionOutput};
use crate::rtp::{HEADER_BYTES, RtpHeader, RtpPacket};

/// One medium of a conference, seen from one member.
#[derive(Debug)]
pub struct RtpSession {
    ssrc: Ssrc,
    seq: SeqNo,
    time_offset: u32,
    outputs: VecDeque<SessionOutput>,
    is_finished: bool,
}

impl RtpSession {
    /// Begins a session; the first report follows within seconds.
    #[must_use]
    pub fn new(config: SessionConfig, _now: Instant) -> Self {
        let mut rng = fastrand::Rng::with_seed(config.seed);
        Self {
            ssrc: Ssrc(rng.u32(..)),
            seq: SeqNo(rng.u16(..)),
            time_offset: rng.u32(..),
            outputs: VecDeque::new(),
            is_finished: false,
        }
    }

    /// Takes one input, at the time it happened.
    pub fn handle_input(&mut self, _now: Instant, input: SessionInput<'_>) {
        match input {
            SessionInput::Rtp { bytes, .. } => self.receive(bytes),
            SessionInput::Send {
                payload_type,
                time,
                marker,
                payload,
            } => self.send(payload_type, time, marker, payload),
            SessionInput::Leave => self.is_finished = true,
            _ => {}
        }
    }

    /// Gives the next thing to do.
    pub fn poll_output(&mut self) -> SessionOutput {
        match self.outputs.pop_front() {
            Some(output) => output,
            None if self.is_finished => SessionOutput::Finished,
            None => SessionOutput::Timeout(None),
        }
    }

    /// The SSRC that we send with now.
    #[must_use]
    pub const fn ssrc(&self) -> Ssrc {
        self.ssrc
    }

    fn send(&mut self, payload_type: u8, time: RtpTime, marker: bool, payload: &[u8]) {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        let header = RtpHeader {
            marker,
            payload_type,
            seq: self.seq,
            time: time + self.time_offset,
            ssrc: self.ssrc,
        };
        header.write(&mut bytes);
        bytes.extend_from_slice(payload);
        self.seq = self.seq.next();
        self.outputs.push_back(SessionOutput::Rtp(bytes));
    }

    fn receive(&mut self, bytes: &[u8]) {
        if let Ok(packet) = RtpPacket::parse(bytes)
            && packet.ssrc() != self.ssrc
        {
            self.outputs.push_back(SessionOutput::Media(MediaPacket {
                ssrc: packet.ssrc(),
                payload_type: packet.payload_type(),
                seq: packet.seq(),
                time: packet.time(),
                marker: packet.marker(),
                payload: packet.payload_range(),
            }));
        }
    }
}
