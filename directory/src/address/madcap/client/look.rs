//! Asking for scopes, and so finding out which server answers (GETINFO, RFC 2730 section 2.2.1).
use std::net::SocketAddr;
use std::time::Instant;

use super::super::lease_id::LeaseId;
use super::super::options::{Options, code};
use super::super::packet::{Family, MessageKind, Packet};
use super::super::rules::Reply;
use super::transaction::Transaction;
use super::{Client, ClientEvent, Known, version_of};

/// A question that waits for its answer.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) family: Family,
    pub(super) asked: Transaction,
    /// Which of the servers that we were told of is asked.
    server: usize,
}

impl Client {
    /// Asks, unless that has been asked already.
    pub(super) fn look(&mut self, now: Instant, family: Family) {
        if self.looks.values().any(|look| look.family == family) {
            return;
        }
        self.ask_for_scopes(now, family, 0);
    }

    /// A server that answered lately.
    pub(super) fn known(&self, now: Instant, family: Family) -> Option<&Known> {
        let mut known = self.known.iter();
        known.find(|known| known.family == family && now < known.at + Self::SCOPES_KEPT)
    }

    /// Repeats the question, puts it to the next server, or gives up.
    pub(super) fn wake_look(&mut self, now: Instant, id: &LeaseId) {
        let patience = self.options.patience;
        let Some(look) = self.looks.get_mut(id) else {
            return;
        };
        if look.asked.is_over(now, patience) {
            let (family, next) = (look.family, look.server + 1);
            self.looks.remove(id);
            if next < self.options.servers.len() {
                self.ask_for_scopes(now, family, next);
            } else {
                self.tell(ClientEvent::NoServer(version_of(family)));
                self.nobody_answers(now, family);
            }
            return;
        }
        let is_due = look.asked.repeat(now);
        let (to, due) = (look.asked.to, look.asked.due(patience));
        let payload = is_due.then(|| look.asked.bytes.clone());
        self.timers.set(id, due);
        if let Some(payload) = payload {
            self.transmit(to, payload);
        }
    }

    /// Takes an answer.
    pub(super) fn handle_scopes(
        &mut self,
        now: Instant,
        from: SocketAddr,
        id: &LeaseId,
        packet: &Packet,
    ) {
        let Some(look) = self.looks.remove(id) else {
            return;
        };
        self.timers.clear(id);
        let scopes = packet.options.scopes.clone();
        self.known
            .retain(|known| known.server != from || known.family != look.family);
        self.known.truncate(Self::MAX_KNOWN - 1);
        self.known.insert(
            0,
            Known {
                server: from,
                family: look.family,
                scopes: scopes.clone(),
                at: now,
            },
        );
        self.tell(ClientEvent::Scopes {
            server: from,
            scopes: scopes.unwrap_or_default(),
        });
        self.somebody_answers(now, look.family);
    }

    /// The server that answered last does so no longer.
    pub(super) fn forget_server(&mut self, server: SocketAddr) {
        self.known.retain(|known| known.server != server);
    }

    fn ask_for_scopes(&mut self, now: Instant, family: Family, server: usize) {
        let to = self.options.servers.get(server).copied();
        let to = to.unwrap_or_else(|| self.all_servers());
        let id = LeaseId::random(&mut self.rng);
        let packet = Packet {
            kind: MessageKind::GetInfo,
            family,
            xid: self.xid(),
            options: Options {
                lease_id: Some(id.clone()),
                requested: Some(vec![code::SCOPE_LIST, code::CURRENT_TIME]),
                language: self.options.language.clone(),
                ..Options::default()
            },
        };
        let asked = Transaction::new(now, &packet, Reply::GetInfo, to);
        self.timers.set(&id, asked.due(self.options.patience));
        self.transmit(to, asked.bytes.clone());
        let look = Look {
            family,
            asked,
            server,
        };
        self.looks.insert(id, look);
    }
}
