//! Who else uses an SSRC, and which packets with ours are our own (RFC 3550 §8.2).
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::rtp_time::Ssrc;

use super::event::SessionEvent;
use super::member::Place;
use super::own::Own;
use super::rtp_session::RtpSession;
use crate::rtcp::{Compound, RtcpPacket, SdesItem};

/// What is known of addresses and of SSRCs that we had.
#[derive(Debug, Default)]
pub(super) struct Collisions {
    /// Where our packets come from; with a time, where they came from until then.
    local: Vec<(Place, Option<Instant>)>,
    /// Others who were heard with our SSRC, and when last.
    conflicting: VecDeque<(Place, Instant)>,
    /// SSRCs that we had, and until when.
    retired: VecDeque<(Ssrc, Instant)>,
}

/// Whose a packet with our SSRC is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not ours: of a source like any other.
    Foreign,
    /// Sent by us, and come back by multicast loopback.
    Own,
    /// Sent by us, and come back from somebody else.
    Looped,
    /// Sent by another who has our SSRC.
    Collision,
}

impl Collisions {
    /// Our addresses are now these; packets from those we had are under way for a while.
    pub(super) fn set_local(&mut self, now: Instant, addresses: &[SocketAddr]) {
        for (_, until) in &mut self.local {
            until.get_or_insert(now);
        }
        for place in addresses.iter().copied().map(Place::from) {
            self.local.retain(|(known, _)| *known != place);
            self.local.push((place, None));
        }
        let is_recent = |until: &Option<Instant>| until.is_none_or(|at| now < at + REMEMBERED);
        self.local.retain(|(_, until)| is_recent(until));
        let too_many = self.local.len().saturating_sub(MAX_LOCAL);
        self.local.drain(..too_many);
    }

    /// Notes that we gave up an SSRC.
    pub(super) fn retire(&mut self, now: Instant, ssrc: Ssrc) {
        self.retired.push_back((ssrc, now));
        if self.retired.len() > MAX_CHANGES {
            self.retired.pop_front();
        }
    }

    /// Judges a packet; `is_ours` tells what it shows itself: that we made it, that another did, or nothing.
    pub(super) fn judge(
        &mut self,
        now: Instant,
        place: Place,
        is_ours_now: bool,
        ssrc: Ssrc,
        is_ours: impl FnOnce() -> Option<bool>,
    ) -> Verdict {
        // Before the shell has told our addresses, our own packets are all that can be expected to have our SSRC.
        let is_from_us = self.local.is_empty() || self.local.iter().any(|(own, _)| *own == place);
        if !is_ours_now {
            let was_ours = self.retired.iter().any(|(retired, _)| *retired == ssrc);
            return if was_ours && is_from_us {
                Verdict::Own
            } else {
                Verdict::Foreign
            };
        }
        if is_from_us {
            return Verdict::Own;
        }
        self.conflicting
            .retain(|(_, last)| now < *last + CONFLICT_KEPT);
        let known = self
            .conflicting
            .iter_mut()
            .find(|(known, _)| *known == place);
        let is_known = known.map(|(_, last)| *last = now).is_some();
        if !is_known {
            self.conflicting.push_back((place, now));
            if self.conflicting.len() > MAX_CONFLICTING {
                self.conflicting.pop_front();
            }
        }
        match is_ours() {
            Some(true) => Verdict::Looped,
            _ if is_known || self.has_changed_often(now) => Verdict::Looped,
            _ => Verdict::Collision,
        }
    }

    /// Somebody who answers every change with our new SSRC gets no more of them.
    fn has_changed_often(&self, now: Instant) -> bool {
        let recent = self.retired.iter().filter(|(_, at)| now < *at + REMEMBERED);
        recent.count() >= MAX_CHANGES
    }
}

impl RtpSession {
    /// Whether a packet is of another source. Our own is not; one that collides is, once we have taken a new SSRC.
    /// `is_ours` tells what the packet itself shows: that we made it, or did not.
    pub(super) fn is_foreign(
        &mut self,
        now: Instant,
        from: SocketAddr,
        ssrc: Ssrc,
        is_ours: impl FnOnce(&Own) -> Option<bool>,
    ) -> Verdict {
        let own = &self.own;
        let verdict = self
            .collisions
            .judge(now, from.into(), ssrc == self.own.ssrc, ssrc, || {
                is_ours(own)
            });
        match verdict {
            Verdict::Collision => self.change_ssrc(now, from),
            Verdict::Looped => self.own_loop_heard(now, from),
            Verdict::Own | Verdict::Foreign => {}
        }
        verdict
    }

    /// Another address uses the SSRC of a member: its packets are dropped, and this is told now and then.
    pub(super) fn conflict_heard(
        &mut self,
        now: Instant,
        from: SocketAddr,
        ssrc: Ssrc,
        compound: Option<&Compound<'_>>,
    ) {
        self.counters.conflicting += 1;
        let Some(member) = self.members.get_mut(ssrc) else {
            return;
        };
        if member.conflict_told.is_some_and(|at| now < at + TOLD_AGAIN) {
            return;
        }
        member.conflict_told = Some(now);
        let theirs = compound.and_then(|compound| cname_of(compound, ssrc));
        let known = member.information.find(SdesItem::Cname);
        let is_other = theirs.is_some() && known.is_some() && theirs != known;
        self.tell(if is_other {
            SessionEvent::ThirdPartyCollision { ssrc, from }
        } else {
            SessionEvent::LoopDetected { ssrc, from }
        });
    }

