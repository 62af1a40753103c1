//! The people as tiles: who is heard, who is seen, and the one who is looked at.
mod cast;
mod layout;
mod own_size;
mod pager;
mod seats;
mod tile;
mod tour;
mod windows;

use conf_core::Layer;
use egui::{Align2, Rect, Ui, vec2};

pub use own_size::OwnWindow;
pub use seats::Seats;
pub(super) use windows::size_choices;

use self::layout::{Shape, Small, capacity, speaker, tiles};
use self::seats::Visible;
use self::tile::{Seat, Stage as Tiles};
use crate::model::{Command, Model, Room, Stage, Still, Whose};
use crate::ui::pictures::Gallery;
use crate::ui::theme::{Type, tokens};
use crate::ui::view::{RoomView, StageLayout};

/// Shows them on `stage`, of which the top may be taken by banners.
pub(super) fn show(
    ui: &mut Ui,
    stage: Rect,
    data: &Model,
    room: &Room,
    view: &mut RoomView,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    let free = ui.available_rect_before_wrap();
    if room.stage != Stage::Joined {
        let words = if room.stage == Stage::Joining {
            "Joining…"
        } else {
            "Leaving…"
        };
        let color = tokens(ui).muted;
        ui.painter().text(
            stage.center(),
            Align2::CENTER_CENTER,
            words,
            Type::Title.regular(),
            color,
        );
        return;
    }
    // A banner that comes and goes moves nobody unless it has to.
    let place = |seats: &dyn Fn(Rect) -> Vec<Seat>| {
        let seats_of_all = seats(stage);
        let is_free = seats_of_all
            .iter()
            .all(|seat| seat.place.top() >= free.top());
        if is_free { seats_of_all } else { seats(free) }
    };
    let seats = if !room.has_video {
        place(&|stage| heard(stage, data, room))
    } else {
        let free = if view.stage.layout == StageLayout::Grid {
            pager::show(ui, free, data, room, view)
        } else {
            free
        };
        let small = small(ui, view);
        let visible = visible(free, data, room, view, small);
        let present = cast::attendees(data, room, &view.stage.hidden);
        view.stage
            .seats
            .update(data.clock.steady, &present, visible);
        seen(free, data, room, view, visible, small)
    };
    let mut tiles = Tiles {
        data,
        room,
        view,
        gallery,
        commands,
    };
    tiles.show(ui, &seats);
    windows::show(ui, &mut tiles);
    save_still(view, room, gallery, commands);
}

/// Everybody in a conference without pictures, who talk first where they are many.
fn heard(stage: Rect, data: &Model, room: &Room) -> Vec<Seat> {
    let people = super::model::roster(room, "", data.clock.steady);
    let shown = capacity(stage.size(), Shape::HEARD).saturating_sub(1);
    let others = people.iter().take(shown);
    let others = others.map(|person| Whose::Theirs(person.id));
    let all: Vec<Whose> = std::iter::once(Whose::Mine).chain(others).collect();
    let places = tiles(stage, all.len(), Shape::HEARD);
    let seats = all.into_iter().zip(places);
    seats
        .map(|(whose, place)| Seat::small(whose, place))
        .collect()
}

/// How large the small pictures are to be: one pixel of theirs on one of the screen, if they are wanted so.
fn small(ui: &Ui, view: &RoomView) -> Small {
    if !view.stage.is_small_full_size {
        return Small::Fitted;
    }
    let size = Layer::Thumbnail.bounds();
    Small::Of(vec2(size.width as f32, size.height as f32) / ui.pixels_per_point())
}

/// How many seats there are on this stage.
fn visible(stage: Rect, data: &Model, room: &Room, view: &RoomView, small: Small) -> Visible {
    let present = cast::shown_count(data, room);
    match view.stage.layout {
        StageLayout::Speaker => {
            let found = speaker(stage, present.saturating_sub(1), small);
            let hidden = usize::from(found.hidden > 0);
            Visible {
                has_large: true,
                seats: 1 + found.strip.len() - hidden,
            }
        }
        StageLayout::Grid => Visible {
            has_large: false,
            seats: pager::seats(stage.size()).min(present),
        },
    }
}

/// The seats of a conference with pictures.
fn seen(
    stage: Rect,
    data: &Model,
    room: &Room,
    view: &RoomView,
    visible: Visible,
    small: Small,
) -> Vec<Seat> {
    let order = cast::shown(data, room, &view.stage.seats);
    let mut left = usize::from(data.settings.max_videos);
    // One's own picture costs nothing, and those who show none leave room for others.
    let mut limited = |seat: Seat| {
        let is_received = seat.whose.is_some_and(|whose| match whose {
            Whose::Mine => false,
            Whose::Screen(_) => true,
            Whose::Theirs(id) => {
                let person = room.person(&id);
                let has_video = person.is_some_and(|person| person.video.is_some());
                has_video && !view.stage.hidden.contains(&id)
            }
        });
        let has_picture = !is_received || left > 0;
        left = left.saturating_sub(usize::from(is_received));
        Seat {
            has_picture,
            ..seat
        }
    };
    match view.stage.layout {
        StageLayout::Speaker => {
            let found = speaker(stage, order.len().saturating_sub(1), small);
            let mut order = order.into_iter();
            let first = order.next().map(|whose| Seat::large(whose, found.large));
            let mut seats: Vec<Seat> = first.into_iter().collect();
            let (strip, rest) = match found.strip.split_last() {
                Some((last, strip)) if found.hidden > 0 => (strip, Some(*last)),
                _ => (found.strip.as_slice(), None),
            };
            let others = order.zip(strip);
            seats.extend(others.map(|(whose, place)| Seat::small(whose, *place)));
            let mut seats: Vec<Seat> = seats.into_iter().map(&mut limited).collect();
            seats.extend(rest.map(|place| Seat::more(place, found.hidden)));
            seats
        }
        StageLayout::Grid => {
            let begin = view.stage.page * visible.seats;
            let page: Vec<Whose> = order
                .into_iter()
                .skip(begin)
                .take(visible.seats.max(1))
                .collect();
            let places = tiles(stage, page.len(), Shape::SEEN);
            let seats = page.into_iter().zip(places);
            seats
                .map(|(whose, place)| limited(Seat::small(whose, place)))
                .collect()
        }
    }
}

/// Keeps the picture that was asked for.
fn save_still(view: &mut RoomView, room: &Room, gallery: &Gallery, commands: &mut Vec<Command>) {
    let Some(whose) = view.stage.wanted_still.take() else {
        return;
    };
    if let Some(picture) = gallery.still(whose) {
        let name = cast::name(room, whose);
        commands.push(Command::SavePicture(Still { name, picture }));
    }
}

/// The least that a stage may be.
const LEAST: f32 = 60.0;

/// Takes a strip of a height off the lower end.
fn split_bottom(stage: Rect, height: f32) -> (Rect, Rect) {
    let edge = (stage.bottom() - height).max(stage.top() + LEAST);
    let lower = Rect::from_min_size(
        egui::pos2(stage.left(), edge),
        vec2(stage.width(), (stage.bottom() - edge).max(0.0)),
    );
    (stage.with_max_y(edge), lower)
}
