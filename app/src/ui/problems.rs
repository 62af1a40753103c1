//! What is wrong, as a banner across the screen or a card in a panel.
use egui::{Align, Color32, Frame, Layout, Margin, Response, Sense, Stroke, Ui, vec2};

use crate::model::{Command, Model, Problem};
use crate::notice::{self, Notice, Remedy, Severity};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::view::{Front, View};
use crate::ui::widgets::{Button, wrapped};

/// Colour and shape of a severity.
pub fn look(ui: &Ui, severity: Severity) -> (Icon, Color32) {
    let t = tokens(ui);
    match severity {
        Severity::Info => (Icon::Info, t.accent),
        Severity::Warning => (Icon::Warning, t.warning),
        Severity::Danger => (Icon::Warning, t.danger),
    }
}

/// A banner with its remedy and, where there is one, the button that applies it.
pub fn banner(
    ui: &mut Ui,
    data: &Model,
    view: &mut View,
    problem: &Problem,
    commands: &mut Vec<Command>,
) {
    let notice = notice::notice(problem, data.clock.wall, &data.clock.zone);
    body(ui, &notice, |ui| match notice.action {
        Some(Remedy::Unmute) => {
            let is_pressed = Button::secondary("Unmute")
                .name("Unmute me, since you are talking")
                .show(ui)
                .clicked();
            commands.extend(is_pressed.then_some(Command::MuteMicrophone(false)));
        }
        Some(Remedy::OpenSettings) => {
            let name = format!("Open the settings: {}", notice.title);
            if Button::secondary("Settings").name(&name).show(ui).clicked() {
                view.front = Some(Front::settings(&data.settings));
                commands.push(Command::ListDevices);
            }
        }
        None => {}
    });
}

/// The same without a button.
pub fn card(ui: &mut Ui, notice: &Notice) -> Response {
    body(ui, notice, |_| {})
}

fn body(ui: &mut Ui, notice: &Notice, button: impl FnOnce(&mut Ui)) -> Response {
    let t = tokens(ui);
    let (icon, color) = look(ui, notice.severity);
    let frame = Frame::new()
        .fill(t.raised)
        .stroke(Stroke::new(1.0, color.gamma_multiply(0.6)))
        .corner_radius(theme::RADIUS_CARD)
        .inner_margin(Margin {
            left: 12,
            right: 12,
            top: 10,
            bottom: 10,
        });
    let shown = frame.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            let (place, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
            icons::paint(ui.painter(), icon, place, 20.0, color);
            let button_width = if notice.action.is_some() { 130.0 } else { 0.0 };
            let width = ui.available_width() - button_width;
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 2.0;
                wrapped(ui, &notice.title, Type::Body.strong(), t.text);
                wrapped(ui, &notice.remedy, Type::Body.regular(), t.muted);
                if let Some(detail) = &notice.detail {
                    wrapped(ui, detail, Type::Small.regular(), t.muted);
                }
            });
            ui.with_layout(Layout::right_to_left(Align::TOP), button);
        });
    });
    shown.response
}
