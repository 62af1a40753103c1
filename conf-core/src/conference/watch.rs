//! Finds out what is wrong in a conference from what was and was not heard; pure, so that every finding is tested.
use std::time::{Duration, Instant};

use directory::description::Activity;
use media::device::DeviceState;
use media::engine::{AudioSnapshot, MicrophoneStatus, SILENCE_DBFS};
use media::video::VideoSenderStatus;

use super::Problem;
use super::strain::{Haste, Strain};
use crate::endpoint::JoinFailure;

/// What the endpoint saw happen, kept until it is no longer so.
#[derive(Debug)]
pub(super) struct Watch {
    joined_at: Instant,
    last_heard: Option<Instant>,
    reach: Reach,
    silent_since: Option<Instant>,
    join_failure: Option<JoinFailure>,
    port: u16,
    send_failure: Option<SendFailure>,
    /// Pictures of others that were left out, and ours from camera and screen that were.
    shed: Strain,
    haste: [Haste; 2],
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
    /// What the camera does, and what is shared.
    pub(super) pictures: [Option<&'a DeviceState>; 2],
    /// Whether the conference is on.
    pub(super) activity: Activity,
    /// Whether we mean to send at all.
    pub(super) may_send: bool,
    /// Whether our sound comes from a device, and not from a file.
    pub(super) is_microphone_device: bool,
}

/// Whom the network reaches at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Other computers.
    Others,
    /// Other programs on this computer only.
    ThisComputer,
    /// Nobody.
    Nobody,
}

impl Watch {
    /// How long to wait for the first voice before saying that nobody was heard:
    /// twice the longest time a first report may take (RFC 3550 section 6.2: half of 5 s, randomised by 1.5).
    const ALONE_AFTER: Duration = Duration::from_secs(8);
    /// Reports that all must miss before the network is blamed.
    const MISSED_REPORTS: u32 = 3;
    /// Digital silence for so long is no pause of a device that starts.
    const SILENT_AFTER: Duration = Duration::from_secs(10);
    /// A failure to send that lasts no longer than this is not worth a word.
    const SEND_GRACE: Duration = Duration::from_secs(2);

    pub(super) fn new(port: u16, now: Instant) -> Self {
        Self {
            joined_at: now,
            last_heard: None,
            reach: Reach::Others,
            silent_since: None,
            join_failure: None,
            port,
            send_failure: None,
            shed: Strain::default(),
            haste: Default::default(),
        }
    }

    /// A packet of somebody else arrived.
    pub(super) fn note_heard(&mut self, now: Instant) {
        self.last_heard = Some(now);
    }

    /// The interface came or went.
    pub(super) fn note_network(&mut self, reach: Reach) {
        self.reach = reach;
        if reach != Reach::Nobody {
            self.join_failure = None;
            self.send_failure = None;
        }
    }

    /// What the microphone gives; digital silence is what a muted or unplugged one gives, since no room is as quiet.
    pub(super) fn note_microphone(&mut self, now: Instant, microphone: &MicrophoneStatus) {
        let is_silent =
            microphone.state == DeviceState::Running && microphone.level_dbfs <= SILENCE_DBFS;
        self.silent_since = is_silent.then(|| self.silent_since.unwrap_or(now));
    }

