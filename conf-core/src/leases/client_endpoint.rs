//! The MADCAP client on the network, and which lease is which conference's.
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use directory::ConferenceId;
use directory::address::IpVersion;
use directory::address::madcap::{
    Client, ClientEvent, ClientInput, ClientOptions, ClientOutput, Held, Lease, LeaseId, Want,
};

use super::handle::{Command, Keep, LeaseEvent, Shared};
use super::writer::Jobs;
use crate::conference::Moment;
use crate::endpoint::{
    Endpoint, EndpointInput, EndpointOutput, Membership, NetworkChange, Transmit,
};

/// A client as an endpoint.
pub struct LeasesEndpoint {
    client: Client,
    shared: Arc<Shared>,
    disk: Option<Jobs<Keep>>,
    conferences: BTreeMap<LeaseId, ConferenceId>,
    outputs: VecDeque<EndpointOutput>,
    timeout: Option<Instant>,
    is_closing: bool,
}

impl LeasesEndpoint {
    /// A client that keeps nothing on disk and wants these groups; `moment` is now.
    pub fn new(options: ClientOptions, wants: Vec<Want>, seed: u64, moment: Moment) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        let client = Client::new(options, rng, moment.now, moment.wall);
        let shared = Arc::new(Shared::new(Arc::new(|| {})));
        for want in wants {
            shared.commands.push(Command::Lease(want));
        }
        Self::with_disk(client, shared, None, Vec::new(), moment.now)
    }

    pub(super) fn with_disk(
        mut client: Client,
        shared: Arc<Shared>,
        disk: Option<Jobs<Keep>>,
        kept: Vec<Held>,
        now: Instant,
    ) -> Self {
        let conferences = kept.iter();
        let conferences = conferences.map(|held| (held.lease.want.id.clone(), held.conference));
        let conferences = conferences.collect();
        let leases = kept.into_iter().map(|held| held.lease).collect();
        client.handle_input(now, ClientInput::Restore(leases));
        let endpoint = Self {
            client,
            shared,
            disk,
            conferences,
            outputs: [ANY_V4, ANY_V6].map(join).into(),
            timeout: None,
            is_closing: false,
        };
        endpoint.publish();
        endpoint
    }

    /// Leases held now.
    pub fn leases(&self) -> impl Iterator<Item = Lease> {
        self.client.leases()
    }

    fn handle_woken(&mut self, now: Instant) {
        while let Some(command) = self.shared.commands.pop() {
            match command {
                Command::Lease(want) => self.client.handle_input(now, ClientInput::Lease(want)),
                Command::Assign(lease, conference) => self.assign(now, lease, conference),
                Command::Follow(conference, need) => {
                    if let Some(id) = self.lease_of(conference) {
                        self.client.handle_input(now, ClientInput::Change(id, need));
                    }
                }
                Command::Release(conference) => {
                    if let Some(id) = self.lease_of(conference) {
                        self.client.handle_input(now, ClientInput::Release(id));
                    }
                }
                Command::GiveBack(id) => self.client.handle_input(now, ClientInput::Release(id)),
            }
        }
    }

    /// A conference has one lease: what it had before is given back.
    fn assign(&mut self, now: Instant, id: LeaseId, conference: ConferenceId) {
        if let Some(before) = self.lease_of(conference).filter(|before| *before != id) {
            self.conferences.remove(&before);
            self.client.handle_input(now, ClientInput::Release(before));
        }
        let lease = self.client.leases().find(|lease| lease.want.id == id);
        if let Some(lease) = lease {
            self.keep(Keep::Put(conference, lease));
        }
        self.conferences.insert(id, conference);
        self.publish();
    }

    fn lease_of(&self, conference: ConferenceId) -> Option<LeaseId> {
        let mut conferences = self.conferences.iter();
        let found = conferences.find(|(_, of)| **of == conference);
        found.map(|(id, _)| id.clone())
    }

    fn handle_event(&mut self, event: ClientEvent) {
        let conference = lease_of_event(&event)
            .and_then(|id| self.conferences.get(id))
            .copied();
        match (&event, conference) {
            (ClientEvent::Leased(lease), Some(conference)) => {
                self.keep(Keep::Put(conference, lease.clone()));
            }
            (ClientEvent::Released(id) | ClientEvent::Lost(id, _), Some(conference)) => {
                self.keep(Keep::Remove(conference));
                self.conferences.remove(id);
            }
            _ => {}
        }
        self.publish();
        self.shared.tell(LeaseEvent {
            conference,
            what: event,
        });
    }

    fn keep(&self, keep: Keep) {
        if let Some(disk) = &self.disk
            && !disk.give(keep)
        {
            tracing::error!("the disk is too slow for leases");
        }
    }

    fn publish(&self) {
        let leases = self.client.leases();
        let held = leases.filter_map(|lease| {
            let conference = *self.conferences.get(&lease.want.id)?;
            Some(Held { conference, lease })
        });
        self.shared.held.set(held.collect());
    }

    fn collect(&mut self) {
        loop {
            match self.client.poll_output() {
                ClientOutput::Transmit { to, ttl, payload } => {
                    let from = if to.is_ipv4() { ANY_V4 } else { ANY_V6 };
                    let transmit = Transmit {
                        to,
                        ttl,
                        dscp: 0,
                        payload,
                    };
                    self.outputs
                        .push_back(EndpointOutput::TransmitFrom(from, transmit));
                }
                ClientOutput::Event(event) => self.handle_event(event),
                ClientOutput::Timeout(at) => {
                    self.timeout = at;
                    return;
                }
            }
        }
    }

    /// What is asked is asked again where it was asked without a network.
    fn handle_network(&mut self, now: Instant, change: NetworkChange) {
        let interfaces = match change {
            NetworkChange::Using(interfaces) => interfaces,
            NetworkChange::LoopbackOnly(interface) => vec![interface],
            NetworkChange::Lost => return,
        };
        let has_v4 = interfaces
            .iter()
            .any(|i| i.addresses.iter().any(IpAddr::is_ipv4));
        let transport = if has_v4 { IpVersion::V4 } else { IpVersion::V6 };
        self.client
            .handle_input(now, ClientInput::Transport(transport));
    }
}

