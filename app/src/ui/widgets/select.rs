//! A list that opens from a button, and the rows of any menu.
use egui::{
    CursorIcon, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{one_line, ring};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, CONTROL_HEIGHT, Type, space, tokens};

/// One row of a menu.
pub struct MenuRow<'a> {
    /// What it says.
    pub label: &'a str,
    /// An icon before it.
    pub icon: Option<Icon>,
    /// Whether it is the one chosen now.
    pub is_chosen: bool,
}

/// Shows a menu row; gives whether it was pressed.
pub fn menu_row(ui: &mut Ui, row: &MenuRow<'_>) -> bool {
    let t = tokens(ui);
    let size = vec2(ui.available_width(), CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, true, row.is_chosen, row.label));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, t.hover);
    }
    let gutter = Rect::from_min_size(rect.min, vec2(32.0, rect.height()));
    let icon = if row.is_chosen {
        Some(Icon::Check)
    } else {
        row.icon
    };
    if let Some(icon) = icon {
        icons::paint(ui.painter(), icon, gutter, 16.0, t.text);
    }
    let words = Rect::from_min_max(
        pos2(gutter.right(), rect.top()),
        pos2(rect.right() - space::S, rect.bottom()),
    );
    one_line(ui, words, row.label, Type::Body.regular(), t.text);
    ring(ui, &response, rect, theme::RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// A button that shows what is chosen of `options` and opens their list; gives the index of a new choice.
pub fn select(
    ui: &mut Ui,
    name: &str,
    options: &[String],
    chosen: usize,
    width: f32,
) -> Option<usize> {
    let text = options.get(chosen).map_or("", String::as_str);
    let response = closed(ui, name, text, width);
    let mut picked = None;
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .width(width.max(220.0))
        .show(|ui| {
            for (index, label) in options.iter().enumerate() {
                let row = MenuRow {
                    label,
                    icon: None,
                    is_chosen: index == chosen,
                };
                if menu_row(ui, &row) {
                    picked = Some(index);
                    ui.close();
                }
            }
        });
    picked
}

fn closed(ui: &mut Ui, name: &str, text: &str, width: f32) -> Response {
    let t = tokens(ui);
    let size = vec2(width.min(ui.available_width()), CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::labeled(Role::ComboBox, true, name)
    });
    let fill = if response.hovered() {
        t.hover
    } else {
        t.raised
    };
    let stroke = Stroke::new(1.0, t.hairline);
    ui.painter()
        .rect(rect, theme::RADIUS, fill, stroke, StrokeKind::Inside);
    let chevron = Rect::from_min_max(pos2(rect.right() - 30.0, rect.top()), rect.max);
    icons::paint(ui.painter(), Icon::ChevronDown, chevron, 14.0, t.muted);
    let words = Rect::from_min_max(
        pos2(rect.left() + space::M, rect.top()),
        pos2(chevron.left(), rect.bottom()),
    );
    one_line(ui, words, text, Type::Body.regular(), t.text);
    ring(ui, &response, rect, theme::RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand)
}
