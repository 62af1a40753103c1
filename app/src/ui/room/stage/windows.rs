//! Pictures in windows of their own (T-70).
use egui::{CentralPanel, Frame, Key, Ui, ViewportBuilder, ViewportClass, ViewportId, vec2};

use super::cast;
use super::tile::{Seat, Stage};
use crate::model::Whose;
use crate::ui::theme;
use crate::ui::widgets::avatar;

/// Shows them; one that was closed is gone from now on.
pub(super) fn show(ui: &Ui, stage: &mut Stage<'_>) {
    let here: Vec<Whose> = stage.view.stage.windows.iter().copied().collect();
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
        .with_min_inner_size(vec2(160.0, 90.0));
    let id = ViewportId::from_hash_of(("picture", whose));
    ui.ctx().show_viewport_immediate(id, builder, |ui, class| {
        let ground = Frame::new().fill(theme::PICTURE_GROUND);
        let mut paint = |ui: &mut Ui| {
            let mut place = ui.available_rect_before_wrap();
            if class == ViewportClass::EmbeddedWindow {
                place = egui::Rect::from_min_size(place.min, vec2(320.0, 180.0));
                ui.allocate_rect(place, egui::Sense::hover());
            }
            let seat = Seat::large(whose, place);
            if !stage.picture(ui, whose, seat, 0) {
                let radius = place.height() * 0.2;
                avatar(ui, place.center(), radius, &name, false);
            }
        };
        if class == ViewportClass::EmbeddedWindow {
            paint(ui);
        } else {
            CentralPanel::no_frame().frame(ground).show(ui, paint);
        }
        ui.input(|input| {
            input.viewport().close_requested()
                || class != ViewportClass::EmbeddedWindow && input.key_pressed(Key::Escape)
        })
    })
}
