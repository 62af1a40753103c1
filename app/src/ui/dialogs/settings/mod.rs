//! Oneself, sound, pictures, directories and looks.
mod directory;
mod video;

use egui::{Context, Key, Ui};

use super::Fate;
use crate::groups::parse_madcap;
use crate::model::{Command, Device, Model, Settings, ThemeChoice};
use crate::ui::pictures::Gallery;
use crate::ui::theme::space;
use crate::ui::view::{Lessor, Profile};
use crate::ui::widgets::{
    Button, Dialog, Field, check, choice, default_focus, dialog, field_label, select,
};

pub(super) fn show(
    ctx: &Context,
    model: &Model,
    profile: &mut Profile,
    gallery: &mut Gallery,
    commands: &mut Vec<Command>,
) -> Fate {
    let is_wide = ctx.content_rect().width() >= WIDE + 4.0 * space::XL;
    let look = Dialog {
        id: "settings",
        title: "Settings",
        width: if is_wide { WIDE } else { NARROW },
    };
    let body = |ui: &mut Ui| {
        let mut settings = model.settings.clone();
        let chosen = &mut settings;
        if is_wide {
            ui.spacing_mut().item_spacing.x = space::XL;
            ui.columns_const(|[left, right]| {
                for side in [&mut *left, &mut *right] {
                    side.spacing_mut().item_spacing.x = space::S;
                }
                person(left, profile, chosen);
                sound(left, model, commands);
                video::show(left, model, chosen, commands);
                network(right, profile, chosen, commands);
                looks(right, chosen);
                video::mirror(right, model, profile, gallery, commands);
            });
        } else {
            person(ui, profile, chosen);
            sound(ui, model, commands);
            video::show(ui, model, chosen, commands);
            video::mirror(ui, model, profile, gallery, commands);
            network(ui, profile, chosen, commands);
            looks(ui, chosen);
        }
        if settings != model.settings {
            commands.push(Command::SaveSettings(settings));
        }
        ui.add_space(space::L);
        let done = Button::primary("Done").show(ui);
        default_focus(ui, &done);
        done.clicked()
    };
    let (is_done, is_dismissed) = dialog(ctx, look, body);
    if profile.is_seeing_myself && (is_done || is_dismissed) {
        commands.push(Command::Preview(false));
    }
    Fate::close_if(is_done || is_dismissed)
}

/// Beside each other where there is room, else one below the other; in points.
const WIDE: f32 = 840.0;
const NARROW: f32 = 460.0;

/// Each holds as soon as its field is left.
fn person(ui: &mut Ui, profile: &mut Profile, settings: &mut Settings) {
    let is_blank = profile.name.trim().is_empty();
    let fault = is_blank.then_some("Others need a name to call you by.");
    let field = Field::new("Your name").fault(fault);
    entry(ui, field, &mut profile.name, &mut settings.name, !is_blank);
    let (typed, kept) = (&mut profile.contact, &mut settings.contact);
    ui.columns_const(|[left, right]| {
        entry(
            left,
            Field::new("E-mail"),
            &mut typed.email,
            &mut kept.email,
            true,
        );
        entry(
            right,
            Field::new("Phone"),
            &mut typed.phone,
            &mut kept.phone,
            true,
        );
    });
    ui.columns_const(|[left, right]| {
        let (place, note) = (
            Field::new("Location").hint("Bridge, deck 4"),
            Field::new("Note").hint("Back at ten"),
        );
        entry(left, place, &mut typed.location, &mut kept.location, true);
        entry(right, note, &mut typed.note, &mut kept.note, true);
    });
}

fn entry(ui: &mut Ui, field: Field<'_>, typed: &mut String, kept: &mut String, is_good: bool) {
    let response = field.show(ui, typed);
    let is_entered =
        ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Escape));
    if (response.lost_focus() || is_entered) && is_good {
        *kept = typed.trim().to_owned();
    }
    ui.add_space(space::M);
}

fn sound(ui: &mut Ui, model: &Model, commands: &mut Vec<Command>) {
    let (devices, settings) = (&model.devices, &model.settings);
    ui.columns_const(|[left, right]| {
        field_label(left, "Microphone");
        let chosen = settings.microphone.as_deref();
        if let Some(id) = device(left, "Microphone", &devices.microphones, chosen) {
            commands.push(Command::SetMicrophone(id));
        }
        field_label(right, "Speaker");
        let chosen = settings.speaker.as_deref();
        if let Some(id) = device(right, "Speaker", &devices.speakers, chosen) {
            commands.push(Command::SetSpeaker(id));
        }
    });
    ui.add_space(space::M);
}