impl Endpoint for LeasesEndpoint {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => self.client.handle_input(now, ClientInput::Timeout),
            EndpointInput::Woken => self.handle_woken(now),
            EndpointInput::Closing => {
                self.handle_woken(now);
                self.is_closing = true;
            }
            EndpointInput::Datagram(datagram) => {
                let (from, bytes) = (datagram.from, datagram.bytes);
                self.client
                    .handle_input(now, ClientInput::Datagram { from, bytes });
            }
            EndpointInput::Network(change) => self.handle_network(now, change),
            EndpointInput::WallClock(wall) => {
                self.client.handle_input(now, ClientInput::WallClock(wall));
            }
            EndpointInput::LocalAddresses(_)
            | EndpointInput::Failed(_)
            | EndpointInput::Recovered(_) => {}
        }
        self.collect();
    }

    /// What is given back at the end is given back, or given up within two seconds.
    fn poll_output(&mut self) -> EndpointOutput {
        let last = if self.is_closing && self.client.is_idle() {
            EndpointOutput::Finished
        } else {
            EndpointOutput::Timeout(self.timeout)
        };
        self.outputs.pop_front().unwrap_or(last)
    }
}

fn lease_of_event(event: &ClientEvent) -> Option<&LeaseId> {
    match event {
        ClientEvent::Leased(lease) => Some(&lease.want.id),
        ClientEvent::Refused(id, _)
        | ClientEvent::Deferred(id, _)
        | ClientEvent::Overdue(id)
        | ClientEvent::Lost(id, _)
        | ClientEvent::Released(id) => Some(id),
        ClientEvent::Scopes { .. } | ClientEvent::NoServer(_) | ClientEvent::ClockSkew(..) => None,
    }
}

fn join(group: SocketAddr) -> EndpointOutput {
    EndpointOutput::Join(Membership {
        group,
        source: None,
    })
}

/// Any port, from which is asked and at which answers arrive.
const ANY_V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
const ANY_V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);
