//! My camera, and what I share instead of it.
use egui::{Response, Ui};

use super::devices;
use crate::model::{Camera, Command, Model};
use crate::ui::icons::Icon;
use crate::ui::theme::{CONTROL_HEIGHT, space, tokens};
use crate::ui::view::{Front, View};
use crate::ui::widgets::{Button, MenuRow, field_label, icon_button, menu_row};

/// What the buttons need beside each other, in points.
pub(super) const WIDTH: f32 = BUTTON_WIDTH + SHARE_WIDTH + CONTROL_HEIGHT + 3.0 * space::S;
const BUTTON_WIDTH: f32 = 132.0;
const SHARE_WIDTH: f32 = 118.0;

pub(super) fn show(
    ui: &mut Ui,
    data: &Model,
    mine: &Camera,
    is_narrow: bool,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    if switch(ui, mine, is_narrow).on_hover_text("V").clicked() {
        commands.push(Command::SwitchCamera(!mine.is_on));
    }
    if !is_narrow {
        let muted = tokens(ui).muted;
        let response = icon_button(ui, Icon::ChevronDown, "Choose a camera", muted);
        choices(&response, data, commands);
    }
    share(ui, mine, is_narrow, view, commands);
}

fn switch(ui: &mut Ui, mine: &Camera, is_narrow: bool) -> Response {
    let t = tokens(ui);
    let (icon, word, name) = match (mine.is_on, &mine.fault) {
        (true, Some(_)) => (Icon::CameraOff, "No picture", "Turn my camera off"),
        (true, None) => (Icon::Camera, "Camera", "Turn my camera off"),
        (false, _) => (Icon::CameraOff, "Camera off", "Turn my camera on"),
    };
    let response = if is_narrow {
        let ink = if mine.is_on { t.text } else { t.warning };
        icon_button(ui, icon, name, ink)
    } else {
        let button = Button::secondary(word).name(name).icon(icon);
        button.large().min_width(BUTTON_WIDTH).show(ui)
    };
    match mine.fault.as_ref().filter(|_| mine.is_on) {
        Some(fault) => response.on_hover_text(fault),
        None => response,
    }
}

/// Which camera, and how one sees oneself.
fn choices(button: &Response, data: &Model, commands: &mut Vec<Command>) {
    let settings = &data.settings;
    let chosen = settings.camera.as_deref();
    let rows = [
        ("Mirror my own picture", settings.is_mirrored),
        ("Do not show me to myself", settings.is_self_hidden),
    ];
    let mut toggled = None;
    let choice = devices(button, "Camera", &data.devices.cameras, chosen, |ui| {
        field_label(ui, "My own picture");
        for (index, (label, is_chosen)) in rows.into_iter().enumerate() {
            let row = MenuRow {
                label,
                icon: None,
                is_chosen,
            };
            if menu_row(ui, &row) {
                toggled = Some(index);
                ui.close();
            }
        }
    });
    commands.extend(choice.map(Command::SetCamera));
    if let Some(index) = toggled {
        let mut settings = settings.clone();
        let wish = if index == 0 {
            &mut settings.is_mirrored
        } else {
            &mut settings.is_self_hidden
        };
        *wish = !*wish;
        commands.push(Command::SaveSettings(settings));
    }
}

fn share(
    ui: &mut Ui,
    mine: &Camera,
    is_narrow: bool,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    let is_sharing = mine.share.is_some();
    let (word, name) = if is_sharing {
        ("Stop sharing", "Stop sharing")
    } else {
        ("Share", "Share a screen, a window or a film")
    };
    let response = if is_narrow {
        let t = tokens(ui);
        let ink = if is_sharing { t.accent } else { t.text };
        icon_button(ui, Icon::Share, name, ink)
    } else {
        let button = if is_sharing {
            Button::primary(word)
        } else {
            Button::secondary(word)
        };
        let button = button.name(name).icon(Icon::Share).large();
        button.min_width(SHARE_WIDTH).show(ui)
    };
    if response.clicked() {
        if is_sharing {
            commands.push(Command::Share(None));
        } else {
            view.front = Some(Front::Share);
        }
    }
}
