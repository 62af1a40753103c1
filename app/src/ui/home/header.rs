//! The top of the list: search, tabs, and what one can do.
use egui::{Align, Id, Key, Layout, Ui, vec2};

use super::model::{count, rows};
use crate::model::Model;
use crate::ui::dialogs::form::Form;
use crate::ui::icons::Icon;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::{Filter, Front, View};
use crate::ui::widgets::{Button, Field, Trailing, icon_button, label, tab};
use crate::ui::words::grouped;

/// Where Ctrl+K puts the focus.
pub fn search_id() -> Id {
    Id::unique("home_search")
}

pub(super) fn show(ui: &mut Ui, data: &Model, view: &mut View) {
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        ui.set_min_height(36.0);
        if !is_narrow {
            let text = tokens(ui).text;
            label(ui, "Rendezvous", Type::Large.strong(), text);
            ui.add_space(space::XL);
        }
        let gap = if is_narrow { space::S } else { space::XL };
        let end = Trailing::new(ui, "you");
        let right = end.left() - gap;
        let width = (right - ui.cursor().left()).clamp(0.0, SEARCH_WIDTH);
        ui.add_space((right - width - ui.cursor().left()).max(0.0));
        search(ui, width, data, view);
        end.show(ui, |ui| you(ui, data, view));
    });
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        tabs(ui, data, view);
        Trailing::new(ui, "actions").show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            actions(ui, data, view, is_narrow);
        });
    });
}

/// Below this width, words give way to icons; in points.
pub(super) const NARROW: f32 = 620.0;

/// As wide as one reads at a glance, in points.
const SEARCH_WIDTH: f32 = 420.0;

/// Enter opens the first match, with the focus on its Join button.
fn search(ui: &mut Ui, width: f32, data: &Model, view: &mut View) {
    let size = vec2(width, 36.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        let response = Field::new("Search conferences")
            .hint("Search (Ctrl+K)")
            .icon(Icon::Search)
            .id(search_id())
            .show(ui, &mut view.home.search);
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            let first = rows(data, &view.home)
                .first()
                .map(|row| row.entry.id.clone());
            view.home.is_join_wanted = first.is_some();
            if first.is_some() {
                view.home.selected = first;
            }
        }
    });
}

/// What one can do.
fn actions(ui: &mut Ui, data: &Model, view: &mut View, is_narrow: bool) {
    let open = if is_narrow {
        icon_button(ui, Icon::File, "Open file", tokens(ui).text)
    } else {
        Button::secondary("Open file").icon(Icon::File).show(ui)
    };
    if open.clicked() {
        let path = String::new();
        view.front = Some(Front::OpenFile { path });
    }
    let word = if is_narrow { "New" } else { "New conference" };
    let create = Button::primary(word)
        .name("New conference")
        .icon(Icon::Plus);
    if create.show(ui).clicked() {
        view.front = Some(Front::Form(Form::create(&data.clock)));
    }
}

/// Name, settings and shortcuts.
fn you(ui: &mut Ui, data: &Model, view: &mut View) {
    let t = tokens(ui);
    let name = elided(&data.settings.name);
    let spoken = format!("You are {}: change your name", data.settings.name);
    let is_renaming = Button::quiet(&name).name(&spoken).show(ui).clicked();
    let is_setting = icon_button(ui, Icon::Settings, "Settings", t.muted).clicked();
    if is_renaming || is_setting {
        view.front = Some(Front::settings(&data.settings));
    }
    if icon_button(ui, Icon::Help, "Keyboard shortcuts", t.muted).clicked() {
        view.front = Some(Front::Shortcuts);
    }
}

fn tabs(ui: &mut Ui, data: &Model, view: &mut View) {
    // The first tab's word stands on the left margin, not its padding.
    ui.add_space(-space::M);
    for filter in Filter::ALL {
        // Without a directory there is nobody.
        if filter == Filter::People && data.directories.is_empty() {
            continue;
        }
        let word = match filter {
            Filter::Now => "Now",
            Filter::Upcoming => "Upcoming",
            Filter::Mine => "Mine",
            Filter::All => "All",
            Filter::People => "People",
        };
        let name = match count(data, filter, &view.home.search) {
            0 => word.to_owned(),
            count => format!("{word} {}", grouped(count)),
        };
        if tab(ui, view.home.filter == filter, &name).clicked() {
            view.home.filter = filter;
        }
    }
}

/// At most 24 characters.
fn elided(name: &str) -> String {
    if name.chars().count() <= 24 {
        return name.to_owned();
    }
    name.chars().take(23).chain(['…']).collect()
}
