//! Close the window? Says what stops.
use egui::{Context, Ui};

use super::Fate;
use crate::model::{Command, Model};
use crate::ui::theme::{Type, space, tokens};
use crate::ui::widgets::{Button, Dialog, default_focus, dialog, paragraph, wrapped};

/// Whether closing stops anything that the person should know of.
pub fn stops_something(model: &Model) -> bool {
    model.room.is_some() || model.announced().next().is_some()
}

pub(super) fn show(ctx: &Context, model: &Model, commands: &mut Vec<Command>) -> Fate {
    let look = Dialog {
        id: "closing",
        title: "Close Rendezvous?",
        width: 440.0,
    };
    let body = |ui: &mut Ui| {
        if let Some(room) = &model.room {
            paragraph(ui, format!("You leave “{}”.", room.name));
            ui.add_space(space::S);
        }
        announced(ui, model);
        ui.add_space(space::L);
        ui.horizontal(|ui| {
            if Button::danger("Close")
                .name("Close Rendezvous now")
                .show(ui)
                .clicked()
            {
                commands.push(Command::Quit);
            }
            let stay = Button::secondary("Stay").show(ui);
            default_focus(ui, &stay);
            stay.clicked()
        })
        .inner
    };
    let (is_staying, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_staying || is_dismissed)
}

fn announced(ui: &mut Ui, model: &Model) {
    let names: Vec<&str> = model.announced().map(|entry| entry.name.as_str()).collect();
    if names.is_empty() {
        return;
    }
    paragraph(
        ui,
        "These conferences of yours are no longer announced, so newcomers do not find them:",
    );
    let text = tokens(ui).text;
    for name in names.iter().take(LISTED) {
        wrapped(ui, format!("•  {name}"), Type::Body.strong(), text);
    }
    if names.len() > LISTED {
        paragraph(ui, format!("and {} more", names.len() - LISTED));
    }
    ui.add_space(space::S);
    paragraph(
        ui,
        "They are kept, and announced again the next time you open Rendezvous.",
    );
}

/// So many are named.
const LISTED: usize = 5;
