//! What `--json` writes: one object a line, documented in app/JSON.md.
mod figures;

use std::io::Write as _;
use std::time::SystemTime;

use conf_core::{
    Activity, CatalogueEntry, ConferenceEvent, ConferenceSnapshot, Departure, Description,
    Disagreement, Information, Layer, PersonId, Seen, Size,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::figures::{layer_word, pictures_word, statistics};
use super::failure::Failure;
use super::reference::link;
use crate::model::Problem;
use crate::notice::Notice;
use crate::range;

/// Writes one object and ends the line; whoever reads gets it at once.
pub(super) fn print(object: &Value) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{object}")
        .and_then(|()| out.flush())
        .map_err(Failure::other)
}

/// One conference of the list.
pub(super) fn entry(event: &str, entry: &CatalogueEntry, wall: SystemTime) -> Value {
    let description = &entry.description;
    let occurrence = description.occurrences(wall).next();
    json!({
        "event": event,
        "id": entry.id.to_string(),
        "link": link(&entry.id),
        "name": description.name,
        "information": description.information,
        "version": description.version().map(|version| version.as_str()),
        "activity": activity_word(description.activity(wall)),
        "start": occurrence.and_then(|occurrence| occurrence.start).and_then(time),
        "stop": occurrence.and_then(|occurrence| occurrence.stop).and_then(time),
        "scope": description.scope().map(conf_core::Scope::name),
        "media": media(description),
        "is_encrypted": description.encryption().is_some(),
        "seen": entry.sources.iter().map(seen).collect::<Vec<_>>(),
        "differs": entry.disagreements.iter().map(differs).collect::<Vec<_>>(),
    })
}

/// A description, with where it was seen and who tells otherwise, where it is from the list.
pub(super) fn shown(mut description: Value, entry: Option<&CatalogueEntry>) -> Value {
    if let (Some(object), Some(entry)) = (description.as_object_mut(), entry) {
        let sources = entry.sources.iter().map(seen).collect();
        let disagreements = entry.disagreements.iter().map(differs).collect();
        object.insert("seen".to_owned(), sources);
        object.insert("differs".to_owned(), disagreements);
    }
    description
}

/// A new conference, where its groups come from, and what it meets.
pub(super) fn created(description: &Description, groups: &Value, clashes: &Value) -> Value {
    json!({
        "event": "created",
        "id": description.id().to_string(),
        "link": link(&description.id()),
        "name": description.name,
        "groups": groups,
        "clashes": clashes,
        "sdp": description.to_string(),
    })
}

/// What was done with an entry of a directory, and when it dies unless it is refreshed.
pub(super) fn published(
    event: &str,
    directory: &str,
    description: &Description,
    dies: Option<SystemTime>,
) -> Value {
    json!({
        "event": event,
        "id": description.id().to_string(),
        "link": link(&description.id()),
        "name": description.name,
        "directory": directory,
        "lives_until": dies.and_then(time),
    })
}

/// A conference that is seen nowhere any more.
pub(super) fn gone(id: conf_core::ConferenceId) -> Value {
    json!({ "event": "gone", "id": id.to_string() })
}

/// The first object of `join`.
pub(super) fn joining(entry: &Description, interface: Option<&str>, name: &str) -> Value {
    let conference = json!({ "id": entry.id().to_string(), "name": entry.name });
    stamped(
        json!({ "event": "joining", "conference": conference, "interface": interface, "name": name }),
    )
}

/// What happened in a conference; `notice` are the words for a problem.
pub(super) fn event(
    event: &ConferenceEvent,
    snapshot: &ConferenceSnapshot,
    notice: impl Fn(&Problem) -> Notice,
) -> Value {
    let named = |word: &str, id: &PersonId| json!({ "event": word, "id": id.0 });
    let wrong = |word: &str, problem: &conf_core::Problem| {
        let words = notice(&Problem::from(problem));
        json!({ "event": word, "problem": problem_word(problem), "message": words.title, "remedy": words.remedy, "detail": words.detail })
    };
    stamped(match event {
        ConferenceEvent::Joined => json!({ "event": "joined" }),
        ConferenceEvent::PersonJoined { id, information } => {
            json!({ "event": "person_joined", "person": person(*id, information) })
        }
        ConferenceEvent::PersonChanged { id, information } => {
            json!({ "event": "person_changed", "person": person(*id, information) })
        }
        ConferenceEvent::PersonLeft { id, departure } => left(*id, departure),
        ConferenceEvent::PersonTimedOut { id } => named("person_timed_out", id),
        ConferenceEvent::PersonRecovered { id } => named("person_recovered", id),
        ConferenceEvent::TalkingStarted { id } => named("talking_started", id),
        ConferenceEvent::TalkingStopped { id } => named("talking_stopped", id),
        ConferenceEvent::VideoJoined { id } => named("video_joined", id),
        ConferenceEvent::VideoLeft { id } => named("video_left", id),
        ConferenceEvent::FirstPicture { id, layer, size } => {
            sized("first_picture", *id, *layer, *size)
        }
        ConferenceEvent::LayerChanged { id, layer, size } => {
            sized("layer_changed", *id, *layer, *size)
        }
        ConferenceEvent::ScreenShared { id } => named("screen_shared", id),
        ConferenceEvent::ScreenEnded { id } => named("screen_ended", id),
        ConferenceEvent::VideoFrozen { id } => named("video_frozen", id),
        ConferenceEvent::VideoResumed { id } => named("video_resumed", id),
        ConferenceEvent::ProblemStarted(problem) => wrong("problem_started", problem),
        ConferenceEvent::ProblemEnded(problem) => wrong("problem_ended", problem),
        ConferenceEvent::Renumbered => json!({ "event": "renumbered" }),
        ConferenceEvent::Left => json!({ "event": "left", "statistics": statistics(snapshot) }),
    })
}

