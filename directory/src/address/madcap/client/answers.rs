//! What servers say to what was asked.
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::lease_id::LeaseId;
use super::super::options::{AddressRange, UnixTime};
use super::super::packet::{MessageKind, Packet};
use super::super::refusal::Refusal;
use super::super::rules::Reply;
use super::super::window::Window;
use super::holding::{Offer, Phase};
use super::{Client, ClientEvent, Grant, Unleased};

impl Client {
    /// How long better offers are waited for: DISCOVER-DELAY, the first repetition's delay.
    const BETTER_OFFERS: Duration = Duration::from_secs(4);
    /// Servers that offered and then refused.
    const MAX_ROUNDS: usize = 3;

    /// Whether it answers something that was asked.
    pub(super) fn handle_packet(
        &mut self,
        now: Instant,
        from: SocketAddr,
        packet: &Packet,
    ) -> bool {
        let Some(id) = packet.options.lease_id.clone() else {
            return false;
        };
        if let Some(look) = self.looks.get(&id) {
            let is_answer = look.asked.xid == packet.xid
                && packet.kind == MessageKind::Ack
                && packet.answers(Reply::GetInfo);
            if is_answer {
                self.note_clock(now, from, packet);
                self.handle_scopes(now, from, &id, packet);
            }
            return is_answer;
        }
        let Some(holding) = self.holdings.get(&id) else {
            return false;
        };
        let Some(asked) = &holding.asked else {
            return false;
        };
        let (reply, is_named) = (asked.reply, asked.to.ip().is_multicast());
        if asked.xid != packet.xid || packet.family != holding.family() || !packet.answers(reply) {
            return false;
        }
        // To a request that all servers hear, only the chosen one says anything that counts.
        let chosen = holding.refused_by.last();
        if is_named && reply == Reply::Request && packet.options.server.as_ref() != chosen {
            return false;
        }
        match (packet.kind, reply) {
            (MessageKind::Nak, _) => self.handle_nak(now, from, &id, packet),
            (_, Reply::Discover) => self.handle_offer(now, &id, packet),
            (_, Reply::Request | Reply::Renew) => self.handle_ack(now, from, &id, packet),
            (_, Reply::Release) => self.forget(&id),
            (_, Reply::GetInfo) => return false,
        }
        true
    }

    fn handle_offer(&mut self, now: Instant, id: &LeaseId, packet: &Packet) {
        let wall = self.wall(now);
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let (Phase::Discovering(best), Some(server)) = (&mut holding.phase, packet.options.server)
        else {
            return;
        };
        if holding.refused_by.contains(&server) {
            return;
        }
        let wanted = usize::from(holding.want.count.max(1));
        let groups = groups(packet);
        let count = groups.map_or(wanted, |groups| groups.len()).min(wanted);
        let window = window(packet, wall);
        let need = holding.want.need;
        let is_perfect = count == wanted && (need.until.is_none() || need.is_met_by(window));
        let worth = (count, window.end.secs_since(window.start));
        let is_first = best.is_none();
        if best.as_ref().is_none_or(|best| best.worth < worth) {
            *best = Some(Offer { server, worth });
        }
        if is_perfect {
            self.take_best_offer(now, id);
        } else if is_first {
            self.timers.set(id, now + Self::BETTER_OFFERS);
        }
    }

    fn handle_ack(&mut self, now: Instant, from: SocketAddr, id: &LeaseId, packet: &Packet) {
        self.note_clock(now, from, packet);
        let wall = self.wall(now);
        let groups = groups(packet).unwrap_or_default();
        let (Some(holding), Some(scope)) = (self.holdings.get_mut(id), packet.options.scope) else {
            return;
        };
        if groups.is_empty() {
            return self.defer(now, id, packet);
        }
        holding.asked = None;
        holding.refused_by.clear();
        holding.is_overdue = false;
        let asked_need = holding.asked_need;
        holding.grant = Some(Grant {
            server: from,
            scope,
            groups,
            window: window(packet, wall),
        });
        let lease = holding.lease();
        let has_changed = holding.want.need != asked_need;
        self.outputs
            .extend(lease.map(|lease| super::ClientOutput::Event(ClientEvent::Leased(lease))));
        if has_changed {
            self.renew(now, id);
        } else {
            self.hold(now, id);
        }
    }

    /// The Retry After feature (RFC 2730 section 2.13.2).
    fn defer(&mut self, now: Instant, id: &LeaseId, packet: &Packet) {
        let (Some(retry_at), Some(theirs)) = (packet.options.retry_at, packet.options.now) else {
            return self.fail(now, id, Unleased::NoServer);
        };
        let wait = retry_at.secs_since(theirs).clamp(1, MOST_PATIENCE_SECS);
        let at = self.wall(now).plus_secs(wait);
        if let Some(holding) = self.holdings.get_mut(id) {
            holding.asked = None;
            holding.phase = Phase::Deferred(at);
        }
        self.timers.set(id, now + Duration::from_secs(wait.into()));
        self.tell(ClientEvent::Deferred(id.clone(), at));
    }

    fn handle_nak(&mut self, now: Instant, from: SocketAddr, id: &LeaseId, packet: &Packet) {
        let Some(refusal) = packet.options.refusal.clone() else {
            return;
        };
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let asked = holding.asked.take();
        let is_renewal = holding.phase == Phase::Renewing;
        let may_ask_others = asked.is_some_and(|asked| asked.to.ip().is_multicast())
            && holding.refused_by.len() < Self::MAX_ROUNDS;
        match (&holding.phase, &refusal) {
            (Phase::Releasing, _) => self.forget(id),
            // The server has forgotten, or it was away for too long: the same groups again, if they can be had.
            (Phase::Renewing, Refusal::UnknownLease) => self.begin(now, id),
            (Phase::Requesting, _) if may_ask_others => self.begin(now, id),
            _ if is_renewal => {
                self.tell(ClientEvent::Refused(
                    id.clone(),
                    Unleased::Refused(from, refusal),
                ));
                self.hold(now, id);
            }
            _ => self.fail(now, id, Unleased::Refused(from, refusal)),
        }
    }

    fn note_clock(&mut self, now: Instant, from: SocketAddr, packet: &Packet) {
        if let Some(UnixTime(theirs)) = packet.options.now {
            let UnixTime(ours) = self.wall(now);
            let ahead = i64::from(ours) - i64::from(theirs);
            if ahead.abs() > Self::SKEW_SECS {
                self.tell(ClientEvent::ClockSkew(from, ahead));
            }
        }
    }
}

fn groups(packet: &Packet) -> Option<Vec<std::net::IpAddr>> {
    let ranges = packet.options.ranges.as_ref()?;
    let groups = ranges
        .iter()
        .flat_map(|range: &AddressRange| range.addresses());
    Some(groups.take(MOST_GROUPS).collect())
}

/// Without a start, a lease begins when it is answered (RFC 2730 section 2.2.5).
fn window(packet: &Packet, now: UnixTime) -> Window {
    let start = packet.options.start.unwrap_or(now);
    Window::lasting(start, packet.options.lease_secs.unwrap_or_default())
}

/// A day.
const MOST_PATIENCE_SECS: u32 = 86_400;
/// Far more than anybody asks for.
const MOST_GROUPS: usize = 1024;
