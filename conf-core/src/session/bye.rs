//! Leaving: goodbye at once, or after a back-off where many might leave together (RFC 3550 §6.3.7).
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::config::RtcpBandwidth;
use super::interval::{IntervalInput, minimum, randomised};
use super::io::SessionOutput;
use super::reconsideration::Schedule;
use super::rtp_session::{RtpSession, on_the_wire};
use crate::rtcp::{Compound, Form, RtcpPacket};

/// What §6.3.7 keeps while we wait to say goodbye: only goodbyes count.
#[derive(Debug)]
pub(super) struct ByeBackoff {
    pub(super) schedule: Schedule,
    /// We, and those who said goodbye since.
    members: usize,
}

impl RtpSession {
    /// Begins to leave.
    pub(super) fn leave(&mut self, now: Instant) {
        if self.leaving.is_some() || self.is_finished {
            return;
        }
        let is_rtcp_allowed = self.interval_input(now).deterministic().is_some();
        if !self.own.has_sent || !is_rtcp_allowed {
            self.is_finished = true;
        } else if self.members.here() < BACKOFF_ABOVE {
            self.say_goodbye();
        } else {
            let bytes = on_the_wire(self.bye_compound("").len(), false);
            let schedule = Schedule::new(now, None, bytes);
            let mut leaving = ByeBackoff {
                schedule,
                members: 1,
            };
            let interval = self.bye_interval(&leaving);
            leaving.schedule.next = Some(now + interval);
            self.leaving = Some(leaving);
        }
    }

    /// The back-off's timer ran out: goodbye, unless many others have said it meanwhile.
    pub(super) fn reconsider_goodbye(&mut self, now: Instant) {
        let Some(mut leaving) = self.leaving.take() else {
            return;
        };
        let interval = Some(self.bye_interval(&leaving));
        if leaving.schedule.reconsider(now, interval, leaving.members) {
            self.say_goodbye();
        } else {
            self.leaving = Some(leaving);
        }
    }

    /// While leaving, goodbyes are counted and all else is passed over.
    pub(super) fn count_goodbyes(&mut self, from: SocketAddr, bytes: &[u8]) {
        let Ok(compound) = Compound::parse(bytes, Form::ReducedSize) else {
            return;
        };
        let goodbyes: usize = compound
            .packets()
            .filter_map(Result::ok)
            .map(|packet| match packet {
                RtcpPacket::Bye(bye) => bye.sources().filter(|ssrc| *ssrc != self.own.ssrc).count(),
                _ => 0,
            })
            .sum();
        if let Some(leaving) = self.leaving.as_mut().filter(|_| goodbyes > 0) {
            leaving.members = leaving.members.saturating_add(goodbyes);
            let bytes = on_the_wire(bytes.len(), from.is_ipv6());
            leaving.schedule.average_in(bytes);
        }
    }

    /// Says goodbye for our SSRC.
    pub(super) fn transmit_bye(&mut self, reason: &str) {
        let bytes = self.bye_compound(reason);
        self.outputs.push_back(SessionOutput::Rtcp(bytes));
    }

    fn say_goodbye(&mut self) {
        self.transmit_bye("");
        self.is_finished = true;
    }

    fn bye_compound(&self, reason: &str) -> Vec<u8> {
        let mut writer = self.minimal_compound();
        writer.bye(self.own.ssrc, reason);
        writer.finish()
    }

    fn bye_interval(&mut self, leaving: &ByeBackoff) -> Duration {
        let bandwidth = RtcpBandwidth {
            // A goodbye may be said even where receivers have no bandwidth: what there is is shared.
            receivers: self.config.bandwidth.receivers.max(1),
            ..self.config.bandwidth
        };
        let input = IntervalInput {
            members: leaving.members,
            senders: 0,
            bandwidth,
            is_sender: false,
            average_bytes: leaving.schedule.average_bytes,
            minimum: minimum(self.config.pace, false, true),
        };
        let interval = input.deterministic().unwrap_or_default();
        randomised(interval, &mut self.rng)
    }
}

/// RFC 3550 §6.3.7: with more than 50 members, us among them.
const BACKOFF_ABOVE: usize = 50;
