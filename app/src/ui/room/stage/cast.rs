//! Who is to be seen: the people of the room, oneself, and screens that are shared.
use std::collections::BTreeSet;

use super::seats::{Attendee, Seats};
use crate::model::{Model, Person, PersonId, Presence, Room, Whose};

/// Everybody who may have a seat; who is `hidden` counts as one without a picture.
pub(super) fn attendees(data: &Model, room: &Room, hidden: &BTreeSet<PersonId>) -> Vec<Attendee> {
    let mine = Attendee {
        whose: Whose::Mine,
        talking_dbfs: None,
        has_picture: has_my_picture(room),
    };
    let others = room.people.iter().flat_map(|person| {
        let screen = person.has_screen.then_some(Attendee {
            whose: Whose::Screen(person.id),
            talking_dbfs: None,
            has_picture: true,
        });
        let mut attendee = attendee(person);
        attendee.has_picture &= !hidden.contains(&person.id);
        std::iter::once(attendee).chain(screen)
    });
    let mine = (!is_self_hidden(data, room)).then_some(mine);
    mine.into_iter().chain(others).collect()
}

fn attendee(person: &Person) -> Attendee {
    let is_heard = person.is_talking && !person.is_muted && person.presence == Presence::Here;
    Attendee {
        whose: Whose::Theirs(person.id),
        talking_dbfs: is_heard.then_some(person.level_dbfs),
        has_picture: person.video.is_some(),
    }
}

/// How many seats are taken.
pub(super) fn shown_count(data: &Model, room: &Room) -> usize {
    let screens = room.people.iter().filter(|person| person.has_screen);
    let mine = usize::from(!is_self_hidden(data, room));
    room.people.len() + screens.count() + mine
}

/// Everybody who has a seat, by seat.
pub(super) fn shown(data: &Model, room: &Room, seats: &Seats) -> Vec<Whose> {
    let is_shown = |whose: &&Whose| **whose != Whose::Mine || !is_self_hidden(data, room);
    seats.order().iter().filter(is_shown).copied().collect()
}

/// Whether one's own picture is being taken.
pub(super) fn has_my_picture(room: &Room) -> bool {
    let camera = room.me.camera.as_ref();
    camera.is_some_and(|camera| camera.is_on || camera.is_replaced)
}

/// The name of somebody, for a file or a window.
pub(super) fn name(room: &Room, whose: Whose) -> String {
    let of = |id| room.person(id).map_or("Somebody", |person| &*person.name);
    match whose {
        Whose::Mine => room.me.name.clone(),
        Whose::Theirs(id) => of(&id).to_owned(),
        Whose::Screen(id) => format!("Screen of {}", of(&id)),
    }
}

/// Alone one is always seen.
fn is_self_hidden(data: &Model, room: &Room) -> bool {
    data.settings.is_self_hidden && !room.people.is_empty()
}
