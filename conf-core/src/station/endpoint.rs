//! The station on the network: hears and makes announcements, and keeps the catalogue up to date.
use std::collections::VecDeque;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use directory::catalogue::{Catalogue, Seen};
use directory::sap::{self, Agent, Event, Input, Limits, Restored};
use directory::{ConferenceId, Description};

use super::keeper::Keep;
use super::known::Known;
use super::shared::{Shared, StationCommand};
use super::{NetworkProblem, NetworkStatus, StationEvent};
use crate::conference::Moment;
use crate::endpoint::{
    Endpoint, EndpointInput, EndpointOutput, JoinFailure, Membership, NetFailure, NetRecovery,
    NetworkChange, Transmit,
};

/// Announcements of this computer and of others, and the one list that they make together with files.
pub(super) struct StationEndpoint {
    shared: Arc<Shared>,
    agent: Agent,
    catalogue: Catalogue,
    moment: Moment,
    started: SystemTime,
    keep: Keep,
    outputs: VecDeque<EndpointOutput>,
    timeout: Option<Instant>,
    is_changed: bool,
    next_snapshot: Option<Instant>,
    next_keep: Option<Instant>,
    withdrawn_at: Option<Instant>,
    finish_at: Option<Instant>,
}

impl StationEndpoint {
    /// A burst of announcements makes one new list, not one each.
    const SNAPSHOT_AFTER: Duration = Duration::from_millis(50);
    /// When a conference was heard last is shown to the minute.
    const AGE_AFTER: Duration = Duration::from_secs(60);
    /// That one known from the cache is really there is of more interest.
    const RETURN_AFTER: Duration = Duration::from_secs(1);
    /// How long the cache on disk may lag behind what was heard.
    const KEEP_AFTER: Duration = Duration::from_secs(5);
    /// The same where nothing is new but when it was heard; the cache keeps for days.
    const KEEP_AGE_AFTER: Duration = Duration::from_secs(300);
    /// How long we stay to repeat a deletion, which may be lost like any datagram.
    const LINGER: Duration = Duration::from_millis(700);

