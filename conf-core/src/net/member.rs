//! One membership of one endpoint: which sockets it has, and whether that is as it should be.
use std::io;
use std::time::Duration;

use mio::Token;

use super::answering;
use super::groups::{Groups, Place};
use super::interface::Interface;
use super::slot::{EndpointId, Notice, Outside};
use crate::endpoint::{JoinFailure, Membership, NetFailure, NetRecovery, Transmit};

/// A membership that the endpoint has asked for.
#[derive(Debug)]
pub(super) struct Member {
    membership: Membership,
    patience: Duration,
    /// With the index of the interface, or none for a unicast address.
    sockets: Vec<(Option<u32>, Token)>,
    /// What the endpoint has been told.
    failure: Option<JoinFailure>,
}

impl Member {
    /// What comes to it may wait for so long.
    pub(super) fn new(membership: Membership, patience: Duration) -> Self {
        Self {
            membership,
            patience,
            sockets: Vec::new(),
            failure: None,
        }
    }

    /// Leaves where an interface has gone, joins where a socket is missing; gives what is news to the endpoint.
    pub(super) fn refresh(
        &mut self,
        owner: EndpointId,
        loopback: bool,
        interfaces: &[Interface],
        outside: &mut Outside<'_>,
    ) -> Option<Notice> {
        let ip = self.membership.group.ip();
        let places: Vec<Place<'_>> = if ip.is_multicast() {
            let speaking = interfaces.iter().filter(|i| i.address_like(ip).is_some());
            speaking.map(Place::Interface).collect()
        } else {
            let is_local = outside.network.is_local(ip);
            vec![Place::Host(is_local.then_some(ip))]
        };
        self.close_others(&places, outside.groups);
        let mut failure = (places.is_empty()).then_some(JoinFailure::NoInterface);
        for place in places {
            if self
                .sockets
                .iter()
                .any(|(index, _)| *index == place.index())
            {
                continue;
            }
            let (membership, patience) = (self.membership, self.patience);
            let groups = &mut *outside.groups;
            match groups.open(owner, membership, patience, place, loopback) {
                Ok(token) => {
                    self.sockets.push((place.index(), token));
                    outside.counters.joins += 1;
                }
                Err(error) => {
                    failure = Some(error);
                    outside.counters.join_errors += 1;
                }
            }
        }
        self.news(failure)
    }

    /// Leaves everywhere.
    pub(super) fn close(&mut self, groups: &mut Groups) {
        self.close_others(&[], groups);
    }

    /// Sends by its sockets, so that answers come to them; gives how many copies went out.
    pub(super) fn send(
        &self,
        transmit: &Transmit,
        interfaces: &[Interface],
        groups: &Groups,
    ) -> io::Result<u64> {
        let sockets = self.sockets.iter().filter_map(|(index, token)| {
            let group = groups.get(*token)?;
            Some((&group.socket, *index))
        });
        answering::send(sockets, interfaces, transmit)
    }

    pub(super) fn membership(&self) -> Membership {
        self.membership
    }

    fn close_others(&mut self, places: &[Place<'_>], groups: &mut Groups) {
        self.sockets.retain(|(index, token)| {
            let is_wanted = places.iter().any(|place| place.index() == *index);
            if !is_wanted {
                groups.close(*token);
            }
            is_wanted
        });
    }

    /// One interface that works is enough; the others are tried again without a word.
    fn news(&mut self, failure: Option<JoinFailure>) -> Option<Notice> {
        let failure = failure.filter(|_| self.sockets.is_empty());
        if failure == self.failure {
            return None;
        }
        self.failure = failure;
        let membership = self.membership;
        Some(match failure {
            Some(error) => Notice::Failed(NetFailure::Join { membership, error }),
            None => Notice::Recovered(NetRecovery::Join(membership)),
        })
    }
}
