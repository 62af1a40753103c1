//! The form on the screen.
use egui::{Context, Key, Modifiers, Ui};

use super::{Faults, Form, Length, Typed};
use crate::model::{Clock, Command, Model, Scope};
use crate::ui::dialogs::Fate;
use crate::ui::theme::{Type, space, tokens};
use crate::ui::widgets::{
    Button, Dialog, Field, check, choice, dialog, field_label, is_entered, paragraph, wrapped,
};
use crate::ui::words;

/// Shows the form.
pub(in crate::ui::dialogs) fn show(
    ctx: &Context,
    model: &Model,
    form: &mut Form,
    commands: &mut Vec<Command>,
) -> Fate {
    let title = if form.target.is_some() {
        "Edit the conference"
    } else {
        "New conference"
    };
    let look = Dialog {
        id: "conference_form",
        title,
        width: 520.0,
    };
    let (is_cancelled, is_dismissed) = dialog(ctx, look, |ui| body(ui, model, form, commands));
    Fate::close_if(is_cancelled || is_dismissed)
}

/// Gives whether it was cancelled.
fn body(ui: &mut Ui, model: &Model, form: &mut Form, commands: &mut Vec<Command>) -> bool {
    ui.spacing_mut().item_spacing.y = space::XS;
    let faults = form.visible_faults(&model.clock);
    what(ui, form, &faults);
    ui.add_space(space::M);
    start(ui, form, &faults);
    ui.add_space(space::M);
    end(ui, form, &faults);
    ui.add_space(space::M);
    reach(ui, form);
    foresight(ui, &model.clock, form, commands);
    if let Some(refusal) = &form.refusal {
        ui.add_space(space::S);
        let danger = tokens(ui).danger;
        wrapped(
            ui,
            format!("It could not be announced: {refusal}"),
            Type::Small.regular(),
            danger,
        );
    }
    ui.add_space(space::L);
    buttons(ui, &model.clock, form, commands)
}

fn what(ui: &mut Ui, form: &mut Form, faults: &Faults) {
    let response = Field::new("Name")
        .hint("Shift handover")
        .fault(faults.name)
        .show(ui, &mut form.name);
    if std::mem::take(&mut form.is_fresh) {
        response.request_focus();
    }
    ui.add_space(space::M);
    Field::new("Description")
        .hint("What it is about, for the people who see it in their list")
        .rows(2)
        .show(ui, &mut form.description);
}

fn start(ui: &mut Ui, form: &mut Form, faults: &Faults) {
    field_label(ui, "Starts");
    ui.horizontal(|ui| {
        if choice(ui, form.is_starting_now, "Now", 92.0).clicked() {
            form.is_starting_now = true;
        }
        if choice(ui, !form.is_starting_now, "At…", 92.0).clicked() {
            form.is_starting_now = false;
        }
        if !form.is_starting_now {
            moment(ui, ["Start date", "Start time"], &mut form.start);
        }
    });
    fault(ui, faults.start);
}

fn end(ui: &mut Ui, form: &mut Form, faults: &Faults) {
    field_label(ui, "Ends");
    ui.horizontal(|ui| {
        for (length, name) in Length::ALL {
            if choice(ui, form.length == length, name, 92.0).clicked() {
                form.length = length;
            }
        }
    });
    if form.length == Length::Until {
        ui.add_space(space::XS);
        ui.horizontal(|ui| moment(ui, ["End date", "End time"], &mut form.end));
    }
    fault(ui, faults.end);
}

fn moment(ui: &mut Ui, [date, time]: [&str; 2], typed: &mut Typed) {
    for (name, hint, width, text) in [
        (date, "2026-03-12", 124.0, &mut typed.date),
        (time, "09:00", 76.0, &mut typed.time),
    ] {
        Field::new(name)
            .unlabelled()
            .hint(hint)
            .width(width)
            .show(ui, text);
    }
}

fn fault(ui: &mut Ui, words: Option<&str>) {
    if let Some(words) = words {
        let danger = tokens(ui).danger;
        wrapped(ui, words, Type::Small.regular(), danger);
    }
}

fn reach(ui: &mut Ui, form: &mut Form) {
    field_label(ui, "Who can find and join it");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 3.0 * space::S) / 4.0;
        for scope in Scope::ALL {
            if choice(ui, form.scope == scope, words::scope(scope), width).clicked() {
                form.scope = scope;
            }
        }
    });
    paragraph(ui, words::scope_meaning(form.scope));
    if form.scope_before.is_some_and(|before| before != form.scope) {
        paragraph(
            ui,
            "It gets other groups: whoever is in it has to join again.",
        );
    }
}

/// What it would meet; asked anew with each change that matters.
fn foresight(ui: &mut Ui, clock: &Clock, form: &mut Form, commands: &mut Vec<Command>) {
    let plan = form.plan(clock);
    if let Some(plan) = plan.filter(|plan| form.asked.as_ref() != Some(plan)) {
        form.asked = Some(plan.clone());
        commands.push(Command::Foresee(plan));
    }
    let Some(first) = form.clashes.first() else {
        return;
    };
    ui.add_space(space::S);
    let t = tokens(ui);
    let title = "Too little bandwidth at that time";
    wrapped(ui, title, Type::Body.strong(), t.warning);
    let mut text = words::clash(first, clock);
    if form.clashes.len() > 1 {
        text += &format!(" So it is at {} more times.", form.clashes.len() - 1);
    }
    text += " You can announce it all the same, or choose another time or reach.";
    wrapped(ui, text, Type::Small.regular(), t.text);
}

fn buttons(ui: &mut Ui, clock: &Clock, form: &mut Form, commands: &mut Vec<Command>) -> bool {
    let word = match (&form.target, form.is_waiting) {
        (_, true) => "One moment…",
        (Some(_), false) => "Save changes",
        (None, false) => "Announce it",
    };
    ui.horizontal(|ui| {
        let by_key = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let button = Button::primary(word)
            .large()
            .min_width(150.0)
            .enabled(!form.is_waiting);
        if button.show(ui).clicked() || (!form.is_waiting && (by_key || is_entered(ui))) {
            submit(clock, form, commands);
        }
        let is_cancelled = Button::secondary("Cancel").large().show(ui).clicked();
        ui.add_space(space::M);
        let mut switch = |word, is_on: &mut bool| {
            ui.vertical(|ui| {
                ui.add_space(5.0);
                *is_on ^= check(ui, *is_on, word);
            });
        };
        switch("With video", &mut form.has_video);
        if form.has_video {
            switch("Repair losses", &mut form.has_repair);
        }
        is_cancelled
    })
    .inner
}

fn submit(clock: &Clock, form: &mut Form, commands: &mut Vec<Command>) {
    form.is_tried = true;
    form.refusal = None;
    let Ok(draft) = form.draft(clock) else {
        return;
    };
    form.is_waiting = true;
    commands.push(match form.target.clone() {
        Some(id) => Command::Edit(id, draft),
        None => Command::Publish(draft),
    });
}