    fn change_ssrc(&mut self, now: Instant, from: SocketAddr) {
        if self.own.has_sent {
            self.transmit_bye("SSRC collision");
        }
        let old = self.own.ssrc;
        self.collisions.retire(now, old);
        let mut new = Ssrc(self.rng.u32(..));
        while new == old || self.members.get(new).is_some() {
            new = Ssrc(self.rng.u32(..));
        }
        self.own.begin_anew(new, &mut self.rng);
        self.feedback.set_sender(new);
        self.tell(SessionEvent::Collision { old, new, from });
    }

    fn own_loop_heard(&mut self, now: Instant, from: SocketAddr) {
        self.counters.conflicting += 1;
        if self.loop_told.is_none_or(|at| at + TOLD_AGAIN <= now) {
            self.loop_told = Some(now);
            let ssrc = self.own.ssrc;
            self.tell(SessionEvent::LoopDetected { ssrc, from });
        }
    }
}

/// The CNAME that a datagram gives a source.
pub(super) fn cname_of<'a>(compound: &Compound<'a>, ssrc: Ssrc) -> Option<&'a [u8]> {
    let chunks = compound.packets().filter_map(|packet| match packet {
        Ok(RtcpPacket::Sdes(sdes)) => Some(sdes),
        _ => None,
    });
    let mut items = chunks
        .flat_map(|sdes| sdes.chunks())
        .filter(|chunk| chunk.ssrc == ssrc)
        .flat_map(|chunk| chunk.raw_items());
    items.find_map(|(item, data)| (item == SdesItem::Cname).then_some(data))
}

/// How long packets from an address or SSRC that we had may still come back.
const REMEMBERED: Duration = Duration::from_secs(60);
/// RFC 3550 §8.2: ten report intervals.
const CONFLICT_KEPT: Duration = Duration::from_secs(50);
/// Changes of our SSRC within [`REMEMBERED`].
const MAX_CHANGES: usize = 4;
const MAX_CONFLICTING: usize = 32;
/// Every interface with both families, twice over.
const MAX_LOCAL: usize = 128;
const TOLD_AGAIN: Duration = Duration::from_secs(10);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const OURS: Ssrc = Ssrc(1);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn judge(collisions: &mut Collisions, now: Instant, from: &str) -> Verdict {
        collisions.judge(now, address(from).into(), true, OURS, || None)
    }

    #[test]
    fn several_own_addresses_are_ours_and_so_are_past_ones_for_a_while() {
        let start = Instant::now();
        let mut collisions = Collisions::default();
        assert_eq!(
            judge(&mut collisions, start, "10.9.9.9:1"),
            Verdict::Own,
            "none known yet"
        );
        collisions.set_local(
            start,
            &[address("10.0.0.1:5004"), address("[fe80::1%0]:5004")],
        );
        let scoped = "[fe80::1%7]:5004";
        for own in ["10.0.0.1:5004", "[::ffff:10.0.0.1]:5004", scoped] {
            assert_eq!(judge(&mut collisions, start, own), Verdict::Own, "{own}");
        }
        collisions.set_local(start, &[address("10.0.0.2:5004")]);
        assert_eq!(judge(&mut collisions, start, "10.0.0.1:5004"), Verdict::Own);
        let later = start + REMEMBERED;
        collisions.set_local(later, &[address("10.0.0.2:5004")]);
        assert_eq!(
            judge(&mut collisions, later, "10.0.0.1:5004"),
            Verdict::Collision
        );
    }

    #[test]
    fn second_packet_from_a_conflicting_address_is_a_loop() {
        let start = Instant::now();
        let mut collisions = Collisions::default();
        collisions.set_local(start, &[address("10.0.0.1:5004")]);
        assert_eq!(
            judge(&mut collisions, start, "10.0.0.9:5004"),
            Verdict::Collision
        );
        assert_eq!(
            judge(&mut collisions, start, "10.0.0.9:5004"),
            Verdict::Looped
        );
        let later = start + CONFLICT_KEPT;
        assert_eq!(
            judge(&mut collisions, later, "10.0.0.9:5004"),
            Verdict::Collision
        );
    }

    #[test]
    fn our_name_from_elsewhere_is_a_loop_at_once() {
        let start = Instant::now();
        let mut collisions = Collisions::default();
        collisions.set_local(start, &[address("10.0.0.1:5004")]);
        let place = address("10.0.0.9:5005").into();
        let verdict = collisions.judge(start, place, true, OURS, || Some(true));
        assert_eq!(verdict, Verdict::Looped);
    }

    #[test]
    fn hostile_host_cannot_make_us_change_for_ever() {
        let start = Instant::now();
        let mut collisions = Collisions::default();
        collisions.set_local(start, &[address("10.0.0.1:5004")]);
        let mut changes = 0;
        for port in 1..1000 {
            if judge(&mut collisions, start, &format!("10.0.0.9:{port}")) == Verdict::Collision {
                collisions.retire(start, OURS);
                changes += 1;
            }
        }
        assert_eq!(changes, MAX_CHANGES);
        assert!(collisions.conflicting.len() <= MAX_CONFLICTING);
    }
}
