//! One medium of a conference: its groups and its RTP session.
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::rtp_time::{RtpTime, SeqNo, Ssrc};

use super::Information;
use super::plan::Transport;
use super::video::Sent;
use crate::endpoint::{Datagram, EndpointOutput, Membership, Transmit};
use crate::rtcp::{FeedbackMessage, SdesItem};
use crate::session::{
    MediaPacket, RtpSession, SessionEvent, SessionInput, SessionOutput, WallClock,
};

/// One medium and its session.
#[derive(Debug)]
pub(super) struct Medium {
    transport: Transport,
    /// The groups whose RTP we take: the only one, or those of a range that are wanted now.
    joined: BTreeSet<SocketAddr>,
    dscp: u8,
    session: RtpSession,
    transmits: Vec<Transmit>,
    events: Vec<SessionEvent>,
    local: Vec<SocketAddr>,
    timeout: Option<Instant>,
    is_finished: bool,
    expected_loss: ExpectedLoss,
    received: u64,
    has_sent: bool,
    /// What may be asked for again.
    sent: Option<Sent>,
}

/// A packet of ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) payload_type: u8,
    pub(super) time: RtpTime,
    pub(super) captured: Instant,
    pub(super) marker: bool,
    /// Whether the marker says that something begins, and not that something ends.
    pub(super) is_first_marked: bool,
    pub(super) payload: &'a [u8],
}

/// What an arrival was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    /// Our own packet came back, or it was for no group of ours.
    NotFromOther,
    /// Somebody else sent it.
    FromOther,
}

/// The loss that the encoder was last told to expect.
#[derive(Debug, Default)]
struct ExpectedLoss {
    percent: u8,
    next_change: Option<Instant>,
}

impl Medium {
    /// Expedited forwarding for voice (RFC 4594 section 4.1, RFC 8837).
    pub(super) const VOICE_DSCP: u8 = 46;
    /// Assured forwarding for conference video (RFC 4594 section 4.3, RFC 8837: AF41).
    pub(super) const VIDEO_DSCP: u8 = 34;
    /// How often the encoder may be told another loss: reports come every 5 s at best.
    const LOSS_EVERY: Duration = Duration::from_secs(2);
    /// A report counts for so long: two of the longest usual intervals between reports.
    const LOSS_MEMORY: Duration = Duration::from_secs(15);

    pub(super) fn new(transport: Transport, dscp: u8, session: RtpSession) -> Self {
        Self {
            joined: BTreeSet::from([transport.rtp]),
            transport,
            dscp,
            session,
            transmits: Vec::new(),
            events: Vec::new(),
            local: Vec::new(),
            timeout: None,
            is_finished: false,
            expected_loss: ExpectedLoss::default(),
            received: 0,
            has_sent: false,
            sent: None,
        }
    }

    /// One whose senders are spread over groups: we send to one of them, and take none until it is wanted.
    pub(super) fn of_range(
        transport: Transport,
        send_to: SocketAddr,
        dscp: u8,
        session: RtpSession,
    ) -> Self {
        let rtp = send_to;
        Self {
            joined: BTreeSet::new(),
            ..Self::new(Transport { rtp, ..transport }, dscp, session)
        }
    }

    /// Takes the RTP of these groups from now on, and of no others.
    pub(super) fn follow(
        &mut self,
        now: Instant,
        wanted: BTreeSet<SocketAddr>,
    ) -> Vec<EndpointOutput> {
        let left = self.joined.difference(&wanted).copied();
        let left: Vec<Membership> = left.flat_map(|group| self.memberships_of(group)).collect();
        let new = wanted.difference(&self.joined).copied();
        let new: Vec<Membership> = new.flat_map(|group| self.memberships_of(group)).collect();
        self.joined = wanted;
        if !new.is_empty() {
            self.session.handle_input(now, SessionInput::CameBack);
            self.drain(|_| {});
        }
        let new = new.into_iter().map(EndpointOutput::Join);
        new.chain(left.into_iter().map(EndpointOutput::Leave))
            .collect()
    }

    /// The RTP port.
    pub(super) fn port(&self) -> u16 {
        self.transport.rtp.port()
    }

