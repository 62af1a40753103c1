//! The details of one conference: what, when, who, where it was heard, and what one can do with it.
use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Ui};

use crate::model::{
    Activity, Command, Entry, ExportFormat, GroupOrigin, MediaLine, Model, Seen, Source,
};
use crate::notice;
use crate::protection;
use crate::ui::dialogs::form::Form;
use crate::ui::icons::Icon;
use crate::ui::problems;
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::view::{Front, View};
use crate::ui::widgets::{Button, field_label, icon_button, wrapped};
use crate::ui::words;

pub(super) fn show(
    ui: &mut Ui,
    data: &Model,
    entry: &Entry,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    Frame::new()
        .inner_margin(Margin {
            left: 24,
            right: 16,
            top: 12,
            bottom: 8,
        })
        .show(ui, |ui| {
            heading(ui, entry, view);
        });
    ScrollArea::vertical()
        .id_salt(&entry.id)
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin {
                    left: 24,
                    right: 24,
                    top: 0,
                    bottom: 24,
                })
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = space::XS;
                    actions(ui, data, entry, view, commands);
                    facts(ui, data, entry);
                    export_buttons(ui, entry, commands);
                    description_source(ui, entry, view);
                });
        });
}

fn heading(ui: &mut Ui, entry: &Entry, view: &mut View) {
    ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
        let ink = tokens(ui).muted;
        if icon_button(ui, Icon::Close, "Close the details", ink).clicked() {
            view.home.selected = None;
        }
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.add_space(space::XS);
            let text = tokens(ui).text;
            wrapped(ui, &entry.name, Type::Title.strong(), text);
        });
    });
}

fn actions(ui: &mut Ui, data: &Model, entry: &Entry, view: &mut View, commands: &mut Vec<Command>) {
    let now = data.clock.wall;
    if let Some(refusal) = entry.refusal(now) {
        ui.add_space(space::XS);
        problems::card(ui, &notice::notice(&refusal, now, &data.clock.zone));
    } else {
        join_buttons(ui, data, entry, view, commands);
    }
    if entry.is_mine() {
        ui.add_space(space::XS);
        ui.horizontal(|ui| own_buttons(ui, data, entry, view));
        directory_buttons(ui, data, entry, commands);
    } else if entry.is_only_from_file() {
        ui.add_space(space::XS);
        if Button::secondary("Remove from the list").show(ui).clicked() {
            commands.push(Command::CloseFile(entry.id.clone()));
            view.home.selected = None;
        }
    }
}

/// For each directory but our own, which has all that is ours anyway.
fn directory_buttons(ui: &mut Ui, data: &Model, entry: &Entry, commands: &mut Vec<Command>) {
    for directory in data
        .directories
        .iter()
        .filter(|directory| !directory.is_ours)
    {
        let (word, command) = match entry.in_directory(&directory.url) {
            None => (
                format!("Publish in {}", directory.name),
                Command::PublishIn(entry.id.clone(), directory.url.clone()),
            ),
            Some(true) => (
                format!("Withdraw from {}", directory.name),
                Command::WithdrawFrom(entry.id.clone(), directory.url.clone()),
            ),
            Some(false) => continue,
        };
        ui.add_space(space::XS);
        if Button::secondary(&word).show(ui).clicked() {
            commands.push(command);
        }
    }
}

fn own_buttons(ui: &mut Ui, data: &Model, entry: &Entry, view: &mut View) {
    let edit = Button::secondary("Edit")
        .icon(Icon::Edit)
        .enabled(entry.draft.is_some());
    let is_editing = edit.show(ui).clicked();
    if let Some(draft) = entry.draft.as_ref().filter(|_| is_editing) {
        view.front = Some(Front::Form(Form::edit(&entry.id, draft, &data.clock)));
    }
    if Button::secondary("Withdraw").show(ui).clicked() {
        view.front = Some(Front::Withdraw(entry.id.clone()));
    }
}

