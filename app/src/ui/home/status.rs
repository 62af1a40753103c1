//! The line at the bottom: the network in use and how much was heard on it.
use egui::{Sense, Ui, vec2};

use super::header::NARROW;
use crate::model::{Command, Directory, DirectoryState, Model, Source};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{Type, tokens};
use crate::ui::widgets::{Button, Trailing, label, select};
use crate::ui::words::grouped;

pub(super) fn show(ui: &mut Ui, data: &Model, commands: &mut Vec<Command>) {
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        let t = tokens(ui);
        let is_good = data.network.problem.is_none() && data.network.interface.is_some();
        let (icon, color) = if is_good {
            (Icon::Network, t.talking)
        } else {
            (Icon::NetworkOff, t.warning)
        };
        let (place, _) = ui.allocate_exact_size(vec2(18.0, 34.0), Sense::hover());
        icons::paint(ui.painter(), icon, place, 18.0, color);
        let mut said = vec![heard(data)];
        if !is_narrow {
            said.extend(data.directories.iter().filter_map(listed));
        }
        label(ui, said.join("  ·  "), Type::Small.regular(), t.muted);
        Trailing::new(ui, "network").show(ui, |ui| {
            interface(ui, data, commands);
            let again =
                Button::quiet("Ask again").name("Ask the network for its conferences again");
            if !is_narrow && again.show(ui).clicked() {
                commands.push(Command::Refresh);
            }
        });
    });
}

/// `directory.example 132`; nothing of our own, which needs no mention.
fn listed(directory: &Directory) -> Option<String> {
    if directory.is_ours {
        return None;
    }
    let name = &directory.name;
    let said = match &directory.state {
        DirectoryState::Connecting => format!("{name}: connecting"),
        DirectoryState::Connected => format!("{name}: {}", grouped(directory.conferences)),
        DirectoryState::Partial => format!("{name}: {} of more", grouped(directory.conferences)),
        DirectoryState::Away(_) => format!("{name}: not reached"),
    };
    Some(match directory.waiting {
        0 => said,
        1 => format!("{said}, 1 change waits"),
        count => format!("{said}, {} changes wait", grouped(count)),
    })
}

/// `12 heard on this network`.
fn heard(data: &Model) -> String {
    if data.network.interface.is_none() {
        return "Not on a network".to_owned();
    }
    let is_heard = |source: &Source| matches!(source, Source::Network { .. });
    let count = data
        .conferences
        .iter()
        .filter(|entry| entry.seen.iter().any(|seen| is_heard(&seen.source)))
        .count();
    match count {
        0 => "Nothing heard on this network yet".to_owned(),
        1 => "1 conference heard on this network".to_owned(),
        count => format!("{} conferences heard on this network", grouped(count)),
    }
}

/// The interface in use, to be changed here.
fn interface(ui: &mut Ui, data: &Model, commands: &mut Vec<Command>) {
    let network = &data.network;
    let current = network.interface.as_ref().map_or_else(
        || "none".to_owned(),
        |used| format!("{}, {}", used.name, used.address),
    );
    let mut options = vec![format!("Automatic ({current})")];
    options.extend(
        network
            .choices
            .iter()
            .map(|one| format!("{}, {}", one.name, one.address)),
    );
    let used = network.interface.as_ref().filter(|_| network.is_chosen);
    let chosen = used
        .and_then(|used| network.choices.iter().position(|one| one.name == used.name))
        .map_or(0, |index| index + 1);
    if let Some(index) = select(ui, "Network interface", &options, chosen, 250.0) {
        let name = index
            .checked_sub(1)
            .and_then(|index| network.choices.get(index));
        commands.push(Command::SetInterface(name.map(|one| one.name.clone())));
    }
}
