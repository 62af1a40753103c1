//! What commands write for people: the list, one conference, what happens in a room.
use std::ops::Range;
use std::time::{Duration, SystemTime};

use conf_core::{
    Activity, CatalogueEntry, ConferenceEvent, ConferenceSnapshot, Departure, Description,
    Disagreement, Encryption, Layer, PersonId, Seen,
};
use jiff::{Timestamp, Zoned, tz::TimeZone};

use crate::model::Problem;
use crate::notice::Notice;
use crate::protection;
use crate::range;

/// One line of the list.
pub(super) fn entry_line(entry: &CatalogueEntry, wall: SystemTime) -> String {
    let description = &entry.description;
    let lock = if description.encryption().is_some() {
        "  🔒 encrypted"
    } else {
        ""
    };
    let seen: Vec<String> = entry
        .sources
        .iter()
        .map(|source| seen(source, wall))
        .collect();
    format!(
        "{}  {:<32}  {:<28}  {:<12}  {}{lock}",
        entry.id,
        shown(&description.name),
        when(description, wall),
        description.scope().map_or("", conf_core::Scope::name),
        seen.join(", "),
    )
}

/// When it takes place, as one would say it.
pub(super) fn when(description: &Description, wall: SystemTime) -> String {
    match description.activity(wall) {
        Activity::Permanent => "always on".to_owned(),
        Activity::Current { until: None } => "on now".to_owned(),
        Activity::Current { until: Some(until) } => format!("on now, until {}", local(until)),
        Activity::Upcoming { start } => format!("from {}", local(start)),
        Activity::Past => "over".to_owned(),
    }
}

/// All that matters to a person about one conference.
pub(super) fn details(
    description: &Description,
    sources: &[Seen],
    disagreements: &[Disagreement],
    wall: SystemTime,
) -> String {
    let mut text = format!("{}\n", shown(&description.name));
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("  {label:<12} {value}\n"));
        }
    };
    line(
        "about",
        description.information.as_deref().unwrap_or_default(),
    );
    line("when", &when(description, wall));
    line(
        "scope",
        description.scope().map_or("", conf_core::Scope::name),
    );
    line("page", description.uri.as_deref().unwrap_or_default());
    for contact in description.emails.iter().chain(&description.phones) {
        line("contact", contact);
    }
    for medium in description.mediums() {
        let groups = range::named(&medium.groups(), |group| group.to_string()).join(", ");
        let formats = medium.media.format_names().join(", ");
        let title = medium.media.title.iter();
        let title: String = title.map(|title| format!(" ({title})")).collect();
        line(&medium.media.kind, &format!("{groups} {formats}{title}"));
    }
    if let Some(encryption) = description.encryption() {
        line(
            "🔒",
            &format!(
                "encrypted ({}): it cannot be joined with this version",
                means(&encryption)
            ),
        );
    }
    for source in sources {
        line("seen", &seen(source, wall));
    }
    if !sources.is_empty() {
        let is_in_directory = |seen: &Seen| matches!(seen, Seen::Directory { .. });
        line(
            "protection",
            protection::sentence(sources.iter().any(is_in_directory)),
        );
    }
    for disagreement in disagreements {
        let source = seen(&disagreement.source, wall);
        let differing = differing(disagreement, description);
        line("differs", &format!("{source}: {differing}"));
    }
    line("id", &description.id().to_string());
    text
}

/// What a source tells otherwise, and which version it has.
fn differing(disagreement: &Disagreement, shown: &Description) -> String {
    let version = |description: &Description| {
        let version = description.version();
        version.map_or_else(String::new, |version| version.as_str().to_owned())
    };
    let (there, here) = (version(&disagreement.description), version(shown));
    let versions = (there != here).then(|| format!("version {there}, not {here} as above"));
    let names = disagreement.fields.iter().map(|field| field.name());
    let names: Vec<&str> = names.filter(|name| *name != "version").collect();
    let fields = (!names.is_empty()).then(|| format!("another {}", names.join(", ")));
    let parts: Vec<String> = versions.into_iter().chain(fields).collect();
    parts.join("; ")
}

