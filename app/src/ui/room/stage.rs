//! The people as tiles.
use egui::{
    Align2, Popup, PopupCloseBehavior, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::layout::{capacity, tiles};
use super::{model, person};
use crate::model::{Command, Model, Person, Presence, Room, Stage, Whose};
use crate::ui::icons::{self, Icon};
use crate::ui::pictures::{Fit, Frame, Gallery};
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::widgets::{avatar, bars, one_line};

/// Shows them on `stage`, of which the top may be taken by banners.
pub(super) fn show(
    ui: &Ui,
    stage: Rect,
    data: &Model,
    room: &Room,
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
    let people = model::roster(room, "", data.clock.steady);
    let shown = people.len().min(capacity(free.size()).saturating_sub(1));
    let mut places = tiles(stage, shown + 1);
    // A banner that comes and goes moves nobody unless it has to.
    if places.first().is_some_and(|first| first.top() < free.top()) {
        places = tiles(free, shown + 1);
    }
    let Some((mine, others)) = places.split_first() else {
        return;
    };
    my_tile(ui, room, *mine, gallery);
    for (one, place) in people.iter().zip(others) {
        their_tile(ui, one, *place, gallery, commands);
    }
}

/// What a tile shows of somebody.
struct Tile<'a> {
    name: &'a str,
    initials: &'a str,
    level_dbfs: f32,
    is_talking: bool,
    mark: Option<Icon>,
    is_dim: bool,
}

fn my_tile(ui: &Ui, room: &Room, place: Rect, gallery: &mut Gallery) {
    let me = &room.me;
    let tile = Tile {
        name: &format!("{} (you)", me.name),
        initials: &me.name,
        level_dbfs: me.level_dbfs,
        is_talking: me.is_talking && !me.is_muted,
        mark: me.is_muted.then_some(Icon::MicrophoneOff),
        is_dim: false,
    };
    let is_seen = me.camera.as_ref().is_some_and(|camera| camera.is_on);
    let frame = frame(place, is_seen);
    let is_painted = is_seen && gallery.paint(ui.painter(), Whose::Mine, frame);
    paint(ui, place, &tile, is_painted);
}

/// The picture of a tile; one's own as in a mirror.
fn frame(tile: Rect, is_mirrored: bool) -> Frame {
    Frame {
        tile,
        fit: Fit::Filled,
        is_mirrored,
        radius: theme::RADIUS_CARD,
        is_large: false,
    }
}

fn their_tile(
    ui: &Ui,
    one: &Person,
    place: Rect,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    let tile = Tile {
        name: &one.name,
        initials: &one.name,
        level_dbfs: one.level_dbfs,
        is_talking: one.is_talking && !one.is_muted,
        mark: one.is_muted.then_some(Icon::SpeakerOff),
        is_dim: one.presence == Presence::Lost,
    };
    // For the pointer only: the keyboard finds the same menu in the list.
    let response = ui.interact(place, ui.scope_id().with(("tile", &one.id)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &one.name));
    let whose = Whose::Theirs(one.id);
    let is_painted = one.video.is_some() && gallery.paint(ui.painter(), whose, frame(place, false));
    paint(ui, place, &tile, is_painted);
    Popup::context_menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| person::menu(ui, one, commands));
}

fn paint(ui: &Ui, place: Rect, tile: &Tile<'_>, is_painted: bool) {
    let t = tokens(ui);
    if !is_painted {
        ui.painter()
            .rect_filled(place, theme::RADIUS_CARD, t.surface);
    }
    let edge = if tile.is_talking {
        Stroke::new(3.0, t.talking)
    } else {
        Stroke::new(1.0, t.hairline)
    };
    ui.painter()
        .rect_stroke(place, theme::RADIUS_CARD, edge, StrokeKind::Outside);
    if !is_painted {
        let radius = (place.height() * 0.24).min(56.0);
        let center = pos2(place.center().x, place.center().y - 12.0);
        avatar(ui, center, radius, tile.initials, false);
    }
    let line = Rect::from_min_max(
        pos2(place.left() + space::M, place.bottom() - 36.0),
        pos2(place.right() - space::M, place.bottom() - 8.0),
    );
    let ink = if tile.is_dim { t.muted } else { t.text };
    let words = line.with_max_x(line.right() - 28.0);
    let width = one_line(ui, words, tile.name, Type::Body.strong(), ink);
    if tile.is_talking && words.left() + width + 26.0 < line.right() - 20.0 {
        let meter = Rect::from_min_size(
            pos2(words.left() + width + space::S, line.center().y - 7.0),
            vec2(16.0, 14.0),
        );
        bars(ui, meter, tile.level_dbfs, t.talking);
    }
    if let Some(mark) = tile.mark {
        let place =
            Rect::from_center_size(pos2(line.right() - 9.0, line.center().y), vec2(18.0, 18.0));
        icons::paint(ui.painter(), mark, place, 18.0, t.warning);
    }
}
