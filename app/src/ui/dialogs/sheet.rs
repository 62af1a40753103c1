//! Sheets to read: the shortcuts, and the details of a conference for experts.
use egui::{Context, Grid, Ui};

use super::Fate;
use crate::model::Model;
use crate::ui::shortcuts::SHEET;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::widgets::{Button, Dialog, cell, default_focus, dialog, paragraph};

pub(super) fn shortcuts(ctx: &Context) -> Fate {
    let look = Dialog {
        id: "shortcuts",
        title: "Keyboard shortcuts",
        width: 520.0,
    };
    let (is_done, is_dismissed) = dialog(ctx, look, |ui| {
        rows(ui, "shortcut_rows", SHEET);
        done(ui)
    });
    Fate::close_if(is_done || is_dismissed)
}

pub(super) fn room_details(ctx: &Context, model: &Model) -> Fate {
    let Some(room) = &model.room else {
        return Fate::Close;
    };
    let look = Dialog {
        id: "room_details",
        title: &room.name,
        width: 520.0,
    };
    let (is_done, is_dismissed) = dialog(ctx, look, |ui| {
        if room.details.is_empty() {
            paragraph(ui, "Nothing is known yet.");
        }
        let details = room.details.iter();
        rows(
            ui,
            "room_rows",
            details.map(|(name, value)| (name.as_str(), value.as_str())),
        );
        done(ui)
    });
    Fate::close_if(is_done || is_dismissed)
}

fn rows<'a>(ui: &mut Ui, id: &str, rows: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let t = tokens(ui);
    Grid::new(id)
        .num_columns(2)
        .spacing([space::XL, space::S])
        // Nothing here is pressed.
        .min_row_height(26.0)
        .show(ui, |ui| {
            for (name, value) in rows {
                cell(ui, name, Type::Body.strong(), t.text);
                cell(ui, value, Type::Body.regular(), t.muted);
                ui.end_row();
            }
        });
}

fn done(ui: &mut Ui) -> bool {
    ui.add_space(space::L);
    let done = Button::secondary("Done").show(ui);
    default_focus(ui, &done);
    done.clicked()
}
