//! What comes from one source that sends media: numbering, jitter, volume.
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, RtpTime, SeqNo};

use super::jitter::Jitter;
use super::sequence::{Loss, Sequence};
use crate::rtp::RtpPacket;

/// Kept for each source of which RTP was received.
#[derive(Clone, Debug)]
pub(super) struct Reception {
    pub(super) sequence: Sequence,
    pub(super) jitter: Jitter,
    pub(super) clock_rate: Option<ClockRate>,
    pub(super) payload_type: u8,
    /// Last good packet.
    pub(super) last: Instant,
    pub(super) payload_bytes: u64,
    /// As of our last report on it.
    pub(super) reported: Option<Loss>,
    /// Good packets when last reported on.
    packets_at_report: u64,
    packets: u64,
}

impl Reception {
    pub(super) const fn new(now: Instant, first: SeqNo, needs_probation: bool) -> Self {
        Self {
            sequence: Sequence::new(first, needs_probation),
            jitter: Jitter::NEW,
            clock_rate: None,
            payload_type: 0,
            last: now,
            payload_bytes: 0,
            reported: None,
            packets_at_report: 0,
            packets: 0,
        }
    }

    /// Takes a packet that arrived so long after the session's beginning; whether it is good to use.
    pub(super) fn accept(
        &mut self,
        now: Instant,
        arrival: Duration,
        packet: &RtpPacket<'_>,
        clock_rate: Option<ClockRate>,
    ) -> bool {
        if !self.sequence.accept(packet.seq()) {
            return false;
        }
        self.last = now;
        self.packets += 1;
        self.payload_bytes += u64::try_from(packet.payload().len()).unwrap_or(0);
        if let Some(clock_rate) = clock_rate {
            if self.clock_rate.replace(clock_rate) != Some(clock_rate) {
                self.jitter.restart();
            }
            self.payload_type = packet.payload_type();
            let arrival = RtpTime(crate::wire::low32(clock_rate.ticks(arrival)));
            self.jitter.update(arrival, packet.time());
        }
        true
    }

    /// Whether anything came since our last report on it (RFC 3550 §6.4.1).
    pub(super) const fn has_news(&self) -> bool {
        self.packets != self.packets_at_report
    }

    /// The loss for a report; the next is counted from here.
    pub(super) fn report_loss(&mut self) -> Loss {
        let loss = self.sequence.report_loss();
        self.reported = Some(loss);
        self.packets_at_report = self.packets;
        loss
    }
}
