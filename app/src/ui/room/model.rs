//! Who stands where in the list and on the stage, and what is said of them.
use std::time::Instant;

use crate::model::{Me, Person, Presence, Problem, Room};

/// With more people than this, those who talk come first.
const CALM_LIMIT: usize = 12;

/// The others in the order of the list, those that match `query` only.
pub(super) fn roster<'a>(room: &'a Room, query: &str, now: Instant) -> Vec<&'a Person> {
    let query = query.trim().to_lowercase();
    let mut people: Vec<&Person> = room
        .people
        .iter()
        .filter(|person| person.name.to_lowercase().contains(&query))
        .collect();
    if room.people.len() > CALM_LIMIT {
        people.sort_by_key(|person| !person.talked_lately(now));
    }
    people
}

/// Whether the list is long enough to be searched.
pub(super) fn is_searchable(room: &Room) -> bool {
    room.people.len() > CALM_LIMIT
}

/// The line under a person's name.
pub(super) fn status(person: &Person) -> String {
    match (person.presence, person.is_muted, person.is_talking) {
        (Presence::Lost, ..) => "connection lost".to_owned(),
        (_, true, _) => "muted by you".to_owned(),
        (_, _, true) => "talking".to_owned(),
        _ if person.gain_db.abs() >= 0.5 => gain(person.gain_db),
        _ => String::new(),
    }
}

/// The line under one's own name.
pub(super) fn my_status(me: &Me) -> &'static str {
    match (me.may_send, me.is_muted, me.is_talking) {
        (false, ..) => "listening",
        (true, true, _) => "muted",
        (true, false, true) => "talking",
        (true, false, false) => "",
    }
}

/// Whether nothing of what one says gets out, muted or not.
pub(super) fn is_unheard(room: &Room) -> bool {
    room.problems.iter().any(|problem| {
        matches!(
            problem,
            Problem::NoNetwork
                | Problem::PortTaken { .. }
                | Problem::NothingCanBeSent { .. }
                | Problem::NoMicrophone { .. }
                | Problem::MicrophoneFailing { .. }
        )
    })
}

/// `+3 dB`, `−12 dB`, `0 dB`.
pub(super) fn gain(gain_db: f32) -> String {
    let rounded = gain_db.round();
    let sign = if rounded > 0.0 {
        "+"
    } else if rounded < 0.0 {
        "−"
    } else {
        ""
    };
    format!("{sign}{:.0} dB", rounded.abs())
}