/// Where conferences are published, and who leases their addresses.
fn network(
    ui: &mut Ui,
    profile: &mut Profile,
    settings: &mut Settings,
    commands: &mut Vec<Command>,
) {
    ui.columns_const(|[left, right]| {
        directory::address(left, &mut profile.directory, settings);
        // As close as the label of a field, beside which it stands.
        right.spacing_mut().item_spacing.y = space::XS;
        field_label(right, "Addresses are leased by");
        lessor(right, &mut profile.lessor, settings);
    });
    ui.add_space(space::S);
    directory::login(ui, profile, settings, commands);
    if profile.lessor == Lessor::Server {
        lessor_address(ui, &mut profile.madcap, settings);
        ui.add_space(space::S);
    }
    if check(
        ui,
        settings.is_directory_shared,
        "Show my conferences in a directory on this network",
    ) {
        settings.is_directory_shared = !settings.is_directory_shared;
    }
    ui.add_space(space::M);
}

/// Holds at once, but for a server, which needs an address.
fn lessor(ui: &mut Ui, lessor: &mut Lessor, settings: &mut Settings) {
    let names = Lessor::ALL.map(|(_, name)| name.to_owned());
    let is_chosen = |(offered, _): &(Lessor, &str)| offered == lessor;
    let chosen = Lessor::ALL.iter().position(is_chosen).unwrap_or(0);
    let width = ui.available_width();
    let picked = select(ui, "Who leases addresses", &names, chosen, width);
    let Some((picked, _)) = picked.and_then(|index| Lessor::ALL.get(index)) else {
        return;
    };
    *lessor = *picked;
    match picked {
        Lessor::Nobody => settings.madcap.clear(),
        Lessor::Found => "auto".clone_into(&mut settings.madcap),
        Lessor::Server => {}
    }
}

/// Holds as soon as its field is left.
fn lessor_address(ui: &mut Ui, typed: &mut String, settings: &mut Settings) {
    let read = parse_madcap(typed);
    let fault = read.as_ref().err().map(String::as_str);
    let field = Field::new("Server that leases addresses").hint("192.0.2.1");
    let response = field.fault(fault).show(ui, typed);
    if response.lost_focus() && matches!(read, Ok(Some(_))) {
        typed.trim().clone_into(&mut settings.madcap);
    }
}

/// Gives a new choice: a device's id, or `None` for the system's.
fn device(
    ui: &mut Ui,
    name: &str,
    devices: &[Device],
    chosen: Option<&str>,
) -> Option<Option<String>> {
    let width = ui.available_width();
    let (names, index) = device_names(devices, chosen);
    let picked = select(ui, name, &names, index, width).filter(|picked| *picked != index)?;
    let device = picked.checked_sub(1).and_then(|index| devices.get(index));
    Some(device.map(|device| device.id.clone()))
}

/// The choices and which is chosen; one that is not plugged in stays visible as such.
pub fn device_names(devices: &[Device], chosen: Option<&str>) -> (Vec<String>, usize) {
    let mut names = vec!["The system’s choice".to_owned()];
    names.extend(devices.iter().map(|device| device.name.clone()));
    let Some(id) = chosen else {
        return (names, 0);
    };
    if let Some(index) = devices.iter().position(|device| device.id == id) {
        return (names, index + 1);
    }
    names.push(match id.strip_prefix("file:") {
        Some(file) => file.to_owned(),
        None => {
            let name = id.strip_prefix("device:").unwrap_or(id);
            format!("{name} (not there)")
        }
    });
    let index = names.len() - 1;
    (names, index)
}

fn looks(ui: &mut Ui, settings: &mut Settings) {
    const GAP: f32 = space::S;
    field_label(ui, "Appearance");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 2.0 * GAP) / 3.0;
        for (theme, name) in [
            (ThemeChoice::System, "As the system"),
            (ThemeChoice::Dark, "Dark"),
            (ThemeChoice::Light, "Light"),
        ] {
            if choice(ui, settings.theme == theme, name, width).clicked() {
                settings.theme = theme;
            }
        }
    });
    ui.add_space(space::M);
    field_label(ui, "Size of text and controls");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 4.0 * GAP) / 5.0;
        for percent in Settings::TEXT_SCALES {
            let is_chosen = settings.text_scale_percent == percent;
            if choice(ui, is_chosen, &format!("{percent} %"), width).clicked() {
                settings.text_scale_percent = percent;
            }
        }
    });
    ui.add_space(space::S);
    if check(
        ui,
        settings.is_motion_reduced,
        "Show changes at once, without fading",
    ) {
        settings.is_motion_reduced = !settings.is_motion_reduced;
    }
}
