//! The directory of the organisation: where it is, and how one logs in there.
use conf_core::directories::Secret;
use egui::Ui;

use crate::directories::{DirectorySetting, parse_list};
use crate::model::{Command, Settings};
use crate::ui::theme::{Type, space, tokens};
use crate::ui::view::Profile;
use crate::ui::widgets::{Field, check, wrapped};

/// Holds as soon as the field is left; further ones are set in the settings file.
pub(super) fn address(ui: &mut Ui, typed: &mut String, settings: &mut Settings) {
    let urls = parse_list(typed);
    let fault = urls.as_ref().err().map(String::as_str);
    let field = Field::new("Directory of your organisation").hint("ldap://directory.example");
    let response = field.fault(fault).show(ui, typed);
    if let (true, Ok(urls)) = (response.lost_focus(), &urls) {
        let urls: Vec<String> = urls.iter().map(ToString::to_string).collect();
        match (settings.directories.first_mut(), urls.is_empty()) {
            (Some(_), true) => drop(settings.directories.remove(0)),
            (Some(first), false) => first.urls = urls,
            (None, true) => {}
            (None, false) => settings.directories.push(DirectorySetting {
                urls,
                ..DirectorySetting::default()
            }),
        }
    }
}

/// Shown once there is a directory.
pub(super) fn login(
    ui: &mut Ui,
    profile: &mut Profile,
    settings: &mut Settings,
    commands: &mut Vec<Command>,
) {
    let Some(first) = settings.directories.first_mut() else {
        return;
    };
    ui.columns_const(|[left, right]| {
        name(left, &mut profile.login, first, commands);
        password(right, &mut profile.password, first, commands);
    });
    encryption(ui, first);
    ui.add_space(space::S);
}

/// Asked only where a password crosses the network.
fn encryption(ui: &mut Ui, setting: &mut DirectorySetting) {
    if !setting.goes_in_clear() {
        return;
    }
    ui.add_space(space::S);
    if check(ui, setting.start_tls, "Encrypt the connection (StartTLS)") {
        setting.start_tls = !setting.start_tls;
    }
    if setting.sends_password_in_clear() {
        let color = tokens(ui).warning;
        let text = "The password crosses the network in clear.";
        wrapped(ui, text, Type::Small.regular(), color);
    }
}

/// Without a name nobody logs in, and no password is kept.
fn name(
    ui: &mut Ui,
    typed: &mut String,
    setting: &mut DirectorySetting,
    commands: &mut Vec<Command>,
) {
    let field = Field::new("Log in there as").hint("Nobody");
    if !field.show(ui, typed).lost_focus() {
        return;
    }
    let wanted = Some(typed.trim().to_owned()).filter(|name| !name.is_empty());
    if wanted == setting.bind {
        return;
    }
    if let Some(name) = std::mem::replace(&mut setting.bind, wanted) {
        let urls = setting.urls.join(",");
        commands.push(Command::ForgetPassword { urls, name });
    }
}

fn password(
    ui: &mut Ui,
    typed: &mut Secret,
    setting: &DirectorySetting,
    commands: &mut Vec<Command>,
) {
    let mut text = typed.reveal().to_owned();
    let field = Field::new("Password").hint("As it is").secret();
    let is_left = field.show(ui, &mut text).lost_focus();
    let Some(name) = setting.bind.clone() else {
        return;
    };
    if is_left && !text.is_empty() {
        let password = Secret::new(std::mem::take(&mut text));
        commands.push(Command::KeepPassword {
            urls: setting.urls.join(","),
            name,
            password,
        });
    }
    *typed = Secret::new(text);
}
