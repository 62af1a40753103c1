//! Share a film: the pictures of a file instead of the camera's.
use egui::{Context, Key, Ui};

use super::Fate;
use crate::model::Command;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Dialog, Field, default_focus, dialog, paragraph};

pub(super) fn show(ctx: &Context, path: &mut String, commands: &mut Vec<Command>) -> Fate {
    let look = Dialog {
        id: "share_file",
        title: "Share a film",
        width: 480.0,
    };
    let body = |ui: &mut Ui| {
        paragraph(
            ui,
            "The others see it instead of your camera, without its sound. Y4M and H.264 files can be played.",
        );
        ui.add_space(space::S);
        let response = Field::new("File")
            .hint("/home/ana/crane.y4m")
            .show(ui, path);
        if path.is_empty() {
            default_focus(ui, &response);
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.add_space(space::L);
        let typed = path.trim();
        ui.horizontal(|ui| {
            let share = Button::primary("Share")
                .name("Share this film")
                .enabled(!typed.is_empty())
                .show(ui)
                .clicked();
            let is_sharing = (share || is_entered) && !typed.is_empty();
            if is_sharing {
                commands.push(Command::Share(Some(format!("file:{typed}"))));
            }
            Button::secondary("Cancel").show(ui).clicked() || is_sharing
        })
        .inner
    };
    let (is_done, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_done || is_dismissed)
}
