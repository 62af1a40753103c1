//! Text in a line, cut with an ellipsis, or in a paragraph.
use egui::{Align, Color32, FontId, Label, Pos2, Rect, Response, RichText, Ui, text::LayoutJob};

use crate::ui::theme::{Type, tokens};

/// Paints `text` at the left of `rect`, in the middle of its height, cut to its width; gives the width taken.
pub fn one_line(ui: &Ui, rect: Rect, text: &str, font: FontId, color: Color32) -> f32 {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap.max_width = rect.width().max(0.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let width = galley.size().x;
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter()
        .galley(Pos2::new(rect.left(), top), galley, color);
    width
}

/// A line of text that takes its own width.
pub fn label(ui: &mut Ui, text: impl Into<String>, font: FontId, color: Color32) -> Response {
    let text = RichText::new(text).font(font).color(color);
    ui.add(Label::new(text).truncate().show_tooltip_when_elided(true))
}

/// A line of text that is never cut, for the cells of a grid.
pub fn cell(ui: &mut Ui, text: impl Into<String>, font: FontId, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(font).color(color)).extend())
}

/// Text that wraps.
pub fn wrapped(ui: &mut Ui, text: impl Into<String>, font: FontId, color: Color32) -> Response {
    let text = RichText::new(text).font(font).color(color);
    ui.add(Label::new(text).wrap().halign(Align::LEFT))
}

/// Body text of the second rank that wraps, centred.
pub fn centered(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = RichText::new(text)
        .font(Type::Body.regular())
        .color(tokens(ui).muted);
    ui.add(Label::new(text).wrap().halign(Align::Center))
}

/// Body text of the second rank that wraps.
pub fn paragraph(ui: &mut Ui, text: impl Into<String>) -> Response {
    let color = tokens(ui).muted;
    wrapped(ui, text, Type::Body.regular(), color)
}
