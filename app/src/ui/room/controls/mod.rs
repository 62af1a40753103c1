//! The controls: my microphone, my camera, the devices, and Leave apart at the end.
mod camera;

use egui::{Align, Layout, Popup, PopupCloseBehavior, Response, Ui, UiBuilder, vec2};

use super::model;
use crate::model::{Command, Device, Me, Model, Room};
use crate::ui::dialogs::settings::device_names;
use crate::ui::icons::Icon;
use crate::ui::theme::{CONTROL_HEIGHT, Type, space, tokens};
use crate::ui::view::View;
use crate::ui::widgets::{Button, MenuRow, field_label, icon_button, label, menu_row, meter};

const HEIGHT: f32 = 44.0;
const MUTE_WIDTH: f32 = 132.0;
const METER_WIDTH: f32 = 108.0;

pub(super) fn show(
    ui: &mut Ui,
    data: &Model,
    room: &Room,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), egui::Sense::hover());
    let at_end = UiBuilder::new()
        .max_rect(bar)
        .layout(Layout::right_to_left(Align::Center));
    let leave = Button::danger("Leave")
        .name("Leave the conference")
        .icon(Icon::Leave)
        .large();
    let leave_width = leave.width(ui);
    let seen = if room.me.camera.is_some() {
        camera::WIDTH
    } else {
        0.0
    };
    let width = METER_WIDTH + MUTE_WIDTH + 3.0 * CONTROL_HEIGHT + 5.0 * space::S + seen;
    let is_narrow = bar.width() < width - METER_WIDTH + leave_width;
    let room_left = bar.width() - 2.0 * leave_width - 2.0 * space::L;
    // In the middle where there is room, else from the left.
    let left = if room_left >= width {
        bar.center().x - width / 2.0
    } else {
        bar.left()
    };
    let middle = UiBuilder::new()
        .max_rect(bar.with_min_x(left))
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(middle, |ui| {
        // One's own row in the list shows the level as well.
        if bar.width() >= width + leave_width {
            own_level(ui, room, view.room.is_pushing_to_talk);
        }
        microphone(ui, data, room, commands);
        if let Some(mine) = &room.me.camera {
            camera::show(ui, data, mine, is_narrow, view, commands);
        }
    });
    ui.scope_builder(at_end, |ui| {
        if leave.show(ui).clicked() {
            commands.push(Command::Leave);
        }
    });
}

fn microphone(ui: &mut Ui, data: &Model, room: &Room, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    mute_button(ui, &room.me, commands);
    let response = icon_button(ui, Icon::ChevronDown, "Choose a microphone", t.muted);
    let chosen = data.settings.microphone.as_deref();
    let choice = devices(
        &response,
        "Microphone",
        &data.devices.microphones,
        chosen,
        |_| {},
    );
    commands.extend(choice.map(Command::SetMicrophone));
    commands.extend(response.clicked().then_some(Command::ListDevices));
    let response = icon_button(ui, Icon::Speaker, "Choose a speaker", t.text);
    let chosen = data.settings.speaker.as_deref();
    let choice = devices(&response, "Speaker", &data.devices.speakers, chosen, |_| {});
    commands.extend(choice.map(Command::SetSpeaker));
    commands.extend(response.clicked().then_some(Command::ListDevices));
}

/// How loud the microphone is, and whether the others hear it.
fn own_level(ui: &mut Ui, room: &Room, is_pushing_to_talk: bool) {
    let me = &room.me;
    let t = tokens(ui);
    let is_sent = me.may_send && !me.is_muted && !model::is_unheard(room);
    let word = match (me.may_send, me.is_muted, is_pushing_to_talk) {
        (false, ..) => "Listening only",
        (true, true, _) => "Muted",
        _ if !is_sent => "Not heard",
        (true, false, true) => "Push to talk",
        (true, false, false) => "Microphone on",
    };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.set_width(METER_WIDTH);
        ui.add_space(3.0);
        label(ui, word, Type::Small.regular(), t.muted);
        let color = if is_sent { t.talking } else { t.muted };
        meter(
            ui,
            METER_WIDTH,
            me.level_dbfs,
            color,
            "Your microphone level",
        );
    });
}

fn mute_button(ui: &mut Ui, me: &Me, commands: &mut Vec<Command>) {
    let button = if me.is_muted {
        Button::primary("Unmute")
            .name("Unmute me")
            .icon(Icon::MicrophoneOff)
    } else {
        Button::secondary("Mute")
            .name("Mute me")
            .icon(Icon::Microphone)
    };
    let response = button
        .large()
        .min_width(MUTE_WIDTH)
        .enabled(me.may_send)
        .show(ui);
    if response.on_hover_text("M").clicked() {
        commands.push(Command::MuteMicrophone(!me.is_muted));
    }
}

/// The menu of devices, and what else belongs in it; gives a new choice.
fn devices(
    button: &Response,
    title: &str,
    devices: &[Device],
    chosen: Option<&str>,
    more: impl FnOnce(&mut Ui),
) -> Option<Option<String>> {
    let mut picked = None;
    Popup::menu(button)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .width(300.0)
        .show(|ui| {
            field_label(ui, title);
            let (names, chosen) = device_names(devices, chosen);
            for (index, label) in names.iter().enumerate() {
                let is_chosen = index == chosen;
                if menu_row(
                    ui,
                    &MenuRow {
                        label,
                        icon: None,
                        is_chosen,
                    },
                ) {
                    picked = (!is_chosen).then_some(index);
                    ui.close();
                }
            }
            more(ui);
        });
    let device = picked?.checked_sub(1).and_then(|index| devices.get(index));
    Some(device.map(|device| device.id.clone()))
}
