//! Pictures in windows of their own (T-70).
use egui::{
    CentralPanel, Frame, Key, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Ui, Vec2,
    ViewportBuilder, ViewportClass, ViewportCommand, ViewportId, WidgetInfo, vec2,
};

use super::cast;
use super::own_size::{LEAST, OwnWindow, PERCENTS, Surroundings};
use super::tile::{Seat, Stage};
use crate::model::Whose;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{avatar, choice, field_label};

/// Shows them; one that was closed is gone from now on.
pub(super) fn show(ui: &Ui, stage: &mut Stage<'_>) {
    let here: Vec<Whose> = stage.view.stage.windows.keys().copied().collect();
    for whose in here {
        let is_there = match whose {
            Whose::Mine => true,
            Whose::Theirs(id) | Whose::Screen(id) => stage.room.person(&id).is_some(),
        };
        if !is_there || window(ui, stage, whose) {
            stage.view.stage.windows.remove(&whose);
        }
    }
}

/// Gives whether it was closed.
fn window(ui: &Ui, stage: &mut Stage<'_>, whose: Whose) -> bool {
    let name = cast::name(stage.room, whose);
    let builder = ViewportBuilder::default()
        .with_title(format!("{name} – {}", stage.room.name))
        .with_app_id("rendezvous")
        .with_inner_size(vec2(640.0, 360.0))
        .with_min_inner_size(LEAST);
    let id = ViewportId::from_hash_of(("picture", whose));
    ui.ctx().show_viewport_immediate(id, builder, |ui, class| {
        if class == ViewportClass::EmbeddedWindow {
            embedded(ui, stage, whose, &name);
        } else {
            let ground = Frame::new().fill(theme::PICTURE_GROUND);
            CentralPanel::no_frame().frame(ground).show(ui, |ui| {
                let place = ui.available_rect_before_wrap();
                picture(ui, stage, whose, place, &name);
            });
            take_keys(ui, stage, whose);
            resize(ui, stage, whose);
        }
        ui.input(|input| {
            input.viewport().close_requested()
                || class != ViewportClass::EmbeddedWindow && input.key_pressed(Key::Escape)
        })
    })
}

/// Where the desktop has one window only, it is within that.
fn embedded(ui: &mut Ui, stage: &mut Stage<'_>, whose: Whose, name: &str) {
    let surroundings = Surroundings {
        pixels_per_point: ui.pixels_per_point(),
        screen: Some(ui.ctx().content_rect().size()),
    };
    let size = stage.view.stage.windows.get(&whose).and_then(|window| {
        let percent = window.wanted.or(window.percent)?;
        window.size(percent, surroundings)
    });
    let size = size.unwrap_or(EMBEDDED);
    let place = Rect::from_min_size(ui.available_rect_before_wrap().min, size);
    ui.allocate_rect(place, Sense::hover());
    picture(ui, stage, whose, place, name);
    if let Some(window) = stage.view.stage.windows.get_mut(&whose) {
        window.wanted = None;
        window.note_inner(size, surroundings);
    }
}

fn picture(ui: &Ui, stage: &mut Stage<'_>, whose: Whose, place: Rect, name: &str) {
    if !stage.picture(ui, whose, Seat::large(whose, place), 0) {
        avatar(ui, place.center(), place.height() * 0.2, name, false);
    }
    let newest = stage.gallery.still(whose);
    let window = stage.view.stage.windows.get_mut(&whose);
    if let (Some(picture), Some(window)) = (newest, window) {
        window.note_picture(picture.size(), matches!(whose, Whose::Theirs(_)));
    }
    let response = ui.interact(place, ui.scope_id().with(("own", whose)), Sense::click());
    let words = format!("{name} in a window of its own");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    menu(stage, whose, &response);
}

fn menu(stage: &mut Stage<'_>, whose: Whose, response: &Response) {
    if let Some(window) = stage.view.stage.windows.get_mut(&whose) {
        Popup::context_menu(response)
            .close_behavior(PopupCloseBehavior::CloseOnClick)
            .show(|ui| size_choices(ui, window, MENU_WIDTH));
    }
}

/// How large the window is to be.
pub(in crate::ui::room) fn size_choices(ui: &mut Ui, window: &mut OwnWindow, width: f32) {
    field_label(ui, "Size of its window");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let each = (width - 2.0 * space::XS) / 3.0;
        for percent in PERCENTS {
            let is_now = window.percent == Some(percent);
            if choice(ui, is_now, &format!("{percent} %"), each).clicked() {
                window.wanted = Some(percent);
                ui.close();
            }
        }
    });
}

fn take_keys(ui: &Ui, stage: &mut Stage<'_>, whose: Whose) {
    let Some(window) = stage.view.stage.windows.get_mut(&whose) else {
        return;
    };
    for (key, percent) in [Key::Num1, Key::Num2, Key::Num3].into_iter().zip(PERCENTS) {
        if ui.input(|input| input.key_pressed(key)) {
            window.wanted = Some(percent);
        }
    }
}

/// Asks the desktop for the size that is wanted, and notes which it is.
fn resize(ui: &Ui, stage: &mut Stage<'_>, whose: Whose) {
    let Some(window) = stage.view.stage.windows.get_mut(&whose) else {
        return;
    };
    let ctx = ui.ctx();
    let surroundings = Surroundings {
        pixels_per_point: ctx.pixels_per_point(),
        screen: ui.input(|input| input.viewport().monitor_size),
    };
    let inner: Vec2 = ctx.content_rect().size();
    window.note_inner(inner, surroundings);
    let wanted = window.wanted.take();
    if let Some(size) = wanted.and_then(|percent| window.size(percent, surroundings)) {
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
    }
}

/// Of a picture within the first window, in points, before another size was asked for.
const EMBEDDED: Vec2 = vec2(320.0, 180.0);
/// The least window has room for it, in points.
const MENU_WIDTH: f32 = 136.0;
