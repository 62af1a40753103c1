//! A deletion, said again in case the first is lost (RFC 2974 section 4).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::Transmit;
use super::packet::{MessageKind, Packet, SDP};
use super::target::Target;
use crate::description::ConferenceId;

/// A deletion that is under way.
#[derive(Debug)]
pub(super) struct Farewell {
    id: ConferenceId,
    hash: u16,
    origin: IpAddr,
    transmit: Transmit,
    /// The next is due at `from` plus `gap`.
    from: Instant,
    gap: Option<Duration>,
    gaps: std::slice::Iter<'static, Duration>,
}

impl Farewell {
    /// Withdraws what was announced as `hash` from `origin`, beginning at `now`.
    pub(super) fn new(
        now: Instant,
        id: ConferenceId,
        target: Target,
        (origin, hash): (IpAddr, u16),
        sdp: &[u8],
    ) -> Self {
        let mut gaps = GAPS.iter();
        let packet = Packet::new(MessageKind::Deletion, hash, origin, SDP, origin_line(sdp));
        Self {
            id,
            hash,
            origin,
            transmit: target.transmit(&packet),
            from: now,
            gap: gaps.next().copied(),
            gaps,
        }
    }

    /// Gives the deletion that is due now.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Transmit> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        self.from = now;
        self.gap = self.gaps.next().copied();
        Some(self.transmit.clone())
    }

    /// When the next is due; `None` if all has been said.
    pub(super) fn due(&self) -> Option<Instant> {
        Some(self.from + self.gap?)
    }

    /// Whether it withdraws this conference from this group.
    pub(super) fn concerns(&self, id: ConferenceId, group: IpAddr) -> bool {
        self.id == id && self.transmit.to.ip() == group
    }

    /// Whether this deletion is that one, back from the network.
    pub(super) fn is(&self, packet: &Packet<'_>) -> bool {
        (self.origin, self.hash) == (packet.origin, packet.hash)
    }
}

/// The deletion message of RFC 2974 section 6: the origin field alone.
fn origin_line(sdp: &[u8]) -> &[u8] {
    let mut lines = sdp.split_inclusive(|byte| *byte == b'\n');
    lines.find(|line| line.starts_with(b"o=")).unwrap_or(sdp)
}

/// At 0, 1 and 3 s: the loss of all three is unlikely.
const GAPS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
];
