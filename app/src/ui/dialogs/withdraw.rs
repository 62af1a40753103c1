//! Withdraw one's own conference?
use egui::{Context, Ui};

use super::Fate;
use crate::model::{Command, EntryId, Model};
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Dialog, default_focus, dialog, paragraph};

pub(super) fn show(
    ctx: &Context,
    model: &Model,
    id: &EntryId,
    commands: &mut Vec<Command>,
) -> Fate {
    let Some(entry) = model.conference(id) else {
        return Fate::Close;
    };
    let title = format!("Withdraw “{}”?", entry.name);
    let look = Dialog {
        id: "withdraw",
        title: &title,
        width: 440.0,
    };
    let body = |ui: &mut Ui| {
        paragraph(
            ui,
            "It disappears from everyone’s list at once, and it cannot be taken back. People who are in it now can go on talking.",
        );
        ui.add_space(space::L);
        ui.horizontal(|ui| {
            let is_withdrawn = Button::danger("Withdraw")
                .name("Withdraw now")
                .show(ui)
                .clicked();
            if is_withdrawn {
                commands.push(Command::Withdraw(id.clone()));
            }
            let keep = Button::secondary("Keep it").show(ui);
            default_focus(ui, &keep);
            is_withdrawn || keep.clicked()
        })
        .inner
    };
    let (is_decided, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_decided || is_dismissed)
}