    /// What to be a member of: RTP's group, and RTCP's where it has a port of its own.
    pub(super) fn memberships(&self) -> Vec<Membership> {
        let groups = self.joined.iter().copied().chain(self.transport.rtcp);
        groups
            .flat_map(|group| self.memberships_of(group))
            .collect()
    }

    fn memberships_of(&self, group: SocketAddr) -> Vec<Membership> {
        let of = |source| Membership { group, source };
        match self.transport.sources.as_slice() {
            [] => vec![of(None)],
            sources => sources.iter().map(|source| of(Some(*source))).collect(),
        }
    }

    /// Whether its RTP comes from this group.
    pub(super) fn has_joined(&self, group: SocketAddr) -> bool {
        self.joined.contains(&group)
    }

    /// Takes one datagram; media in it is shown to `on_media` with its payload.
    pub(super) fn handle_datagram(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
        mut on_media: impl FnMut(&MediaPacket, &[u8]),
    ) -> Arrived {
        let (from, bytes) = (datagram.from, datagram.bytes);
        let input = if self.joined.contains(&datagram.group) && !self.is_muxed_rtcp(bytes) {
            let waited = now.saturating_duration_since(datagram.arrival);
            SessionInput::Rtp {
                from,
                waited,
                bytes,
            }
        } else if Some(datagram.group) == self.transport.rtcp
            || self.joined.contains(&datagram.group)
        {
            SessionInput::Rtcp { from, bytes }
        } else {
            return Arrived::NotFromOther;
        };
        self.session.handle_input(now, input);
        let mut received = 0;
        self.drain(|packet| {
            received += 1;
            if let Some(payload) = bytes.get(packet.payload.clone()) {
                on_media(&packet, payload);
            }
        });
        self.received += received;
        if self.local.contains(&from) {
            Arrived::NotFromOther
        } else {
            Arrived::FromOther
        }
    }

    /// Sends one packet of ours, and gives it as it goes out; the first of all is marked, whatever came before we were in.
    pub(super) fn send(&mut self, now: Instant, packet: &Outgoing<'_>) -> Option<&[u8]> {
        let before = self.transmits.len();
        let input = SessionInput::Send {
            payload_type: packet.payload_type,
            time: packet.time,
            captured: packet.captured,
            marker: packet.marker || (!self.has_sent && packet.is_first_marked),
            payload: packet.payload,
        };
        self.has_sent = true;
        self.session.handle_input(now, input);
        self.drain(|_| {});
        let sent = self.transmits.get(before)?;
        Some(sent.payload.as_slice())
    }

    /// Sends a packet that is no part of the session to where media goes.
    pub(super) fn send_beside(&mut self, packet: Vec<u8>) {
        self.transmit(self.transport.rtp, packet);
    }

    /// Whether a datagram is somebody else's and came to where media goes.
    pub(super) fn is_media_of_others(&self, datagram: &Datagram<'_>) -> bool {
        self.joined.contains(&datagram.group) && !self.local.contains(&datagram.from)
    }

    /// Keeps what is sent from now on, to send it again.
    pub(super) fn keep_sent(&mut self, sent: Sent) {
        self.sent = Some(sent);
    }

    /// Sends a packet again that somebody misses.
    pub(super) fn send_again(&mut self, now: Instant, seq: SeqNo) {
        let packet = self.sent.as_mut().and_then(|sent| sent.again(now, seq));
        if let Some(packet) = packet {
            self.transmit(self.transport.rtp, packet);
        }
    }

    /// Asks something of a member.
    pub(super) fn ask(&mut self, now: Instant, to: Ssrc, message: FeedbackMessage) {
        self.session
            .handle_input(now, SessionInput::Feedback { to, message });
        self.drain(|_| {});
    }

    pub(super) fn describe(&mut self, now: Instant, item: SdesItem, text: String) {
        self.session
            .handle_input(now, SessionInput::Describe(item, text));
        self.drain(|_| {});
    }

    pub(super) fn handle_local_addresses(&mut self, now: Instant, addresses: &[SocketAddr]) {
        self.local = addresses.to_vec();
        self.session
            .handle_input(now, SessionInput::LocalAddresses(addresses));
        self.drain(|_| {});
    }

