//! How one endpoint sends: by a socket for each interface and family that it uses.
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::counters::NetCounters;
use super::interface::Interface;
use super::sender::Sender;
use super::slot::Notice;
use super::sys;
use crate::endpoint::{NetFailure, NetRecovery, Transmit};

/// The sockets, and what the endpoint has been told of them.
pub(super) struct Senders {
    loopback: bool,
    open: Vec<Sender>,
    /// One address of each family that the endpoint uses.
    families: Vec<IpAddr>,
    failure: Option<io::ErrorKind>,
}

impl Senders {
    /// None yet: they are opened for the families that the endpoint turns out to use.
    pub(super) fn new(loopback: bool) -> Self {
        Self {
            loopback,
            open: Vec::new(),
            families: Vec::new(),
            failure: None,
        }
    }

    /// Opens what is needed to send to addresses like this.
    pub(super) fn use_family(&mut self, like: IpAddr, interfaces: &[Interface]) -> Option<Notice> {
        if self.families.iter().any(|f| f.is_ipv4() == like.is_ipv4()) {
            return None;
        }
        self.families.push(like);
        self.refresh(interfaces)
    }

    /// Closes those whose address has gone, opens those that are missing.
    pub(super) fn refresh(&mut self, interfaces: &[Interface]) -> Option<Notice> {
        let before = self.open.len();
        self.open.retain(|sender| sender.belongs_to(interfaces));
        let has_closed = self.open.len() != before;
        let has_opened = self.open_missing(interfaces);
        (has_closed || has_opened).then(|| {
            let addresses = self.open.iter().map(Sender::local).collect();
            Notice::LocalAddresses(addresses)
        })
    }

    /// Sends to a group by every interface, to a host by the first.
    pub(super) fn send(
        &mut self,
        transmit: &Transmit,
        counters: &mut NetCounters,
    ) -> Option<Notice> {
        let is_multicast = transmit.to.ip().is_multicast();
        let copies = if is_multicast { usize::MAX } else { 1 };
        let is_alike = |s: &&mut Sender| s.local().is_ipv4() == transmit.to.is_ipv4();
        let mut outcome = Outcome::Failed(io::ErrorKind::NetworkUnreachable);
        let mut senders = self
            .open
            .iter_mut()
            .filter(is_alike)
            .take(copies)
            .peekable();
        if senders.peek().is_none() {
            counters.send_errors += 1;
        }
        for sender in senders {
            match sender.send(transmit) {
                Ok(bytes) => {
                    counters.sent += 1;
                    counters.sent_bytes += bytes as u64;
                    outcome = Outcome::Sent;
                }
                Err(error) if sys::is_full(&error) => {
                    counters.dropped_send_full += 1;
                    outcome = outcome.or(Outcome::Full);
                }
                Err(error) => {
                    counters.send_errors += 1;
                    outcome = outcome.or(Outcome::Failed(error.kind()));
                }
            }
        }
        self.news(transmit.to, outcome)
    }

    fn open_missing(&mut self, interfaces: &[Interface]) -> bool {
        let before = self.open.len();
        for interface in interfaces {
            let addresses = self
                .families
                .iter()
                .filter_map(|f| interface.address_like(*f));
            for address in addresses {
                if self.open.iter().any(|s| s.serves(interface, address)) {
                    continue;
                }
                match Sender::open(interface, address, self.loopback) {
                    Ok(sender) => self.open.push(sender),
                    Err(error) => {
                        tracing::debug!(%address, %error, "nothing is sent from here yet")
                    }
                }
            }
        }
        self.open.len() != before
    }

    /// A full buffer tells nothing either way.
    fn news(&mut self, to: SocketAddr, outcome: Outcome) -> Option<Notice> {
        let failure = match outcome {
            Outcome::Full => return None,
            Outcome::Sent => None,
            Outcome::Failed(kind) => Some(kind),
        };
        if failure == self.failure {
            return None;
        }
        self.failure = failure;
        Some(match failure {
            Some(kind) => Notice::Failed(NetFailure::Send { to, kind }),
            None => Notice::Recovered(NetRecovery::Send),
        })
    }
}

/// What became of one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    Full,
    Failed(io::ErrorKind),
}

impl Outcome {
    /// One interface that works is enough.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sent, _) | (_, Self::Sent) => Self::Sent,
            (Self::Full, _) | (_, Self::Full) => Self::Full,
            (Self::Failed(_), last) => last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::interface::tests::interface;
    use super::*;

    #[test]
    fn one_interface_that_works_is_enough() {
        let (denied, down) = (io::ErrorKind::PermissionDenied, io::ErrorKind::NetworkDown);
        assert_eq!(Outcome::Sent.or(Outcome::Failed(denied)), Outcome::Sent);
        assert_eq!(Outcome::Full.or(Outcome::Failed(denied)), Outcome::Full);
        let worse = Outcome::Failed(down).or(Outcome::Failed(denied));
        assert_eq!(worse, Outcome::Failed(denied));
    }

    #[test]
    fn a_failure_is_told_when_its_kind_changes() {
        let mut senders = Senders::new(true);
        let to = "239.255.77.1:9".parse().unwrap();
        let (denied, down) = (io::ErrorKind::PermissionDenied, io::ErrorKind::NetworkDown);
        let outcomes = [
            Outcome::Sent,
            Outcome::Failed(denied),
            Outcome::Failed(denied),
            Outcome::Full,
            Outcome::Failed(down),
            Outcome::Sent,
            Outcome::Sent,
        ];
        let told: Vec<bool> = outcomes
            .iter()
            .map(|o| senders.news(to, *o).is_some())
            .collect();
        assert_eq!(told, [false, true, false, false, true, true, false]);
    }

    #[test]
    fn a_socket_is_opened_for_each_interface_and_kept() {
        let lo = "127.0.0.1".parse().unwrap();
        let both = [
            interface("lo", 1, "127.0.0.1"),
            interface("lo2", 2, "127.0.0.2"),
        ];
        let mut senders = Senders::new(true);
        assert!(senders.refresh(&both).is_none(), "no family is used yet");
        let Some(Notice::LocalAddresses(first)) = senders.use_family(lo, &both) else {
            panic!("new addresses are told");
        };
        assert_eq!(first.len(), 2);
        assert!(senders.use_family(lo, &both).is_none());
        assert!(senders.refresh(&both).is_none());
        let Some(Notice::LocalAddresses(left)) = senders.refresh(&both[..1]) else {
            panic!("lost addresses are told");
        };
        assert_eq!(left, first[..1]);
    }
}
