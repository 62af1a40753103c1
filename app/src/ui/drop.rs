//! What shows while a file is held over the window.
use egui::{Align2, Context, Id, LayerId, Order, Stroke, StrokeKind};

use crate::ui::theme::{self, Type, space};

/// Says that letting go opens the file; [`super::shortcuts`] takes it then.
pub fn show(ctx: &Context) {
    if ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let t = theme::of(ctx.global_style().visuals.dark_mode);
    let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::unique("drop")));
    let window = ctx.content_rect();
    painter.rect_filled(window, 0.0, t.backdrop);
    let target = window.shrink(space::XL);
    let edge = Stroke::new(theme::FOCUS_WIDTH, t.accent);
    painter.rect(
        target,
        theme::RADIUS_CARD,
        t.surface,
        edge,
        StrokeKind::Inside,
    );
    let words = "Let go to open the conference file";
    let font = Type::Title.strong();
    painter.text(target.center(), Align2::CENTER_CENTER, words, font, t.text);
}
