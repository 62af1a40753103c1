//! Everything that is drawn: reads the [`Model`], keeps what is being typed in a [`View`], pushes [`Command`]s.
pub mod dialogs;
pub mod drop;
pub mod home;
pub mod icons;
pub mod message;
pub mod pictures;
pub mod problems;
pub mod room;
pub mod shortcuts;
pub mod theme;
pub mod view;
pub mod welcome;
pub mod widgets;
pub mod words;

use std::time::Duration;

use egui::{CentralPanel, Color32, Frame, Ui, ViewportCommand};

use crate::model::{Command, Model};
use pictures::Gallery;
pub use view::{Screen, View};

/// Shows one frame; `commands` takes what the person asks for.
pub fn show(
    ui: &mut Ui,
    model: &Model,
    view: &mut View,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    theme::follow(ui.ctx(), &model.settings);
    shortcuts::handle(ui.ctx(), model, view, commands);
    gallery.ground = ground(ui.visuals(), model, view);
    let frame = if gallery.is_ground_clear() {
        Frame::new()
    } else {
        Frame::new().fill(gallery.ground)
    };
    CentralPanel::no_frame()
        .frame(frame)
        .show(ui, |ui| match view.screen(model) {
            Screen::Welcome => welcome::show(ui, model, view, commands),
            Screen::Home => home::show(ui, model, view, commands),
            Screen::Room => room::show(ui, model, view, gallery, commands),
        });
    follow_full_screen(ui.ctx(), model, view);
    dialogs::show(ui.ctx(), model, view, gallery, commands);
    message::show(ui.ctx(), model, view);
    drop::show(ui.ctx());
    schedule(ui.ctx(), model);
}

/// What is behind everything.
pub fn ground(visuals: &egui::Visuals, model: &Model, view: &View) -> Color32 {
    if is_full_screen(model, view) {
        theme::PICTURE_GROUND
    } else {
        visuals.panel_fill
    }
}

/// Whether pictures have all of the window.
fn is_full_screen(model: &Model, view: &View) -> bool {
    let has_video = model.room.as_ref().is_some_and(|room| room.has_video);
    has_video && view.room.stage.is_full_screen && view.screen(model) == Screen::Room
}

/// Asks the desktop for the whole screen, or gives it back.
fn follow_full_screen(ctx: &egui::Context, model: &Model, view: &mut View) {
    let is_wanted = is_full_screen(model, view);
    if is_wanted != view.is_full_screen {
        ctx.send_viewport_cmd(ViewportCommand::Fullscreen(is_wanted));
        view.is_full_screen = is_wanted;
    }
}

/// Wakes when a time on the screen changes: the second in a room, else the minute.
fn schedule(ctx: &egui::Context, model: &Model) {
    let wait = match &model.room {
        Some(room) => {
            let length = model.clock.steady.saturating_duration_since(room.since);
            Duration::from_secs(1)
                .saturating_sub(Duration::from_nanos(length.subsec_nanos().into()))
        }
        None => {
            let second = u64::try_from(model.clock.wall.as_second().rem_euclid(60)).unwrap_or(0);
            Duration::from_secs(60 - second)
        }
    };
    ctx.request_repaint_after(wait.max(Duration::from_millis(20)));
}
