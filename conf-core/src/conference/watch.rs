//! Finds out what is wrong in a conference from what was and was not heard; pure, so that every finding is tested.
use std::time::{Duration, Instant};

use directory::description::Activity;
use media::device::DeviceState;
use media::engine::AudioSnapshot;

use super::Problem;
use crate::endpoint::JoinFailure;

/// What the endpoint saw happen, kept until it is no longer so.
#[derive(Debug)]
pub(super) struct Watch {
    joined_at: Instant,
    last_heard: Option<Instant>,
    has_network: bool,
    join_failure: Option<JoinFailure>,
    port: u16,
    send_failure: Option<SendFailure>,
}

#[derive(Debug)]
struct SendFailure {
    reason: String,
    since: Instant,
}

/// What is so at this moment, besides what was seen to happen.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// Others who have not said goodbye.
    pub(super) people: usize,
    /// How often each of them reports, at most.
    pub(super) report_interval: Duration,
    /// What the devices do.
    pub(super) audio: &'a AudioSnapshot,
    /// Whether the conference is on.
    pub(super) activity: Activity,
    /// Whether we mean to send at all.
    pub(super) may_send: bool,
}

impl Watch {
    /// How long to wait for the first voice before saying that nobody was heard:
    /// twice the longest time a first report may take (RFC 3550 section 6.2: half of 5 s, randomised by 1.5).
    const ALONE_AFTER: Duration = Duration::from_secs(8);
    /// Reports that all must miss before the network is blamed.
    const MISSED_REPORTS: u32 = 3;
    /// A failure to send that lasts no longer than this is not worth a word.
    const SEND_GRACE: Duration = Duration::from_secs(2);

    pub(super) fn new(port: u16, now: Instant) -> Self {
        Self {
            joined_at: now,
            last_heard: None,
            has_network: true,
            join_failure: None,
            port,
            send_failure: None,
        }
    }

    /// A packet of somebody else arrived.
    pub(super) fn note_heard(&mut self, now: Instant) {
        self.last_heard = Some(now);
    }

    /// The interface came or went.
    pub(super) fn note_network(&mut self, has_network: bool) {
        self.has_network = has_network;
        if has_network {
            self.join_failure = None;
            self.send_failure = None;
        }
    }

    /// A group could not be joined.
    pub(super) fn note_join_failure(&mut self, failure: JoinFailure) {
        self.join_failure = Some(failure);
    }

    /// The groups are joined after all.
    pub(super) fn note_joined(&mut self) {
        self.join_failure = None;
    }

    /// Sending failed; the first failure since the last success counts.
    pub(super) fn note_send_failure(&mut self, reason: String, now: Instant) {
        let since = self
            .send_failure
            .as_ref()
            .map_or(now, |failure| failure.since);
        self.send_failure = Some(SendFailure { reason, since });
    }

    /// Sending works again.
    pub(super) fn note_sent(&mut self) {
        self.send_failure = None;
    }

    /// Whether nothing is known to keep us out of the groups.
    pub(super) fn is_in_groups(&self) -> bool {
        self.has_network && self.join_failure.is_none()
    }

    /// Whether everybody fell silent at once, so that joining the groups anew may help
    /// (a switch with IGMP snooping and no querier forgets us after 260 s).
    pub(super) fn is_cut_off(
        &self,
        now: Instant,
        people: usize,
        report_interval: Duration,
    ) -> bool {
        let patience = report_interval * Self::MISSED_REPORTS;
        people > 0 && self.last_heard.is_some_and(|heard| heard + patience <= now)
    }

    /// Everything that is wrong, worst first.
    pub(super) fn problems(&self, now: Instant, facts: &Facts<'_>) -> Vec<Problem> {
        let mut found: Vec<Problem> = self
            .network_problem(now, facts)
            .into_iter()
            .chain(time_problem(facts.activity))
            .chain(device_problems(facts))
            .collect();
        found.sort();
        found
    }

    /// One cause at a time: a lost interface explains all that follows from it.
    fn network_problem(&self, now: Instant, facts: &Facts<'_>) -> Option<Problem> {
        if !self.has_network || matches!(self.join_failure, Some(JoinFailure::NoInterface)) {
            return Some(Problem::NoNetwork);
        }
        if matches!(self.join_failure, Some(JoinFailure::PortTaken)) {
            return Some(Problem::PortTaken { port: self.port });
        }
        let lasting = |failure: &&SendFailure| failure.since + Self::SEND_GRACE <= now;
        if let Some(failure) = self.send_failure.as_ref().filter(lasting) {
            return Some(Problem::NothingCanBeSent {
                reason: failure.reason.clone(),
            });
        }
        if self.is_cut_off(now, facts.people, facts.report_interval) {
            return Some(Problem::NetworkDropsMulticast);
        }
        let is_alone = self.last_heard.is_none() && self.joined_at + Self::ALONE_AFTER <= now;
        is_alone.then_some(Problem::NobodyHeardYet)
    }
}

fn time_problem(activity: Activity) -> Option<Problem> {
    match activity {
        Activity::Past => Some(Problem::ConferenceOver),
        Activity::Upcoming { start } => Some(Problem::NotYetBegun { start }),
        Activity::Current { .. } | Activity::Permanent => None,
    }
}

fn device_problems(facts: &Facts<'_>) -> Vec<Problem> {
    let microphone = &facts.audio.microphone;
    let mut found = Vec::new();
    if facts.may_send {
        found.extend(microphone_problem(&microphone.state));
        if microphone.is_muted && microphone.is_talking {
            found.push(Problem::TalkingWhileMuted);
        }
    }
    let speakers = facts.audio.speakers.iter();
    found.extend(
        speakers
            .filter_map(|speaker| fault(&speaker.state))
            .map(|reason| Problem::NoSpeaker { reason })
            .take(1),
    );
    found
}

fn microphone_problem(state: &DeviceState) -> Option<Problem> {
    match state {
        DeviceState::Missing { reason } => Some(Problem::NoMicrophone {
            reason: reason.clone(),
        }),
        DeviceState::Failed { reason } => Some(Problem::MicrophoneFails {
            reason: reason.clone(),
        }),
        _ => None,
    }
}

fn fault(state: &DeviceState) -> Option<String> {
    match state {
        DeviceState::Missing { reason } | DeviceState::Failed { reason } => Some(reason.clone()),
        _ => None,
    }
}
