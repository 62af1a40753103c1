//! One stream of pictures: its groups, its session, and the keyframes that are asked for in it.
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Instant;

use media::rtp_time::Ssrc;
use media::video::keyframe::KeyframeRequests;
use media::video::layers::group_index;
use media::video::{EncodedVideoPacket, Layer, SourceId, VideoPacket};

use crate::conference::StreamPlan;
use crate::conference::medium::{Arrived, Medium, Outgoing};
use crate::endpoint::{Datagram, EndpointOutput};
use crate::rtcp::FeedbackMessage;
use crate::session::RtpSession;

/// One stream of a conference.
pub(in crate::conference) struct Stream {
    pub(in crate::conference) layer: Layer,
    pub(in crate::conference) medium: Medium,
    /// The groups that senders are spread over; empty where all send to one.
    range: Vec<SocketAddr>,
    requests: KeyframeRequests,
}

impl Stream {
    /// Takes part in it as `cname`.
    pub(super) fn new(plan: StreamPlan, session: RtpSession, cname: &str, seed: u64) -> Self {
        let (transport, dscp) = (plan.transport, Medium::VIDEO_DSCP);
        let medium = match group_of(&plan.range, cname) {
            Some(own) => Medium::of_range(transport, own, dscp, session),
            None => Medium::new(transport, dscp, session),
        };
        Self {
            layer: plan.layer,
            medium,
            range: plan.range,
            requests: KeyframeRequests::new(seed),
        }
    }

    /// Whether a group has to be joined to see somebody in it.
    pub(super) fn is_followed(&self) -> bool {
        !self.range.is_empty()
    }

    /// Takes the groups of these people, and of nobody else.
    pub(super) fn follow<'a>(
        &mut self,
        people: impl Iterator<Item = &'a str>,
    ) -> Vec<EndpointOutput> {
        if !self.is_followed() {
            return Vec::new();
        }
        let groups: BTreeSet<SocketAddr> = people
            .filter_map(|cname| group_of(&self.range, cname))
            .collect();
        self.medium.follow(groups)
    }

    pub(super) fn handle_datagram(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
        mut on_packet: impl FnMut(&VideoPacket<'_>),
    ) -> Arrived {
        let layer = self.layer;
        self.medium
            .handle_datagram(now, datagram, |packet, payload| {
                on_packet(&VideoPacket {
                    source: SourceId::new(layer, packet.ssrc),
                    payload_type: packet.payload_type,
                    seq: packet.seq,
                    time: packet.time,
                    marker: packet.marker,
                    arrival: datagram.arrival,
                    payload,
                });
            })
    }

    pub(super) fn send(&mut self, now: Instant, packet: &EncodedVideoPacket) {
        self.medium.send(
            now,
            &Outgoing {
                payload_type: packet.payload_type,
                time: packet.time,
                marker: packet.marker,
                is_first_marked: false,
                payload: &packet.payload,
            },
        );
    }

    /// Nothing of a source can be shown without a keyframe.
    pub(super) fn want_keyframe(&mut self, now: Instant, ssrc: Ssrc) {
        // The session waits by chance itself before it asks (RFC 4585 section 3.5.2).
        self.requests.want(now, ssrc, 1);
    }

    /// It is shown, or no longer wanted.
    pub(super) fn satisfy(&mut self, ssrc: Ssrc) {
        self.requests.satisfy(ssrc);
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some(ssrc) = self.requests.poll(now) {
            self.medium.ask(now, ssrc, FeedbackMessage::PictureLoss);
        }
        self.medium.handle_timeout(now);
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let timeouts = [self.medium.next_timeout(), self.requests.next_timeout()];
        timeouts.into_iter().flatten().min()
    }
}

/// Where in the range somebody sends.
fn group_of(range: &[SocketAddr], cname: &str) -> Option<SocketAddr> {
    let groups = u32::try_from(range.len()).ok()?;
    let index = usize::try_from(group_index(cname, groups)).ok()?;
    range.get(index).copied()
}
