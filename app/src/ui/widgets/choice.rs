//! One of several: tabs and choices; and yes or no: a tick box.
use egui::{
    CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::{one_line, ring};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, CONTROL_HEIGHT, Type, space, tokens};

/// A tab: underlined when it is the one shown.
pub fn tab(ui: &mut Ui, is_selected: bool, name: &str) -> Response {
    let t = tokens(ui);
    let ink = if is_selected { t.text } else { t.muted };
    let font = if is_selected {
        Type::Body.strong()
    } else {
        Type::Body.regular()
    };
    // As wide as the heavier weight needs, so that selecting moves nothing.
    let heavy = ui
        .painter()
        .layout_no_wrap(name.to_owned(), Type::Body.strong(), ink);
    let size = vec2(heavy.size().x + 2.0 * space::M, CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_selected, name));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, t.raised);
    }
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, ink);
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, ink);
    if is_selected {
        let line = Rect::from_min_max(
            pos2(rect.left() + space::M, rect.bottom() - 3.0),
            pos2(rect.right() - space::M, rect.bottom() - 1.0),
        );
        ui.painter().rect_filled(line, 1.0, t.accent);
    }
    ring(ui, &response, rect, theme::RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// One of a row of choices, `width` points wide.
pub fn choice(ui: &mut Ui, is_selected: bool, name: &str, width: f32) -> Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CONTROL_HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_selected, name));
    let fill = match (is_selected, response.hovered()) {
        (true, _) => t.selection,
        (false, true) => t.hover,
        (false, false) => t.raised,
    };
    let edge = if is_selected { t.accent } else { t.hairline };
    let stroke = Stroke::new(if is_selected { 1.5 } else { 1.0 }, edge);
    ui.painter()
        .rect(rect, theme::RADIUS, fill, stroke, StrokeKind::Inside);
    let font = if is_selected {
        Type::Body.strong()
    } else {
        Type::Body.regular()
    };
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, t.text);
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, t.text);
    ring(ui, &response, rect, theme::RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// A tick box with its word; gives whether it was pressed.
pub fn check(ui: &mut Ui, is_on: bool, name: &str) -> bool {
    const BOX: f32 = 18.0;
    let t = tokens(ui);
    let text = ui
        .painter()
        .layout_no_wrap(name.to_owned(), Type::Body.regular(), t.text)
        .size()
        .x;
    let size = vec2(
        (BOX + space::S + text).min(ui.available_width()),
        CONTROL_HEIGHT,
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, name));
    let square = Rect::from_center_size(
        pos2(rect.left() + BOX / 2.0, rect.center().y),
        vec2(BOX, BOX),
    );
    if is_on {
        ui.painter().rect_filled(square, 4.0, t.accent);
        icons::paint(ui.painter(), Icon::Check, square, 14.0, t.on_accent);
    } else {
        let stroke = Stroke::new(1.5, t.line);
        ui.painter()
            .rect_stroke(square, 4.0, stroke, StrokeKind::Inside);
    }
    let words = Rect::from_min_max(pos2(square.right() + space::S, rect.top()), rect.max);
    one_line(ui, words, name, Type::Body.regular(), t.text);
    ring(ui, &response, rect.expand(2.0), theme::RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
