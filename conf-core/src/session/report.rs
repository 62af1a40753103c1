//! Our reports: when they are due, and what is in them (RFC 3550 §6.1, §6.3, §6.4).
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;

use super::config::RtcpPace;
use super::interval::{FIXED_MINIMUM, IntervalInput, minimum, randomised};
use super::io::SessionOutput;
use super::member::{Member, Stage};
use super::ntp::short_fixed_point;
use super::rtp_session::{RtpSession, on_the_wire};
use crate::rtcp::{App, CompoundWriter, ReportBlock, SdesItem};

/// An application-defined packet that waits for the next report.
#[derive(Debug)]
pub(super) struct PendingApp {
    pub(super) name: [u8; 4],
    pub(super) subtype: u8,
    pub(super) data: Vec<u8>,
}

impl RtpSession {
    /// The report timer ran out (§6.3.6).
    pub(super) fn reconsider_report(&mut self, now: Instant) {
        let interval = self.next_interval(now);
        let members = self.member_count();
        if !self.schedule.reconsider(now, interval, members) {
            return;
        }
        if !self.feedback.is_too_soon(now) {
            self.transmit_report(now);
            let distance = self.regular_distance();
            self.feedback.regular_sent(now, distance);
        } else {
            self.feedback.regular_suppressed();
        }
        let interval = self.next_interval(now);
        self.schedule.sent(now, interval, members);
    }

    /// After goodbyes and time-outs: a report of fewer members comes sooner (§6.3.4).
    pub(super) fn members_may_be_fewer(&mut self, now: Instant) {
        let members = self.member_count();
        self.schedule.reverse(now, members);
    }

    /// We began to send: where only senders may report, the timer starts.
    pub(super) fn reports_may_be_allowed(&mut self, now: Instant) {
        if self.schedule.next.is_none() {
            let interval = self.next_interval(now);
            self.schedule.allow(now, interval);
        }
    }

    /// What the interval depends on now.
    pub(super) fn interval_input(&self, now: Instant) -> IntervalInput {
        let is_sender = self.own.is_sender(now, 2 * self.last_interval);
        IntervalInput {
            members: self.member_count(),
            senders: self.members.senders() + usize::from(is_sender),
            bandwidth: self.config.bandwidth,
            is_sender,
            average_bytes: self.schedule.average_bytes,
            minimum: minimum(self.config.pace, is_sender, self.schedule.is_initial),
        }
    }

    /// The interval by which others are timed out: a receiver's, with the fixed minimum (§6.2, §6.3.5).
    pub(super) fn timeout_interval(&self) -> Duration {
        let input = IntervalInput {
            members: self.member_count(),
            senders: self.members.senders(),
            bandwidth: self.config.bandwidth,
            is_sender: false,
            average_bytes: self.schedule.average_bytes,
            minimum: FIXED_MINIMUM,
        };
        let at_least = match self.config.pace {
            RtcpPace::Feedback { regular_interval } => regular_interval,
            RtcpPace::Fixed | RtcpPace::Reduced { .. } => Duration::ZERO,
        };
        let interval = input.deterministic().unwrap_or(FIXED_MINIMUM);
        interval.max(at_least)
    }

    /// A report without blocks, and the CNAME: what other packets are put after.
    pub(super) fn minimal_compound(&self) -> CompoundWriter {
        let info = None;
        let limit = self.config.max_rtcp_bytes;
        let mut writer = CompoundWriter::report(limit, self.own.ssrc, info, &[]);
        writer.sdes(self.own.ssrc, [(SdesItem::Cname, self.own.cname())]);
        writer
    }

    /// Notes the size of a datagram that we send.
    pub(super) fn count_rtcp(&mut self, bytes: usize) {
        let bytes = on_the_wire(bytes, self.is_ipv6);
        self.schedule.average_in(bytes);
    }

