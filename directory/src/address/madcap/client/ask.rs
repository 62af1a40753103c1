//! What is asked for, put into messages.
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::super::feature::{Feature, Features};
use super::super::lease_id::LeaseId;
use super::super::options::{AddressRange, Count, Options, UnixTime};
use super::super::packet::{MessageKind, Packet};
use super::super::rules::Reply;
use super::super::scopes::{choose, scope_id};
use super::holding::Phase;
use super::transaction::Transaction;
use super::{Client, Need, Unleased};

impl Client {
    /// Asks the known server, or, if we were told none, all of them.
    pub(super) fn ask_for_groups(&mut self, now: Instant, id: &LeaseId) {
        let Some(holding) = self.holdings.get(id) else {
            return;
        };
        let Some(known) = self.known(now, holding.family()) else {
            return self.begin(now, id);
        };
        let want = &holding.want;
        let scope = match &known.scopes {
            Some(scopes) => choose(scopes, want.scope, want.version).map(|scope| scope.first),
            None => Some(scope_id(want.scope, want.version)),
        };
        // Groups that were ours are asked for in their scope.
        let scope = holding.grant.as_ref().map(|grant| grant.scope).or(scope);
        let Some(scope) = scope else {
            return self.fail(now, id, Unleased::NoScope);
        };
        let server = known.server;
        let options = self.options_for(now, id, scope);
        if self.options.servers.is_empty() {
            self.set_phase(id, Phase::Discovering(None));
            let to = self.all_servers();
            self.ask(now, id, MessageKind::Discover, Reply::Discover, to, options);
        } else {
            self.set_phase(id, Phase::Requesting);
            self.ask(
                now,
                id,
                MessageKind::Request,
                Reply::Request,
                server,
                options,
            );
        }
    }

    /// No server offers anything: the one that told its scopes is asked directly, if only for its reason.
    pub(super) fn ask_known_server(&mut self, now: Instant, id: &LeaseId) {
        let family = self.holdings.get(id).map(|holding| holding.family());
        let known = family.and_then(|family| self.known(now, family));
        let (Some(server), Some(scope)) = (known.map(|known| known.server), self.asked_scope(id))
        else {
            return self.fail(now, id, Unleased::NoServer);
        };
        let options = self.options_for(now, id, scope);
        self.set_phase(id, Phase::Requesting);
        self.ask(
            now,
            id,
            MessageKind::Request,
            Reply::Request,
            server,
            options,
        );
    }

    /// Takes the best offer: the others hear of it by the server's name (RFC 2730 section 2.2.4).
    pub(super) fn take_best_offer(&mut self, now: Instant, id: &LeaseId) {
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let Phase::Discovering(Some(offer)) = &holding.phase else {
            return;
        };
        let server = offer.server;
        holding.refused_by.push(server);
        holding.phase = Phase::Requesting;
        let Some(scope) = self.asked_scope(id) else {
            return;
        };
        let options = Options {
            server: Some(server),
            ..self.options_for(now, id, scope)
        };
        let to = self.all_servers();
        self.ask(now, id, MessageKind::Request, Reply::Request, to, options);
    }

    /// Asks for the times that are needed now.
    pub(super) fn renew(&mut self, now: Instant, id: &LeaseId) {
        let wall = self.wall(now);
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let Some(grant) = &holding.grant else {
            return;
        };
        holding.phase = Phase::Renewing;
        holding.asked_need = holding.want.need;
        let (server, times) = (grant.server, times(holding.want.need, wall));
        self.ask(now, id, MessageKind::Renew, Reply::Renew, server, times);
    }

    /// Sends a request in place of an earlier one.
    pub(super) fn ask(
        &mut self,
        now: Instant,
        id: &LeaseId,
        kind: MessageKind,
        reply: Reply,
        to: SocketAddr,
        options: Options,
    ) {
        let xid = self.xid();
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let packet = Packet {
            kind,
            family: holding.family(),
            xid,
            options: Options {
                lease_id: Some(id.clone()),
                ..options
            },
        };
        let asked = Transaction::new(now, &packet, reply, to);
        let (due, payload) = (asked.due(self.options.patience), asked.bytes.clone());
        holding.asked = Some(asked);
        self.timers.set(id, due);
        self.transmit(to, payload);
    }

    pub(super) fn set_phase(&mut self, id: &LeaseId, phase: Phase) {
        if let Some(holding) = self.holdings.get_mut(id) {
            holding.phase = phase;
        }
    }

    /// The scope that the last request was for.
    fn asked_scope(&self, id: &LeaseId) -> Option<IpAddr> {
        let asked = self.holdings.get(id)?.asked.as_ref()?;
        Packet::parse(&asked.bytes).ok()?.options.scope
    }

    fn options_for(&mut self, now: Instant, id: &LeaseId, scope: IpAddr) -> Options {
        let wall = self.wall(now);
        let Some(holding) = self.holdings.get_mut(id) else {
            return Options::default();
        };
        holding.asked_need = holding.want.need;
        let held = holding.grant.as_ref().map(|grant| grant.groups.as_slice());
        let count = Count {
            // Of groups that are in use, some are no use.
            min: held.map_or(1, |held| u16::try_from(held.len()).unwrap_or(1)),
            desired: held.map_or(holding.want.count, |held| {
                u16::try_from(held.len()).unwrap_or(1)
            }),
        };
        Options {
            scope: Some(scope),
            // "When the client is requesting only one address, this option SHOULD NOT be included."
            count: (count.desired > 1).then_some(count),
            ranges: held.map(AddressRange::from_addresses),
            features: Some(Features {
                supported: vec![Feature::RETRY_AFTER],
                ..Features::default()
            }),
            ..times(holding.want.need, wall)
        }
    }
}

/// The need as options: a start that is past is no start.
fn times(need: Need, now: UnixTime) -> Options {
    let start = need.from.filter(|from| *from > now);
    let begins = start.unwrap_or(now);
    Options {
        lease_secs: need.until.map(|until| until.secs_since(begins).max(1)),
        start,
        max_start: start,
        now: Some(now),
        ..Options::default()
    }
}
