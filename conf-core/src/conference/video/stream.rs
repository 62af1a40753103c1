//! One stream of pictures: its groups, its session, and the keyframes that are asked for in it.
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;
use media::video::keyframe::KeyframeRequests;
use media::video::layers::group_index;
use media::video::{EncodedVideoPacket, Layer, SourceId, VideoCommand, VideoPacket};

use super::commands::Commands;
use super::pauses::Pauses;
use super::protect::{Protection, Repairs, SentPacket};
use super::repair::{Missing, OVERTAKEN, PROTECTED, Sent};
use crate::conference::StreamPlan;
use crate::conference::medium::{Arrived, Medium, Outgoing};
use crate::endpoint::{Datagram, EndpointOutput};
use crate::rtcp::FeedbackMessage;
use crate::rtp::{FlexFec, RtpPacket};
use crate::session::RtpSession;

impl StreamPlan {
    /// What the description grants one sender of pictures, without repair packets, and the headers of IP, UDP and RTP: 40
    /// bytes to each 1200 and less.
    pub(in crate::conference) fn granted(&self) -> u32 {
        let share = if self.repair_type.is_some() { 6 } else { 9 };
        self.bit_rate.map_or(u32::MAX, |bits| bits / 10 * share)
    }
}

/// One stream of a conference.
pub(in crate::conference) struct Stream {
    pub(in crate::conference) layer: Layer,
    pub(in crate::conference) medium: Medium,
    /// What the description grants one sender, in bits per second of pictures.
    pub(super) granted: u32,
    /// The groups that senders are spread over; empty where all send to one.
    range: Vec<SocketAddr>,
    requests: KeyframeRequests,
    /// Where senders stop while nobody watches.
    pauses: Option<Pauses>,
    /// Where lost packets are sent again.
    missing: Option<Missing>,
    /// Where repair packets come beside the pictures: ours, and those of others.
    protection: Option<Protection>,
    repairs: Repairs,
    /// Who is on the screen: of others nothing is missed.
    watched: BTreeSet<Ssrc>,
    commands: Commands,
}

impl Stream {
    /// Takes part in it as `cname`.
    pub(super) fn new(now: Instant, plan: StreamPlan, session: RtpSession, cname: &str) -> Self {
        let granted = plan.granted();
        let (transport, dscp) = (plan.transport, Medium::VIDEO_DSCP);
        let mut medium = match group_of(&plan.range, cname) {
            Some(own) => Medium::of_range(transport, own, dscp, session),
            None => Medium::new(transport, dscp, session),
        };
        if plan.can_repair {
            medium.keep_sent(Sent::default());
        }
        Self {
            layer: plan.layer,
            medium,
            granted,
            range: plan.range,
            requests: KeyframeRequests::default(),
            pauses: plan.can_pause.then(|| Pauses::new(now)),
            missing: plan.can_repair.then(Missing::default),
            protection: plan.repair_type.map(Protection::new),
            repairs: Repairs::default(),
            watched: BTreeSet::new(),
            commands: Commands::default(),
        }
    }

    /// How long what comes may wait to be read: small pictures come from everybody, and are painted thirty times a second
    /// at most.
    pub(super) fn patience(&self) -> Duration {
        match self.layer {
            Layer::Thumbnail => SMALL_PATIENCE,
            Layer::Full | Layer::Screen => Duration::ZERO,
        }
    }

    /// Whether a group has to be joined to see somebody in it.
    pub(super) fn is_followed(&self) -> bool {
        !self.range.is_empty()
    }

