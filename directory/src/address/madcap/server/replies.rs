//! What was answered a short while ago, so that a repeated request is answered alike and done once (RFC 2730 section 2.1.4).
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::super::lease_id::LeaseId;
use super::super::packet::{MessageKind, Packet};

/// The newest answers.
#[derive(Debug, Default)]
pub(super) struct Replies {
    by_key: HashMap<Key, Remembered>,
    order: VecDeque<(Instant, Key)>,
}

/// What tells a request from all others.
pub(super) type Key = (u32, MessageKind, LeaseId);

/// How a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remembered {
    /// It is being written to disk; the answer goes out by itself.
    Pending,
    /// This was answered.
    Given(Vec<u8>),
}

impl Replies {
    /// RESPONSE-CACHE-INTERVAL: as long as clients repeat themselves.
    const KEPT: Duration = Duration::from_secs(60);
    /// Far more requests than a minute brings; of more, the oldest are forgotten.
    const MAX: usize = 8192;

    /// Names a request; nothing if it names no lease.
    pub(super) fn key(packet: &Packet) -> Option<Key> {
        let id = packet.options.lease_id.clone()?;
        Some((packet.xid, packet.kind, id))
    }

    pub(super) fn get(&mut self, now: Instant, key: &Key) -> Option<&Remembered> {
        self.forget_old(now);
        self.by_key.get(key)
    }

    pub(super) fn put(&mut self, now: Instant, key: Key, reply: Remembered) {
        if self.by_key.insert(key.clone(), reply).is_none() {
            self.order.push_back((now, key));
        }
        if self.order.len() > Self::MAX
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.by_key.remove(&oldest);
        }
    }

    /// As if it had never been asked.
    pub(super) fn forget(&mut self, key: &Key) {
        self.by_key.remove(key);
        self.order.retain(|(_, other)| other != key);
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((at, _)) = self.order.front()
            && *at + Self::KEPT <= now
            && let Some((_, key)) = self.order.pop_front()
        {
            self.by_key.remove(&key);
        }
    }
}
