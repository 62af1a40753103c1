//! One registered endpoint with its sockets: input goes in here, and what it asks for is done.
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::counters::NetCounters;
use super::groups::Groups;
use super::handle::{EndpointSignals, Register, RegisterOptions};
use super::interface::{Interface, InterfaceChoice};
use super::member::Member;
use super::senders::Senders;
use super::watch::Network;
use crate::endpoint::{
    Datagram, Endpoint, EndpointInput, EndpointOutput, Membership, NetFailure, NetRecovery,
    NetworkChange, Transmit,
};

/// Which endpoint; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct EndpointId(pub(super) u64);

/// The endpoint and all that belongs to it.
pub(super) struct Slot {
    id: EndpointId,
    endpoint: Box<dyn Endpoint>,
    options: RegisterOptions,
    signals: Arc<EndpointSignals>,
    interfaces: Vec<Interface>,
    members: Vec<Member>,
    senders: Senders,
    notices: VecDeque<Notice>,
    due: Option<Instant>,
    close_by: Option<Instant>,
    is_finished: bool,
    has_been_cut_off: bool,
}

/// What a slot works with, and lends from the driver.
pub(super) struct Outside<'a> {
    pub(super) now: Instant,
    pub(super) groups: &'a mut Groups,
    pub(super) network: &'a Network,
    pub(super) counters: &'a mut NetCounters,
}

/// What the endpoint is to be told once its present outputs have been done.
#[derive(Debug)]
pub(super) enum Notice {
    LocalAddresses(Vec<SocketAddr>),
    Network(NetworkChange),
    Failed(NetFailure),
    Recovered(NetRecovery),
}

impl Slot {
    /// Takes over an endpoint and tells it of the network.
    pub(super) fn start(id: EndpointId, register: Register, outside: &mut Outside<'_>) -> Self {
        let interfaces = outside.network.chosen(&register.options.interface);
        let loopback = register.options.loopback;
        let mut slot = Self {
            id,
            endpoint: register.endpoint,
            options: register.options,
            signals: register.signals,
            interfaces: Vec::new(),
            members: Vec::new(),
            senders: Senders::new(loopback),
            notices: VecDeque::new(),
            due: None,
            close_by: None,
            is_finished: false,
            has_been_cut_off: false,
        };
        let change = change_from_interfaces(&slot.options.interface, &interfaces);
        slot.interfaces = interfaces;
        slot.give(EndpointInput::Network(change), outside);
        slot
    }

    /// Gives one input, then does all that the endpoint asks for.
    pub(super) fn give(&mut self, input: EndpointInput<'_>, outside: &mut Outside<'_>) {
        if !self.is_finished {
            self.endpoint.handle_input(outside.now, input);
            self.settle(outside);
        }
    }

    /// Gives one of several datagrams that came together; [`settle`](Self::settle) follows after the last.
    pub(super) fn give_datagram(&mut self, now: Instant, datagram: Datagram<'_>) {
        if !self.is_finished {
            self.endpoint
                .handle_input(now, EndpointInput::Datagram(datagram));
        }
    }

    /// Gives [`EndpointInput::Timeout`] if it is due.
    pub(super) fn give_timeout(&mut self, outside: &mut Outside<'_>) {
        if self.due.is_some_and(|due| due <= outside.now) {
            self.due = None;
            self.give(EndpointInput::Timeout, outside);
        }
    }

    /// Gives [`EndpointInput::Woken`] or [`EndpointInput::Closing`] if its handle asks for it.
    pub(super) fn give_signals(&mut self, outside: &mut Outside<'_>) {
        if self.signals.is_woken.swap(false, Ordering::AcqRel) {
            self.give(EndpointInput::Woken, outside);
        }
        if self.signals.is_closing.load(Ordering::Acquire) {
            self.begin_closing(outside);
        }
    }

    /// From now on the endpoint has a bounded time to finish.
    pub(super) fn begin_closing(&mut self, outside: &mut Outside<'_>) {
        if self.close_by.is_none() {
            self.close_by = Some(outside.now + LINGER);
            self.give(EndpointInput::Closing, outside);
        }
    }

    /// Brings sockets into line with the network, and tries again what has failed.
    pub(super) fn refresh(&mut self, outside: &mut Outside<'_>) {
        let chosen = outside.network.chosen(&self.options.interface);
        if chosen != self.interfaces {
            let change = change_from_interfaces(&self.options.interface, &chosen);
            self.notices.push_back(Notice::Network(change));
            self.interfaces = chosen;
        }
        let news = self.senders.refresh(&self.interfaces);
        self.notices.extend(news);
        for member in &mut self.members {
            let loopback = self.options.loopback;
            let news = member.refresh(self.id, loopback, &self.interfaces, outside);
            self.notices.extend(news);
        }
        self.settle(outside);
    }

    /// Leaves all groups, so that [`refresh`](Self::refresh) joins them anew and the network hears of it.
    pub(super) fn leave_all(&mut self, groups: &mut Groups) {
        for member in &mut self.members {
            member.close(groups);
        }
    }

