//! The first start: asks for a name and nothing else.
use egui::{Align, Align2, Key, Layout, Ui, UiBuilder, vec2};

use super::theme::{Type, space, tokens};
use super::view::View;
use super::widgets::{Button, Field, label, paragraph};
use crate::model::{Command, Model};

/// Shows the screen.
pub fn show(ui: &mut Ui, model: &Model, view: &mut View, commands: &mut Vec<Command>) {
    let size = vec2(400.0_f32.min(ui.available_width() - 2.0 * space::XL), 320.0);
    let card = Align2::CENTER_CENTER.align_size_within_rect(size, ui.max_rect());
    let builder = UiBuilder::new()
        .max_rect(card)
        .layout(Layout::top_down(Align::LEFT));
    ui.scope_builder(builder, |ui| {
        let text = tokens(ui).text;
        label(ui, "Welcome to Rendezvous", Type::Hero.strong(), text);
        paragraph(
            ui,
            "Talk with everyone on your network. What do the others call you?",
        );
        ui.add_space(space::L);
        let is_first_frame =
            view.first_name.is_empty() && ui.memory(|memory| memory.focused().is_none());
        let response = Field::new("Your name")
            .hint("Ana Lima")
            .show(ui, &mut view.first_name);
        if is_first_frame {
            response.request_focus();
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.add_space(space::S);
        let name = view.first_name.trim();
        let go = Button::primary("Continue")
            .large()
            .enabled(!name.is_empty())
            .show(ui);
        if (go.clicked() || is_entered) && !name.is_empty() {
            let mut settings = model.settings.clone();
            settings.name = name.to_owned();
            commands.push(Command::SaveSettings(settings));
        }
        ui.add_space(space::L);
        paragraph(
            ui,
            "You can change it at any time. It is shown only to people in the same conference.",
        );
    });
}
