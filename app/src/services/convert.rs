//! From what the core tells to what the window shows.
use std::net::SocketAddr;
use std::time::SystemTime;

use conf_core::calendar::Clash;
use conf_core::directories::{self, ListedPerson};
use conf_core::{
    ConferenceSnapshot, ConferenceState, Description, DeviceInfo, DeviceState, Direction,
    Encryption, JoinError, Layer, NetworkProblem, NetworkStatus, Scope, VideoSenderStatus,
    VideoSourceStatus,
};
use jiff::Timestamp;

use super::entry_id;
use crate::model::{self, Lock, MediaLine, Problem};
use crate::range;

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

/// Microphones, speakers and cameras.
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
        cameras: cameras(),
    }
}

/// The cameras, and what can be shown instead.
fn cameras() -> Vec<model::Device> {
    let device = |id: String, name: &str| model::Device {
        id,
        name: name.to_owned(),
    };
    let cameras = conf_core::list_cameras().into_iter();
    let cameras = cameras.map(|name| device(format!("camera:{name}"), &name));
    let others = STAND_INS.map(|(id, name)| device(id.to_owned(), name));
    cameras.chain(others).collect()
}

/// Screens and windows.
pub(super) fn shareables(found: conf_core::Shareables) -> model::Shareables {
    let device = |one: conf_core::Shareable| model::Device {
        id: one.terminal.to_string(),
        name: one.title,
    };
    model::Shareables {
        list: found.list.into_iter().map(device).collect(),
        obstacle: found.obstacle,
    }
}

const STAND_INS: [(&str, &str); 2] = [("screen", "The screen"), ("test", "A test picture")];

/// The conference being taken part in, as it is seen at a glance: without what only experts want to know.
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
            level_dbfs: level(snapshot.me.level_dbfs),
            is_talking: snapshot.me.is_talking,
            camera: snapshot.me.video.as_ref().map(camera),
        },
        people: snapshot.people.iter().map(person).collect(),
        problems: snapshot.problems.iter().map(Problem::from).collect(),
        details: Vec::new(),
    }
}

/// Adds what experts want to know of a conference and everybody in it.
pub(super) fn tell_details(
    room: &mut model::Room,
    description: &Description,
    snapshot: &ConferenceSnapshot,
) {
    room.details = room_details(description, snapshot);
    for (shown, person) in room.people.iter_mut().zip(&snapshot.people) {
        shown.details = person_details(person);
    }
}

