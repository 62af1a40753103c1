//! The rows of the list, and what stands there when there are none.
use egui::{
    Align, Align2, CentralPanel, Frame, Layout, Margin, Rect, Role, ScrollArea, Sense, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::layout::{ROW_HEIGHT, RowLayout};
use super::model::{Row, count, rows};
use super::people;
use crate::model::{Command, Model};
use crate::ui::dialogs::form::Form;
use crate::ui::icons::{self, Icon};
use crate::ui::problems;
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::view::{Filter, Front, View};
use crate::ui::widgets::{Button, centered, label, one_line, ring};

pub(super) fn show(ui: &mut Ui, data: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let frame = Frame::new().inner_margin(Margin {
        left: 12,
        right: 12,
        top: 12,
        bottom: 0,
    });
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        if let Some(problem) = &data.network.problem {
            problems::banner(ui, data, view, problem, commands);
            ui.add_space(space::M);
        }
        if view.home.filter == Filter::People {
            let people = people::found(data, &view.home.search);
            if !people.is_empty() {
                return people::show(ui, data, &people);
            }
        }
        let rows = rows(data, &view.home);
        if rows.is_empty() {
            empty(ui, data, view, commands);
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            ROW_HEIGHT,
            rows.len(),
            |ui, range| {
                for row in rows.get(range).unwrap_or_default() {
                    show_row(ui, row, view, commands);
                }
            },
        );
    });
}

fn show_row(ui: &mut Ui, row: &Row<'_>, view: &mut View, commands: &mut Vec<Command>) {
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, place) = ui.allocate_exact_size(size, Sense::hover());
    let id = ui.scope_id().with(&row.entry.id);
    let response = ui.interact(rect, id, Sense::click());
    drop(place);
    let is_selected = view.home.selected.as_ref() == Some(&row.entry.id);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_selected, row.spoken()));
    let layout = RowLayout::new(rect);
    paint_row(ui, row, rect, &layout, is_selected, response.hovered());
    ring(ui, &response, rect.shrink(2.0), theme::RADIUS);
    if response.clicked() {
        view.home.selected = Some(row.entry.id.clone());
        view.home.is_sdp_open = false;
    }
    let join = join_button(ui, row, layout.join, id);
    if row.is_joinable && (join || response.double_clicked()) {
        commands.push(Command::Join {
            conference: row.entry.id.clone(),
            is_muted: false,
        });
    }
}

fn join_button(ui: &mut Ui, row: &Row<'_>, rect: Rect, id: egui::Id) -> bool {
    if !row.is_joinable {
        let word = if row.entry.lock.is_some() {
            "Encrypted"
        } else {
            ""
        };
        let t = tokens(ui);
        one_line(ui, rect, word, Type::Small.regular(), t.muted);
        return false;
    }
    let name = format!("Join {}", row.entry.name);
    let button = if row.is_live {
        Button::primary("Join")
    } else {
        Button::secondary("Join")
    };
    button
        .name(&name)
        .show_at(ui, rect, id.with("join"))
        .clicked()
}

fn paint_row(
    ui: &Ui,
    row: &Row<'_>,
    rect: Rect,
    layout: &RowLayout,
    is_selected: bool,
    is_hovered: bool,
) {
    let t = tokens(ui);
    if is_selected || is_hovered {
        let fill = if is_selected { t.selection } else { t.surface };
        ui.painter()
            .rect_filled(rect.shrink2(vec2(0.0, 1.0)), theme::RADIUS_CARD, fill);
    }
    let center = layout.dot.center();
    if row.is_live {
        ui.painter().circle_filled(center, 5.0, t.talking);
    } else {
        ui.painter().circle_stroke(center, 4.5, (1.5, t.line));
    }
    let lock_width = if row.entry.lock.is_some() { 22.0 } else { 0.0 };
    let note = first_line(&row.entry.description);
    let line = if note.is_empty() {
        layout.name_alone()
    } else {
        layout.name
    };
    let name = line.with_max_x(layout.name.right() - lock_width);
    let width = one_line(ui, name, &row.entry.name, Type::Body.strong(), t.text);
    if row.entry.lock.is_some() {
        let place = Rect::from_center_size(
            pos2(name.left() + width + 13.0, name.center().y),
            vec2(16.0, 16.0),
        );
        icons::paint(ui.painter(), Icon::Lock, place, 15.0, t.warning);
    }
    one_line(ui, layout.note, note, Type::Small.regular(), t.muted);
    one_line(ui, layout.when, &row.when, Type::Body.regular(), t.text);
    let whence = &row.whence;
    one_line(ui, layout.whence, whence, Type::Small.regular(), t.muted);
    if let Some(scope) = layout.scope {
        one_line(ui, scope, row.scope, Type::Body.regular(), t.muted);
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("").trim()
}

/// What one can do when nothing is listed.
fn empty(ui: &mut Ui, data: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let size = vec2(ui.available_width().min(420.0), 200.0);
    let place = Align2::CENTER_CENTER.align_size_within_rect(size, ui.available_rect_before_wrap());
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, |ui| {
        let t = tokens(ui);
        if !data.is_catalogue_loaded {
            label(
                ui,
                "Listening to the network…",
                Type::Title.strong(),
                t.text,
            );
            return;
        }
        if !view.home.search.trim().is_empty() {
            nothing_found(ui, data, view);
            return;
        }
        let (title, text) = match view.home.filter {
            Filter::Now => (
                "Nothing is on",
                "Start a conference, or wait: what others announce appears here by itself.",
            ),
            Filter::Upcoming => (
                "Nothing is planned",
                "Plan a conference, and everyone on the network sees when it is on.",
            ),
            Filter::Mine => (
                "Nothing of yours yet",
                "Conferences that you create and files that you open stay here.",
            ),
            Filter::People => (
                "Nobody is listed",
                "People who are in your directories appear here by themselves.",
            ),
            Filter::All => (
                "Nothing is known",
                "Conferences on this network and in your directories appear here by themselves.",
            ),
        };
        label(ui, title, Type::Title.strong(), t.text);
        centered(ui, text);
        ui.add_space(space::L);
        if Button::primary("New conference")
            .name("Start a new conference")
            .icon(Icon::Plus)
            .large()
            .show(ui)
            .clicked()
        {
            view.front = Some(Front::Form(Form::create(&data.clock)));
        }
        if view.home.filter != Filter::Mine
            && Button::quiet("Ask the network again").show(ui).clicked()
        {
            commands.push(Command::Refresh);
        }
    });
}

fn nothing_found(ui: &mut Ui, data: &Model, view: &mut View) {
    let t = tokens(ui);
    label(ui, "Nothing matches here", Type::Title.strong(), t.text);
    let elsewhere = Filter::ALL
        .into_iter()
        .find(|&filter| filter != view.home.filter && count(data, filter, &view.home.search) > 0);
    if let Some(filter) = elsewhere {
        centered(ui, "There are matches in another list.");
        ui.add_space(space::M);
        if Button::secondary("Show them").show(ui).clicked() {
            view.home.filter = filter;
        }
    } else {
        centered(ui, "Try fewer or other words.");
        ui.add_space(space::M);
        if Button::secondary("Clear the search").show(ui).clicked() {
            view.home.search.clear();
        }
    }
}