    /// Takes the groups of these people, and of nobody else.
    pub(super) fn follow<'a>(
        &mut self,
        now: Instant,
        people: impl Iterator<Item = &'a str>,
    ) -> Vec<EndpointOutput> {
        if !self.is_followed() {
            return Vec::new();
        }
        let groups: BTreeSet<SocketAddr> = people
            .filter_map(|cname| group_of(&self.range, cname))
            .collect();
        self.medium.follow(now, groups)
    }

    pub(super) fn handle_datagram(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
        mut on_packet: impl FnMut(&VideoPacket<'_>),
    ) -> Arrived {
        if self.medium.is_media_of_others(datagram)
            && let Some(repair) = self.repair_in(datagram.bytes)
        {
            self.take_repair(now, &repair, datagram.bytes, &mut on_packet);
            return Arrived::FromOther;
        }
        let (layer, unread) = (self.layer, self.patience());
        let (pauses, missing, watched) = (&mut self.pauses, &mut self.missing, &self.watched);
        let repairs = &mut self.repairs;
        let mut restored = Vec::new();
        let arrived = self
            .medium
            .handle_datagram(now, datagram, |packet, payload| {
                if let Some(pauses) = pauses {
                    pauses.note_media(now, packet.ssrc);
                }
                if watched.contains(&packet.ssrc) {
                    restored = repairs.note_media(packet.ssrc, packet.seq, datagram.bytes);
                    if let Some(missing) = missing {
                        let is_protected = repairs.is_protected(packet.ssrc);
                        let patience = if is_protected { PROTECTED } else { OVERTAKEN };
                        missing.note(now, packet.ssrc, packet.seq, patience + unread);
                    }
                }
                on_packet(&VideoPacket {
                    source: SourceId::new(layer, packet.ssrc),
                    payload_type: packet.payload_type,
                    seq: packet.seq,
                    time: packet.time,
                    marker: packet.marker,
                    arrival: datagram.arrival,
                    payload,
                });
            });
        for packet in &restored {
            self.take_restored(now, packet, &mut on_packet);
        }
        arrived
    }

    /// The repair packet in a datagram, if it is one.
    fn repair_in<'a>(&self, bytes: &'a [u8]) -> Option<FlexFec<'a>> {
        let number = self.protection.as_ref()?.payload_type();
        let packet = RtpPacket::parse(bytes).ok()?;
        let packet = Some(packet).filter(|packet| packet.payload_type() == number)?;
        FlexFec::parse(&packet)
    }

    fn take_repair(
        &mut self,
        now: Instant,
        repair: &FlexFec<'_>,
        bytes: &[u8],
        on_packet: &mut impl FnMut(&VideoPacket<'_>),
    ) {
        if !self.watched.contains(&repair.protected) {
            return;
        }
        for packet in &self.repairs.note_repair(repair.protected, bytes) {
            self.take_restored(now, packet, on_packet);
        }
    }

    /// A packet that was lost, and is had from its repair packet.
    fn take_restored(
        &mut self,
        now: Instant,
        bytes: &[u8],
        on_packet: &mut impl FnMut(&VideoPacket<'_>),
    ) {
        let Ok(packet) = RtpPacket::parse(bytes) else {
            return;
        };
        if let Some(missing) = &mut self.missing {
            missing.note(now, packet.ssrc(), packet.seq(), PROTECTED);
        }
        on_packet(&VideoPacket {
            source: SourceId::new(self.layer, packet.ssrc()),
            payload_type: packet.payload_type(),
            seq: packet.seq(),
            time: packet.time(),
            marker: packet.marker(),
            arrival: now,
            payload: packet.payload(),
        });
    }

    /// Sends a packet, and after the last of a picture those that repair it.
    pub(super) fn send(&mut self, now: Instant, packet: &EncodedVideoPacket) {
        let outgoing = Outgoing {
            payload_type: packet.payload_type,
            time: packet.time,
            captured: packet.captured,
            marker: packet.marker,
            is_first_marked: false,
            payload: &packet.payload,
        };
        let sent = self.medium.send(now, &outgoing);
        let (Some(protection), Some(sent)) = (&mut self.protection, sent) else {
            return;
        };
        let Ok(header) = RtpPacket::parse(sent) else {
            return;
        };
        let repairs = protection.push(SentPacket {
            ssrc: header.ssrc(),
            time: header.time(),
            is_last: header.marker(),
            bytes: sent.to_vec(),
        });
        for repair in repairs {
            self.medium.send_beside(repair);
        }
    }

    /// Nothing of a source can be shown without a keyframe.
    pub(super) fn want_keyframe(&mut self, now: Instant, ssrc: Ssrc) {
        self.requests.want(now, ssrc);
    }

    /// Somebody wants a keyframe of a source that is on the screen, though nothing is missing.
    pub(super) fn update(&mut self, now: Instant, ssrc: Ssrc) {
        if self.watched.contains(&ssrc) {
            self.medium.ask(now, ssrc, FeedbackMessage::PictureLoss);
        }
    }

    /// It is shown, or no longer wanted.
    pub(super) fn satisfy(&mut self, ssrc: Ssrc) {
        self.requests.satisfy(ssrc);
    }

    /// A source is on the screen from now on, or no longer.
    pub(super) fn watch(&mut self, now: Instant, ssrc: Ssrc, is_watched: bool) {
        if let Some(pauses) = &mut self.pauses {
            pauses.want(now, ssrc, is_watched);
        }
        if is_watched {
            self.watched.insert(ssrc);
        } else {
            self.watched.remove(&ssrc);
            self.satisfy(ssrc);
            self.forget_missing(ssrc);
        }
    }

    /// A source is gone.
    pub(super) fn forget(&mut self, ssrc: Ssrc) {
        self.watched.remove(&ssrc);
        self.commands.forget(ssrc);
        self.satisfy(ssrc);
        self.forget_missing(ssrc);
        if let Some(pauses) = &mut self.pauses {
            pauses.forget(ssrc);
        }
    }

    /// Somebody came who may not know that we have stopped.
    pub(super) fn note_newcomer(&mut self, now: Instant) {
        if let Some(pauses) = &mut self.pauses {
            pauses.note_newcomer(now);
        }
    }

    /// Takes what somebody asks for; what the encoder is to do.
    pub(super) fn handle_feedback(
        &mut self,
        now: Instant,
        from: Ssrc,
        message: &FeedbackMessage,
    ) -> Option<VideoCommand> {
        let keyframe = VideoCommand::RequestKeyframe(self.layer);
        match message {
            FeedbackMessage::PictureLoss => Some(keyframe),
            FeedbackMessage::FullIntra(requests) => {
                let own = self.medium.session().ssrc();
                self.commands
                    .is_new(from, own, requests)
                    .then_some(keyframe)
            }
            FeedbackMessage::Nack(nacks) => {
                for seq in nacks.iter().flat_map(|nack| nack.lost()) {
                    self.medium.send_again(now, seq);
                }
                None
            }
            FeedbackMessage::Pause(entries) => {
                let (pauses, medium) = (self.pauses.as_mut()?, &mut self.medium);
                let turns = entries
                    .iter()
                    .map(|entry| pauses.handle(now, entry, medium));
                let goes_on = turns.fold(false, |goes_on, turn| goes_on | turn);
                goes_on.then_some(VideoCommand::PauseLayer(self.layer, false))
            }
            FeedbackMessage::Other { .. } => None,
        }
    }

    /// Asks for what is missed; what the encoder is to do.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        is_sending: impl FnOnce() -> bool,
    ) -> Option<VideoCommand> {
        while let Some(ssrc) = self.requests.poll(now) {
            self.medium.ask(now, ssrc, FeedbackMessage::PictureLoss);
        }
        let members = self.medium.session().statistics().members;
        let is_small = members <= FEW;
        if let Some(missing) = &mut self.missing {
            while let Some((ssrc, nacks)) = missing.poll(now) {
                if is_small {
                    self.medium.ask(now, ssrc, FeedbackMessage::Nack(nacks));
                }
            }
        }
        if let Some(pauses) = self.pauses.as_mut().filter(|_| members <= 1) {
            // Whoever watched may have left without a word.
            pauses.note_alone(now);
        }
        let pauses = self.pauses.as_mut();
        let stops =
            pauses.is_some_and(|pauses| pauses.handle_timeout(now, is_sending, &mut self.medium));
        self.medium.handle_timeout(now);
        stops.then_some(VideoCommand::PauseLayer(self.layer, true))
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let timeouts = [
            self.medium.next_timeout(),
            self.requests.next_timeout(),
            self.pauses.as_ref().and_then(Pauses::next_timeout),
            self.missing.as_ref().and_then(Missing::next_timeout),
        ];
        timeouts.into_iter().flatten().min()
    }

    fn forget_missing(&mut self, ssrc: Ssrc) {
        self.repairs.forget(ssrc);
        if let Some(missing) = &mut self.missing {
            missing.forget(ssrc);
        }
    }
}

/// Half of what a window waits for before it paints small pictures.
const SMALL_PATIENCE: Duration = Duration::from_millis(20);
/// Where more listen, the packets that somebody misses would make up half the stream.
const FEW: usize = 10;

/// Where in the range somebody sends.
fn group_of(range: &[SocketAddr], cname: &str) -> Option<SocketAddr> {
    let groups = u32::try_from(range.len()).ok()?;
    let index = usize::try_from(group_index(cname, groups)).ok()?;
    range.get(index).copied()
}