    fn next_interval(&mut self, now: Instant) -> Option<Duration> {
        let deterministic = self.interval_input(now).deterministic()?;
        let interval = randomised(deterministic, &mut self.rng);
        self.last_interval = interval;
        Some(interval)
    }

    fn regular_distance(&mut self) -> Duration {
        match self.config.pace {
            RtcpPace::Feedback { regular_interval } => {
                regular_interval.mul_f64(0.5 + self.rng.f64())
            }
            RtcpPace::Fixed | RtcpPace::Reduced { .. } => Duration::ZERO,
        }
    }

    fn transmit_report(&mut self, now: Instant) {
        let limit = self.config.max_rtcp_bytes;
        let ntp = self.config.wall_clock.at(now);
        let is_sender = self.own.is_sender(now, 2 * self.last_interval);
        let info = self.own.sender_info(now, ntp).filter(|_| is_sender);
        let ssrc = self.own.ssrc;

        let others = limit.saturating_sub(CompoundWriter::report(limit, ssrc, info, &[]).len());
        let items = self.own.description.next(others.saturating_sub(SDES_FRAME));
        let sdes: usize = items.iter().map(|(item, text)| item.wire_bytes(text)).sum();
        let items: Vec<(SdesItem, String)> = items
            .into_iter()
            .map(|(item, text)| (item, text.to_owned()))
            .collect();
        let room = limit.saturating_sub(sdes + SDES_FRAME);
        let blocks = self.next_blocks(now, CompoundWriter::blocks_within(room, info.is_some()));

        let mut writer = CompoundWriter::report(limit, ssrc, info, &blocks);
        writer.sdes(
            ssrc,
            items.iter().map(|(item, text)| (*item, text.as_str())),
        );
        self.feedback.drain_into(&mut writer);
        self.pending_apps.retain(|app| {
            !writer.app(&App {
                ssrc,
                subtype: app.subtype,
                name: app.name,
                data: &app.data,
            })
        });
        let bytes = writer.finish();
        self.own.has_sent = true;
        self.count_rtcp(bytes.len());
        self.outputs.push_back(SessionOutput::Rtcp(bytes));
    }

    /// Blocks for sources heard since they were last reported on; where they are too many, each report goes on where
    /// the last one ended (§6.4).
    fn next_blocks(&mut self, now: Instant, room: usize) -> Vec<ReportBlock> {
        let (after, before): (Vec<Ssrc>, Vec<Ssrc>) = self
            .members
            .iter()
            .filter(|(_, member)| is_reported_on(member))
            .map(|(ssrc, _)| ssrc)
            .partition(|ssrc| *ssrc > self.last_reported);
        let in_turn = after.into_iter().chain(before).take(room);
        let mut blocks = Vec::new();
        for ssrc in in_turn {
            self.last_reported = ssrc;
            let member = self.members.get_mut(ssrc);
            blocks.extend(member.and_then(|member| block_about(now, ssrc, member)));
        }
        blocks
    }
}

fn is_reported_on(member: &Member) -> bool {
    let has_news = member.reception.as_ref().is_some_and(|r| r.has_news());
    member.stage == Stage::Here && has_news
}

fn block_about(now: Instant, ssrc: Ssrc, member: &mut Member) -> Option<ReportBlock> {
    let clock = member.clock;
    let reception = member.reception.as_mut()?;
    let loss = reception.report_loss();
    Some(ReportBlock {
        ssrc,
        fraction_lost: loss.fraction,
        cumulative_lost: loss.cumulative,
        highest_seq: reception.sequence.extended_highest(),
        jitter_rtp_ticks: reception.jitter.ticks(),
        last_sr: clock.map_or(0, |clock| clock.ntp.middle()),
        delay_since_last_sr: clock.map_or(0, |clock| {
            short_fixed_point(now.saturating_duration_since(clock.arrival))
        }),
    })
}

/// Header, SSRC, and at most four bytes to end and fill up the chunk.
const SDES_FRAME: usize = 12;
