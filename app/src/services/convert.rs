//! From what the core tells to what the window shows.
use std::time::SystemTime;

use conf_core::{
    CatalogueEntry, ConferenceId, ConferenceSnapshot, ConferenceState, Description, DeviceInfo,
    DeviceState, Direction, Encryption, JoinError, NetworkProblem, NetworkStatus, Scope,
    VideoSenderStatus, VideoSourceStatus, plan,
};
use jiff::Timestamp;

use super::entry_id;
use crate::model::{self, Activity, Entry, Lock, MediaLine, Problem, Seen, Source};

/// One conference of the list, as of `wall`.
///
/// `is_mine` tells whether what a directory has was published from here.
pub(super) fn entry(
    entry: &CatalogueEntry,
    wall: SystemTime,
    is_mine: &dyn Fn(&str, ConferenceId) -> bool,
) -> Entry {
    let description = &*entry.description;
    let is_mine = |url: &str| is_mine(url, entry.id);
    let seen: Vec<Seen> = entry
        .sources
        .iter()
        .map(|source| seen(source, &is_mine))
        .collect();
    let is_own = seen.iter().any(|seen| match seen.source {
        Source::Directory { is_mine, .. } => is_mine,
        Source::Own => true,
        Source::Network { .. } | Source::File(_) => false,
    });
    Entry {
        id: entry_id(entry.id),
        name: description.name.clone(),
        description: description.information.clone().unwrap_or_default(),
        when: activity(description, wall),
        repeats: repeats(description),
        scope: scope(description.scope().unwrap_or_default()),
        media: description
            .mediums()
            .map(|medium| media_line(&medium))
            .collect(),
        contacts: contacts(description),
        seen,
        lock: description.encryption().as_ref().map(lock),
        refusal: refusal(description, wall),
        draft: is_own.then(|| draft(description)).flatten(),
        sdp: description.to_string(),
    }
}

/// The network, with everything that could be chosen.
pub(super) fn network(status: &NetworkStatus) -> model::Network {
    let all = conf_core::net::interfaces().unwrap_or_default();
    let usable = all
        .iter()
        .filter(|interface| interface.is_up && interface.is_multicast);
    model::Network {
        interface: status.interfaces.first().map(interface),
        is_chosen: status.choice != conf_core::InterfaceChoice::Default,
        choices: usable.map(interface).collect(),
        problem: status.problem.map(network_problem),
    }
}

/// Microphones and speakers.
pub(super) fn devices(found: &[DeviceInfo]) -> model::Devices {
    let of = |direction| {
        let devices = found
            .iter()
            .filter(move |device| device.direction == direction)
            // That is the first choice anyway, in the window's own words.
            .filter(|device| device.name != "default");
        devices
            .map(|device| model::Device {
                id: format!("device:{}", device.name),
                name: device.description.clone(),
            })
            .collect()
    };
    model::Devices {
        microphones: of(Direction::Capture),
        speakers: of(Direction::Playback),
    }
}

/// The conference being taken part in.
pub(super) fn room(
    description: &Description,
    snapshot: &ConferenceSnapshot,
    wall: SystemTime,
) -> model::Room {
    model::Room {
        conference: entry_id(description.id()),
        name: description.name.clone(),
        stage: match snapshot.state {
            ConferenceState::Joining => model::Stage::Joining,
            ConferenceState::Joined => model::Stage::Joined,
            ConferenceState::Leaving | ConferenceState::Left => model::Stage::Leaving,
        },
        since: snapshot.since,
        ends: match description.activity(wall) {
            conf_core::Activity::Current { until } => until.and_then(timestamp),
            _ => None,
        },
        has_video: conf_core::plan_video(description).is_some(),
        me: model::Me {
            name: snapshot.me.information.name.clone().unwrap_or_default(),
            may_send: snapshot.me.may_send,
            is_muted: snapshot.me.is_muted,
            level_dbfs: snapshot.me.level_dbfs,
            is_talking: snapshot.me.is_talking,
            camera: snapshot.me.video.as_ref().map(camera),
        },
        people: snapshot.people.iter().map(person).collect(),
        problems: snapshot.problems.iter().map(Problem::from).collect(),
        details: room_details(description, snapshot),
    }
}

