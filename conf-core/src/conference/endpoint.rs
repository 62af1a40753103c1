//! One conference on the network: datagrams, commands and time go in; joins, sends, events and snapshots come out.
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use directory::Description;
use media::engine::{AudioCommand, EngineCommand};

use super::audio::AudioPort;
use super::medium::{Arrived, Medium};
use super::people::People;
use super::shared::Shared;
use super::watch::{Facts, Reach, Watch};
use super::{
    AudioPlan, ConferenceCommand, ConferenceControl, ConferenceEvent, ConferenceSnapshot,
    ConferenceState, Departure, JoinOptions, Loopback, Me, Moment, PersonId, Presence, Problem,
    Wake, report,
};
use crate::endpoint::{
    Datagram, Endpoint, EndpointInput, EndpointOutput, NetFailure, NetRecovery, NetworkChange,
};
use crate::session::{RtpSession, SessionConfig, SessionEvent};

/// One conference that we take part in, seen from the network.
pub struct ConferenceEndpoint<A> {
    shared: Arc<Shared>,
    description: Arc<Description>,
    since: Instant,
    moment: Moment,
    audio: A,
    medium: Medium,
    people: People,
    watch: Watch,
    me: Me,
    state: ConferenceState,
    problems: Vec<Problem>,
    outputs: VecDeque<EndpointOutput>,
    has_address: bool,
    is_microphone_device: bool,
    next_report: Instant,
    rejoined_at: Option<Instant>,
}

impl<A: AudioPort> ConferenceEndpoint<A> {
    /// How often the snapshot is made anew: fast enough for a level meter.
    const REPORT_EVERY: Duration = Duration::from_millis(100);
    /// How often the groups are joined anew while everybody is silent (a switch may have forgotten us).
    const REJOIN_EVERY: Duration = Duration::from_secs(15);

    /// Takes part from now on, by `plan`; the first outputs join the groups. Also gives the user's side.
    pub fn new(
        description: Arc<Description>,
        plan: AudioPlan,
        options: JoinOptions,
        audio: A,
        moment: Moment,
        wake: Wake,
    ) -> (Self, ConferenceControl) {
        let me = Me::new(&options, plan.send.is_some());
        let session = RtpSession::new(session_config(&plan, &options, moment), moment.now);
        let medium = Medium::new(plan, session);
        let shared = Arc::new(Shared::new(
            ConferenceSnapshot::new(me.clone(), moment.now),
            wake,
        ));
        let control = ConferenceControl::new(Arc::clone(&shared));
        let endpoint = Self {
            shared,
            description,
            since: moment.now,
            moment,
            audio,
            people: People::default(),
            watch: Watch::new(medium.port(), moment.now),
            me,
            state: ConferenceState::Joining,
            problems: Vec::new(),
            outputs: medium.memberships().map(EndpointOutput::Join).collect(),
            medium,
            has_address: false,
            is_microphone_device: options.microphone.is_device(),
            next_report: moment.now + Self::REPORT_EVERY,
            rejoined_at: None,
        };
        (endpoint, control)
    }

    fn handle_woken(&mut self, now: Instant) {
        while let Some(command) = self.shared.commands.pop() {
            self.handle_command(now, command);
        }
        while let Some(packet) = self.audio.poll_encoded() {
            if self.me.may_send && self.state == ConferenceState::Joined {
                self.medium.send(now, &packet);
            }
        }
        if self.shared.wants_to_leave() {
            self.leave(now);
        }
    }

    fn handle_command(&mut self, now: Instant, command: ConferenceCommand) {
        match command {
            ConferenceCommand::MuteMicrophone(is_muted) => self.mute(is_muted),
            ConferenceCommand::SetPerson {
                id,
                gain_db,
                is_muted,
            } => {
                self.set_person(id, gain_db, is_muted);
            }
            ConferenceCommand::Describe(item, text) => {
                self.me.information.set(item, &text);
                self.medium.describe(now, item, text);
            }
            ConferenceCommand::SetMicrophone(terminal) => {
                self.is_microphone_device = terminal.is_device();
                self.audio.apply(AudioCommand::SetMicrophone(terminal));
            }
            ConferenceCommand::SetSpeakers(terminals) => {
                self.audio.apply(AudioCommand::SetSpeakers(terminals));
            }
        }
        // The user sees at once what they did.
        self.next_report = now;
    }

    fn mute(&mut self, is_muted: bool) {
        self.me.is_muted = is_muted;
        self.audio
            .apply(AudioCommand::Engine(EngineCommand::MuteMicrophone(
                is_muted,
            )));
    }

