//! One request, and how often it is repeated until it is answered (RFC 2730 section 2.3).
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::packet::Packet;
use super::super::rules::Reply;

/// A request that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) xid: u32,
    pub(super) reply: Reply,
    pub(super) to: SocketAddr,
    pub(super) bytes: Vec<u8>,
    began: Instant,
    sent: usize,
}

impl Transaction {
    /// Sent once already.
    pub(super) fn new(now: Instant, packet: &Packet, reply: Reply, to: SocketAddr) -> Self {
        Self {
            xid: packet.xid,
            reply,
            to,
            bytes: packet.to_bytes(),
            began: now,
            sent: 1,
        }
    }

    /// When to look at it again: to repeat it, or to give it up.
    pub(super) fn due(&self, patience: Duration) -> Instant {
        let repeat = REPEATED_AFTER.get(self.sent - 1);
        self.began + repeat.copied().unwrap_or(patience).min(patience)
    }

    /// Whether nobody will answer it.
    pub(super) fn is_over(&self, now: Instant, patience: Duration) -> bool {
        now >= self.began + patience
    }

    /// The same bytes once more, if it is time for that.
    pub(super) fn repeat(&mut self, now: Instant) -> bool {
        let repeat = REPEATED_AFTER.get(self.sent - 1);
        let is_due = repeat.is_some_and(|after| self.began + *after <= now);
        if is_due {
            self.sent += 1;
        }
        is_due
    }
}

/// Four seconds, doubled each time, to sixteen: three repetitions.
const REPEATED_AFTER: [Duration; 3] = [
    Duration::from_secs(4),
    Duration::from_secs(12),
    Duration::from_secs(28),
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::super::super::{Family, MessageKind, Options};
    use super::*;

    #[test]
    fn repeated_after_4_12_and_28_seconds_and_given_up_after_60() {
        let now = Instant::now();
        let packet = Packet {
            kind: MessageKind::Release,
            family: Family::V4,
            xid: 1,
            options: Options::default(),
        };
        let to = SocketAddr::from(([10, 0, 0, 1], 2535));
        let mut transaction = Transaction::new(now, &packet, Reply::Release, to);
        let patience = Duration::from_secs(60);
        let mut dues = Vec::new();
        loop {
            let due = transaction.due(patience);
            dues.push((due - now).as_secs());
            if transaction.is_over(due, patience) {
                break;
            }
            assert!(transaction.repeat(due));
        }
        assert_eq!(dues, [4, 12, 28, 60]);
    }
}
