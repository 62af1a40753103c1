//! A datagram on the RTP port (RFC 3550 §6.3.3, §8.2, A.1).
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, Ssrc};

use super::collision::Verdict;
use super::event::SessionEvent;
use super::io::{MediaPacket, SessionOutput};
use super::member::{Origin, Stage};
use super::own::Own;
use super::reception::Reception;
use super::rtp_session::RtpSession;
use crate::rtcp::is_rtcp;
use crate::rtp::RtpPacket;

impl RtpSession {
    /// Takes a datagram from the RTP port.
    pub(super) fn receive_rtp(
        &mut self,
        now: Instant,
        from: SocketAddr,
        waited: Duration,
        bytes: &[u8],
    ) {
        if self.config.is_rtcp_mux && is_rtcp(bytes) {
            return self.receive_rtcp(now, from, bytes);
        }
        if self.leaving.is_some() || self.is_finished {
            return;
        }
        let Ok(packet) = RtpPacket::parse(bytes) else {
            self.counters.malformed_rtp += 1;
            return;
        };
        let clock_rate = self.clock_rate(packet.payload_type());
        let is_ours = |own: &Own| own.has_sent_lately(&packet).then_some(true);
        match self.is_foreign(now, from, packet.ssrc(), is_ours) {
            Verdict::Foreign | Verdict::Collision => {
                self.receive_foreign(now, from, waited, &packet, clock_rate);
            }
            Verdict::Own if self.config.is_own_media_delivered && clock_rate.is_some() => {
                self.deliver(&packet);
            }
            Verdict::Own | Verdict::Looped => {}
        }
    }

    fn receive_foreign(
        &mut self,
        now: Instant,
        from: SocketAddr,
        waited: Duration,
        packet: &RtpPacket<'_>,
        clock_rate: Option<ClockRate>,
    ) {
        let ssrc = packet.ssrc();
        // A.1: what has no known payload type makes no member, though it keeps one alive.
        let member = if clock_rate.is_some() {
            self.members.admit(now, ssrc)
        } else {
            self.counters.unknown_payload_type += 1;
            self.members.get_mut(ssrc)
        };
        let Some(member) = member.filter(|member| !member.is_straggler(now)) else {
            return;
        };
        if !Origin::accept(&mut member.rtp_from, now, from.into()) {
            return self.conflict_heard(now, from, ssrc, None);
        }
        member.heard = now;
        let needs_probation = member.stage == Stage::Probation && !member.is_named();
        let reception = member
            .reception
            .get_or_insert_with(|| Box::new(Reception::new(now, packet.seq(), needs_probation)));
        let since_epoch = now.saturating_duration_since(self.epoch);
        let arrival = since_epoch.saturating_sub(waited);
        let is_good = reception.accept(now, arrival, packet, clock_rate);
        let (stage, is_sender) = (member.stage, member.is_sender);
        if !is_good {
            self.counters.unproven += 1;
        }
        let is_here = match stage {
            Stage::Here => true,
            Stage::Left(_) => false,
            Stage::Probation if !is_good => false,
            Stage::Probation | Stage::TimedOut(_) => self.enter(ssrc),
        };
        if !is_good || !is_here {
            return;
        }
        if !is_sender {
            self.members.set_sender(ssrc, true);
        }
        self.note_contributors(now, packet);
        if clock_rate.is_some() {
            self.note_active(now, ssrc);
            self.deliver(packet);
        }
    }

    /// A source is now valid, or heard again; `false` where there is no room for it.
    pub(super) fn enter(&mut self, ssrc: Ssrc) -> bool {
        let before = self.members.get(ssrc).map(|member| member.stage);
        if before == Some(Stage::Here) {
            return true;
        }
        if !self.members.set_stage(ssrc, Stage::Here) {
            return false;
        }
        match before {
            Some(Stage::TimedOut(_)) => self.tell(SessionEvent::Recovered(ssrc)),
            _ => {
                self.own.description.newcomer();
                self.tell(SessionEvent::Joined(ssrc));
            }
        }
        true
    }

    /// Those whom a mixer names are alive too; they are members once they have a CNAME (§6.2.1).
    fn note_contributors(&mut self, now: Instant, packet: &RtpPacket<'_>) {
        for ssrc in packet.csrcs().filter(|ssrc| *ssrc != self.own.ssrc) {
            if let Some(member) = self.members.admit(now, ssrc) {
                member.heard = now;
            }
        }
    }

    fn deliver(&mut self, packet: &RtpPacket<'_>) {
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
