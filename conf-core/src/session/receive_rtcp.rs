//! A datagram on the RTCP port (RFC 3550 §6.3.3, §6.3.4, §8.2, A.2).
use std::net::SocketAddr;
use std::time::Instant;

use media::rtp_time::Ssrc;

use super::collision::{Verdict, cname_of};
use super::event::{LeaveReason, SessionEvent};
use super::information::fit_to_show;
use super::member::{Member, Origin, Stage};
use super::ntp::NtpTime;
use super::own::Own;
use super::round_trip::AboutUs;
use super::rtp_session::{RtpSession, on_the_wire};
use crate::rtcp::{
    App, Bye, Compound, Form, ReportBlock, ReportBlocks, RtcpPacket, SdesChunk, SenderInfo,
};

/// One datagram on its way through the session.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    now: Instant,
    from: SocketAddr,
    compound: Compound<'a>,
}

impl RtpSession {
    /// Takes a datagram from the RTCP port.
    pub(super) fn receive_rtcp(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        if self.is_finished {
            return;
        }
        if self.leaving.is_some() {
            return self.count_goodbyes(from, bytes);
        }
        let form = if self.config.is_reduced_size_allowed {
            Form::ReducedSize
        } else {
            Form::Full
        };
        let Ok(compound) = Compound::parse(bytes, form) else {
            self.counters.malformed_rtcp += 1;
            return;
        };
        if let Some(ssrc) = compound.first_source() {
            let is_ours = |own: &Own| Some(cname_of(&compound, ssrc)? == own.cname().as_bytes());
            let verdict = self.is_foreign(now, from, ssrc, is_ours);
            if matches!(verdict, Verdict::Own | Verdict::Looped) {
                return;
            }
        }
        let size = on_the_wire(bytes.len(), from.is_ipv6());
        self.schedule.average_in(size);
        let arrival = Arrival {
            now,
            from,
            compound,
        };
        for packet in compound.packets() {
            match packet {
                Ok(packet) => self.receive_packet(&arrival, packet),
                Err(_) => self.counters.malformed_rtcp += 1,
            }
        }
    }

    fn receive_packet(&mut self, arrival: &Arrival<'_>, packet: RtcpPacket<'_>) {
        match packet {
            RtcpPacket::SenderReport(sr) => {
                self.receive_report(arrival, sr.ssrc, Some(sr.info), sr.blocks);
            }
            RtcpPacket::ReceiverReport(rr) => {
                self.receive_report(arrival, rr.ssrc, None, rr.blocks)
            }
            RtcpPacket::Sdes(sdes) => {
                for chunk in sdes.chunks() {
                    self.receive_chunk(arrival, chunk);
                }
            }
            RtcpPacket::Bye(bye) => self.receive_bye(arrival, bye),
            RtcpPacket::App(app) => self.receive_app(arrival, app),
            RtcpPacket::Feedback(feedback) => {
                if self.is_from_member(arrival, feedback.sender) {
                    self.feedback_heard(feedback);
                }
            }
            RtcpPacket::Unknown { .. } => self.counters.unknown_rtcp += 1,
        }
    }

    fn receive_report(
        &mut self,
        arrival: &Arrival<'_>,
        ssrc: Ssrc,
        info: Option<SenderInfo>,
        mut blocks: ReportBlocks<'_>,
    ) {
        let now = arrival.now;
        let own = self.own.ssrc;
        let wall_clock = self.config.wall_clock;
        let interval = self.timeout_interval();
        let Some(member) = self.heard_from(arrival, ssrc) else {
            return;
        };
        member.rhythm.note(now, interval);
        if let Some(info) = info {
            member.set_clock(now, NtpTime(info.ntp), info.rtp_time);
        }
        let about_us = blocks.find(|block: &ReportBlock| block.ssrc == own);
        if let Some(block) = about_us {
            member.about_us = Some(AboutUs::new(now, wall_clock.at(now), &block));
        }
    }

    fn receive_chunk(&mut self, arrival: &Arrival<'_>, chunk: SdesChunk<'_>) {
        let Some(member) = self.heard_from(arrival, chunk.ssrc) else {
            return;
        };
        let mut is_news = false;
        for (item, data) in chunk.raw_items() {
            is_news |= member.information.set(item, data);
        }
        let was_here = member.stage == Stage::Here;
        if !was_here && member.is_named() {
            if let Some(reception) = &mut member.reception {
                reception.sequence.end_probation();
            }
            self.enter(chunk.ssrc);
        } else if was_here && is_news {
            self.tell(SessionEvent::InformationChanged(chunk.ssrc));
        }
    }

    fn receive_bye(&mut self, arrival: &Arrival<'_>, bye: Bye<'_>) {
        for ssrc in bye.sources() {
            let known = self.members.get(ssrc);
            let Some(stage) = known.filter(|_| ssrc != self.own.ssrc).map(|m| m.stage) else {
                continue;
            };
            if self.heard_from(arrival, ssrc).is_none() {
                continue;
            }
            if stage == Stage::Probation {
                self.members.remove(ssrc);
                continue;
            }
            self.silence(ssrc);
            self.members.set_sender(ssrc, false);
            self.members.set_stage(ssrc, Stage::Left(arrival.now));
            let reason = LeaveReason::Goodbye(bye.reason().as_deref().map(fit_to_show));
            self.tell(SessionEvent::Left { ssrc, reason });
        }
        self.members_may_be_fewer(arrival.now);
    }

    fn receive_app(&mut self, arrival: &Arrival<'_>, app: App<'_>) {
        if self.is_from_member(arrival, app.ssrc) {
            self.tell(SessionEvent::ApplicationReceived {
                from: app.ssrc,
                name: app.name,
                subtype: app.subtype,
                data: app.data.to_vec(),
            });
        }
    }

    fn is_from_member(&mut self, arrival: &Arrival<'_>, ssrc: Ssrc) -> bool {
        let member = self.heard_from(arrival, ssrc);
        member.is_some_and(|member| member.stage == Stage::Here)
    }

    /// The member whose packet this is, now known to be alive; none where the packet is not to be used.
    fn heard_from(&mut self, arrival: &Arrival<'_>, ssrc: Ssrc) -> Option<&mut Member> {
        let now = arrival.now;
        if ssrc == self.own.ssrc {
            return None;
        }
        let member = self.members.admit(now, ssrc)?;
        if member.is_straggler(now) {
            return None;
        }
        if !Origin::accept(&mut member.rtcp_from, now, arrival.from.into()) {
            self.conflict_heard(now, arrival.from, ssrc, Some(&arrival.compound));
            return None;
        }
        member.heard = now;
        if matches!(member.stage, Stage::TimedOut(_)) {
            self.enter(ssrc);
        }
        self.members.get_mut(ssrc)
    }
}
