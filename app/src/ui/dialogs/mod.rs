//! What comes in front of the screen, one at a time.
pub mod closing;
mod file;
pub mod form;
pub mod settings;
mod sheet;
mod withdraw;

use egui::Context;

use crate::model::{Command, Model};
use crate::ui::view::{Front, View};

/// What a dialog wants to happen to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stay,
    Close,
}

/// Shows what is in front, if anything.
pub fn show(ctx: &Context, model: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let Some(mut front) = view.front.take() else {
        return;
    };
    let fate = match &mut front {
        Front::Form(form) => form::show(ctx, model, form, commands),
        Front::Withdraw(id) => withdraw::show(ctx, model, id, commands),
        Front::OpenFile { path } => file::show(ctx, path, commands),
        Front::Closing => closing::show(ctx, model, commands),
        Front::Settings { name } => settings::show(ctx, model, name, commands),
        Front::Shortcuts => sheet::shortcuts(ctx),
        Front::RoomDetails => sheet::room_details(ctx, model),
    };
    if fate == Fate::Stay {
        view.front = Some(front);
    }
}

impl Fate {
    fn close_if(is_closing: bool) -> Self {
        if is_closing { Self::Close } else { Self::Stay }
    }
}
