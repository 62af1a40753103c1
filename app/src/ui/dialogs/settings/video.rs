//! The camera, how good one's own pictures may be, and how many of others are wanted.
use egui::Ui;

use super::device;
use crate::model::{Command, Model, Settings, VideoQuality};
use crate::ui::theme::space;
use crate::ui::widgets::{choice, field_label, select};

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
