//! What comes in front of the screen, one at a time.
pub mod closing;
pub mod form;
mod path;
pub mod settings;
mod share;
mod sheet;
mod withdraw;

use egui::{Context, Memory};

use crate::model::{Command, Model};
use crate::ui::pictures::Gallery;
use crate::ui::view::{Front, Opener, View};

/// What a dialog wants to happen to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stay,
    Close,
}

/// Shows what is in front, if anything.
pub fn show(
    ctx: &Context,
    model: &Model,
    view: &mut View,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    let Some(mut front) = view.front.take() else {
        give_focus_back(ctx, view);
        return;
    };
    if view.opener.is_none() {
        view.opener = Some(Opener(ctx.memory(Memory::focused)));
        // They may have been plugged in, or opened, since.
        match front {
            Front::Settings(_) => commands.push(Command::ListDevices),
            Front::Share => commands.push(Command::ListShareables),
            _ => {}
        }
    }
    let fate = match &mut front {
        Front::Form(form) => form::show(ctx, model, form, commands),
        Front::Withdraw(id) => withdraw::show(ctx, model, id, commands),
        Front::OpenFile { path } => path::open(ctx, path, commands),
        Front::Closing => closing::show(ctx, model, commands),
        Front::Settings(profile) => settings::show(ctx, model, profile, gallery, commands),
        Front::Shortcuts => sheet::shortcuts(ctx),
        Front::Share => share::show(ctx, model, view, commands),
        Front::ShareFile { path } => path::share(ctx, path, commands),
        Front::RoomDetails => sheet::room_details(ctx, model),
    };
    match fate {
        // Another one may have come in its place.
        Fate::Stay => view.front = view.front.take().or(Some(front)),
        Fate::Close => ctx.request_repaint(),
    }
}

/// The keyboard goes on where it was before something came in front; egui refuses in the frame that closes it.
fn give_focus_back(ctx: &Context, view: &mut View) {
    if let Some(Opener(Some(id))) = view.opener.take() {
        ctx.memory_mut(|memory| memory.request_focus(id));
    }
}

impl Fate {
    fn close_if(is_closing: bool) -> Self {
        if is_closing { Self::Close } else { Self::Stay }
    }
}
