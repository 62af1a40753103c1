//! A dialog in front of everything else.
use egui::{Context, Frame, Id, Margin, Modal, ScrollArea, Shadow, Stroke, Ui};

use super::label;
use crate::ui::theme::{self, Type, space, tokens};

/// How a dialog looks.
#[derive(Clone, Copy, Debug)]
pub struct Dialog<'a> {
    /// Tells it from others.
    pub id: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// In points; less where the window is small.
    pub width: f32,
}

/// Shows a dialog; gives what `body` gives, and whether Esc or a click beside it asks to close it.
pub fn dialog<R>(ctx: &Context, look: Dialog<'_>, body: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let style = ctx.global_style();
    let t = theme::of(style.visuals.dark_mode);
    let frame = Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.hairline))
        .corner_radius(theme::RADIUS_CARD)
        .shadow(Shadow {
            offset: [0, 8],
            blur: 32,
            spread: 0,
            color: t.backdrop,
        })
        .inner_margin(Margin::same(24));
    let room = ctx.content_rect().size() - egui::vec2(96.0, 120.0);
    let modal = Modal::new(Id::unique(look.id))
        .frame(frame)
        .backdrop_color(t.backdrop)
        .show(ctx, |ui| {
            ui.set_width(look.width.min(room.x));
            let color = tokens(ui).text;
            label(ui, look.title, Type::Title.strong(), color);
            ui.add_space(space::S);
            ScrollArea::vertical()
                .max_height(room.y)
                .min_scrolled_height(room.y)
                .auto_shrink([false, true])
                .show(ui, body)
                .inner
        });
    let is_closing = modal.should_close();
    (modal.inner, is_closing)
}
