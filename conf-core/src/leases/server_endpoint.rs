//! The MADCAP server on the network: hears at each of this computer's addresses and at the group of all servers.
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use directory::address::madcap::{
    Asked, SERVERS_V4, SERVERS_V6, Server, ServerInput, ServerOptions, ServerOutput,
};

use super::server::{ServerShared, Stored};
use super::writer::Jobs;
use crate::conference::Moment;
use crate::endpoint::{
    Datagram, Endpoint, EndpointInput, EndpointOutput, JoinFailure, Membership, NetFailure,
    NetRecovery, NetworkChange, Transmit,
};
use crate::net::Interface;

/// A server as an endpoint. Without a disk it forgets its leases when it ends.
pub struct MadcapServerEndpoint {
    server: Server,
    port: u16,
    shared: Arc<ServerShared>,
    disk: Option<Jobs<Stored>>,
    interfaces: Vec<Interface>,
    local: Vec<IpAddr>,
    outputs: VecDeque<EndpointOutput>,
    timeout: Option<Instant>,
    is_closing: bool,
}

impl MadcapServerEndpoint {
    /// A server that keeps nothing on disk; `moment` is now.
    pub fn new(options: ServerOptions, port: u16, seed: u64, moment: Moment) -> Self {
        let server = Server::new(
            options,
            fastrand::Rng::with_seed(seed),
            moment.now,
            moment.wall,
        );
        Self::with_disk(server, port, Arc::default(), None)
    }

    pub(super) fn with_disk(
        server: Server,
        port: u16,
        shared: Arc<ServerShared>,
        disk: Option<Jobs<Stored>>,
    ) -> Self {
        let groups =
            [SERVERS_V4.into(), SERVERS_V6.into()].map(|group| SocketAddr::new(group, port));
        Self {
            server,
            port,
            shared,
            disk,
            interfaces: Vec::new(),
            local: Vec::new(),
            outputs: groups.map(join).into(),
            timeout: None,
            is_closing: false,
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let is_multicast = datagram.group.ip().is_multicast();
        let local = if is_multicast {
            self.local_for(datagram)
        } else {
            Some(datagram.group.ip())
        };
        let Some(local) = local else {
            return;
        };
        let asked = Asked {
            from: datagram.from,
            local,
            is_multicast,
            bytes: datagram.bytes,
        };
        self.server.handle_input(now, ServerInput::Datagram(asked));
    }

    /// Our address where a question to all servers came in.
    fn local_for(&self, datagram: &Datagram<'_>) -> Option<IpAddr> {
        let is_alike = |address: &&IpAddr| address.is_ipv4() == datagram.group.is_ipv4();
        let by_index = |i: &&Interface| datagram.interface.is_none_or(|index| index == i.index);
        let interface = self.interfaces.iter().find(by_index)?;
        let mut addresses = interface.addresses.iter().filter(is_alike);
        addresses
            .find(|address| self.local.contains(address))
            .copied()
    }

    fn handle_network(&mut self, now: Instant, change: NetworkChange) {
        self.interfaces = match change {
            NetworkChange::Using(interfaces) => interfaces,
            NetworkChange::LoopbackOnly(interface) => vec![interface],
            NetworkChange::Lost => Vec::new(),
        };
        let addresses = self
            .interfaces
            .iter()
            .flat_map(|interface| &interface.addresses);
        let local: Vec<IpAddr> = addresses.copied().filter(|a| !is_link_local(*a)).collect();
        for address in &self.local {
            if !local.contains(address) {
                let membership = membership(SocketAddr::new(*address, self.port));
                self.outputs.push_back(EndpointOutput::Leave(membership));
            }
        }
        for address in &local {
            if !self.local.contains(address) {
                self.outputs
                    .push_back(join(SocketAddr::new(*address, self.port)));
            }
        }
        self.server
            .handle_input(now, ServerInput::LocalAddresses(&local));
        self.local = local;
    }

    fn handle_woken(&mut self, now: Instant) {
        if let Some(taken) = self.shared.take_taken() {
            self.server.handle_input(now, ServerInput::Taken(taken));
        }
        for outcome in self.shared.take_outcomes() {
            let input = match outcome {
                Ok(number) => ServerInput::Stored(number),
                Err(number) => ServerInput::NotStored(number),
            };
            self.server.handle_input(now, input);
        }
    }

    fn collect(&mut self, now: Instant) {
        loop {
            match self.server.poll_output() {
                ServerOutput::Store(number, change) => {
                    let stored = match &self.disk {
                        None => Some(ServerInput::Stored(number)),
                        Some(disk) if disk.give(Stored { number, change }) => None,
                        Some(_) => Some(ServerInput::NotStored(number)),
                    };
                    if let Some(stored) = stored {
                        self.server.handle_input(now, stored);
                    }
                }
                ServerOutput::Transmit { to, local, payload } => {
                    let transmit = Transmit {
                        to,
                        ttl: UNICAST_TTL,
                        dscp: 0,
                        payload,
                    };
                    let from = SocketAddr::new(local, self.port);
                    self.outputs
                        .push_back(EndpointOutput::TransmitFrom(from, transmit));
                }
                ServerOutput::Timeout(at) => {
                    self.timeout = at;
                    break;
                }
            }
        }
        self.shared
            .set_counters(self.server.counters(), self.server.leases().count());
    }

    fn note_port(&self, membership: Membership, is_taken: bool) {
        if !membership.group.ip().is_multicast() {
            self.shared.set_port_taken(is_taken);
        }
    }
}

impl Endpoint for MadcapServerEndpoint {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => self.server.handle_input(now, ServerInput::Timeout),
            EndpointInput::Woken => self.handle_woken(now),
            EndpointInput::Closing => self.is_closing = true,
            EndpointInput::Datagram(datagram) => self.handle_datagram(now, &datagram),
            EndpointInput::LocalAddresses(_) => {}
            EndpointInput::Network(change) => self.handle_network(now, change),
            EndpointInput::WallClock(wall) => {
                self.server.handle_input(now, ServerInput::WallClock(wall));
            }
            EndpointInput::Failed(NetFailure::Join {
                membership,
                error: JoinFailure::PortTaken,
            }) => self.note_port(membership, true),
            EndpointInput::Recovered(NetRecovery::Join(membership)) => {
                self.note_port(membership, false);
            }
            EndpointInput::Failed(_) | EndpointInput::Recovered(_) => {}
        }
        self.collect(now);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let last = if self.is_closing {
            EndpointOutput::Finished
        } else {
            EndpointOutput::Timeout(self.timeout)
        };
        self.outputs.pop_front().unwrap_or(last)
    }
}

fn membership(group: SocketAddr) -> Membership {
    Membership {
        group,
        source: None,
    }
}

fn join(group: SocketAddr) -> EndpointOutput {
    EndpointOutput::Join(membership(group))
}

/// Clients beyond the link could not answer to it, and those on the link use the group.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => Ipv4Addr::is_link_local(&address),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// What hosts use by default.
const UNICAST_TTL: u8 = 64;