    /// How many pictures have been left out so far because the computer was behind, and how ours are sent.
    pub(super) fn note_pictures(
        &mut self,
        now: Instant,
        shed: u64,
        sent: [&Option<VideoSenderStatus>; 2],
    ) {
        self.shed.note(now, shed);
        for (haste, sent) in self.haste.iter_mut().zip(sent) {
            if let Some(sent) = sent {
                haste.note(now, sent);
            }
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
        self.reach != Reach::Nobody && self.join_failure.is_none()
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
            .chain(self.silent_microphone(now, facts))
            .chain(self.overload())
            .collect();
        found.sort();
        found
    }

    fn overload(&self) -> impl Iterator<Item = Problem> {
        let is_hasty = self.haste.iter().any(Haste::is_lasting);
        let problems = [
            self.shed.is_lasting().then_some(Problem::TooSlow),
            is_hasty.then_some(Problem::TooSlowToSend),
        ];
        problems.into_iter().flatten()
    }

    fn silent_microphone(&self, now: Instant, facts: &Facts<'_>) -> Option<Problem> {
        let is_lasting = self
            .silent_since
            .is_some_and(|since| since + Self::SILENT_AFTER <= now);
        let wants_to_speak =
            facts.may_send && facts.is_microphone_device && !facts.audio.microphone.is_muted;
        (is_lasting && wants_to_speak).then_some(Problem::MicrophoneSilent)
    }

    /// One cause at a time: a lost interface explains all that follows from it.
    fn network_problem(&self, now: Instant, facts: &Facts<'_>) -> Option<Problem> {
        if self.reach != Reach::Others
            || matches!(self.join_failure, Some(JoinFailure::NoInterface))
        {
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
    let [camera, shared] = facts.pictures.map(|state| state.and_then(fault));
    found.extend(camera.map(|reason| Problem::NoCamera { reason }));
    found.extend(shared.map(|reason| Problem::NothingShared { reason }));
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

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use std::time::SystemTime;

    use media::engine::SinkStatus;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    struct Scene {
        start: Instant,
        watch: Watch,
        audio: AudioSnapshot,
        pictures: [Option<DeviceState>; 2],
        people: usize,
        activity: Activity,
    }

    impl Scene {
        /// Two people who hear each other, with everything in order.
        fn fair() -> Self {
            let start = Instant::now();
            let mut watch = Watch::new(5004, start);
            watch.note_heard(start);
            let mut audio = AudioSnapshot::default();
            audio.microphone.state = DeviceState::Running;
            audio.microphone.level_dbfs = -60.0;
            Self {
                start,
                watch,
                audio,
                pictures: [None, Some(DeviceState::Running)],
                people: 1,
                activity: Activity::Permanent,
            }
        }

        fn after(&mut self, wait: Duration) -> Vec<Problem> {
            let now = self.start + wait;
            self.watch.note_microphone(now, &self.audio.microphone);
            self.watch.problems(
                now,
                &Facts {
                    people: self.people,
                    report_interval: INTERVAL,
                    audio: &self.audio,
                    pictures: self.pictures.each_ref().map(Option::as_ref),
                    activity: self.activity,
                    may_send: true,
                    is_microphone_device: true,
                },
            )
        }
    }

    #[test]
    fn nothing_is_wrong_where_people_hear_each_other() {
        assert_eq!(Scene::fair().after(Duration::from_secs(1)), []);
    }

    #[test]
    fn lost_interface_is_said_and_explains_the_silence() {
        let mut scene = Scene::fair();
        scene.watch.note_network(Reach::Nobody);
        assert_eq!(scene.after(Duration::from_secs(60)), [Problem::NoNetwork]);
        scene.watch.note_network(Reach::ThisComputer);
        assert_eq!(scene.after(Duration::from_secs(60)), [Problem::NoNetwork]);
        assert!(scene.watch.is_in_groups());
    }

    #[test]
    fn a_computer_that_is_behind_is_told_while_it_lasts() {
        let mut scene = Scene::fair();
        let mut problems = |millis, shed| {
            let wait = Duration::from_millis(millis);
            scene
                .watch
                .note_pictures(scene.start + wait, shed, [&None, &None]);
            scene.after(wait)
        };
        assert_eq!(problems(0, 3), []);
        assert_eq!(problems(1_000, 4), []);
        assert_eq!(problems(2_000, 9), [Problem::TooSlow]);
        assert_eq!(problems(7_900, 9), [Problem::TooSlow]);
        assert_eq!(problems(8_000, 9), []);
        assert_eq!(problems(9_000, 10), []);
    }

    #[test]
    fn port_that_another_program_holds_is_named_until_it_is_free() {
        let mut scene = Scene::fair();
        scene.watch.note_join_failure(JoinFailure::PortTaken);
        assert_eq!(
            scene.after(Duration::ZERO),
            [Problem::PortTaken { port: 5004 }]
        );
        scene.watch.note_joined();
        assert_eq!(scene.after(Duration::ZERO), []);
    }

    #[test]
    fn sending_that_fails_is_said_after_a_while_until_it_works() {
        let mut scene = Scene::fair();
        scene
            .watch
            .note_send_failure("refused".to_owned(), scene.start);
        assert_eq!(scene.after(Duration::from_secs(1)), []);
        let reason = "refused".to_owned();
        assert_eq!(
            scene.after(Duration::from_secs(2)),
            [Problem::NothingCanBeSent { reason }]
        );
        scene.watch.note_sent();
        assert_eq!(scene.after(Duration::from_secs(3)), []);
    }

    #[test]
    fn nobody_heard_since_joining_is_said_after_a_while() {
        let mut scene = Scene::fair();
        scene.watch = Watch::new(5004, scene.start);
        scene.people = 0;
        assert_eq!(scene.after(Duration::from_secs(7)), []);
        assert_eq!(
            scene.after(Duration::from_secs(8)),
            [Problem::NobodyHeardYet]
        );
    }

    #[test]
    fn everybody_silent_at_once_is_the_network_and_goodbyes_are_not() {
        let mut scene = Scene::fair();
        assert_eq!(scene.after(INTERVAL * 2), []);
        assert_eq!(scene.after(INTERVAL * 3), [Problem::NetworkDropsMulticast]);
        scene.people = 0;
        assert_eq!(scene.after(INTERVAL * 3), []);
    }

    #[test]
    fn time_that_is_over_or_to_come_is_said() {
        let mut scene = Scene::fair();
        scene.activity = Activity::Past;
        assert_eq!(scene.after(Duration::ZERO), [Problem::ConferenceOver]);
        let start = SystemTime::UNIX_EPOCH;
        scene.activity = Activity::Upcoming { start };
        assert_eq!(
            scene.after(Duration::ZERO),
            [Problem::NotYetBegun { start }]
        );
    }

    #[test]
    fn missing_failing_and_silent_microphones_are_told_apart() {
        let mut scene = Scene::fair();
        let reason = || "gone".to_owned();
        scene.audio.microphone.state = DeviceState::Missing { reason: reason() };
        assert_eq!(
            scene.after(Duration::ZERO),
            [Problem::NoMicrophone { reason: reason() }]
        );
        scene.audio.microphone.state = DeviceState::Failed { reason: reason() };
        assert_eq!(
            scene.after(Duration::ZERO),
            [Problem::MicrophoneFails { reason: reason() }]
        );
        scene.audio.microphone.state = DeviceState::Running;
        scene.audio.microphone.level_dbfs = SILENCE_DBFS;
        assert_eq!(scene.after(Duration::ZERO), []);
        assert_eq!(
            scene.after(Duration::from_secs(10)),
            [Problem::MicrophoneSilent]
        );
    }

    #[test]
    fn missing_speaker_is_said_once() {
        let mut scene = Scene::fair();
        let missing = || SinkStatus {
            state: DeviceState::Missing {
                reason: "gone".to_owned(),
            },
            ..SinkStatus::default()
        };
        scene.audio.speakers = vec![missing(), missing()];
        assert_eq!(
            scene.after(Duration::ZERO),
            [Problem::NoSpeaker {
                reason: "gone".to_owned()
            }]
        );
    }

    #[test]
    fn camera_that_fails_and_window_that_is_closed_are_said() {
        let mut scene = Scene::fair();
        let gone = |reason: &str| DeviceState::Missing {
            reason: reason.to_owned(),
        };
        scene.pictures = [Some(gone("unplugged")), Some(gone("closed"))];
        let problems = [
            Problem::NoCamera {
                reason: "unplugged".to_owned(),
            },
            Problem::NothingShared {
                reason: "closed".to_owned(),
            },
        ];
        assert_eq!(scene.after(Duration::ZERO), problems);
        scene.pictures = [Some(DeviceState::Off), None];
        assert_eq!(scene.after(Duration::ZERO), []);
    }

    #[test]
    fn talking_while_muted_is_said() {
        let mut scene = Scene::fair();
        scene.audio.microphone.is_muted = true;
        scene.audio.microphone.is_talking = true;
        assert_eq!(scene.after(Duration::ZERO), [Problem::TalkingWhileMuted]);
    }
}