/// Pictures of a size that somebody is seen in.
fn sized(word: &str, id: PersonId, layer: Layer, size: Size) -> Value {
    json!({
        "event": word,
        "id": id.0,
        "pictures": pictures_word(layer),
        "layer": layer_word(layer),
        "width": size.width,
        "height": size.height,
    })
}

/// How everything is going, in between.
pub(super) fn figures(snapshot: &ConferenceSnapshot) -> Value {
    stamped(json!({ "event": "statistics", "statistics": statistics(snapshot) }))
}

fn stamped(mut object: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.insert("time".to_owned(), Timestamp::now().to_string().into());
    }
    object
}

pub(super) fn time(time: SystemTime) -> Option<String> {
    Timestamp::try_from(time).ok().map(|time| time.to_string())
}

pub(super) fn activity_word(activity: Activity) -> &'static str {
    match activity {
        Activity::Permanent => "permanent",
        Activity::Current { .. } => "current",
        Activity::Upcoming { .. } => "upcoming",
        Activity::Past => "past",
    }
}

fn media(description: &Description) -> Vec<Value> {
    let one = |medium: conf_core::Medium<'_>| {
        let media = medium.media;
        json!({
            "kind": media.kind,
            "title": media.title,
            "address": medium.groups().first().map(|group| group.ip().to_string()),
            "port": media.port,
            "groups": range::named(&medium.groups(), |group| group.ip().to_string()),
            "protocol": media.protocol,
            "formats": media.format_names(),
        })
    };
    description.mediums().map(one).collect()
}

fn seen(seen: &Seen) -> Value {
    match seen {
        Seen::Own => json!({ "source": "own" }),
        Seen::File(path) => json!({ "source": "file", "path": path.display().to_string() }),
        Seen::Directory { url, name } => {
            json!({ "source": "directory", "url": **url, "name": name })
        }
        Seen::Sap {
            group,
            announcer,
            first_heard,
            last_heard,
        } => json!({
            "source": "sap",
            "group": group.to_string(),
            "announcer": announcer.to_string(),
            "first_heard": time(*first_heard),
            "last_heard": time(*last_heard),
        }),
    }
}

/// A source that tells otherwise, and what.
fn differs(disagreement: &Disagreement) -> Value {
    let mut object = seen(&disagreement.source);
    if let Some(object) = object.as_object_mut() {
        let version = disagreement.description.version();
        let fields = disagreement.fields.iter().map(|field| field.name());
        object.insert(
            "version".to_owned(),
            json!(version.map(|version| version.as_str())),
        );
        object.insert("fields".to_owned(), fields.collect());
    }
    object
}

fn person(id: PersonId, information: &Information) -> Value {
    let items = [
        ("name", &information.name),
        ("cname", &information.cname),
        ("email", &information.email),
        ("phone", &information.phone),
        ("location", &information.location),
        ("tool", &information.tool),
        ("note", &information.note),
        ("private", &information.private),
    ];
    let mut object = Map::from_iter([("id".to_owned(), Value::from(id.0))]);
    let told = items
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into())));
    object.extend(told);
    Value::Object(object)
}

fn left(id: PersonId, departure: &Departure) -> Value {
    let (how, reason) = match departure {
        Departure::Goodbye(reason) => ("goodbye", reason.clone()),
        Departure::Forgotten => ("forgotten", None),
        Departure::SameAs(_) => ("same_as", None),
    };
    json!({ "event": "person_left", "id": id.0, "how": how, "reason": reason })
}

/// The word for a problem that scripts may rely on.
fn problem_word(problem: &conf_core::Problem) -> &'static str {
    use conf_core::Problem as P;
    match problem {
        P::NoNetwork => "no_network",
        P::PortTaken { .. } => "port_taken",
        P::NothingCanBeSent { .. } => "nothing_can_be_sent",
        P::NetworkDropsMulticast => "network_drops_multicast",
        P::ConferenceOver => "conference_over",
        P::NotYetBegun { .. } => "not_yet_begun",
        P::NoMicrophone { .. } => "no_microphone",
        P::MicrophoneFails { .. } => "microphone_fails",
        P::MicrophoneSilent => "microphone_silent",
        P::NoSpeaker { .. } => "no_speaker",
        P::NoCamera { .. } => "no_camera",
        P::NothingShared { .. } => "nothing_shared",
        P::TooSlow => "too_slow",
        P::TooSlowToSend => "too_slow_to_send",
        P::NobodyHeardYet => "nobody_heard_yet",
        P::TalkingWhileMuted => "talking_while_muted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_picture_tells_whether_it_is_a_camera_or_a_screen() {
        let of = |layer| sized("first_picture", PersonId(3), layer, Size::new(320, 180));
        let expected = json!({
            "event": "first_picture", "id": 3, "pictures": "screen", "layer": "screen",
            "width": 320, "height": 180,
        });
        assert_eq!(of(Layer::Screen), expected);
        for layer in [Layer::Thumbnail, Layer::Full] {
            assert_eq!(of(layer)["pictures"], "camera");
        }
    }
}
