//! The list of people.
use egui::{
    Color32, Popup, PopupCloseBehavior, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use super::{model, person};
use crate::model::{Command, Model, Person, PersonVolume, Presence, Room};
use crate::ui::icons::Icon;
use crate::ui::theme::{CONTROL_HEIGHT, Type, space, tokens};
use crate::ui::view::{StageView, View};
use crate::ui::widgets::{Field, avatar, bars, icon_button, label, one_line, paragraph};

const ROW_HEIGHT: f32 = 48.0;

pub(super) fn show(
    ui: &mut Ui,
    data: &Model,
    room: &Room,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    label(ui, "People", Type::Large.strong(), t.text);
    if model::is_searchable(room) {
        ui.scope(|ui| {
            let width = ui.available_width() - space::S;
            let search = &mut view.room.search;
            Field::new("Search people")
                .hint("Search")
                .icon(Icon::Search)
                .width(width)
                .show(ui, search);
        });
    }
    let people = model::roster(room, &view.room.search, data.clock.steady);
    ui.add_space(space::XS);
    let is_searching = !view.room.search.trim().is_empty();
    if is_searching && people.is_empty() {
        paragraph(ui, "Nobody here has such a name.");
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mine = usize::from(!is_searching);
    ScrollArea::vertical().auto_shrink(false).show_rows(
        ui,
        ROW_HEIGHT,
        people.len() + mine,
        |ui, range| {
            for index in range {
                match index.checked_sub(mine).map(|index| people.get(index)) {
                    None => my_row(ui, room),
                    Some(Some(one)) => their_row(ui, room, one, &mut view.room.stage, commands),
                    Some(None) => {}
                }
            }
        },
    );
}

/// What a row shows of somebody.
struct Row<'a> {
    name: &'a str,
    initials: &'a str,
    status: &'a str,
    level_dbfs: f32,
    is_talking: bool,
    ink: Color32,
    buttons_width: f32,
}

fn my_row(ui: &mut Ui, room: &Room) {
    let me = &room.me;
    let row = Row {
        name: &format!("{} (you)", me.name),
        initials: &me.name,
        status: model::my_status(me),
        level_dbfs: me.level_dbfs,
        is_talking: me.is_talking && !me.is_muted,
        ink: tokens(ui).text,
        buttons_width: 0.0,
    };
    let rect = allocate(ui, &row);
    paint(ui, rect, &row);
}

fn their_row(
    ui: &mut Ui,
    room: &Room,
    one: &Person,
    stage: &mut StageView,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let status = model::status(one);
    let row = Row {
        name: &one.name,
        initials: &one.name,
        status: &status,
        level_dbfs: one.level_dbfs,
        is_talking: one.is_talking && !one.is_muted,
        ink: if one.presence == Presence::Lost {
            t.muted
        } else {
            t.text
        },
        buttons_width: 2.0 * CONTROL_HEIGHT,
    };
    let rect = allocate(ui, &row);
    paint(ui, rect, &row);
    let place = Rect::from_min_max(
        pos2(
            rect.right() - row.buttons_width,
            rect.center().y - CONTROL_HEIGHT / 2.0,
        ),
        pos2(rect.right(), rect.center().y + CONTROL_HEIGHT / 2.0),
    );
    let builder = UiBuilder::new()
        .id_salt(one.id)
        .max_rect(place)
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    // A child of its own, since the row has its place already.
    let mut place = ui.new_child(builder);
    place.spacing_mut().item_spacing.x = 0.0;
    buttons(&mut place, room, one, stage, commands);
}

fn buttons(
    ui: &mut Ui,
    room: &Room,
    one: &Person,
    stage: &mut StageView,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let (icon, ink, name) = if one.is_muted {
        (
            Icon::SpeakerOff,
            t.warning,
            format!("Hear {} again", one.name),
        )
    } else {
        (Icon::Speaker, t.muted, format!("Mute {} for me", one.name))
    };
    if icon_button(ui, icon, &name, ink).clicked() {
        commands.push(Command::SetVolume(PersonVolume {
            person: one.id,
            gain_db: one.gain_db,
            is_muted: !one.is_muted,
        }));
    }
    let more = icon_button(
        ui,
        Icon::More,
        &format!("Volume and details of {}", one.name),
        t.muted,
    );
    Popup::menu(&more)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| person::menu(ui, room, one, stage, commands));
}

fn allocate(ui: &mut Ui, row: &Row<'_>) -> Rect {
    let size = vec2(ui.available_width() - space::S, ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let spoken = [row.name, row.status].join(", ");
    let spoken = spoken.trim_end_matches(", ");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::ListItem, true, spoken));
    rect
}

fn paint(ui: &Ui, rect: Rect, row: &Row<'_>) {
    let t = tokens(ui);
    let center = pos2(rect.left() + 20.0, rect.center().y);
    avatar(ui, center, 16.0, row.initials, row.is_talking);
    let right = rect.right() - row.buttons_width;
    let meter = Rect::from_center_size(pos2(right - 16.0, rect.center().y), vec2(16.0, 16.0));
    bars(
        ui,
        meter,
        row.level_dbfs,
        if row.is_talking { t.talking } else { t.muted },
    );
    let mut words = Rect::from_min_max(
        pos2(center.x + 28.0, rect.top() + 5.0),
        pos2(meter.left() - space::S, rect.bottom() - 5.0),
    );
    if !row.status.is_empty() {
        let below = words.with_min_y(words.center().y);
        let color = if row.is_talking { t.talking } else { t.muted };
        one_line(ui, below, row.status, Type::Small.regular(), color);
        words = words.with_max_y(below.top() + 1.0);
    }
    let font = if row.is_talking {
        Type::Body.strong()
    } else {
        Type::Body.regular()
    };
    one_line(ui, words, row.name, font, row.ink);
}