    /// Closes everything.
    pub(super) fn end(mut self, groups: &mut Groups) {
        self.leave_all(groups);
        self.signals.is_finished.store(true, Ordering::Release);
    }

    /// When it next needs a turn without being woken.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due.into_iter().chain(self.close_by).min()
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Whether it has been given up: its time to finish has run out.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.close_by.is_some_and(|by| by <= now)
    }

    /// Does what the endpoint asks for, tells it what came of that, and so on until it rests.
    pub(super) fn settle(&mut self, outside: &mut Outside<'_>) {
        let mut left = MAX_OUTPUTS;
        while !self.is_finished {
            if !self.poll_outputs(&mut left, outside) {
                self.cut_off(outside);
                return;
            }
            let Some(notice) = self.notices.pop_front() else {
                return;
            };
            let input = match &notice {
                Notice::LocalAddresses(addresses) => EndpointInput::LocalAddresses(addresses),
                Notice::Network(change) => EndpointInput::Network(change.clone()),
                Notice::Failed(failure) => EndpointInput::Failed(*failure),
                Notice::Recovered(recovery) => EndpointInput::Recovered(*recovery),
            };
            self.endpoint.handle_input(outside.now, input);
        }
    }

    /// Whether the endpoint came to rest before it had used up its outputs.
    fn poll_outputs(&mut self, left: &mut usize, outside: &mut Outside<'_>) -> bool {
        while *left > 0 {
            *left -= 1;
            match self.endpoint.poll_output() {
                EndpointOutput::Join(membership) => self.join(membership, outside),
                EndpointOutput::Leave(membership) => self.leave(membership, outside.groups),
                EndpointOutput::Transmit(transmit) => self.transmit(&transmit, outside.counters),
                EndpointOutput::TransmitFrom(from, transmit) => {
                    self.transmit_from(from, &transmit, outside);
                }
                EndpointOutput::Timeout(at) => {
                    self.due = at.map(|at| at.max(outside.now + SHORTEST_WAIT));
                    return true;
                }
                EndpointOutput::Finished => {
                    self.is_finished = true;
                    return true;
                }
            }
        }
        false
    }

    fn cut_off(&mut self, outside: &mut Outside<'_>) {
        outside.counters.cut_off += 1;
        self.due = Some(outside.now + SHORTEST_WAIT);
        if !self.has_been_cut_off {
            self.has_been_cut_off = true;
            tracing::error!(endpoint = self.id.0, "an endpoint never comes to rest");
        }
    }

    fn join(&mut self, membership: Membership, outside: &mut Outside<'_>) {
        if self.members.iter().any(|m| m.membership() == membership) {
            return;
        }
        self.use_family(membership.group.ip());
        let patience = self.endpoint.patience(membership.group);
        let mut member = Member::new(membership, patience);
        let loopback = self.options.loopback;
        let news = member.refresh(self.id, loopback, &self.interfaces, outside);
        self.notices.extend(news);
        self.members.push(member);
    }

    fn leave(&mut self, membership: Membership, groups: &mut Groups) {
        self.members.retain_mut(|member| {
            let is_left = member.membership() == membership;
            if is_left {
                member.close(groups);
            }
            !is_left
        });
    }

    fn transmit(&mut self, transmit: &Transmit, counters: &mut NetCounters) {
        self.use_family(transmit.to.ip());
        let news = self.senders.send(transmit, counters);
        self.notices.extend(news);
    }

    /// Protocols that ask repeat what gets lost: a failure is counted only.
    fn transmit_from(&self, from: SocketAddr, transmit: &Transmit, outside: &mut Outside<'_>) {
        let mut members = self.members.iter();
        let member = members.find(|member| member.membership().group == from);
        let sent = member.map(|member| member.send(transmit, &self.interfaces, outside.groups));
        match sent {
            Some(Ok(copies)) => {
                outside.counters.sent += copies;
                outside.counters.sent_bytes += copies * transmit.payload.len() as u64;
            }
            Some(Err(error)) => {
                outside.counters.send_errors += 1;
                tracing::debug!(to = %transmit.to, %error, "not sent");
            }
            None => outside.counters.send_errors += 1,
        }
    }

    fn use_family(&mut self, like: IpAddr) {
        let news = self.senders.use_family(like, &self.interfaces);
        self.notices.extend(news);
    }
}

fn change_from_interfaces(choice: &InterfaceChoice, interfaces: &[Interface]) -> NetworkChange {
    match (choice, interfaces) {
        (_, []) => NetworkChange::Lost,
        (InterfaceChoice::Default | InterfaceChoice::All, [only]) if only.is_loopback => {
            NetworkChange::LoopbackOnly(only.clone())
        }
        _ => NetworkChange::Using(interfaces.to_vec()),
    }
}

/// How long an endpoint may take to say goodbye. A BYE in a small conference takes one datagram; the
/// back-off of RFC 3550 section 6.3.7 in a large one may take longer than anybody waits.
const LINGER: Duration = Duration::from_secs(2);
/// More than any endpoint needs at once: a program announces some hundred conferences at most.
const MAX_OUTPUTS: usize = 4096;
/// A time-out that has passed already is given no sooner: no endpoint can keep the thread spinning.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
