//! The top of the room: its name, how long one is in, how many are there.
use egui::{Align, Layout, Ui, vec2};

use crate::model::{Model, Room, Stage};
use crate::ui::icons::Icon;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::{Front, View};
use crate::ui::widgets::{Trailing, icon_button, label};
use crate::ui::words;

pub(super) fn show(ui: &mut Ui, data: &Model, room: &Room, view: &mut View) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(36.0);
        let end = Trailing::new(ui, "buttons");
        let size = vec2(end.left() - ui.cursor().left() - space::L, 36.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            let notes = notes(data, room);
            let note_width = NOTES_WIDTH.min(ui.available_width());
            ui.scope(|ui| {
                ui.set_max_width(ui.available_width() - note_width);
                label(ui, &room.name, Type::Title.strong(), t.text);
            });
            for note in notes {
                label(ui, note, Type::Body.regular(), t.muted);
            }
        });
        end.show(ui, |ui| buttons(ui, data, view));
    });
}

fn buttons(ui: &mut Ui, data: &Model, view: &mut View) {
    let muted = tokens(ui).muted;
    if icon_button(ui, Icon::Info, "About this conference", muted).clicked() {
        view.front = Some(Front::RoomDetails);
    }
    if icon_button(ui, Icon::Settings, "Settings", muted).clicked() {
        view.front = Some(Front::settings(&data.settings));
    }
    if icon_button(ui, Icon::Help, "Keyboard shortcuts", muted).clicked() {
        view.front = Some(Front::Shortcuts);
    }
}

/// Room for the length and the head count, in points.
const NOTES_WIDTH: f32 = 190.0;

fn notes(data: &Model, room: &Room) -> Vec<String> {
    let stage = match room.stage {
        Stage::Joining => return vec!["Joining…".to_owned()],
        Stage::Leaving => return vec!["Leaving…".to_owned()],
        Stage::Joined => data.clock.steady.saturating_duration_since(room.since),
    };
    vec![words::elapsed(stage), words::people(room.head_count())]
}
