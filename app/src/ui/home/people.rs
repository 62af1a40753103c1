//! The people in the directories.
use egui::{Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::model::{Contactable, Model};
use crate::ui::theme::{Type, space, tokens};
use crate::ui::widgets::{avatar, one_line, ring};
use crate::ui::{theme, words};

/// Those that match the search, by name.
pub(super) fn found<'a>(model: &'a Model, search: &str) -> Vec<&'a Contactable> {
    let query = search.trim().to_lowercase();
    let people = model.people.iter();
    people.filter(|person| person.matches(&query)).collect()
}

/// Shows them, a row each.
pub(super) fn show(ui: &mut Ui, data: &Model, people: &[&Contactable]) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, ROW_HEIGHT, people.len(), |ui, range| {
        for (index, person) in range.clone().zip(people.get(range).unwrap_or_default()) {
            show_row(ui, data, index, person);
        }
    });
}

fn show_row(ui: &mut Ui, data: &Model, index: usize, person: &Contactable) {
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, place) = ui.allocate_exact_size(size, Sense::hover());
    drop(place);
    let whence = format!("in {}", words::directory(data, &person.directory));
    let about = person.about();
    let id = ui.scope_id().with(("person", index));
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    let spoken = [&person.name, &about, &whence]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
    ring(ui, &response, rect.shrink(2.0), theme::RADIUS);
    let t = tokens(ui);
    let inner = rect.shrink2(vec2(space::M, 8.0));
    let center = pos2(inner.left() + 16.0, inner.center().y);
    avatar(ui, center, 16.0, &person.name, false);
    let left = center.x + 16.0 + space::M;
    let right = inner.right() - inner.width() * 0.3;
    let half = |top: f32, bottom: f32| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
    let middle = inner.center().y;
    let name = if about.is_empty() {
        half(inner.top(), inner.bottom())
    } else {
        half(inner.top(), middle)
    };
    one_line(ui, name, &person.name, Type::Body.strong(), t.text);
    let below = half(middle, inner.bottom());
    one_line(ui, below, &about, Type::Small.regular(), t.muted);
    let end = Rect::from_min_max(pos2(right + space::L, inner.top()), inner.max);
    one_line(ui, end, &whence, Type::Small.regular(), t.muted);
}

/// Height of a row, in points.
const ROW_HEIGHT: f32 = 54.0;
