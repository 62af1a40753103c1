//! Puts answers together: who answers what, with which options.
use std::net::IpAddr;
use std::time::Instant;

use super::super::feature::{Feature, Features};
use super::super::lease_id::LeaseId;
use super::super::options::{AddressRange, Options, code};
use super::super::packet::{Family, MessageKind, Packet};
use super::super::refusal::Refusal;
use super::super::scope_list::MulticastScope;
use super::replies::{Remembered, Replies};
use super::{Asked, Change, Record, Server};

impl Server {
    /// GETINFO: scopes, the time, features.
    pub(super) fn tell(&mut self, now: Instant, asked: &Asked<'_>, packet: &Packet) {
        let options = match self.implemented(packet) {
            Err(refusal) => return drop(self.nak(asked, packet, refusal)),
            Ok(features) => {
                let wanted = packet.options.requested.as_deref().unwrap_or_default();
                let scopes = wanted.contains(&code::SCOPE_LIST);
                let language = packet.options.language.as_deref();
                let is_asked_for_features = wanted.contains(&code::FEATURES);
                Options {
                    scopes: scopes.then(|| self.scopes_in(packet.family, language)),
                    now: wanted.contains(&code::CURRENT_TIME).then(|| self.wall(now)),
                    features: features.or_else(|| is_asked_for_features.then(ours)),
                    ..Options::default()
                }
            }
        };
        let payload = reply(packet, MessageKind::Ack, asked.local, options);
        self.transmit(asked.from, asked.local, payload);
    }

    /// DISCOVER: what cannot be done is left to other servers.
    pub(super) fn offer(&mut self, now: Instant, asked: &Asked<'_>, packet: &Packet) {
        let Some(id) = packet.options.lease_id.clone() else {
            return;
        };
        let is_leased = self.book.get(&id).is_some() && !self.offers.contains_key(&id);
        if is_leased {
            self.counters.ignored += 1;
            return;
        }
        let planned = self.implemented(packet).and_then(|features| {
            let record = self.plan(now, asked.from.ip(), &id, &packet.options)?;
            Ok((features, record))
        });
        let Ok((features, record)) = planned else {
            self.counters.refused += 1;
            return;
        };
        let options = self.options_of(now, &record, features, packet);
        self.offers.insert(id, now + self.options.offer_hold);
        self.book.put(record);
        self.counters.offered += 1;
        let payload = reply(packet, MessageKind::Offer, asked.local, options);
        self.transmit(asked.from, asked.local, payload);
    }

    /// REQUEST, RENEW and RELEASE: each done once, however often it comes.
    pub(super) fn change(&mut self, now: Instant, asked: &Asked<'_>, packet: &Packet) {
        let (Some(key), Some(id)) = (Replies::key(packet), &packet.options.lease_id) else {
            return;
        };
        if let Some(reply) = self.replies.get(now, &key).cloned() {
            self.counters.repeated += 1;
            if let Remembered::Given(payload) = reply {
                self.transmit(asked.from, asked.local, payload);
            }
            return;
        }
        if self.unstored.len() >= MOST_UNSTORED {
            self.counters.throttled += 1;
            return;
        }
        if packet.kind == MessageKind::Request && !self.is_meant(asked, packet) {
            self.take_offer_back(id);
            self.counters.ignored += 1;
            return;
        }
        match self.decide(now, asked, packet, id) {
            Ok((options, change)) => {
                let payload = reply(packet, MessageKind::Ack, asked.local, options);
                self.store_and_reply(now, asked, key, change, payload);
            }
            Err(refusal) => {
                self.take_offer_back(id);
                let payload = self.nak(asked, packet, refusal);
                self.replies.put(now, key, Remembered::Given(payload));
            }
        }
    }

    fn decide(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        packet: &Packet,
        id: &LeaseId,
    ) -> Result<(Options, Change), Refusal> {
        let is_named = packet.options.server.is_some();
        if packet.kind == MessageKind::Request && asked.is_multicast && !is_named {
            return Err(Refusal::Invalid(Some(code::SERVER)));
        }
        let features = self.implemented(packet)?;
        let is_leased = self.book.get(id).is_some() && !self.offers.contains_key(id);
        if packet.kind == MessageKind::Release {
            return self.release(id, is_leased, features);
        }
        let record = match packet.kind {
            // The answer to an earlier one was lost for longer than answers are kept.
            MessageKind::Request if !is_leased => {
                let record = self.plan(now, asked.from.ip(), id, &packet.options)?;
                self.counters.granted += 1;
                record
            }
            _ if is_leased => {
                let record = self.retime(now, id, &packet.options)?;
                self.counters.renewed += 1;
                record
            }
            _ => return Err(Refusal::UnknownLease),
        };
        self.offers.remove(id);
        self.book.put(record.clone());
        let options = self.options_of(now, &record, features, packet);
        Ok((options, Change::Put(record)))
    }

