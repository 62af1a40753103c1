//! What is wrong in this conference, worst first.
use egui::Ui;

use crate::model::{Command, Model, Room};
use crate::ui::problems;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::View;
use crate::ui::widgets::wrapped;

/// So many are shown; the rest only counts, since one cause often has many effects.
const SHOWN: usize = 2;

pub(super) fn show(
    ui: &mut Ui,
    data: &Model,
    room: &Room,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    for problem in room.problems.iter().take(SHOWN) {
        problems::banner(ui, data, view, problem, commands);
        ui.add_space(space::XS);
    }
    let hidden = room.problems.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let muted = tokens(ui).muted;
        wrapped(
            ui,
            format!("and {hidden} more"),
            Type::Small.regular(),
            muted,
        );
    }
}