impl From<&conf_core::Problem> for Problem {
    fn from(problem: &conf_core::Problem) -> Self {
        use conf_core::Problem as P;
        match problem {
            P::NoNetwork => Self::NoNetwork,
            P::PortTaken { port } => Self::PortTaken { port: *port },
            P::NothingCanBeSent { reason } => Self::NothingCanBeSent {
                reason: reason.clone(),
            },
            P::NetworkDropsMulticast => Self::NetworkDropsMulticast,
            P::ConferenceOver => Self::ConferenceOver,
            P::NotYetBegun { start } => Self::NotYetBegun {
                start: timestamp(*start).unwrap_or_default(),
            },
            P::NoMicrophone { reason } => Self::NoMicrophone {
                reason: reason.clone(),
            },
            P::MicrophoneFails { reason } => Self::MicrophoneFailing {
                reason: reason.clone(),
            },
            P::MicrophoneSilent => Self::MicrophoneSilent,
            P::NoSpeaker { reason } => Self::NoSpeaker {
                reason: reason.clone(),
            },
            P::NobodyHeardYet => Self::NobodyHeardYet,
            P::TalkingWhileMuted => Self::TalkingWhileMuted,
        }
    }
}

impl From<&JoinError> for Problem {
    fn from(error: &JoinError) -> Self {
        match error {
            JoinError::Encrypted(encryption) => Self::Encrypted(lock(encryption)),
            JoinError::Over => Self::ConferenceOver,
            JoinError::NoAudio => Self::NoAudio,
            JoinError::NotMulticast(_) | JoinError::NoAddress => Self::NotMulticast,
            JoinError::NoCommonCodec { offered } => Self::NoCommonCodec {
                offered: offered.clone(),
            },
            JoinError::Stopped | JoinError::Audio(_) | JoinError::Video(_) => Self::Other {
                reason: error.to_string(),
            },
        }
    }
}

impl From<model::Scope> for Scope {
    fn from(scope: model::Scope) -> Self {
        match scope {
            model::Scope::Room => Self::Room,
            model::Scope::Site => Self::Site,
            model::Scope::Organisation => Self::Organisation,
            model::Scope::World => Self::World,
        }
    }
}

fn scope(scope: Scope) -> model::Scope {
    match scope {
        Scope::Room => model::Scope::Room,
        Scope::Site => model::Scope::Site,
        Scope::Organisation => model::Scope::Organisation,
        Scope::World => model::Scope::World,
    }
}

fn network_problem(problem: NetworkProblem) -> Problem {
    match problem {
        NetworkProblem::NoInterface => Problem::NoNetwork,
        NetworkProblem::PortTaken { port } => Problem::PortTaken { port },
        NetworkProblem::CannotSend => Problem::NothingCanBeSent {
            reason: "announcements are refused".to_owned(),
        },
    }
}

fn activity(description: &Description, wall: SystemTime) -> Activity {
    let next = description.occurrences(wall).next();
    let end = next
        .and_then(|occurrence| occurrence.stop)
        .and_then(timestamp);
    match description.activity(wall) {
        conf_core::Activity::Permanent => Activity::Now { until: None },
        conf_core::Activity::Current { until } => Activity::Now {
            until: until.and_then(timestamp),
        },
        conf_core::Activity::Upcoming { start } => Activity::Upcoming {
            start: timestamp(start).unwrap_or_default(),
            end,
        },
        conf_core::Activity::Past => Activity::Past,
    }
}

/// `r=` in words, for the lengths that people use.
fn repeats(description: &Description) -> Option<String> {
    let repeat = description
        .times
        .iter()
        .find_map(|time| time.repeats.first())?;
    let days = repeat.interval_secs / 86_400;
    Some(match (days, repeat.interval_secs % 86_400) {
        (1, 0) => "every day".to_owned(),
        (7, 0) => "every week".to_owned(),
        (14, 0) => "every two weeks".to_owned(),
        (days, 0) => format!("every {days} days"),
        _ => format!("every {} hours", repeat.interval_secs / 3_600),
    })
}

fn media_line(medium: &conf_core::Medium<'_>) -> MediaLine {
    let media = medium.media;
    let mut kind = media.kind.clone();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let address = medium
        .groups()
        .first()
        .map(|group| format!("{} port {}", group.ip(), group.port()));
    MediaLine {
        kind,
        format: media.format_names().join(", "),
        address: address.unwrap_or_default(),
    }
}

fn contacts(description: &Description) -> Vec<String> {
    let lines = description
        .emails
        .iter()
        .chain(&description.phones)
        .chain(&description.uri);
    lines.cloned().collect()
}

fn seen(seen: &conf_core::Seen, is_mine: &dyn Fn(&str) -> bool) -> Seen {
    match seen {
        conf_core::Seen::Own => Seen {
            source: Source::Own,
            at: None,
        },
        conf_core::Seen::File(path) => Seen {
            source: Source::File(path.clone()),
            at: None,
        },
        conf_core::Seen::Directory { url, .. } => Seen {
            source: Source::Directory {
                url: url.to_string(),
                is_mine: is_mine(url),
            },
            at: None,
        },
        conf_core::Seen::Sap {
            announcer,
            last_heard,
            ..
        } => Seen {
            source: Source::Network {
                announcer: announcer.to_string(),
                interface: None,
            },
            at: timestamp(*last_heard),
        },
    }
}

