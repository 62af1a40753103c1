//! The ring around whatever the keyboard is on.
use egui::{Rect, Response, Stroke, StrokeKind, Ui};

use crate::ui::theme;

/// Paints the focus ring if `response` has the focus, and brings it into view when it comes by keyboard.
pub fn ring(ui: &Ui, response: &Response, rect: Rect, radius: u8) {
    if !response.has_focus() {
        return;
    }
    let stroke = Stroke::new(theme::FOCUS_WIDTH, theme::tokens(ui).accent);
    ui.painter()
        .rect_stroke(rect, radius, stroke, StrokeKind::Outside);
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
}
