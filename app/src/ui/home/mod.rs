//! The list of conferences, what is on and when, and the details of one.
mod details;
mod header;
mod layout;
mod list;
mod model;
mod people;
mod status;

use egui::{Frame, Margin, Panel, Rect, Ui, UiBuilder, vec2};

use super::theme::tokens;
use super::view::View;
use crate::model::{Command, Model};

pub use header::search_id;

/// Shows the screen.
pub fn show(ui: &mut Ui, data: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let bar = Frame::new().fill(t.surface);
    let line = ui.visuals().widgets.noninteractive.bg_stroke;
    let is_wide = ui.available_width() >= DETAILS_BESIDE_WIDTH;
    Panel::top("home_header")
        .frame(bar.inner_margin(Margin {
            left: 24,
            right: 24,
            top: 12,
            bottom: 4,
        }))
        .show(ui, |ui| header::show(ui, data, view));
    // In the order in which they are read, which is that of Tab; panels would have the list come last.
    let (body, status) = {
        let rest = ui.available_rect_before_wrap();
        rest.split_top_bottom_at_y(rest.bottom() - STATUS_HEIGHT)
    };
    let selected = view.home.selected.clone();
    match selected.and_then(|id| data.conference(&id)) {
        None => part(ui, body, |ui| list::show(ui, data, view, commands)),
        Some(entry) if is_wide => {
            let (left, right) = body.split_left_right_at_x(body.right() - DETAILS_WIDTH);
            part(ui, left, |ui| list::show(ui, data, view, commands));
            ui.painter().rect_filled(right, 0.0, t.surface);
            ui.painter().vline(right.left(), right.y_range(), line);
            part(ui, right, |ui| {
                details::show(ui, data, entry, view, commands)
            });
        }
        Some(entry) => {
            ui.painter().rect_filled(body, 0.0, t.surface);
            part(ui, body, |ui| {
                details::show(ui, data, entry, view, commands)
            });
        }
    }
    ui.painter().rect_filled(status, 0.0, t.surface);
    ui.painter().hline(status.x_range(), status.top(), line);
    part(ui, status.shrink2(vec2(24.0, 4.0)), |ui| {
        status::show(ui, data, commands);
    });
}

fn part(ui: &mut Ui, place: Rect, show: impl FnOnce(&mut Ui)) {
    ui.scope_builder(UiBuilder::new().max_rect(place), show);
}

/// Room for the list and the details side by side, in points.
const DETAILS_BESIDE_WIDTH: f32 = 860.0;
/// The details, in points.
const DETAILS_WIDTH: f32 = 380.0;
/// The line at the bottom, in points.
const STATUS_HEIGHT: f32 = 42.0;
