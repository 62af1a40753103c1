//! The camera, how good one's own pictures may be, and how many of others are wanted.
use egui::{Align2, Sense, Ui, vec2};

use super::device;
use crate::model::{Command, Model, Settings, VideoQuality, Whose};
use crate::ui::icons::Icon;
use crate::ui::pictures::{Fit, Frame, Gallery};
use crate::ui::theme::{self, Type, space};
use crate::ui::view::Profile;
use crate::ui::widgets::{Button, choice, field_label, select};

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    settings: &mut Settings,
    commands: &mut Vec<Command>,
) {
    field_label(ui, "Camera");
    let chosen = model.settings.camera.as_deref();
    if let Some(id) = device(ui, "Camera", &model.devices.cameras, chosen) {
        commands.push(Command::SetCamera(id));
    }
    ui.add_space(space::M);
    quality(ui, &mut settings.video_quality);
    ui.add_space(space::M);
    field_label(ui, "Most pictures of others at once");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 4.0 * space::S) / 5.0;
        for count in Settings::MAX_VIDEOS {
            let is_chosen = settings.max_videos == count;
            if choice(ui, is_chosen, &count.to_string(), width).clicked() {
                settings.max_videos = count;
            }
        }
    });
    ui.add_space(space::M);
}

/// The camera's picture, as one sees oneself in a mirror, once one has asked for it.
pub(super) fn mirror(
    ui: &mut Ui,
    model: &Model,
    profile: &mut Profile,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) {
    field_label(ui, "My own picture");
    let word = if profile.is_seeing_myself {
        "Stop the camera"
    } else {
        "See myself"
    };
    // In a conference that has it on, the camera runs anyway.
    if Button::secondary(word)
        .icon(Icon::Camera)
        .show(ui)
        .clicked()
    {
        profile.is_seeing_myself = !profile.is_seeing_myself;
        commands.push(Command::Preview(profile.is_seeing_myself));
    }
    ui.add_space(space::S);
    if !profile.is_seeing_myself {
        return;
    }
    let width = ui.available_width().min(MIRROR);
    let (tile, _) = ui.allocate_exact_size(vec2(width, width * 9.0 / 16.0), Sense::hover());
    ui.painter()
        .rect_filled(tile, theme::RADIUS_CARD, theme::PICTURE_GROUND);
    let frame = Frame {
        tile,
        fit: Fit::Whole,
        is_mirrored: model.settings.is_mirrored,
        is_frozen: false,
        radius: theme::RADIUS_CARD,
        is_large: true,
        ground: theme::tokens(ui).surface,
    };
    if !gallery.paint(ui.painter(), Whose::Mine, frame) {
        ui.painter().text(
            tile.center(),
            Align2::CENTER_CENTER,
            "No picture yet",
            Type::Body.regular(),
            theme::of(true).muted,
        );
    }
    ui.add_space(space::M);
}

/// Width of one's own picture, in points.
const MIRROR: f32 = 320.0;

/// What is sent at most, each of which is automatic unless one says otherwise.
fn quality(ui: &mut Ui, quality: &mut VideoQuality) {
    ui.columns_const(|[bits, rate, size]| {
        let kbits = |kbits: u32| format!("{kbits} kbit/s");
        limit(
            bits,
            "Most data sent",
            &VideoQuality::KBITS,
            kbits,
            &mut quality.max_kbits,
        );
        let rates = |rate: u32| format!("{rate} a second");
        let (offered, chosen) = (&VideoQuality::FRAME_RATES, &mut quality.max_frame_rate);
        limit(rate, "Most pictures sent", offered, rates, chosen);
        let sizes = |lines: u32| format!("{} × {lines}", lines * 16 / 9);
        let (offered, chosen) = (&VideoQuality::HEIGHTS, &mut quality.max_height);
        limit(size, "Largest size sent", offered, sizes, chosen);
    });
}

fn limit(
    ui: &mut Ui,
    name: &str,
    offered: &[u32],
    word: impl Fn(u32) -> String,
    chosen: &mut Option<u32>,
) {
    field_label(ui, name);
    let mut options = vec!["Automatic".to_owned()];
    options.extend(offered.iter().map(|one| word(*one)));
    let place = offered.iter().position(|one| Some(*one) == *chosen);
    // One that is in the settings file only is shown as it is.
    let place = match (place, *chosen) {
        (None, Some(other)) => {
            options.push(word(other));
            Some(offered.len())
        }
        _ => place,
    };
    let width = ui.available_width();
    let picked = select(
        ui,
        name,
        &options,
        place.map_or(0, |place| place + 1),
        width,
    );
    match picked.map(|picked| picked.checked_sub(1)) {
        Some(None) => *chosen = None,
        Some(Some(place)) => *chosen = offered.get(place).copied().or(*chosen),
        None => {}
    }
}
