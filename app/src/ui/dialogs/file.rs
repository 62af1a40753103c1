//! Open a conference from a file.
use std::path::PathBuf;

use egui::{Context, Key, Ui};

use super::Fate;
use crate::model::Command;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Dialog, Field, default_focus, dialog, paragraph};

pub(super) fn show(ctx: &Context, path: &mut String, commands: &mut Vec<Command>) -> Fate {
    let look = Dialog {
        id: "open_file",
        title: "Open a conference file",
        width: 480.0,
    };
    let body = |ui: &mut Ui| {
        paragraph(
            ui,
            "Drag an .sdp file onto the window, or type where it is.",
        );
        ui.add_space(space::S);
        let response = Field::new("File")
            .hint("/home/ana/weekly.sdp")
            .show(ui, path);
        if path.is_empty() {
            default_focus(ui, &response);
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.add_space(space::L);
        let typed = path.trim();
        ui.horizontal(|ui| {
            let open = Button::primary("Open")
                .enabled(!typed.is_empty())
                .show(ui)
                .clicked();
            let is_opening = (open || is_entered) && !typed.is_empty();
            if is_opening {
                commands.push(Command::OpenFile(PathBuf::from(typed)));
            }
            Button::secondary("Cancel").show(ui).clicked() || is_opening
        })
        .inner
    };
    let (is_done, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_done || is_dismissed)
}