/// Meters show whole decibels, and below this nothing.
fn level(dbfs: f32) -> f32 {
    dbfs.max(-60.0).round()
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
            P::NoCamera { reason } => Self::NoCamera {
                reason: reason.clone(),
            },
            P::NothingShared { reason } => Self::NothingShared {
                reason: reason.clone(),
            },
            P::TooSlow => Self::TooSlow,
            P::TooSlowToSend => Self::TooSlowToSend,
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

pub(super) fn scope(scope: Scope) -> model::Scope {
    match scope {
        Scope::Room => model::Scope::Room,
        Scope::Site => model::Scope::Site,
        Scope::Organisation => model::Scope::Organisation,
        Scope::World => model::Scope::World,
    }
}

/// What a plan meets; nothing where no calendar has such a time.
pub(super) fn clash(clash: &Clash) -> Option<model::Clash> {
    Some(model::Clash {
        scope: scope(clash.scope),
        start: timestamp(clash.time.start)?,
        end: timestamp(clash.time.end)?,
        kbit_per_s: clash.kbit_per_s,
        budget_kbit_per_s: clash.budget_kbit_per_s,
        with: clash.with.iter().map(|(_, name)| name.clone()).collect(),
    })
}

/// Somebody in a directory.
pub(super) fn contactable(listed: &ListedPerson) -> Option<model::Contactable> {
    let directories::Entry::Person(person) = &listed.found.entry else {
        return None;
    };
    let told = [&person.mail, &person.location, &person.comment];
    let told = told.into_iter().flatten().cloned();
    let addresses = person.addresses.iter().map(ToString::to_string);
    let facts = told.chain(addresses).filter(|fact| !fact.is_empty());
    Some(model::Contactable {
        name: person.name.clone(),
        facts: facts.collect(),
        is_in_call: person.is_in_call == Some(true),
        directory: listed.url.to_string(),
    })
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

pub(super) fn media_line(medium: &conf_core::Medium<'_>) -> MediaLine {
    let media = medium.media;
    let mut kind = media.kind.clone();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if let Some(title) = &media.title {
        kind += &format!(" ({title})");
    }
    let address = |group: SocketAddr| format!("{} port {}", group.ip(), group.port());
    let formats: Vec<_> = media.format_names().iter().map(|it| format(it)).collect();
    MediaLine {
        kind,
        format: formats.join(", "),
        address: range::named(&medium.groups(), address).join("\n"),
        origin: None,
    }
}

/// A format as one says it: `opus/48000` is `Opus, 48 kHz`; the clock of pictures tells nobody anything.
fn format(name: &str) -> String {
    let Some((encoding, rate)) = name.split_once('/') else {
        return name.to_owned();
    };
    let encoding = match encoding {
        "opus" => "Opus",
        "H264" => "H.264",
        other => other,
    };
    match rate.parse::<u32>() {
        Ok(hz) if hz != VIDEO_CLOCK => format!("{encoding}, {} kHz", f64::from(hz) / 1_000.0),
        _ => encoding.to_owned(),
    }
}

/// Of RTP timestamps of every picture format, in hertz.
const VIDEO_CLOCK: u32 = 90_000;

pub(super) fn lock(encryption: &Encryption) -> Lock {
    match encryption {
        Encryption::SecureProtocol { .. } => Lock::SecureProfile,
        Encryption::KeyAttribute { .. } => Lock::Crypto,
        Encryption::Key { .. } => Lock::Key,
    }
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
        level_dbfs: level(person.level_dbfs),
        is_muted: person.is_muted_by_me,
        gain_db: person.gain_db,
        video: person.video.as_ref().map(reach),
        has_screen: person.screen.is_some(),
        details: Vec::new(),
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
        is_replaced: false,
    }
}

fn reach(source: &VideoSourceStatus) -> model::Reach {
    let figures = source.statistics;
    if source.needs_keyframe && figures.decoded > 0 {
        model::Reach::Stopped
    } else if figures.is_weak {
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
    let pictures = [("Picture", &person.video), ("Screen", &person.screen)];
    let pictures = pictures
        .into_iter()
        .filter_map(|(kind, source)| Some(picture_details(kind, source.as_ref()?)));
    told.chain(measured.map(|(label, value)| (label.to_owned(), value)))
        .chain(pictures.flatten())
        .collect()
}

/// How the pictures of one source come.
fn picture_details(kind: &str, source: &VideoSourceStatus) -> Vec<(String, String)> {
    let figures = source.statistics;
    let layer = layer_name(source.id.layer);
    let sent = figures.packets + figures.lost;
    let loss = 100.0 * figures.lost as f64 / sent.max(1) as f64;
    let rows = [
        ("size", format!("{}, {layer}", figures.size)),
        ("rate", format!("{:.1} a second", figures.frame_rate)),
        ("bit rate", format!("{} kbit/s", figures.bit_rate / 1_000)),
        ("loss", format!("{loss:.1} %")),
        ("freezes", figures.freezes.to_string()),
        (
            "left out",
            (figures.skipped + figures.shed + figures.overtaken).to_string(),
        ),
        (
            "decoding",
            format!("{:.1} ms", figures.decode_time.as_secs_f64() * 1_000.0),
        ),
    ];
    let voice = figures.lip_sync.map(|sync| sync.shown_ms);
    let voice = voice.map(|behind| ("behind the voice", format!("{behind:.0} ms")));
    let named = |(label, value)| (format!("{kind} {label}"), value);
    rows.into_iter().chain(voice).map(named).collect()
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
        .chain(own_pictures(&snapshot.me))
        .collect()
}

/// What we send of our camera and screen.
fn own_pictures(me: &conf_core::Me) -> impl Iterator<Item = (String, String)> {
    let sent = [&me.video, &me.screen].into_iter().flatten();
    let layers = sent.flat_map(|status| &status.layers);
    layers.map(|status| {
        let figures = if status.is_paused {
            "nobody watches".to_owned()
        } else {
            format!(
                "{}, {:.1} a second, {} kbit/s, {} keyframes, {} asked for",
                status.size,
                status.frame_rate,
                status.bit_rate / 1_000,
                status.keyframes,
                status.requested,
            )
        };
        (format!("Sent {}", layer_name(status.layer)), figures)
    })
}

const fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Thumbnail => "thumbnail",
        Layer::Full => "full size",
        Layer::Screen => "screen",
    }
}

pub(super) fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn formats_are_told_as_one_says_them() {
        assert_eq!(format("opus/48000"), "Opus, 48 kHz");
        assert_eq!(format("L16/44100"), "L16, 44.1 kHz");
        assert_eq!(format("H264/90000"), "H.264");
        assert_eq!(format("wb"), "wb");
    }
}
