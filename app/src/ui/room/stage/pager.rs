//! The pages of a grid that is too small for all.
use egui::{Rect, Ui, UiBuilder, Vec2};

use super::layout::{Shape, capacity};
use super::{cast, split_bottom};
use crate::model::{Model, Room};
use crate::ui::icons::Icon;
use crate::ui::theme::{CONTROL_HEIGHT, Type, space, tokens};
use crate::ui::view::RoomView;
use crate::ui::widgets::{icon_button, label};

/// How many tiles a page has.
pub(super) fn seats(stage: Vec2) -> usize {
    capacity(stage, Shape::SEEN).min(MOST)
}

/// More than this on one page nobody can follow.
const MOST: usize = 49;

/// Shows the buttons if there is more than one page; gives what they leave of the stage.
pub(super) fn show(
    ui: &mut Ui,
    stage: Rect,
    data: &Model,
    room: &Room,
    view: &mut RoomView,
) -> Rect {
    let count = cast::shown_count(data, room);
    if count <= seats(stage.size()) {
        view.stage.page = 0;
        return stage;
    }
    let (upper, lower) = split_bottom(stage, CONTROL_HEIGHT + space::S);
    let pages = count.div_ceil(seats(upper.size()));
    view.stage.page = view.stage.page.min(pages - 1);
    let page = &mut view.stage.page;
    let width = 2.0 * CONTROL_HEIGHT + WORDS_WIDTH;
    let place = Rect::from_center_size(lower.center(), egui::vec2(width, CONTROL_HEIGHT));
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    let t = tokens(ui);
    let mut row = ui.new_child(builder);
    let ink = |is_there| if is_there { t.text } else { t.hairline };
    let back = icon_button(&mut row, Icon::ChevronLeft, "Page back", ink(*page > 0));
    if back.clicked() {
        *page = page.saturating_sub(1);
    }
    let words = format!("{} of {pages}", *page + 1);
    label(&mut row, words, Type::Body.regular(), t.muted);
    let has_next = *page + 1 < pages;
    let next = icon_button(&mut row, Icon::ChevronRight, "Page on", ink(has_next));
    if next.clicked() && has_next {
        *page += 1;
    }
    upper
}

/// Room for “10 of 12”, in points.
const WORDS_WIDTH: f32 = 76.0;
