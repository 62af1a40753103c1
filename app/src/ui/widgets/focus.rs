//! Where the keyboard is: the ring around it, and where it begins.
use egui::{Key, Rect, Response, Stroke, StrokeKind, Ui};

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

/// Gives `response` the focus while nothing else has it, so that Enter does what it says.
pub fn default_focus(ui: &Ui, response: &Response) {
    if ui.memory(|memory| memory.focused().is_none()) {
        response.request_focus();
    }
}

/// Whether Enter was pressed, and no control wants it: a field of one line gives up the focus for it.
pub fn is_entered(ui: &Ui) -> bool {
    ui.input(|input| input.key_pressed(Key::Enter))
        && ui.memory(|memory| memory.focused().is_none())
}
