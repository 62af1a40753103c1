//! What can be read of the session and its members, without changing anything.
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, SeqNo, Ssrc};

use super::clock::SenderClock;
use super::member::{Member, Stage};
use super::reception::Reception;
use super::round_trip::AboutUs;
use super::rtp_session::RtpSession;
use crate::rtcp::SdesItem;

/// One member, as it stands now.
#[derive(Clone, Copy, Debug)]
pub struct MemberView<'a> {
    /// Its SSRC.
    pub ssrc: Ssrc,
    member: &'a Member,
}

/// Whether a member is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Heard lately.
    Here,
    /// Not heard for long; may come back.
    TimedOut,
}

/// How the media of one source arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptionStatistics {
    /// Payload type of the last packet whose type we know.
    pub payload_type: u8,
    /// Its clock.
    pub clock_rate: Option<ClockRate>,
    /// Packets since the source began.
    pub packets: u64,
    /// Bytes of payload since the source was first heard.
    pub payload_bytes: u64,
    /// Packets that there should have been.
    pub expected: u32,
    /// Those less `packets`; negative where there were duplicates.
    pub lost: i64,
    /// Lost between our last two reports, in 1/256; zero before the first.
    pub fraction_lost: u8,
    /// Highest sequence number, with the cycles in the upper 16 bits.
    pub highest_seq: u32,
    /// Interarrival jitter (RFC 3550 A.8).
    pub jitter: Duration,
    /// Last packet.
    pub last: Instant,
}

/// What the session as a whole has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionStatistics {
    /// Packets that we sent with this SSRC, modulo 2³².
    pub packets_sent: u32,
    /// Bytes of payload in them, modulo 2³².
    pub octets_sent: u32,
    /// Members here, we among them.
    pub members: usize,
    /// Members who send media, we not among them.
    pub senders: usize,
    /// Sources that are not yet valid.
    pub in_probation: usize,
    /// Members refused because there were too many.
    pub refused: u64,
    /// Sources not yet valid that made room for others.
    pub evicted: u64,
    /// Feedback that did not go out because too much waited, or because no datagram holds it.
    pub feedback_dropped: u64,
    /// What came and was not used.
    pub counters: SessionCounters,
}

/// Packets that came and were not used, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCounters {
    /// No RTP.
    pub malformed_rtp: u64,
    /// No RTCP, or a packet within that contradicts its length.
    pub malformed_rtcp: u64,
    /// RTP of a payload type that the description does not have.
    pub unknown_payload_type: u64,
    /// RTCP of a type that is not known here.
    pub unknown_rtcp: u64,
    /// RTP out of probation or sequence (RFC 3550 A.1).
    pub unproven: u64,
    /// From the second of two addresses that use one SSRC.
    pub conflicting: u64,
    /// Application packets of ours that were too many or too long to send.
    pub not_sent: u64,
}

impl<'a> MemberView<'a> {
    fn new(ssrc: Ssrc, member: &'a Member) -> Option<Self> {
        let is_member = matches!(member.stage, Stage::Here | Stage::TimedOut(_));
        is_member.then_some(Self { ssrc, member })
    }

    /// Whether it is here.
    #[must_use]
    pub fn presence(&self) -> Presence {
        match self.member.stage {
            Stage::TimedOut(_) => Presence::TimedOut,
            _ => Presence::Here,
        }
    }

    /// What it told about itself: without control characters, cut where it was very long.
    #[must_use]
    pub fn information(&self, item: SdesItem) -> Option<String> {
        self.member.information.text(item)
    }

    /// Whether it sends media just now.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.member.is_active
    }

    /// Last packet of any kind.
    #[must_use]
    pub const fn heard(&self) -> Instant {
        self.member.heard
    }

    /// How its clocks stand, once a sender report came.
    #[must_use]
    pub const fn clock(&self) -> Option<SenderClock> {
        self.member.clock
    }

    /// What it last said about our media.
    #[must_use]
    pub const fn about_us(&self) -> Option<AboutUs> {
        self.member.about_us
    }

    /// How its media arrive, if it ever sent any.
    #[must_use]
    pub fn reception(&self) -> Option<ReceptionStatistics> {
        let reception = self.member.reception.as_deref()?;
        Some(statistics_of(reception))
    }
}

fn statistics_of(reception: &Reception) -> ReceptionStatistics {
    let ticks = u64::from(reception.jitter.ticks());
    ReceptionStatistics {
        payload_type: reception.payload_type,
        clock_rate: reception.clock_rate,
        packets: reception.sequence.received(),
        payload_bytes: reception.payload_bytes,
        expected: reception.sequence.expected(),
        lost: reception.sequence.lost(),
        fraction_lost: reception.reported.map_or(0, |loss| loss.fraction),
        highest_seq: reception.sequence.extended_highest(),
        jitter: reception
            .clock_rate
            .map_or(Duration::ZERO, |rate| rate.duration(ticks)),
        last: reception.last,
    }
}

impl RtpSession {
    /// The SSRC that we send with now.
    #[must_use]
    pub const fn ssrc(&self) -> Ssrc {
        self.own.ssrc
    }

    /// The number of the last packet that we sent.
    #[must_use]
    pub fn last_sent(&self) -> SeqNo {
        self.own.last_seq()
    }

    /// What we tell about ourselves; empty where nothing.
    #[must_use]
    pub fn own_information(&self, item: SdesItem) -> &str {
        self.own.description.text(item)
    }

    /// All members but us, by SSRC; those who timed out are among them.
    pub fn members(&self) -> impl Iterator<Item = MemberView<'_>> {
        let all = self.members.iter();
        all.filter_map(|(ssrc, member)| MemberView::new(ssrc, member))
    }

    /// One member.
    #[must_use]
    pub fn member(&self, ssrc: Ssrc) -> Option<MemberView<'_>> {
        MemberView::new(ssrc, self.members.get(ssrc)?)
    }

    /// The worst loss of our media in 1/256 that members here reported since `since`: what to protect against.
    #[must_use]
    pub fn worst_reported_loss(&self, since: Instant) -> u8 {
        let here = self.members.iter().filter(|(_, m)| m.stage == Stage::Here);
        let reports = here.filter_map(|(_, member)| member.about_us);
        let recent = reports.filter(|report| report.arrival >= since);
        recent.map(|report| report.fraction_lost).max().unwrap_or(0)
    }

    /// How often a member reports, on average, if it only receives (RFC 3550 section 6.3.1, without randomisation).
    #[must_use]
    pub fn report_interval(&self) -> Duration {
        self.timeout_interval()
    }

    /// Counts of the whole session.
    #[must_use]
    pub fn statistics(&self) -> SessionStatistics {
        SessionStatistics {
            packets_sent: self.own.packets,
            octets_sent: self.own.octets,
            members: self.member_count(),
            senders: self.members.senders(),
            in_probation: self.members.in_probation(),
            refused: self.members.refused,
            evicted: self.members.evicted,
            feedback_dropped: self.feedback.dropped,
            counters: self.counters,
        }
    }
}
