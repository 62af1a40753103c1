//! The top of the room: its name, how long one is in, how many are there.
use egui::{Align, Layout, Ui, vec2};

use crate::model::{Model, Room, Stage};
use crate::ui::icons::Icon;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::{Front, StageLayout, StageView, View};
use crate::ui::widgets::{Trailing, icon_button, label};
use crate::ui::words;

pub(super) fn show(ui: &mut Ui, data: &Model, room: &Room, view: &mut View) {
    let t = tokens(ui);
    let is_wide = ui.available_width() >= WIDE;
    ui.horizontal(|ui| {
        ui.set_min_height(36.0);
        let end = Trailing::new(ui, "buttons");
        let size = vec2(end.left() - ui.cursor().left() - space::L, 36.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            let has_notes = is_wide || !room.has_video;
            let notes = if has_notes {
                notes(data, room)
            } else {
                Vec::new()
            };
            let note_width = if has_notes { NOTES_WIDTH } else { 0.0 };
            let note_width = note_width.min(ui.available_width());
            ui.scope(|ui| {
                ui.set_max_width(ui.available_width() - note_width);
                label(ui, &room.name, Type::Title.strong(), t.text);
            });
            for note in notes {
                label(ui, note, Type::Body.regular(), t.muted);
            }
        });
        end.show(ui, |ui| {
            if room.has_video {
                arrangement(ui, &mut view.room.stage, is_wide);
            }
            buttons(ui, data, view);
        });
    });
}

/// How the pictures are arranged.
fn arrangement(ui: &mut Ui, stage: &mut StageView, is_wide: bool) {
    let muted = tokens(ui).muted;
    let (icon, name, other) = match stage.layout {
        StageLayout::Speaker => (Icon::Grid, "Show everybody alike (G)", StageLayout::Grid),
        StageLayout::Grid => (
            Icon::SpeakerView,
            "Show the speaker large (G)",
            StageLayout::Speaker,
        ),
    };
    if icon_button(ui, icon, name, muted).clicked() {
        stage.layout = other;
    }
    if icon_button(ui, Icon::FullScreen, "Full screen (F)", muted).clicked() {
        stage.is_full_screen = true;
    }
    let is_listed = stage.list.unwrap_or(is_wide);
    let name = if is_listed {
        "Hide the list of people"
    } else {
        "Show the list of people"
    };
    if icon_button(ui, Icon::People, name, muted).clicked() {
        stage.list = Some(!is_listed);
    }
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

/// Room for name, notes and all buttons, in points.
const WIDE: f32 = 640.0;
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