fn join_buttons(
    ui: &mut Ui,
    data: &Model,
    entry: &Entry,
    view: &mut View,
    commands: &mut Vec<Command>,
) {
    let join = |is_muted| Command::Join {
        conference: entry.id.clone(),
        is_muted,
    };
    ui.horizontal(|ui| {
        let button = Button::primary("Join").name("Join this conference");
        let response = button.large().min_width(120.0).show(ui);
        if std::mem::take(&mut view.home.is_join_wanted) {
            response.request_focus();
        }
        if response.clicked() {
            commands.push(join(false));
        }
        if Button::secondary("Join muted").large().show(ui).clicked() {
            commands.push(join(true));
        }
    });
    if let Activity::Upcoming { start, .. } = entry.activity(data.clock.wall) {
        let begins = words::moment(start, data.clock.wall, &data.clock.zone);
        let muted = tokens(ui).muted;
        let text = format!("It begins {begins}. You can already wait there.");
        wrapped(ui, text, Type::Small.regular(), muted);
    }
}

fn facts(ui: &mut Ui, data: &Model, entry: &Entry) {
    if !entry.description.trim().is_empty() {
        fact(ui, "About", [entry.description.clone()]);
    }
    if let Some(originator) = &entry.originator {
        fact(ui, "Held by", [originator.clone()]);
    }
    fact(ui, "When", times(data, entry));
    let reach = format!(
        "{}. {}",
        words::scope(entry.scope),
        words::scope_meaning(entry.scope)
    );
    fact(ui, "Reach", [reach]);
    if !entry.contacts.is_empty() {
        fact(ui, "Contact", entry.contacts.clone());
    }
    let media = entry.media.chunk_by(|one, next| one.origin == next.origin);
    let media = media.flat_map(|lines| mediums(data, lines));
    fact(ui, "Media", media.chain([bandwidth(entry)]));
    fact(
        ui,
        "Where it was heard",
        entry
            .seen
            .iter()
            .map(|seen| origin(data, seen) + &difference(seen)),
    );
    if !entry.is_only_from_file() {
        let sentence = protection::sentence(entry.is_in_a_directory());
        fact(ui, "Protection", [sentence.to_owned()]);
    }
}

fn fact(ui: &mut Ui, name: &str, lines: impl IntoIterator<Item = String>) {
    ui.add_space(space::L);
    field_label(ui, name);
    let text = tokens(ui).text;
    for line in lines {
        wrapped(ui, line, Type::Body.regular(), text);
    }
}

fn times(data: &Model, entry: &Entry) -> Vec<String> {
    let zone = &data.clock.zone;
    let mut lines = match entry.activity(data.clock.wall) {
        Activity::Now { until: None } => vec!["On all the time".to_owned()],
        Activity::Now { until: Some(end) } => {
            vec![format!("On now, until {}", words::full(end, zone))]
        }
        Activity::Upcoming { start, end } => {
            let mut lines = vec![format!("From {}", words::full(start, zone))];
            lines.extend(end.map(|end| format!("until {}", words::full(end, zone))));
            lines
        }
        Activity::Past => vec!["Over".to_owned()],
    };
    lines.extend(entry.repeats.clone());
    let next = entry.next.iter();
    lines.extend(next.map(|next| format!("then {}", words::occasion(next, zone))));
    lines
}

fn bandwidth(entry: &Entry) -> String {
    let about = if entry.rate.is_estimate { "About " } else { "" };
    let rate = words::rate(entry.rate.kbit_per_s);
    format!("{about}{rate} while one person talks")
}

