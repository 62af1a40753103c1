//! The menu of one person: how loud they are here, and what experts want to know.
use egui::{Grid, Ui};

use super::model;
use crate::model::{Command, Person, PersonVolume};
use crate::ui::icons::Icon;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::widgets::{Button, cell, field_label, label, volume_slider};

const WIDTH: f32 = 260.0;

pub(super) fn menu(ui: &mut Ui, one: &Person, commands: &mut Vec<Command>) {
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
