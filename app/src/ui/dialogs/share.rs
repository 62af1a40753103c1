//! Share what? A screen, a window or a film.
use egui::{Context, Ui};

use super::Fate;
use crate::model::{Command, Device, Model};
use crate::ui::icons::Icon;
use crate::ui::theme::space;
use crate::ui::view::{Front, View};
use crate::ui::widgets::{Button, Dialog, MenuRow, dialog, field_label, menu_row, paragraph};

pub(super) fn show(
    ctx: &Context,
    model: &Model,
    view: &mut View,
    commands: &mut Vec<Command>,
) -> Fate {
    let look = Dialog {
        id: "share",
        title: "Share",
        width: 480.0,
    };
    let body = |ui: &mut Ui| {
        paragraph(ui, "Everybody in the conference sees it until you stop.");
        let list = &model.shareables.list;
        let is_window = |device: &&Device| device.id.starts_with("window:");
        let (windows, screens): (Vec<_>, Vec<_>) = list.iter().partition(is_window);
        let mut chosen = None;
        ui.add_space(space::S);
        for (label, icon, rows) in [
            ("Screen", Icon::Share, screens),
            ("Window", Icon::Window, windows),
        ] {
            if !rows.is_empty() {
                field_label(ui, label);
            }
            for device in rows {
                if row(ui, &device.name, icon) {
                    chosen = Some(device.id.clone());
                }
            }
        }
        if let Some(obstacle) = &model.shareables.obstacle {
            paragraph(ui, format!("{obstacle}."));
        }
        field_label(ui, "File");
        if row(ui, "A film…", Icon::File) {
            let path = String::new();
            view.front = Some(Front::ShareFile { path });
        }
        ui.add_space(space::L);
        let is_cancelled = Button::secondary("Cancel").show(ui).clicked();
        let is_chosen = chosen.is_some();
        commands.extend(chosen.map(|id| Command::Share(Some(id))));
        is_cancelled || is_chosen
    };
    let (is_done, is_dismissed) = dialog(ctx, look, body);
    Fate::close_if(is_done || is_dismissed)
}

fn row(ui: &mut Ui, label: &str, icon: Icon) -> bool {
    let row = MenuRow {
        label,
        icon: Some(icon),
        is_chosen: false,
    };
    menu_row(ui, &row)
}