    fn release(
        &mut self,
        id: &LeaseId,
        is_leased: bool,
        features: Option<Features>,
    ) -> Result<(Options, Change), Refusal> {
        if !is_leased {
            return Err(Refusal::UnknownLease);
        }
        self.book.remove(id);
        self.counters.released += 1;
        let options = Options {
            features,
            ..Options::default()
        };
        Ok((options, Change::Remove(id.clone())))
    }

    /// Another server was chosen.
    fn is_meant(&self, asked: &Asked<'_>, packet: &Packet) -> bool {
        let server = packet.options.server;
        server.is_none_or(|server| server == asked.local || self.local.contains(&server))
    }

    fn take_offer_back(&mut self, id: &LeaseId) {
        if self.offers.remove(id).is_some() {
            self.book.remove(id);
        }
    }

    /// Refuses; gives what was sent.
    fn nak(&mut self, asked: &Asked<'_>, packet: &Packet, refusal: Refusal) -> Vec<u8> {
        self.counters.refused += 1;
        let options = Options {
            refusal: Some(refusal),
            features: packet.options.features.is_some().then(ours),
            ..Options::default()
        };
        let payload = reply(packet, MessageKind::Nak, asked.local, options);
        self.transmit(asked.from, asked.local, payload.clone());
        payload
    }

    /// What an OFFER or ACK says of a lease. Without a Start Time it begins when it is answered.
    fn options_of(
        &self,
        now: Instant,
        record: &Record,
        features: Option<Features>,
        packet: &Packet,
    ) -> Options {
        let wall = self.wall(now);
        let is_later = packet.options.start.is_some();
        Options {
            lease_secs: Some(record.window.secs()),
            scope: Some(record.scope),
            start: is_later.then_some(record.window.start),
            ranges: Some(AddressRange::from_addresses(&record.groups)),
            now: Some(wall),
            features,
            ..Options::default()
        }
    }

    /// The Feature List to answer with: there only if the client sent one (RFC 2730 section 3.13).
    fn implemented(&self, packet: &Packet) -> Result<Option<Features>, Refusal> {
        let Some(theirs) = &packet.options.features else {
            return Ok(None);
        };
        let lacking = theirs
            .required
            .iter()
            .filter(|feature| !OURS.contains(feature));
        let lacking: Vec<Feature> = lacking.copied().collect();
        if !lacking.is_empty() {
            return Err(Refusal::Unsupported(lacking));
        }
        let is_used = |feature: &Feature| {
            let is_wanted =
                theirs.requested.contains(feature) && theirs.supported.contains(feature);
            theirs.required.contains(feature) || is_wanted
        };
        Ok(Some(Features {
            required: OURS.into_iter().filter(is_used).collect(),
            ..ours()
        }))
    }

    fn scopes_in(&self, family: Family, language: Option<&str>) -> Vec<MulticastScope> {
        let scopes = self.options.scopes.iter().map(|served| &served.scope);
        let scopes = scopes.filter(|scope| Family::of(scope.first) == family);
        let scopes = scopes.map(|scope| match language {
            Some(tag) => MulticastScope {
                names: scope.name_in(tag).cloned().into_iter().collect(),
                ..scope.clone()
            },
            None => scope.clone(),
        });
        scopes.collect()
    }
}

fn ours() -> Features {
    Features {
        supported: OURS.to_vec(),
        ..Features::default()
    }
}

/// An answer has the question's transaction and lease, and the server's address.
fn reply(packet: &Packet, kind: MessageKind, local: IpAddr, options: Options) -> Vec<u8> {
    let answer = Packet {
        kind,
        family: packet.family,
        xid: packet.xid,
        options: Options {
            server: Some(local),
            lease_id: packet.options.lease_id.clone(),
            ..options
        },
    };
    answer.to_bytes()
}

/// Nobody is authenticated, so every lease is shared by whoever knows its name.
const OURS: [Feature; 1] = [Feature::SHARED_LEASE_ID];
/// Answers that wait for a disk that hangs; clients ask again.
const MOST_UNSTORED: usize = 1024;