/// What happened in a conference, in a sentence; nothing where it is not worth one.
pub(super) fn event(
    event: &ConferenceEvent,
    snapshot: &ConferenceSnapshot,
    notice: impl Fn(&Problem) -> Notice,
) -> Option<String> {
    let name = |id: &PersonId| name_of(*id, snapshot);
    Some(match event {
        ConferenceEvent::Joined => "You are in.".to_owned(),
        ConferenceEvent::PersonJoined { id, information } => {
            let name = information.name.clone().unwrap_or_else(|| name(id));
            format!("{} is here.", shown(&name))
        }
        ConferenceEvent::PersonLeft { id, departure } => match departure {
            Departure::Goodbye(_) => format!("{} left.", name(id)),
            Departure::Forgotten => format!("{} is gone.", name(id)),
            Departure::SameAs(_) => return None,
        },
        ConferenceEvent::PersonTimedOut { id } => {
            format!("Nothing comes from {} any more.", name(id))
        }
        ConferenceEvent::PersonRecovered { id } => format!("{} is back.", name(id)),
        ConferenceEvent::ProblemStarted(problem) => {
            let words = notice(&Problem::from(problem));
            match &words.detail {
                Some(detail) => format!("{} ({detail})", sentences(&words)),
                None => sentences(&words),
            }
        }
        ConferenceEvent::Left => "You left.".to_owned(),
        ConferenceEvent::ScreenShared { id } => format!("{} shares a screen.", name(id)),
        ConferenceEvent::ScreenEnded { id } => format!("{} shares no screen any more.", name(id)),
        ConferenceEvent::FirstPicture { id, layer, size } if *layer == Layer::Screen => {
            format!("The screen of {} is seen, {size}.", name(id))
        }
        ConferenceEvent::FirstPicture { id, size, .. } => {
            format!("{} is seen, {size}.", name(id))
        }
        ConferenceEvent::VideoLeft { id } => format!("{} sends no pictures any more.", name(id)),
        ConferenceEvent::VideoJoined { .. }
        | ConferenceEvent::LayerChanged { .. }
        | ConferenceEvent::VideoFrozen { .. }
        | ConferenceEvent::VideoResumed { .. }
        | ConferenceEvent::PersonChanged { .. }
        | ConferenceEvent::TalkingStarted { .. }
        | ConferenceEvent::TalkingStopped { .. }
        | ConferenceEvent::ProblemEnded(_)
        | ConferenceEvent::Renumbered => return None,
    })
}

/// By what one can tell that a conference is encrypted.
fn means(encryption: &Encryption) -> &str {
    match encryption {
        Encryption::SecureProtocol { protocol, .. } => protocol,
        Encryption::KeyAttribute { .. } => "a=crypto or a=key-mgmt",
        Encryption::Key { .. } => "k=",
    }
}

/// What is wrong, and what to do about it.
pub(super) fn sentences(words: &Notice) -> String {
    format!("{}. {}", words.title.trim_end_matches('.'), words.remedy)
}

/// A time in the user's zone: the day only where it is another one.
pub(super) fn local(time: SystemTime) -> String {
    let Ok(time) = Timestamp::try_from(time) else {
        return "a time out of range".to_owned();
    };
    let zoned = time.to_zoned(TimeZone::system());
    let is_today = zoned.date() == Zoned::now().date();
    zoned
        .strftime(if is_today {
            "%H:%M"
        } else {
            "%a %Y-%m-%d %H:%M"
        })
        .to_string()
}

/// From when until when, in the user's zone: the second day only where it is another one.
pub(super) fn span(time: &Range<SystemTime>) -> String {
    let date = |time| Timestamp::try_from(time).map(|time| time.to_zoned(TimeZone::system()));
    let (Ok(start), Ok(end)) = (date(time.start), date(time.end)) else {
        return format!("{}–{}", local(time.start), local(time.end));
    };
    if start.date() == end.date() {
        format!("{}–{}", local(time.start), end.strftime("%H:%M"))
    } else {
        format!("{} to {}", local(time.start), local(time.end))
    }
}

/// `a, b and c`.
pub(super) fn listing(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// `12,345`.
pub(super) fn grouped(figure: u64) -> String {
    crate::ui::words::grouped(usize::try_from(figure).unwrap_or(usize::MAX))
}

fn seen(seen: &Seen, wall: SystemTime) -> String {
    match seen {
        Seen::Own => "own".to_owned(),
        Seen::File(path) => path.display().to_string(),
        Seen::Directory { url, .. } => format!("in {url}"),
        Seen::Sap {
            group,
            announcer,
            last_heard,
            ..
        } => {
            let is_old = wall
                .duration_since(*last_heard)
                .is_ok_and(|age| age > RECENT);
            let age = if is_old {
                format!(", last heard {}", local(*last_heard))
            } else {
                String::new()
            };
            format!("announced by {announcer} on {group}{age}")
        }
    }
}

fn name_of(id: PersonId, snapshot: &ConferenceSnapshot) -> String {
    let person = snapshot.people.iter().find(|person| person.id == id);
    let name = person
        .map(|person| shown(person.display_name()))
        .unwrap_or_default();
    if name.is_empty() {
        "Somebody".to_owned()
    } else {
        name
    }
}

/// A text from the network, as it may be shown on a terminal: without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Longer ago than announcers within a site are usually silent.
const RECENT: Duration = Duration::from_secs(60);