    fn set_person(&mut self, id: PersonId, gain_db: f32, is_muted: bool) {
        for (_, ssrc) in self.people.choose(id, gain_db, is_muted) {
            let command = EngineCommand::SetSource {
                ssrc: *ssrc,
                gain_db,
                pan: 0.0,
                muted: is_muted,
            };
            self.audio.apply(AudioCommand::Engine(command));
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let arrived = self.medium.handle_datagram(now, datagram, &mut self.audio);
        if arrived == Arrived::FromOther {
            self.watch.note_heard(now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.medium.handle_timeout(now);
        if self.next_report <= now {
            self.report(now);
            self.next_report = now + Self::REPORT_EVERY;
        }
    }

    fn handle_network(&mut self, change: &NetworkChange) {
        self.watch.note_network(match change {
            NetworkChange::Using(_) => Reach::Others,
            NetworkChange::LoopbackOnly(_) => Reach::ThisComputer,
            NetworkChange::Lost => Reach::Nobody,
        });
    }

    fn handle_failure(&mut self, now: Instant, failure: NetFailure) {
        match failure {
            NetFailure::Join { error, .. } => self.watch.note_join_failure(error),
            NetFailure::Send { kind, .. } => self.watch.note_send_failure(kind.to_string(), now),
        }
    }

    fn handle_recovery(&mut self, recovery: NetRecovery) {
        match recovery {
            NetRecovery::Join(_) => self.watch.note_joined(),
            NetRecovery::Send => self.watch.note_sent(),
        }
    }

    fn leave(&mut self, now: Instant) {
        if matches!(
            self.state,
            ConferenceState::Joining | ConferenceState::Joined
        ) {
            self.state = ConferenceState::Leaving;
            self.next_report = now;
            self.medium.leave(now);
        }
    }

    /// Carries what the session has to say to where it belongs.
    fn collect(&mut self, now: Instant) {
        self.outputs
            .extend(self.medium.take_transmits().map(EndpointOutput::Transmit));
        for event in self.medium.take_events() {
            self.handle_session_event(now, event);
        }
        for event in self.people.take_events() {
            self.tell(event);
        }
        if self.state == ConferenceState::Leaving && self.medium.is_finished() {
            self.finish(now);
        }
    }

    fn handle_session_event(&mut self, now: Instant, event: SessionEvent) {
        match event {
            SessionEvent::Joined(ssrc) | SessionEvent::InformationChanged(ssrc) => {
                let information = self.medium.information(ssrc);
                self.people.note_source(now, (0, ssrc), &information);
                self.apply_choice(ssrc);
            }
            SessionEvent::Left { ssrc, reason } => {
                self.people
                    .forget_source((0, ssrc), Departure::from(reason));
                self.audio
                    .apply(AudioCommand::Engine(EngineCommand::RemoveSource(ssrc)));
            }
            SessionEvent::TimedOut(ssrc) => {
                self.people.note_presence((0, ssrc), Presence::TimedOut)
            }
            SessionEvent::Recovered(ssrc) => self.people.note_presence((0, ssrc), Presence::Here),
            SessionEvent::Collision { .. } => self.tell(ConferenceEvent::Renumbered),
            // Whether somebody talks is judged by their sound, not by their packets.
            SessionEvent::Active(_)
            | SessionEvent::Silent(_)
            | SessionEvent::ThirdPartyCollision { .. }
            | SessionEvent::LoopDetected { .. }
            | SessionEvent::FeedbackReceived { .. }
            | SessionEvent::ApplicationReceived { .. } => {}
        }
    }

    /// A known person came back under another SSRC: their volume comes with them.
    fn apply_choice(&mut self, ssrc: media::rtp_time::Ssrc) {
        if let Some((gain_db, muted)) = self.people.choice_for((0, ssrc)) {
            let command = EngineCommand::SetSource {
                ssrc,
                gain_db,
                pan: 0.0,
                muted,
            };
            self.audio.apply(AudioCommand::Engine(command));
        }
    }

    fn finish(&mut self, now: Instant) {
        self.outputs
            .extend(self.medium.memberships().map(EndpointOutput::Leave));
        self.outputs.push_back(EndpointOutput::Finished);
        self.state = ConferenceState::Left;
        self.report(now);
        self.tell(ConferenceEvent::Left);
        self.shared.wake_user();
    }

    fn report(&mut self, now: Instant) {
        self.note_joined();
        self.people.handle_timeout(now);
        let audio = self.audio.snapshot();
        for source in &audio.sources {
            self.people
                .note_talking((0, source.ssrc), source.is_talking);
        }
        self.me.level_dbfs = audio.microphone.level_dbfs;
        self.me.is_talking = audio.microphone.is_talking;
        self.me.microphone = audio.microphone.state.clone();
        self.me.speaker = audio
            .speakers
            .first()
            .map(|sink| sink.state.clone())
            .unwrap_or_default();
        if let Some(percent) = self.medium.expected_loss_to_set(now) {
            self.audio
                .apply(AudioCommand::Engine(EngineCommand::ExpectedLoss(percent)));
        }
        self.watch.note_microphone(now, &audio.microphone);
        let facts = Facts {
            people: self.people.len(),
            report_interval: self.medium.report_interval(),
            audio: &audio,
            activity: self.description.activity(self.moment.wall_at(now)),
            may_send: self.me.may_send,
            is_microphone_device: self.is_microphone_device,
        };
        let problems = self.watch.problems(now, &facts);
        self.rejoin_if_cut_off(now, &problems);
        self.compare_problems(problems);
        let snapshot = report::snapshot(&report::Parts {
            state: self.state,
            since: self.since,
            me: &self.me,
            people: &self.people,
            problems: &self.problems,
            medium: &self.medium,
            audio: &audio,
        });
        self.shared.snapshot.set(snapshot);
        self.shared.wake_user();
    }

    /// Sender reports carry the wall clock, and the conference may be over by now.
    fn handle_wall_clock(&mut self, now: Instant, wall: SystemTime) {
        self.moment = Moment { now, wall };
        self.medium.set_wall_clock(now, self.moment.wall_clock());
        self.next_report = now;
    }

    /// A switch that prunes groups without a querier passes them on again after a fresh membership report.
    fn rejoin_if_cut_off(&mut self, now: Instant, problems: &[Problem]) {
        if !problems.contains(&Problem::NetworkDropsMulticast) {
            self.rejoined_at = None;
            return;
        }
        if self
            .rejoined_at
            .is_some_and(|last| now < last + Self::REJOIN_EVERY)
        {
            return;
        }
        self.rejoined_at = Some(now);
        for membership in self.medium.memberships() {
            self.outputs.push_back(EndpointOutput::Leave(membership));
            self.outputs.push_back(EndpointOutput::Join(membership));
        }
    }

    fn compare_problems(&mut self, found: Vec<Problem>) {
        for ended in self
            .problems
            .iter()
            .filter(|problem| !found.contains(problem))
        {
            self.shared
                .tell(ConferenceEvent::ProblemEnded(ended.clone()));
        }
        for started in found
            .iter()
            .filter(|problem| !self.problems.contains(problem))
        {
            self.shared
                .tell(ConferenceEvent::ProblemStarted(started.clone()));
        }
        self.problems = found;
    }

    /// Joined is who can send and was refused no group; the net thread has tried both by the first report after it began.
    fn note_joined(&mut self) {
        if self.state == ConferenceState::Joining && self.has_address && self.watch.is_in_groups() {
            self.state = ConferenceState::Joined;
            self.tell(ConferenceEvent::Joined);
        }
    }

    fn tell(&self, event: ConferenceEvent) {
        self.shared.tell(event);
        self.shared.wake_user();
    }
}

impl<A: AudioPort> Endpoint for ConferenceEndpoint<A> {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => {}
            EndpointInput::Woken => self.handle_woken(now),
            EndpointInput::Closing => self.leave(now),
            EndpointInput::Datagram(datagram) => self.handle_datagram(now, &datagram),
            EndpointInput::LocalAddresses(addresses) => {
                self.medium.handle_local_addresses(now, addresses);
                self.has_address = !addresses.is_empty();
                // The net thread has been asked for the groups before it told this.
                self.next_report = now;
            }
            EndpointInput::Network(change) => self.handle_network(&change),
            EndpointInput::WallClock(wall) => self.handle_wall_clock(now, wall),
            EndpointInput::Failed(failure) => self.handle_failure(now, failure),
            EndpointInput::Recovered(recovery) => self.handle_recovery(recovery),
        }
        self.handle_timeout(now);
        self.collect(now);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        self.outputs.pop_front().unwrap_or_else(|| {
            let due = self
                .medium
                .next_timeout()
                .into_iter()
                .chain([self.next_report])
                .min();
            EndpointOutput::Timeout(due)
        })
    }
}

fn session_config(plan: &AudioPlan, options: &JoinOptions, moment: Moment) -> SessionConfig {
    let cname = options
        .information
        .cname
        .clone()
        .unwrap_or_else(|| cname(options.seed));
    SessionConfig {
        information: options.information.editable_items(),
        payload_types: plan
            .receive
            .iter()
            .map(|format| (format.payload_type, format.clock_rate))
            .collect(),
        bandwidth: plan.bandwidth,
        pace: plan.pace,
        is_reduced_size_allowed: plan.is_reduced_size_allowed,
        is_rtcp_mux: plan.rtcp.is_none(),
        is_own_media_delivered: options.loopback == Loopback::Full,
        ..SessionConfig::new(cname, moment.wall_clock(), options.seed)
    }
}

/// A CNAME that is random and made for this conference alone (RFC 7022 section 4.2), so that it tells nothing about the person.
fn cname(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x434e_414d_4500_0000);
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(16)
        .collect()
}
