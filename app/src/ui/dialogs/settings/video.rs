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
    ui.columns_const(|[left, right]| {
        field_label(left, "Camera");
        let chosen = model.settings.camera.as_deref();
        if let Some(id) = device(left, "Camera", &model.devices.cameras, chosen) {
            commands.push(Command::SetCamera(id));
        }
        field_label(right, "Pictures I send");
        quality(right, &mut settings.video_quality);
    });
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

/// Automatic, or a limit for bits and pictures per second.
fn quality(ui: &mut Ui, quality: &mut VideoQuality) {
    let rates = VideoQuality::KBITS.map(|kbits| format!("At most {kbits} kbit/s"));
    let frames = VideoQuality::FRAME_RATES.map(|rate| format!("At most {rate} a second"));
    let mut options = vec!["Automatic".to_owned()];
    options.extend(rates);
    options.extend(frames);
    let place =
        |all: &[u32], one: Option<u32>| all.iter().position(|offered| Some(*offered) == one);
    let chosen = match (
        place(&VideoQuality::KBITS, quality.max_kbits),
        place(&VideoQuality::FRAME_RATES, quality.max_frame_rate),
    ) {
        (Some(index), _) => 1 + index,
        (None, Some(index)) => 1 + VideoQuality::KBITS.len() + index,
        (None, None) => 0,
    };
    let width = ui.available_width();
    let Some(picked) = select(ui, "Pictures I send", &options, chosen, width) else {
        return;
    };
    let place = picked.checked_sub(1);
    let of_frames = place.and_then(|place| place.checked_sub(VideoQuality::KBITS.len()));
    *quality = VideoQuality {
        max_kbits: place.and_then(|place| VideoQuality::KBITS.get(place).copied()),
        max_frame_rate: of_frames.and_then(|place| VideoQuality::FRAME_RATES.get(place).copied()),
    };
}