    /// The wall clock was set, or the computer slept.
    pub(super) fn set_wall_clock(&mut self, now: Instant, wall_clock: WallClock) {
        self.session
            .handle_input(now, SessionInput::WallClock(wall_clock));
        self.drain(|_| {});
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.timeout.is_none_or(|due| due <= now) {
            self.session.handle_input(now, SessionInput::Timeout);
            self.drain(|_| {});
        }
    }

    pub(super) fn leave(&mut self, now: Instant) {
        self.session.handle_input(now, SessionInput::Leave);
        self.drain(|_| {});
    }

    /// When it wants to be looked after again.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.timeout
    }

    /// Whether the goodbye has been said.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Whether there is something to be sent, or something has happened.
    pub(super) fn has_news(&self) -> bool {
        !self.transmits.is_empty() || !self.events.is_empty()
    }

    /// What is to be sent.
    pub(super) fn take_transmits(&mut self) -> std::vec::Drain<'_, Transmit> {
        self.transmits.drain(..)
    }

    /// What happened to the sources.
    pub(super) fn take_events(&mut self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.events)
    }

    /// What a source tells of itself.
    pub(super) fn information(&self, ssrc: Ssrc) -> Information {
        let mut information = Information::default();
        if let Some(member) = self.session.member(ssrc) {
            for item in SdesItem::ALL {
                information.set(item, &member.information(item).unwrap_or_default());
            }
        }
        information
    }

    /// The session, for its figures.
    pub(super) fn session(&self) -> &RtpSession {
        &self.session
    }

    /// RTP packets accepted from everybody, those who have left since included.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// How often a member reports at the longest.
    pub(super) fn report_interval(&self) -> Duration {
        self.session.report_interval()
    }

    /// What share of our packets our listeners miss, in percent, if the encoder should hear of a change.
    pub(super) fn expected_loss_to_set(&mut self, now: Instant) -> Option<u8> {
        if self
            .expected_loss
            .next_change
            .is_some_and(|next| now < next)
        {
            return None;
        }
        let since = now.checked_sub(Self::LOSS_MEMORY)?;
        // 1/256ths become percent, rounded up: a little loss is loss.
        let percent = (u16::from(self.session.worst_reported_loss(since)) * 100).div_ceil(256);
        let percent = u8::try_from(percent).unwrap_or(100);
        if percent == self.expected_loss.percent {
            return None;
        }
        self.expected_loss = ExpectedLoss {
            percent,
            next_change: Some(now + Self::LOSS_EVERY),
        };
        Some(percent)
    }

    /// RTCP shares the port where the description says `a=rtcp-mux` (RFC 5761 section 4: packet types 192 to 223).
    fn is_muxed_rtcp(&self, bytes: &[u8]) -> bool {
        self.transport.rtcp.is_none()
            && bytes
                .get(1)
                .is_some_and(|second| (192..=223).contains(second))
    }

    fn drain(&mut self, mut on_media: impl FnMut(MediaPacket)) {
        loop {
            match self.session.poll_output() {
                SessionOutput::Rtp(payload) => {
                    if let Some(sent) = &mut self.sent {
                        sent.keep(self.session.last_sent(), &payload);
                    }
                    self.transmit(self.transport.rtp, payload);
                }
                SessionOutput::Rtcp(payload) => {
                    self.transmit(self.transport.rtcp.unwrap_or(self.transport.rtp), payload)
                }
                SessionOutput::Media(packet) => on_media(packet),
                SessionOutput::Event(event) => self.events.push(event),
                SessionOutput::Finished => {
                    self.is_finished = true;
                    self.timeout = None;
                    return;
                }
                SessionOutput::Timeout(due) => {
                    self.timeout = due;
                    return;
                }
            }
        }
    }

    fn transmit(&mut self, to: SocketAddr, payload: Vec<u8>) {
        let (ttl, dscp) = (self.transport.ttl, self.dscp);
        self.transmits.push(Transmit {
            to,
            ttl,
            dscp,
            payload,
        });
    }
}