    pub(super) fn new(
        shared: Arc<Shared>,
        keep: Keep,
        known: Known,
        moment: Moment,
        seed: u64,
    ) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        let mut endpoint = Self {
            shared,
            agent: Agent::new(Limits::default(), rng, moment.now, moment.wall),
            catalogue: Catalogue::new(),
            moment,
            started: moment.wall,
            keep,
            outputs: VecDeque::new(),
            timeout: None,
            is_changed: false,
            next_snapshot: None,
            next_keep: None,
            withdrawn_at: None,
            finish_at: None,
        };
        endpoint
            .agent
            .handle_input(moment.now, Input::Restore(&known.heard));
        for description in known.hosted {
            endpoint.publish(moment.now, description);
        }
        for description in known.kept {
            endpoint.catalogue.set_own(description);
        }
        endpoint.collect(moment.now);
        endpoint.take_snapshot(moment.now);
        endpoint
    }

    fn handle_woken(&mut self, now: Instant) {
        while let Some(command) = self.shared.commands.pop() {
            match command {
                StationCommand::Publish(description) => self.publish(now, description),
                StationCommand::Withdraw(id) => self.withdraw(now, id),
                StationCommand::Query => self.agent.handle_input(now, Input::Query),
                StationCommand::AddFile(path, description) => self.add_file(now, path, description),
                StationCommand::RemoveFile(id) => self.remove_file(now, id),
            }
        }
        self.handle_listed(now);
    }

    fn handle_listed(&mut self, now: Instant) {
        for ((url, name), description) in self.shared.take_listed() {
            match description {
                Some(description) => self.list(now, &url, &name, description),
                None => {
                    if let Some(id) = self.catalogue.remove_from_directory(&url, &name) {
                        self.note_lost_sight(now, id);
                    }
                }
            }
        }
    }

    fn list(&mut self, now: Instant, url: &Arc<str>, name: &str, description: Arc<Description>) {
        let event = self.event_of_sight(description.id());
        let listed = self.catalogue.set_in_directory(url, name, description);
        // What is too much is counted where it comes from.
        if listed.is_ok() {
            self.note_change(now, event);
        }
    }

    fn publish(&mut self, now: Instant, description: Arc<Description>) {
        let id = description.id();
        let event = self.event_of_sight(id);
        self.agent.handle_input(now, Input::Publish(&description));
        self.catalogue.set_own(description);
        self.note_change(now, event);
    }

    fn withdraw(&mut self, now: Instant, id: ConferenceId) {
        self.agent.handle_input(now, Input::Withdraw(id));
        self.withdrawn_at = Some(now);
        self.catalogue.remove_own(id);
        self.note_lost_sight(now, id);
    }

    fn add_file(&mut self, now: Instant, path: PathBuf, description: Arc<Description>) {
        let event = self.event_of_sight(description.id());
        match self.catalogue.set_file(&path, description) {
            Ok(()) => self.note_change(now, event),
            Err(error) => self.shared.tell(StationEvent::NotKept(error.to_string())),
        }
    }

    fn remove_file(&mut self, now: Instant, id: ConferenceId) {
        let sources = self
            .catalogue
            .get(id)
            .map(|entry| entry.sources.clone())
            .unwrap_or_default();
        for seen in sources {
            if let Seen::File(path) = seen {
                self.catalogue.remove_file(&path);
            }
        }
        self.note_lost_sight(now, id);
    }

    fn close(&mut self, now: Instant) {
        self.handle_woken(now);
        self.keep_heard();
        let lingering = self
            .withdrawn_at
            .map_or(now, |withdrawn| withdrawn + Self::LINGER);
        self.finish_at = Some(lingering.max(now));
    }

    /// Carries what the agent has to say to where it belongs.
    fn collect(&mut self, now: Instant) {
        loop {
            match self.agent.poll_output() {
                sap::Output::Join(group) => {
                    self.outputs.push_back(EndpointOutput::Join(Membership {
                        group,
                        source: None,
                    }));
                }
                sap::Output::Transmit(sap::Transmit { to, ttl, payload }) => {
                    self.outputs.push_back(EndpointOutput::Transmit(Transmit {
                        to,
                        ttl,
                        dscp: 0,
                        payload,
                    }));
                }
                sap::Output::Event(event) => self.handle_event(now, event),
                sap::Output::Timeout(due) => {
                    self.timeout = due;
                    return;
                }
            }
        }
    }

    fn handle_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Found(id) | Event::Changed(id) => {
                let event = self.event_of_sight(id);
                self.catalogue.set_heard(id, self.agent.heard_of(id));
                self.note_change(now, event);
                self.keep_by(now + Self::KEEP_AFTER);
            }
            // Only the time of hearing changed.
            Event::Repeated(id) => {
                let after = if self.is_live(id) {
                    Self::AGE_AFTER
                } else {
                    Self::RETURN_AFTER
                };
                self.catalogue.set_heard(id, self.agent.heard_of(id));
                self.snapshot_by(now + after);
                self.keep_by(now + Self::KEEP_AGE_AFTER);
            }
            Event::Gone(id, _) => {
                self.catalogue.set_heard(id, []);
                self.note_lost_sight(now, id);
                self.keep_by(now + Self::KEEP_AFTER);
            }
            Event::Ended(_) => self.is_changed = true,
            Event::NotAnnounced(id, reason) => {
                self.shared.tell(StationEvent::NotAnnounced(id, reason))
            }
        }
    }

    fn event_of_sight(&self, id: ConferenceId) -> StationEvent {
        match self.catalogue.get(id) {
            Some(_) => StationEvent::Changed(id),
            None => StationEvent::Appeared(id),
        }
    }

    fn note_lost_sight(&mut self, now: Instant, id: ConferenceId) {
        let event = match self.catalogue.get(id) {
            Some(_) => StationEvent::Changed(id),
            None => StationEvent::Gone(id),
        };
        self.note_change(now, event);
    }

    fn note_change(&mut self, now: Instant, event: StationEvent) {
        self.shared.events.push(event);
        self.is_changed = true;
        self.snapshot_by(now + Self::SNAPSHOT_AFTER);
    }

    fn snapshot_by(&mut self, due: Instant) {
        self.next_snapshot = Some(self.next_snapshot.map_or(due, |next| next.min(due)));
    }

    fn keep_by(&mut self, due: Instant) {
        self.next_keep = Some(self.next_keep.map_or(due, |next| next.min(due)));
    }

    /// Whether it was heard since the start, and not only before.
    fn is_live(&self, id: ConferenceId) -> bool {
        let entry = self.catalogue.get(id);
        let mut sources = entry.iter().flat_map(|entry| &entry.sources);
        sources
            .any(|seen| matches!(seen, Seen::Sap { last_heard, .. } if *last_heard >= self.started))
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.timeout.is_some_and(|due| due <= now) {
            self.agent.handle_input(now, Input::Timeout);
        }
        if self.next_snapshot.is_some_and(|due| due <= now) {
            self.take_snapshot(now);
        }
        if self.next_keep.is_some_and(|due| due <= now) {
            self.next_keep = None;
            self.keep_heard();
        }
        if self.finish_at.is_some_and(|due| due <= now) {
            self.finish_at = None;
            self.outputs.push_back(EndpointOutput::Finished);
        }
    }

    fn take_snapshot(&mut self, now: Instant) {
        self.next_snapshot = None;
        self.shared
            .catalogue
            .set_shared(self.catalogue.snapshot(self.moment.wall_at(now)));
        if std::mem::take(&mut self.is_changed) {
            self.shared.wake_user();
        }
    }

    fn keep_heard(&self) {
        self.keep.cache(
            self.agent
                .heard()
                .map(|(_, heard)| Restored::from(heard))
                .collect(),
        );
    }

    fn handle_local_addresses(&mut self, now: Instant, addresses: &[std::net::SocketAddr]) {
        let addresses: Vec<IpAddr> = addresses.iter().map(std::net::SocketAddr::ip).collect();
        self.agent
            .handle_input(now, Input::LocalAddresses(&addresses));
        // A newcomer, or a computer in another network: who announces here?
        self.agent.handle_input(now, Input::Query);
    }

    /// What is on now and what is over may have changed without anybody announcing anything.
    fn handle_wall_clock(&mut self, now: Instant, wall: SystemTime) {
        self.moment = Moment { now, wall };
        self.agent.handle_input(now, Input::WallClock(wall));
        self.is_changed = true;
        self.take_snapshot(now);
    }

    fn handle_network(&self, change: NetworkChange) {
        let (interfaces, problem) = match change {
            NetworkChange::Using(interfaces) => (interfaces, None),
            NetworkChange::LoopbackOnly(interface) => {
                (vec![interface], Some(NetworkProblem::NoInterface))
            }
            NetworkChange::Lost => (Vec::new(), Some(NetworkProblem::NoInterface)),
        };
        let choice = self.shared.network.get().choice.clone();
        self.shared.network.set(NetworkStatus {
            choice,
            interfaces,
            problem,
        });
        self.shared.tell(StationEvent::Network);
    }

    fn set_problem(&self, problem: Option<NetworkProblem>) {
        let before = self.shared.network.get();
        if before.problem != problem {
            self.shared.network.set(NetworkStatus {
                problem,
                ..(*before).clone()
            });
            self.shared.tell(StationEvent::Network);
        }
    }

    fn handle_failure(&self, failure: NetFailure) {
        match failure {
            NetFailure::Join {
                membership,
                error: JoinFailure::PortTaken,
            } => {
                self.set_problem(Some(NetworkProblem::PortTaken {
                    port: membership.group.port(),
                }));
            }
            // An interface without IPv6, say; that no interface is left is told otherwise.
            NetFailure::Join { .. } => {}
            // A lost network explains it, and a port that is taken is no less true for it.
            NetFailure::Send { .. } if self.shared.network.get().problem.is_some() => {}
            NetFailure::Send { .. } => self.set_problem(Some(NetworkProblem::CannotSend)),
        }
    }

    fn handle_recovery(&self, recovery: NetRecovery) {
        let was = self.shared.network.get().problem;
        match (recovery, was) {
            (NetRecovery::Send, Some(NetworkProblem::CannotSend))
            | (NetRecovery::Join(_), Some(NetworkProblem::PortTaken { .. })) => {
                self.set_problem(None)
            }
            _ => {}
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &crate::endpoint::Datagram<'_>) {
        let datagram = sap::Datagram {
            group: datagram.group.ip(),
            from: datagram.from.ip(),
            bytes: datagram.bytes,
        };
        self.agent.handle_input(now, Input::Datagram(datagram));
    }
}

impl Endpoint for StationEndpoint {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => {}
            EndpointInput::Woken => self.handle_woken(now),
            EndpointInput::Closing => self.close(now),
            EndpointInput::Datagram(datagram) => self.handle_datagram(now, &datagram),
            EndpointInput::LocalAddresses(addresses) => self.handle_local_addresses(now, addresses),
            EndpointInput::Network(change) => self.handle_network(change),
            EndpointInput::WallClock(wall) => self.handle_wall_clock(now, wall),
            EndpointInput::Failed(failure) => self.handle_failure(failure),
            EndpointInput::Recovered(recovery) => self.handle_recovery(recovery),
        }
        self.handle_timeout(now);
        self.collect(now);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        self.outputs.pop_front().unwrap_or_else(|| {
            let timers = [
                self.timeout,
                self.next_snapshot,
                self.next_keep,
                self.finish_at,
            ];
            EndpointOutput::Timeout(timers.into_iter().flatten().min())
        })
    }
}