/// Those whose groups come from the same: that is said once, below them.
fn mediums(data: &Model, lines: &[MediaLine]) -> Vec<String> {
    let one = |line: &MediaLine| format!("{}: {}\n{}", line.kind, line.format, line.address);
    let mut told: Vec<String> = lines.iter().map(one).collect();
    let zone = &data.clock.zone;
    let (groups, are) = match lines {
        [_] => ("This group", "is"),
        _ => ("These groups", "are"),
    };
    told.extend(match lines.first().and_then(|line| line.origin.as_ref()) {
        Some(GroupOrigin::Leased { server, until }) => {
            let until = words::full(*until, zone);
            Some(format!(
                "{groups} {are} leased from {server} until {until}."
            ))
        }
        Some(GroupOrigin::Picked) => Some(format!(
            "{groups} {are} picked here, at random among those that nobody uses."
        )),
        None => None,
    });
    told
}

/// What is told otherwise there: the first source is the one that counts.
fn difference(seen: &Seen) -> String {
    let Some(differs) = &seen.differs else {
        return String::new();
    };
    let versions = differs.versions.as_ref();
    let version =
        versions.map(|(there, here)| format!("version {there}, not {here} as shown here"));
    let fields = differs.fields.join(", ");
    let fields = (!fields.is_empty()).then(|| format!("another {fields}"));
    let parts: Vec<String> = version.into_iter().chain(fields).collect();
    format!(": {}", parts.join("; "))
}

fn origin(data: &Model, seen: &Seen) -> String {
    let at = seen
        .at
        .map(|at| words::ago(at, data.clock.wall, &data.clock.zone));
    let at = at.map(|at| format!(", {at}")).unwrap_or_default();
    match &seen.source {
        Source::Own => "Your own; announced while this window is open".to_owned(),
        Source::Network {
            announcer,
            interface: Some(name),
        } => {
            format!("On the network from {announcer} by {name}{at}")
        }
        Source::Network {
            announcer,
            interface: None,
        } => {
            format!("On the network from {announcer}{at}")
        }
        Source::Directory { url, is_mine } => {
            let whose = if *is_mine { ", published by you" } else { "" };
            format!("In {}{whose}", words::directory(data, url))
        }
        Source::File(path) => format!("In the file {}", path.display()),
    }
}

/// To take away: for a calendar, and for who has no directory.
fn export_buttons(ui: &mut Ui, entry: &Entry, commands: &mut Vec<Command>) {
    ui.add_space(space::L);
    ui.horizontal(|ui| {
        let is_permanent = matches!(entry.when, Activity::Now { until: None });
        let calendar = Button::secondary("Save for a calendar").enabled(!is_permanent);
        if calendar.show(ui).clicked() {
            let format = ExportFormat::Calendar;
            commands.push(Command::Export(entry.id.clone(), format));
        }
        if Button::secondary("Save as file").show(ui).clicked() {
            commands.push(Command::Export(entry.id.clone(), ExportFormat::Sdp));
        }
    });
}

/// The raw description, for experts.
fn description_source(ui: &mut Ui, entry: &Entry, view: &mut View) {
    ui.add_space(space::L);
    let is_open = view.home.is_sdp_open;
    let (word, icon) = if is_open {
        ("Hide the description’s source", Icon::ChevronDown)
    } else {
        ("Show the description’s source", Icon::ChevronRight)
    };
    if Button::secondary(word).icon(icon).show(ui).clicked() {
        view.home.is_sdp_open = !is_open;
    }
    if !is_open {
        return;
    }
    let t = tokens(ui);
    let frame = Frame::new()
        .fill(t.raised)
        .corner_radius(theme::RADIUS)
        .inner_margin(Margin::same(12));
    frame.show(ui, |ui| {
        let text = RichText::new(entry.sdp.replace('\r', "").trim_end())
            .monospace()
            .color(t.text);
        ui.add(egui::Label::new(text).wrap().selectable(true));
        ui.take_available_width();
    });
    if Button::secondary("Copy")
        .name("Copy the description’s source")
        .icon(Icon::Copy)
        .show(ui)
        .clicked()
    {
        ui.ctx().copy_text(entry.sdp.clone());
    }
}
