//! The menu of one person: how loud they are here, and what experts want to know.
use std::collections::BTreeSet;

use egui::{Grid, ScrollArea, Ui};

use super::model;
use super::stage::{OwnWindow, size_choices};
use crate::model::{Command, Person, PersonVolume, Room, Whose};
use crate::ui::icons::Icon;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::{StageLayout, StageView};
use crate::ui::widgets::{Button, MenuRow, cell, field_label, label, menu_row, volume_slider};

const WIDTH: f32 = 260.0;

pub(super) fn menu(
    ui: &mut Ui,
    room: &Room,
    one: &Person,
    stage: &mut StageView,
    commands: &mut Vec<Command>,
) {
    // In a low window it is longer than there is room.
    let room_height = ui.ctx().content_rect().height() - 2.0 * space::L;
    ScrollArea::vertical()
        .max_height(room_height)
        .min_scrolled_height(room_height)
        .show(ui, |ui| rows(ui, room, one, stage, commands));
}

fn rows(
    ui: &mut Ui,
    room: &Room,
    one: &Person,
    stage: &mut StageView,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    ui.set_width(WIDTH);
    let mut set = |gain_db: f32, is_muted: bool| {
        let person = one.id;
        commands.push(Command::SetVolume(PersonVolume {
            person,
            gain_db,
            is_muted,
        }));
    };
    ui.add_space(space::XS);
    label(ui, &one.name, Type::Large.strong(), t.text);
    field_label(ui, "Volume for me");
    ui.horizontal(|ui| {
        let name = format!("Volume of {}", one.name);
        if let Some(gain_db) = volume_slider(ui, &name, one.gain_db, WIDTH - 72.0) {
            set(gain_db, one.is_muted);
        }
        label(ui, model::gain(one.gain_db), Type::Body.regular(), t.text);
    });
    ui.horizontal(|ui| {
        let (word, icon) = if one.is_muted {
            ("Hear again", Icon::Speaker)
        } else {
            ("Mute for me", Icon::SpeakerOff)
        };
        if Button::secondary(word).icon(icon).show(ui).clicked() {
            set(one.gain_db, !one.is_muted);
        }
        if Button::quiet("Reset")
            .name("Reset the volume")
            .enabled(one.gain_db != 0.0)
            .show(ui)
            .clicked()
        {
            set(0.0, one.is_muted);
        }
    });
    if room.has_video {
        field_label(ui, "Picture");
        picture_rows(ui, Whose::Theirs(one.id), stage);
    }
    details(ui, one);
}

fn details(ui: &mut Ui, one: &Person) {
    if one.details.is_empty() {
        return;
    }
    let t = tokens(ui);
    ui.add_space(space::S);
    field_label(ui, "Details");
    Grid::new(("details", &one.id))
        .num_columns(2)
        .spacing([space::L, space::XS])
        .min_row_height(18.0)
        .show(ui, |ui| {
            for (name, value) in &one.details {
                cell(ui, name, Type::Small.regular(), t.muted);
                cell(ui, value, Type::Small.regular(), t.text);
                ui.end_row();
            }
        });
}

/// What can be done with somebody's pictures.
pub(super) fn picture_menu(ui: &mut Ui, name: &str, whose: Whose, stage: &mut StageView) {
    let t = tokens(ui);
    ui.set_width(WIDTH);
    ui.add_space(space::XS);
    label(ui, name, Type::Large.strong(), t.text);
    picture_rows(ui, whose, stage);
}

fn picture_rows(ui: &mut Ui, whose: Whose, stage: &mut StageView) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let is_pinned = stage.layout == StageLayout::Speaker && stage.seats.pinned() == Some(whose);
    if row(ui, "Keep large", Icon::Pin, is_pinned) {
        stage.layout = StageLayout::Speaker;
        stage.seats.pin((!is_pinned).then_some(whose));
    }
    let has_window = stage.windows.contains_key(&whose);
    if row(ui, "In a window of its own", Icon::Window, has_window)
        && stage.windows.remove(&whose).is_none()
    {
        stage.windows.insert(whose, OwnWindow::default());
    }
    if let Some(window) = stage.windows.get_mut(&whose).filter(|_| has_window) {
        ui.add_space(space::XS);
        size_choices(ui, window, WIDTH);
        ui.add_space(space::XS);
    }
    let is_frozen = stage.frozen.contains(&whose);
    if row(ui, "Let it stand still", Icon::Pause, is_frozen) {
        toggle(&mut stage.frozen, whose);
    }
    if row(ui, "Save this picture", Icon::Picture, false) {
        stage.wanted_still = Some(whose);
    }
    if let Whose::Theirs(id) = whose {
        let is_hidden = stage.hidden.contains(&id);
        if row(ui, "Do not show it", Icon::CameraOff, is_hidden) {
            toggle(&mut stage.hidden, id);
        }
    }
    if stage.layout == StageLayout::Speaker {
        speaker_rows(ui, stage);
    }
}

/// How the speaker and all others are shown.
fn speaker_rows(ui: &mut Ui, stage: &mut StageView) {
    ui.add_space(space::S);
    field_label(ui, "Everybody");
    let is_full = stage.is_small_full_size;
    if row(
        ui,
        "Small pictures in full size",
        Icon::SpeakerView,
        is_full,
    ) {
        stage.is_small_full_size = !is_full;
    }
    let is_touring = stage.seats.is_looking_around();
    if row(ui, "Look around", Icon::People, is_touring) {
        stage.seats.look_around(!is_touring);
    }
}

/// A row, after which the menu closes; gives whether it was pressed.
fn row(ui: &mut Ui, label: &str, icon: Icon, is_chosen: bool) -> bool {
    let row = MenuRow {
        label,
        icon: Some(icon),
        is_chosen,
    };
    let is_pressed = menu_row(ui, &row);
    if is_pressed {
        ui.close();
    }
    is_pressed
}

fn toggle<T: Ord>(set: &mut BTreeSet<T>, one: T) {
    if !set.remove(&one) {
        set.insert(one);
    }
}
