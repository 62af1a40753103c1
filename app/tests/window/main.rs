//! The window, driven by its accessible names and compared with pictures; no network and no display.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test may panic, and is nobody's interface"
)]
mod conference;
mod directories;
mod faces;
mod home;
mod keyboard;
mod pictures;
mod planning;
mod room;
mod scene;
mod stage;

use egui::UiBuilder;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use rendezvous::model::{Command, Event, Model, Pictures};
use rendezvous::ui::pictures::{Gallery, Pace};
use rendezvous::ui::{self, View, theme};

/// The window without its services.
struct Stand {
    model: Model,
    view: View,
    gallery: Gallery,
    pictures: Option<Pictures>,
    commands: Vec<Command>,
}

impl Stand {
    fn happen(&mut self, event: Event) {
        self.view.apply(&event);
        self.model.apply(event);
    }

    /// What the person asked for; what the form asks by itself is no part of that.
    fn take(&mut self) -> Vec<Command> {
        let mut commands = std::mem::take(&mut self.commands);
        commands.retain(|command| !matches!(command, Command::Foresee(_)));
        commands
    }
}

/// A window of the usual size that shows `model`.
fn stand(model: Model) -> Harness<'static, Stand> {
    stand_of(model, View::default(), [1280.0, 800.0])
}

fn stand_of(model: Model, view: View, size: [f32; 2]) -> Harness<'static, Stand> {
    let stand = Stand {
        model,
        view,
        gallery: Gallery::new(false, Pace::default(), None),
        pictures: None,
        commands: Vec::new(),
    };
    let mut is_themed = false;
    let show = move |ui: &mut egui::Ui, stand: &mut Stand| {
        if !is_themed {
            theme::install(ui.ctx());
            is_themed = true;
            // Fonts take effect with the next frame.
            ui.ctx().request_repaint();
            return;
        }
        // The whole window, as the desktop gives it, without the margin of the test bed.
        let window = ui.ctx().content_rect();
        let mut ui = ui.new_child(UiBuilder::new().max_rect(window));
        ui.set_clip_rect(window);
        stand.gallery.begin(stand.pictures.clone());
        ui::show(
            &mut ui,
            &stand.model,
            &mut stand.view,
            &mut stand.gallery,
            &mut stand.commands,
        );
        let shown = stand.gallery.end(ui.ctx(), stand.model.clock.steady);
        stand.commands.extend(shown.map(Command::Show));
    };
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .build_ui_state(show, stand);
    harness.run();
    harness
}

/// Presses the control with this name.
fn press(harness: &mut Harness<'_, Stand>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

/// Whether this is on the screen, alone or among other words.
fn says(harness: &Harness<'_, Stand>, text: &str) -> bool {
    harness.query_by_label_contains(text).is_some()
}

/// Types into the field with this name.
fn fill(harness: &mut Harness<'_, Stand>, field: &str, text: &str) {
    field_named(harness, field).focus();
    harness.run();
    field_named(harness, field).type_text(text);
    harness.run();
}

/// The field with this name; its label has the same name.
fn field_named<'a>(harness: &'a Harness<'_, Stand>, name: &'a str) -> egui_kittest::Node<'a> {
    use egui::Role::{MultilineTextInput, PasswordInput, TextInput};
    let is_field = |role| matches!(role, TextInput | MultilineTextInput | PasswordInput);
    harness.get_by(move |node| is_field(node.role()) && node.label().as_deref() == Some(name))
}
