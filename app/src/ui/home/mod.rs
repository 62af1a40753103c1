//! The list of conferences, what is on and when, and the details of one.
mod details;
mod header;
mod layout;
mod list;
mod model;
mod status;

use egui::{Frame, Margin, Panel, Ui};

use super::theme::tokens;
use super::view::View;
use crate::model::{Command, Model};

pub use header::search_id;

/// Shows the screen.
pub fn show(ui: &mut Ui, data: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let bar = Frame::new().fill(t.surface);
    let is_wide = ui.available_width() >= DETAILS_BESIDE_WIDTH;
    Panel::top("home_header")
        .frame(bar.inner_margin(Margin {
            left: 24,
            right: 24,
            top: 12,
            bottom: 4,
        }))
        .show(ui, |ui| header::show(ui, data, view));
    Panel::bottom("home_status")
        .frame(bar.inner_margin(Margin::symmetric(24, 4)))
        .show(ui, |ui| status::show(ui, data, commands));
    let selected = view
        .home
        .selected
        .clone()
        .and_then(|id| data.conference(&id));
    let Some(entry) = selected else {
        list::show(ui, data, view, commands);
        return;
    };
    if is_wide {
        Panel::right("home_details")
            .frame(bar)
            .resizable(false)
            .exact_size(DETAILS_WIDTH)
            .show(ui, |ui| details::show(ui, data, entry, view, commands));
        list::show(ui, data, view, commands);
    } else {
        let frame = bar.inner_margin(Margin::same(0));
        egui::CentralPanel::no_frame()
            .frame(frame)
            .show(ui, |ui| details::show(ui, data, entry, view, commands));
    }
}

/// Room for the list and the details side by side, in points.
const DETAILS_BESIDE_WIDTH: f32 = 860.0;
/// The details, in points.
const DETAILS_WIDTH: f32 = 380.0;
