//! What just happened: one card at the bottom, gone by itself when it was good news.
use std::time::Duration;

use egui::{Align, Align2, Area, Context, Frame, Id, Layout, Margin, Order, Shadow, Ui, vec2};

use crate::model::{Done, EntryId, Message, Model};
use crate::notice;
use crate::ui::icons::{self, Icon};
use crate::ui::problems;
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::view::View;
use crate::ui::widgets::{icon_button, wrapped};

/// Shows the newest message, unless it was closed or has been read.
pub fn show(ctx: &Context, model: &Model, view: &mut View) {
    let Some((message, at)) = &model.message else {
        return;
    };
    let age = model.clock.steady.saturating_duration_since(*at);
    let is_good = matches!(message, Message::Done(_));
    if view.message(model).is_none() || (is_good && age >= GOOD_NEWS_LASTS) {
        return;
    }
    if is_good {
        ctx.request_repaint_after(GOOD_NEWS_LASTS.saturating_sub(age));
    }
    let area = Area::new(Id::unique("message"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -64.0));
    let mut is_closed = false;
    area.show(ctx, |ui| is_closed = card(ui, model, message));
    if is_closed {
        view.closed_message = Some(*at);
    }
}

/// Good news disappears after this long.
const GOOD_NEWS_LASTS: Duration = Duration::from_secs(5);

/// Gives whether it was closed.
fn card(ui: &mut Ui, model: &Model, message: &Message) -> bool {
    let t = tokens(ui);
    let frame = Frame::new()
        .fill(t.raised)
        .stroke((1.0, t.hairline))
        .corner_radius(theme::RADIUS_CARD)
        .shadow(Shadow {
            offset: [0, 4],
            blur: 20,
            spread: 0,
            color: t.backdrop,
        })
        .inner_margin(Margin {
            left: 16,
            right: 8,
            top: 8,
            bottom: 8,
        });
    let mut is_closed = false;
    frame.show(ui, |ui| {
        ui.set_width(520.0_f32.min(ui.ctx().content_rect().width() - 64.0));
        ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
            is_closed = icon_button(ui, Icon::Close, "Close the message", t.muted).clicked();
            ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
                words(ui, model, message)
            });
        });
    });
    is_closed
}

fn words(ui: &mut Ui, model: &Model, message: &Message) {
    let t = tokens(ui);
    let (icon, color, title, rest) = match message {
        Message::Done(done) => (Icon::Check, t.talking, done_words(model, done), Vec::new()),
        Message::Failed(failure) => {
            let notice = notice::failure(failure, model.clock.wall, &model.clock.zone);
            let (icon, color) = problems::look(ui, notice.severity);
            let rest = std::iter::once(notice.remedy)
                .chain(notice.detail)
                .collect();
            (icon, color, notice.title, rest)
        }
    };
    let (place, _) = ui.allocate_exact_size(vec2(20.0, 34.0), egui::Sense::hover());
    icons::paint(ui.painter(), icon, place, 20.0, color);
    ui.add_space(space::XS);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(7.0);
        wrapped(ui, title, Type::Body.strong(), t.text);
        for line in rest {
            wrapped(ui, line, Type::Body.regular(), t.muted);
        }
    });
}

fn done_words(model: &Model, done: &Done) -> String {
    let name = |id: &EntryId| {
        model
            .conference(id)
            .map_or("The conference", |entry| entry.name.as_str())
    };
    match done {
        Done::Published(id) => format!("{} is announced", name(id)),
        Done::Edited(id) => format!("{} is changed", name(id)),
        Done::Withdrawn(name) => format!("{name} is withdrawn"),
        Done::Opened(id) => format!("{} is in your list", name(id)),
        Done::PictureSaved(path) => format!("The picture is in {}", path.display()),
        Done::PasswordKept(directory) => {
            format!("The password for {directory} is kept in your keyring")
        }
        Done::PublishedIn(name, directory) => format!("{name} is published in {directory}"),
        Done::Exported(name, path) => format!("“{name}” is saved as {}", path.display()),
        Done::WithdrawnFrom(name, directory) => format!("{name} is no longer in {directory}"),
    }
}
