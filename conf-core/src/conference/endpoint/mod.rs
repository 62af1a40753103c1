//! One conference on the network: datagrams, commands and time go in; joins, sends, events and snapshots come out.
mod due;
mod sources;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use directory::Description;
use media::device::VideoTerminal;
use media::engine::{AudioCommand, AudioPacket, EngineCommand};
use media::rtp_time::ClockRate;

use super::audio::AudioPort;
use super::medium::{Arrived, Medium, Outgoing};
use super::people::{AUDIO, MediumIndex, People};
use super::session_config::{VIDEO_SEED, cname, session_config};
use super::shared::Shared;
use super::sync::Waits;
use super::video::Video;
use super::watch::{Facts, Reach, Watch};
use super::{
    AudioPlan, ConferenceCommand, ConferenceControl, ConferenceEvent, ConferenceSnapshot,
    ConferenceState, JoinOptions, Me, Moment, PersonId, Pictures, Problem, VideoPlan, VideoPort,
    Wake, report,
};
use crate::endpoint::{
    Datagram, Endpoint, EndpointInput, EndpointOutput, Membership, NetFailure, NetRecovery,
    NetworkChange,
};
use crate::session::{RtpSession, SessionConfig};

/// One conference that we take part in, seen from the network.
pub struct ConferenceEndpoint<A> {
    shared: Arc<Shared>,
    description: Arc<Description>,
    since: Instant,
    moment: Moment,
    audio: A,
    medium: Medium,
    video: Option<Video>,
    waits: Waits,
    people: People,
    watch: Watch,
    me: Me,
    state: ConferenceState,
    problems: Vec<Problem>,
    outputs: VecDeque<EndpointOutput>,
    has_address: bool,
    is_microphone_device: bool,
    next_report: Instant,
    /// When there was something to do next, when that was last asked.
    due: Instant,
    rejoined_at: Option<Instant>,
    options: JoinOptions,
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
        let payload_types = plan.receive.iter();
        let payload_types = payload_types.map(|format| (format.payload_type, format.clock_rate));
        let config = session_config(&plan.transport, payload_types.collect(), &options, moment);
        let session = RtpSession::new(config, moment.now);
        let medium = Medium::new(plan.transport, Medium::VOICE_DSCP, session);
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
            outputs: joins(&medium),
            medium,
            video: None,
            waits: Waits::default(),
            has_address: false,
            is_microphone_device: options.microphone.is_device(),
            next_report: moment.now + Self::REPORT_EVERY,
            due: moment.now,
            rejoined_at: None,
            options,
        };
        (endpoint, control)
    }

    /// Takes part in the video as well; to be called before anything else.
    #[must_use]
    pub fn with_video(mut self, plan: VideoPlan, port: Box<dyn VideoPort>) -> Self {
        let (options, moment) = (&self.options, self.moment);
        let seed = options.seed.rotate_left(32) ^ VIDEO_SEED;
        let streams = plan.streams.into_iter().map(|plan| {
            let formats = plan.receive.iter();
            let payload_types = formats.map(|format| (format.payload_type, ClockRate::HZ_90000));
            let config = session_config(&plan.transport, payload_types.collect(), options, moment);
            let config = SessionConfig { seed, ..config };
            (plan, RtpSession::new(config, moment.now))
        });
        let streams = streams.collect();
        let cname = cname(options);
        let video = Video::new(moment.now, streams, port, &options.video, &cname);
        let memberships = video.mediums().flat_map(|(_, medium)| medium.memberships());
        self.outputs.extend(memberships.map(EndpointOutput::Join));
        self.video = Some(video);
        self
    }

    /// Every medium, with its place.
    fn mediums(&mut self) -> impl Iterator<Item = (MediumIndex, &mut Medium)> {
        let video = self.video.iter_mut().flat_map(Video::mediums_mut);
        std::iter::once((AUDIO, &mut self.medium)).chain(video)
    }

    fn handle_woken(&mut self, now: Instant) {
        while let Some(command) = self.shared.commands.pop() {
            self.handle_command(now, command);
        }
        while let Some(packet) = self.audio.poll_encoded() {
            if self.me.may_send && self.state == ConferenceState::Joined {
                self.medium.send(
                    now,
                    &Outgoing {
                        payload_type: packet.payload_type,
                        time: packet.time,
                        captured: packet.captured,
                        marker: packet.marker,
                        is_first_marked: true,
                        payload: packet.payload(),
                    },
                );
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
                for (_, medium) in self.mediums() {
                    medium.describe(now, item, text.clone());
                }
            }
            ConferenceCommand::SetMicrophone(terminal) => {
                self.is_microphone_device = terminal.is_device();
                self.audio.apply(AudioCommand::SetMicrophone(terminal));
            }
            ConferenceCommand::SetSpeakers(terminals) => {
                self.audio.apply(AudioCommand::SetSpeakers(terminals));
            }
            ConferenceCommand::Limit(what, limits) => {
                if let Some(video) = &mut self.video {
                    video.limit(what, limits);
                }
            }
            ConferenceCommand::UpdatePicture(id) => self.update_picture(now, id),
            ConferenceCommand::Show(tiles) => {
                if let Some(video) = &mut self.video {
                    video.show(&tiles);
                }
            }
            ConferenceCommand::SetCamera(terminal) => {
                self.set_pictures(Pictures::Camera, terminal);
            }
            ConferenceCommand::SetScreen(terminal) => {
                self.set_pictures(Pictures::Screen, terminal);
            }
        }
        // The user sees at once what they did.
        self.next_report = now;
    }

    fn set_pictures(&mut self, what: Pictures, terminal: VideoTerminal) {
        if let Some(video) = &mut self.video {
            video.set_source(what, terminal);
        }
    }

    fn mute(&mut self, is_muted: bool) {
        self.me.is_muted = is_muted;
        self.audio
            .apply(AudioCommand::Engine(EngineCommand::MuteMicrophone(
                is_muted,
            )));
    }

    fn set_person(&mut self, id: PersonId, gain_db: f32, is_muted: bool) {
        let sources = self.people.choose(id, gain_db, is_muted).iter();
        for (_, ssrc) in sources.filter(|(medium, _)| *medium == AUDIO) {
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
        let audio = &mut self.audio;
        let of_audio = self
            .medium
            .handle_datagram(now, datagram, |packet, payload| {
                audio.push_packet(&AudioPacket {
                    ssrc: packet.ssrc,
                    payload_type: packet.payload_type,
                    seq: packet.seq,
                    time: packet.time,
                    marker: packet.marker,
                    arrival: datagram.arrival,
                    payload,
                });
            });
        let of_video = self
            .video
            .as_mut()
            .map(|video| video.handle_datagram(now, datagram));
        if of_audio == Arrived::FromOther || of_video == Some(Arrived::FromOther) {
            self.watch.note_heard(now);
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
            self.mediums().for_each(|(_, medium)| medium.leave(now));
        }
    }

    /// Carries what the session has to say to where it belongs.
    fn collect(&mut self, now: Instant) {
        let mut transmits = Vec::new();
        let mut events = Vec::new();
        for (index, medium) in self.mediums() {
            transmits.extend(medium.take_transmits().map(EndpointOutput::Transmit));
            events.extend(medium.take_events().into_iter().map(|event| (index, event)));
        }
        self.outputs.extend(transmits);
        for (index, event) in events {
            self.handle_session_event(now, index, event);
        }
        for event in self.people.take_events() {
            self.tell(event);
        }
        if let Some(video) = &mut self.video {
            self.outputs.extend(video.follow(now, &self.people));
            for event in video.take_events(&self.people) {
                self.tell(event);
            }
        }
        let is_finished = self.mediums().all(|(_, medium)| medium.is_finished());
        if self.state == ConferenceState::Leaving && is_finished {
            self.finish(now);
        }
    }

    fn finish(&mut self, now: Instant) {
        let left = self.memberships().into_iter().map(EndpointOutput::Leave);
        self.outputs.extend(left);
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
                .note_talking((AUDIO, source.ssrc), source.is_talking);
        }
        let seen = self.video.as_ref().map(Video::seen).unwrap_or_default();
        self.sync_lips(now, &audio, &seen);
        let sending = |what| self.video.as_ref()?.sending(what);
        (self.me.video, self.me.screen) = (sending(Pictures::Camera), sending(Pictures::Screen));
        self.me.quality = self.video.as_ref().map(Video::quality).unwrap_or_default();
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
        let sent = [&self.me.video, &self.me.screen];
        self.watch.note_pictures(now, seen.shed, sent);
        let facts = Facts {
            people: self.people.len(),
            report_interval: self.medium.report_interval(),
            audio: &audio,
            pictures: sent.map(|sent| sent.as_ref().map(|status| &status.source)),
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
            video: self.video.as_ref(),
            seen: &seen,
        });
        self.shared.snapshot.set(snapshot);
        self.shared.wake_user();
    }

    /// Sender reports carry the wall clock, and the conference may be over by now.
    fn handle_wall_clock(&mut self, now: Instant, wall: SystemTime) {
        self.moment = Moment { now, wall };
        let wall_clock = self.moment.wall_clock();
        for (_, medium) in self.mediums() {
            medium.set_wall_clock(now, wall_clock);
        }
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
        for membership in self.memberships() {
            self.outputs.push_back(EndpointOutput::Leave(membership));
            self.outputs.push_back(EndpointOutput::Join(membership));
        }
    }

    fn memberships(&mut self) -> Vec<Membership> {
        let mediums = self.mediums();
        mediums
            .flat_map(|(_, medium)| medium.memberships())
            .collect()
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

fn joins(medium: &Medium) -> VecDeque<EndpointOutput> {
    let memberships = medium.memberships().into_iter();
    memberships.map(EndpointOutput::Join).collect()
}

impl<A: AudioPort> Endpoint for ConferenceEndpoint<A> {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => {}
            EndpointInput::Woken => self.handle_woken(now),
            EndpointInput::Closing => self.leave(now),
            EndpointInput::Datagram(datagram) => {
                self.handle_datagram(now, &datagram);
                // Nothing follows from most of what comes, and it comes thousands of times a second.
                if !self.has_news(now) {
                    return;
                }
            }
            EndpointInput::LocalAddresses(addresses) => {
                for (_, medium) in self.mediums() {
                    medium.handle_local_addresses(now, addresses);
                }
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
        let next = self.outputs.pop_front();
        next.unwrap_or_else(|| {
            self.due = self.next_timeout();
            EndpointOutput::Timeout(Some(self.due))
        })
    }

    fn patience(&self, group: SocketAddr) -> Duration {
        let video = self.video.as_ref();
        video.map_or(Duration::ZERO, |video| video.patience(group))
    }
}
