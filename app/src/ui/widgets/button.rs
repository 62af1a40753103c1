//! Buttons.
use egui::{
    Color32, CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::ring;
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, CONTROL_HEIGHT, Type, space, tokens};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Primary,
    Secondary,
    Quiet,
    Danger,
}

/// A button with a word, an icon or both.
#[must_use = "call show"]
pub struct Button<'a> {
    label: &'a str,
    name: Option<&'a str>,
    icon: Option<Icon>,
    rank: Rank,
    height: f32,
    min_width: f32,
    is_enabled: bool,
}

impl<'a> Button<'a> {
    /// What one would do next.
    pub fn primary(label: &'a str) -> Self {
        Self::new(label, Rank::Primary)
    }

    /// What one may do.
    pub fn secondary(label: &'a str) -> Self {
        Self::new(label, Rank::Secondary)
    }

    /// What one may do, with no edge of its own.
    pub fn quiet(label: &'a str) -> Self {
        Self::new(label, Rank::Quiet)
    }

    /// What cannot be taken back.
    pub fn danger(label: &'a str) -> Self {
        Self::new(label, Rank::Danger)
    }

    fn new(label: &'a str, rank: Rank) -> Self {
        Self {
            label,
            name: None,
            icon: None,
            rank,
            height: CONTROL_HEIGHT,
            min_width: 0.0,
            is_enabled: true,
        }
    }

    /// Puts an icon before the word.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// What a screen reader says, where the word alone does not tell.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// For the one action of a screen.
    pub fn large(mut self) -> Self {
        self.height = 44.0;
        self
    }

    /// At least so wide, so that a change of word moves nothing.
    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    /// Whether it can be pressed now.
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Shows it at the next place.
    pub fn show(self, ui: &mut Ui) -> Response {
        let size = vec2(self.width(ui), self.height);
        let sense = if self.is_enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        self.finish(ui, rect, response)
    }

    /// Shows it at a given place, above what was shown there before.
    pub fn show_at(self, ui: &mut Ui, rect: Rect, id: egui::Id) -> Response {
        let sense = if self.is_enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let response = ui.interact(rect, id, sense);
        self.finish(ui, rect, response)
    }

    /// The width it needs.
    pub fn width(&self, ui: &Ui) -> f32 {
        let text = ui.fonts_mut(|fonts| {
            let font = Type::Body.strong();
            fonts
                .layout_no_wrap(self.label.to_owned(), font, Color32::WHITE)
                .size()
                .x
        });
        let icon = if self.icon.is_some() {
            ICON + space::S
        } else {
            0.0
        };
        (text + icon + 2.0 * self.padding()).max(self.min_width)
    }

    fn padding(&self) -> f32 {
        if self.height > CONTROL_HEIGHT {
            space::XL
        } else {
            space::M
        }
    }

    fn finish(self, ui: &Ui, rect: Rect, response: Response) -> Response {
        let name = self.name.unwrap_or(self.label);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.is_enabled, name));
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, &response);
        }
        ring(ui, &response, rect, theme::RADIUS);
        if self.is_enabled {
            response.on_hover_cursor(CursorIcon::PointingHand)
        } else {
            response
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, response: &Response) {
        let (fill, edge, ink) = self.colours(ui, response);
        let painter = ui.painter();
        painter.rect(
            rect,
            theme::RADIUS,
            fill,
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
        let font = Type::Body.strong();
        let galley = painter.layout_no_wrap(self.label.to_owned(), font, ink);
        let icon = if self.icon.is_some() {
            ICON + space::S
        } else {
            0.0
        };
        let mut left = rect.center().x - (galley.size().x + icon) / 2.0;
        if let Some(symbol) = self.icon {
            let place = Rect::from_min_size(pos2(left, rect.top()), vec2(ICON, rect.height()));
            icons::paint(painter, symbol, place, ICON, ink);
            left += icon;
        }
        painter.galley(
            pos2(left, rect.center().y - galley.size().y / 2.0),
            galley,
            ink,
        );
    }

    fn colours(&self, ui: &Ui, response: &Response) -> (Color32, Color32, Color32) {
        let t = tokens(ui);
        if !self.is_enabled {
            return (t.raised, t.hairline, t.muted);
        }
        let is_lit = response.hovered();
        let lit = |color: Color32| {
            if is_lit {
                color.lerp_to_gamma(t.text, 0.12)
            } else {
                color
            }
        };
        match self.rank {
            Rank::Primary => (lit(t.accent), Color32::TRANSPARENT, t.on_accent),
            Rank::Danger => (lit(t.danger), Color32::TRANSPARENT, t.on_accent),
            Rank::Secondary if is_lit => (t.hover, t.hairline, t.text),
            Rank::Secondary => (t.raised, t.hairline, t.text),
            Rank::Quiet if is_lit => (t.hover, Color32::TRANSPARENT, t.text),
            Rank::Quiet => (Color32::TRANSPARENT, Color32::TRANSPARENT, t.text),
        }
    }
}

const ICON: f32 = 16.0;

/// A square button with an icon alone; `name` is its tooltip and what a screen reader says.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, ink: Color32) -> Response {
    let size = vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if response.hovered() {
        ui.painter()
            .rect_filled(rect, theme::RADIUS, tokens(ui).hover);
    }
    icons::paint(ui.painter(), icon, rect, 18.0, ink);
    ring(ui, &response, rect, theme::RADIUS);
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(name)
}
