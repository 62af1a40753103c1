//! A text field with its label above and its fault below.
use egui::{Frame, Margin, Response, Stroke, TextEdit, Ui, vec2};

use super::{label, wrapped};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, CONTROL_HEIGHT, Type, space, tokens};

/// The word above a field or a group of choices.
pub fn field_label(ui: &mut Ui, text: &str) -> Response {
    let color = tokens(ui).muted;
    label(ui, text, Type::Small.strong(), color)
}

/// A text field.
#[must_use = "call show"]
pub struct Field<'a> {
    name: &'a str,
    hint: &'a str,
    fault: Option<&'a str>,
    icon: Option<Icon>,
    id: Option<egui::Id>,
    rows: usize,
    width: f32,
    has_label: bool,
    is_secret: bool,
}

impl<'a> Field<'a> {
    /// A field with `name` above it.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            hint: "",
            fault: None,
            icon: None,
            id: None,
            rows: 1,
            width: f32::INFINITY,
            has_label: true,
            is_secret: false,
        }
    }

    /// What stands in it while it is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// What is wrong with what it holds.
    pub fn fault(mut self, fault: Option<&'a str>) -> Self {
        self.fault = fault;
        self
    }

    /// So many lines high.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// So many points wide; otherwise all there is.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Shows an icon instead of the label; screen readers still say the name.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self.has_label = false;
        self
    }

    /// Shows no label; screen readers still say the name.
    pub fn unlabelled(mut self) -> Self {
        self.has_label = false;
        self
    }

    /// Shows dots instead of what is typed.
    pub fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// Known by this id, so that a shortcut can put the focus there.
    pub fn id(mut self, id: egui::Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Shows it; gives the field's own response.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            if self.has_label {
                field_label(ui, self.name);
            }
            let response = self.edit(ui, text);
            if let Some(fault) = self.fault {
                let color = tokens(ui).danger;
                wrapped(ui, fault, Type::Small.regular(), color);
            }
            response
        })
        .inner
    }

    fn edit(&self, ui: &mut Ui, text: &mut String) -> Response {
        let t = tokens(ui);
        let left = if self.icon.is_some() { 34 } else { 10 };
        let frame = Frame::new()
            .fill(t.raised)
            .corner_radius(theme::RADIUS)
            .stroke(Stroke::new(
                1.0,
                if self.fault.is_some() {
                    t.danger
                } else {
                    t.hairline
                },
            ))
            .inner_margin(Margin {
                left,
                right: 10,
                top: 8,
                bottom: 7,
            });
        let width = self.width.min(ui.available_width());
        let mut edit = if self.rows == 1 {
            TextEdit::singleline(text).password(self.is_secret)
        } else {
            TextEdit::multiline(text).desired_rows(self.rows)
        };
        if let Some(id) = self.id {
            edit = edit.id(id);
        }
        let hint = egui::RichText::new(self.hint).color(t.muted);
        let response = edit
            .frame(frame)
            .hint_text(hint)
            .desired_width(width)
            .font(Type::Body.regular())
            .min_size(vec2(0.0, CONTROL_HEIGHT))
            .show(ui)
            .response
            .response
            .accessible_name(self.name);
        if let Some(icon) = self.icon {
            let place =
                egui::Rect::from_min_size(response.rect.min, vec2(34.0, response.rect.height()));
            icons::paint(ui.painter(), icon, place, 16.0, t.muted);
        }
        super::ring(ui, &response, response.rect, theme::RADIUS);
        response
    }
}
