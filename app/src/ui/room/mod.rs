//! A conference: who is there, who talks, what is wrong, and the controls.
mod banners;
mod controls;
mod header;
mod model;
mod person;
mod roster;
mod stage;

use std::time::Duration;

use egui::{Align2, Area, CentralPanel, Frame, Id, Margin, Panel, Ui, Vec2};

pub use self::stage::{OwnWindow, Seats};
use super::icons::Icon;
use super::pictures::Gallery;
use super::theme::{RADIUS, tokens};
use super::view::View;
use super::widgets::icon_button;
use crate::model::{Command, Model, Room};

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
    let is_full = room.has_video && view.room.stage.is_full_screen;
    if !is_full {
        Panel::top("room_header")
            .frame(bar.inner_margin(Margin::symmetric(24, 10)))
            .show(ui, |ui| header::show(ui, data, room, view));
    }
    if !is_full {
        Panel::bottom("room_controls")
            .frame(bar.inner_margin(Margin::symmetric(24, 12)))
            .show(ui, |ui| controls::show(ui, data, room, view, commands));
    }
    let roster = bar.inner_margin(Margin {
        left: 16,
        right: 8,
        top: 12,
        bottom: 0,
    });
    let list = view.room.stage.list.filter(|_| room.has_video);
    let has_list = list.unwrap_or(is_wide) && !is_full;
    if has_list && is_wide {
        Panel::right("room_people")
            .frame(roster)
            .resizable(false)
            .exact_size(ROSTER_WIDTH)
            .show(ui, |ui| roster::show(ui, data, room, view, commands));
    }
    if is_wide || is_full || room.has_video && !has_list {
        let margin = if is_full { 8 } else { 16 };
        CentralPanel::no_frame()
            .frame(Frame::new().inner_margin(Margin::same(margin)))
            .show(ui, |ui| {
                let stage = ui.available_rect_before_wrap();
                if !is_full {
                    banners::show(ui, data, room, view, commands);
                }
                stage::show(ui, stage, data, room, &mut view.room, gallery, commands);
            });
        if is_full && is_pointer_active(ui) {
            full_screen_controls(ui, data, room, view, commands);
        }
    } else {
        CentralPanel::no_frame().frame(roster).show(ui, |ui| {
            banners::show(ui, data, room, view, commands);
            roster::show(ui, data, room, view, commands);
        });
    }
}

/// Over the pictures, which keep their places.
fn full_screen_controls(
    ui: &Ui,
    data: &Model,
    room: &Room,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    let bar = Frame::new().fill(tokens(ui).surface);
    let width = ui.ctx().content_rect().width();
    let over = |name: &'static str, corner| Area::new(Id::unique(name)).anchor(corner, Vec2::ZERO);
    over("room_controls_over", Align2::LEFT_BOTTOM).show(ui.ctx(), |ui| {
        bar.inner_margin(Margin::symmetric(24, 12)).show(ui, |ui| {
            ui.set_width(width - 48.0);
            controls::show(ui, data, room, view, commands);
        });
    });
    over("room_exit", Align2::RIGHT_TOP).show(ui.ctx(), |ui| {
        bar.corner_radius(RADIUS).show(ui, |ui| {
            let t = tokens(ui);
            if icon_button(ui, Icon::FullScreen, "Leave the full screen (F)", t.text).clicked() {
                view.room.stage.is_full_screen = false;
            }
        });
    });
}

/// On the full screen the controls come with the pointer, and go when it rests.
fn is_pointer_active(ui: &Ui) -> bool {
    let rest = ui.input(|input| input.pointer.time_since_last_movement());
    if rest < CONTROLS_STAY_SECS {
        let left = Duration::from_secs_f32((CONTROLS_STAY_SECS - rest).max(0.05));
        ui.ctx().request_repaint_after(left);
    }
    rest < CONTROLS_STAY_SECS
}

/// How long the controls stay after the pointer came to rest.
const CONTROLS_STAY_SECS: f32 = 3.0;
/// Room for the stage and the people side by side, in points.
const ROSTER_BESIDE_WIDTH: f32 = 820.0;
/// The people, in points.
const ROSTER_WIDTH: f32 = 340.0;
