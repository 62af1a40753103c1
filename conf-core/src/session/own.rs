//! What we send ourselves: SSRC, numbering, and the sender's part of our reports (RFC 3550 §5.1, §6.4.1).
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, RtpTime, SeqNo, Ssrc};

use super::description::OwnDescription;
use super::io::SessionOutput;
use super::ntp::NtpTime;
use super::rtp_session::RtpSession;
use crate::rtcp::SenderInfo;
use crate::rtp::{HEADER_BYTES, RtpHeader, RtpPacket};
use crate::wire::{low16, low32};

/// Our own source.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) ssrc: Ssrc,
    pub(super) description: OwnDescription,
    /// Whether anything at all was sent with this SSRC: who was never heard says no goodbye (§6.3.7).
    pub(super) has_sent: bool,
    pub(super) packets: u32,
    pub(super) octets: u32,
    seq: SeqNo,
    time_offset: u32,
    last: Option<LastPacket>,
}

#[derive(Clone, Copy, Debug)]
struct LastPacket {
    at: Instant,
    captured: Instant,
    time: RtpTime,
    clock_rate: Option<ClockRate>,
}

impl Own {
    pub(super) fn new(
        description: OwnDescription,
        ssrc: Option<Ssrc>,
        rng: &mut fastrand::Rng,
    ) -> Self {
        let mut own = Self {
            ssrc: Ssrc(0),
            description,
            has_sent: false,
            packets: 0,
            octets: 0,
            seq: SeqNo(0),
            time_offset: 0,
            last: None,
        };
        let random = Ssrc(rng.u32(..));
        own.begin_anew(ssrc.unwrap_or(random), rng);
        own
    }

    /// Takes a new SSRC: numbers and counts begin anew with it.
    pub(super) fn begin_anew(&mut self, ssrc: Ssrc, rng: &mut fastrand::Rng) {
        self.ssrc = ssrc;
        self.has_sent = false;
        self.packets = 0;
        self.octets = 0;
        self.seq = SeqNo(rng.u16(..));
        self.time_offset = rng.u32(..);
        self.last = None;
    }

    pub(super) fn cname(&self) -> &str {
        self.description.cname()
    }

    /// The number of the last packet.
    pub(super) fn last_seq(&self) -> SeqNo {
        self.seq - 1
    }

    /// Whether we sent media within this time.
    pub(super) fn is_sender(&self, now: Instant, within: Duration) -> bool {
        self.last.is_some_and(|last| now < last.at + within)
    }

    /// Whether a packet with our SSRC is one that we sent just now: another's would have other numbers, for both
    /// begin at random. So our own are known even while the shell has not yet told us a new address.
    pub(super) fn has_sent_lately(&self, packet: &RtpPacket<'_>) -> bool {
        let behind = self.seq.delta(packet.seq());
        let age = self.last.map(|last| last.time.delta(packet.time()));
        (1..=LATELY).contains(&behind) && age.is_some_and(|age| age.unsigned_abs() < NEAR)
    }

    /// The sender's part of a report: the last packet's media time, moved on from when it was sampled to now.
    pub(super) fn sender_info(&self, now: Instant, ntp: NtpTime) -> Option<SenderInfo> {
        let last = self.last?;
        let since = now.saturating_duration_since(last.captured);
        let ticks = last.clock_rate.map_or(0, |rate| low32(rate.ticks(since)));
        Some(SenderInfo {
            ntp: ntp.0,
            rtp_time: last.time + ticks,
            packets: self.packets,
            octets: self.octets,
        })
    }
}

impl RtpSession {
    /// Sends one packet of media.
    pub(super) fn send_media(
        &mut self,
        now: Instant,
        payload_type: u8,
        (time, captured): (RtpTime, Instant),
        marker: bool,
        payload: &[u8],
    ) {
        if self.leaving.is_some() || self.is_finished {
            return;
        }
        let clock_rate = self.clock_rate(payload_type);
        let own = &mut self.own;
        let header = RtpHeader {
            marker,
            payload_type,
            seq: own.seq,
            time: time + own.time_offset,
            ssrc: own.ssrc,
        };
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        header.write(&mut bytes);
        bytes.extend_from_slice(payload);
        own.seq = own.seq.next();
        own.has_sent = true;
        own.packets = own.packets.wrapping_add(1);
        own.octets = own.octets.wrapping_add(u32::from(low16(payload.len())));
        own.last = Some(LastPacket {
            at: now,
            captured,
            time: header.time,
            clock_rate,
        });
        self.outputs.push_back(SessionOutput::Rtp(bytes));
        self.reports_may_be_allowed(now);
    }
}

/// Packets: two seconds of audio.
const LATELY: i16 = 100;
/// Media time: ten seconds of the fastest clock in use.
const NEAR: u32 = 10 * 90_000;
