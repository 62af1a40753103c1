//! Which file? A conference to open, or a film to share.
use std::path::PathBuf;

use egui::{Context, Key, Ui};

use super::Fate;
use crate::model::Command;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Dialog, Field, default_focus, dialog, paragraph};

/// Opens a conference from a file.
pub(super) fn open(ctx: &Context, path: &mut String, commands: &mut Vec<Command>) -> Fate {
    let question = Question {
        id: "open_file",
        title: "Open a conference file",
        text: "Drag an .sdp file onto the window, or type where it is.",
        hint: "/home/ana/weekly.sdp",
        verb: "Open",
        name: "Open",
    };
    ask(ctx, &question, path, |path| {
        commands.push(Command::OpenFile(PathBuf::from(path)));
    })
}

/// Shares the pictures of a file.
pub(super) fn share(ctx: &Context, path: &mut String, commands: &mut Vec<Command>) -> Fate {
    let question = Question {
        id: "share_file",
        title: "Share a film",
        text: "The others see it, without its sound. Y4M and H.264 files can be played.",
        hint: "/home/ana/crane.y4m",
        verb: "Share",
        name: "Share this film",
    };
    ask(ctx, &question, path, |path| {
        commands.push(Command::Share(Some(format!("file:{path}"))));
    })
}

struct Question {
    id: &'static str,
    title: &'static str,
    text: &'static str,
    /// Such a path.
    hint: &'static str,
    /// What the button says.
    verb: &'static str,
    /// What the button is called.
    name: &'static str,
}

fn ask(ctx: &Context, question: &Question, path: &mut String, mut take: impl FnMut(&str)) -> Fate {
    let look = Dialog {
        id: question.id,
        title: question.title,
        width: 480.0,
    };
    let body = |ui: &mut Ui| {
        paragraph(ui, question.text);
        ui.add_space(space::S);
        let response = Field::new("File").hint(question.hint).show(ui, path);
        if path.is_empty() {
            default_focus(ui, &response);
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.add_space(space::L);
        let typed = path.trim();
        ui.horizontal(|ui| {
            let button = Button::primary(question.verb).name(question.name);
            let is_pressed = button.enabled(!typed.is_empty()).show(ui).clicked();
            let is_taken = (is_pressed || is_entered) && !typed.is_empty();
            if is_taken {
                take(typed);
            }
            Button::secondary("Cancel").show(ui).clicked() || is_taken
        })
        .inner
    };
    let (is_done, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_done || is_dismissed)
}
