//! A conference: who is there, who talks, what is wrong, and the controls.
mod banners;
mod controls;
mod header;
mod layout;
mod model;
mod person;
mod roster;
mod stage;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::pictures::Gallery;
use super::theme::tokens;
use super::view::View;
use crate::model::{Command, Model};

/// Shows the screen.
pub fn show(
    ui: &mut Ui,
    data: &Model,
    view: &mut View,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    let Some(room) = &data.room else {
        return;
    };
    let bar = Frame::new().fill(tokens(ui).surface);
    let is_wide = ui.available_width() >= ROSTER_BESIDE_WIDTH;
    Panel::top("room_header")
        .frame(bar.inner_margin(Margin::symmetric(24, 10)))
        .show(ui, |ui| header::show(ui, data, room, view));
    Panel::bottom("room_controls")
        .frame(bar.inner_margin(Margin::symmetric(24, 12)))
        .show(ui, |ui| controls::show(ui, data, room, view, commands));
    let roster = bar.inner_margin(Margin {
        left: 16,
        right: 8,
        top: 12,
        bottom: 0,
    });
    if is_wide {
        Panel::right("room_people")
            .frame(roster)
            .resizable(false)
            .exact_size(ROSTER_WIDTH)
            .show(ui, |ui| roster::show(ui, data, room, view, commands));
        CentralPanel::no_frame()
            .frame(Frame::new().inner_margin(Margin::same(16)))
            .show(ui, |ui| {
                let stage = ui.available_rect_before_wrap();
                banners::show(ui, data, room, view, commands);
                stage::show(ui, stage, data, room, gallery, commands);
            });
    } else {
        CentralPanel::no_frame().frame(roster).show(ui, |ui| {
            banners::show(ui, data, room, view, commands);
            roster::show(ui, data, room, view, commands);
        });
    }
}

/// Room for the stage and the people side by side, in points.
const ROSTER_BESIDE_WIDTH: f32 = 820.0;
/// The people, in points.
const ROSTER_WIDTH: f32 = 340.0;