fn lock(encryption: &Encryption) -> Lock {
    match encryption {
        Encryption::SecureProtocol { .. } => Lock::SecureProfile,
        Encryption::KeyAttribute { .. } => Lock::Crypto,
        Encryption::Key { .. } => Lock::Key,
    }
}

/// Why joining cannot succeed, apart from encryption and time, which are told on their own.
fn refusal(description: &Description, wall: SystemTime) -> Option<Problem> {
    match plan(description, wall) {
        Ok(_) | Err(JoinError::Encrypted(_) | JoinError::Over) => None,
        Err(error) => Some(Problem::from(&error)),
    }
}

/// What the form shows; one that has no times cannot be edited in it.
fn draft(description: &Description) -> Option<model::Draft> {
    let draft = conf_core::Draft::from_description(description);
    Some(model::Draft {
        name: draft.name,
        description: draft.description.unwrap_or_default(),
        start: draft.start.and_then(timestamp)?,
        end: draft.stop.and_then(timestamp)?,
        scope: scope(draft.scope),
    })
}

fn interface(interface: &conf_core::Interface) -> model::NetworkInterface {
    let address = interface.addresses.iter().find(|address| address.is_ipv4());
    let address = address.or_else(|| interface.addresses.first());
    model::NetworkInterface {
        name: interface.name.clone(),
        address: address.map(ToString::to_string).unwrap_or_default(),
    }
}

fn person(person: &conf_core::Person) -> model::Person {
    let name = person.display_name();
    model::Person {
        id: model::PersonId(person.id.0),
        name: if name.is_empty() {
            "Somebody".to_owned()
        } else {
            name.to_owned()
        },
        presence: match person.presence {
            conf_core::Presence::Here => model::Presence::Here,
            conf_core::Presence::TimedOut => model::Presence::Lost,
        },
        is_talking: person.is_talking,
        level_dbfs: person.level_dbfs,
        is_muted: person.is_muted_by_me,
        gain_db: person.gain_db,
        video: person.video.as_ref().map(reach),
        details: person_details(person),
        last_talked: None,
    }
}

fn camera(status: &VideoSenderStatus) -> model::Camera {
    let fault = match &status.source {
        DeviceState::Missing { reason } | DeviceState::Failed { reason } => Some(reason.clone()),
        DeviceState::Running | DeviceState::Opening | DeviceState::Off => None,
    };
    model::Camera {
        is_on: status.source != DeviceState::Off,
        fault,
        share: None,
    }
}

fn reach(source: &VideoSourceStatus) -> model::Reach {
    let figures = source.statistics;
    if source.needs_keyframe && figures.decoded > 0 {
        model::Reach::Stopped
    } else if figures.frame_rate < 5.0 && figures.decoded > 30 {
        model::Reach::Weak
    } else {
        model::Reach::Good
    }
}

fn person_details(person: &conf_core::Person) -> Vec<(String, String)> {
    let information = &person.information;
    let told = [
        ("E-mail", &information.email),
        ("Phone", &information.phone),
        ("Location", &information.location),
        ("Note", &information.note),
        ("Program", &information.tool),
        ("CNAME", &information.cname),
    ];
    let told = told
        .into_iter()
        .filter_map(|(label, text)| Some((label.to_owned(), text.clone()?)));
    let reception = person.reception;
    let milliseconds =
        |duration: std::time::Duration| format!("{:.0} ms", duration.as_secs_f64() * 1000.0);
    let measured = [
        ("Packets", reception.packets.to_string()),
        ("Loss", format!("{:.1} %", reception.loss_percent)),
        ("Jitter", milliseconds(reception.jitter)),
        ("Delay", milliseconds(reception.delay)),
        ("Made up", milliseconds(reception.concealed)),
    ];
    told.chain(measured.map(|(label, value)| (label.to_owned(), value)))
        .collect()
}

fn room_details(description: &Description, snapshot: &ConferenceSnapshot) -> Vec<(String, String)> {
    let totals = snapshot.statistics;
    let rows = [
        ("Packets sent", totals.rtp_sent),
        ("Packets received", totals.rtp_received),
        ("Packets refused", totals.refused),
        ("Dropped for being late", totals.audio_dropped),
    ];
    let totals = rows.map(|(label, value)| (label.to_owned(), value.to_string()));
    let media = description.mediums().map(|medium| media_line(&medium));
    media
        .map(|line| (line.kind, format!("{}, {}", line.format, line.address)))
        .chain(totals)
        .collect()
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}
