//! The volume of one person.
use egui::{CursorIcon, Key, Modifiers, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::ring;
use crate::model::Person;
use crate::ui::theme::{CONTROL_HEIGHT, FOCUS_WIDTH, RADIUS, tokens};

/// A slider over [`Person::GAIN_DB`] with a notch at 0 dB; gives the new gain when it is moved.
pub fn volume_slider(ui: &mut Ui, name: &str, gain_db: f32, width: f32) -> Option<f32> {
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, CONTROL_HEIGHT), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::slider(true, f64::from(gain_db), name));
    let rail = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * KNOB, 4.0));
    let dragged = response
        .interact_pointer_pos()
        .map(|pointer| snapped(gain_at(rail, pointer.x)));
    let stepped = response.has_focus().then(|| step(ui, &response)).flatten();
    let gain = dragged.or_else(|| Some(gain_db + stepped?)).map(clamped);
    paint(ui, rail, gain.unwrap_or(gain_db));
    ring(ui, &response, rect, RADIUS);
    response.on_hover_cursor(CursorIcon::PointingHand);
    gain.filter(|gain| (gain - gain_db).abs() > 0.01)
}

const KNOB: f32 = 8.0;

/// The arrow keys move by 1 dB, screen readers by 3 dB.
fn step(ui: &Ui, response: &egui::Response) -> Option<f32> {
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        ..Default::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let keys = ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
        f32::from(u8::try_from(count(Key::ArrowRight)).unwrap_or(0))
            - f32::from(u8::try_from(count(Key::ArrowLeft)).unwrap_or(0))
    });
    let reader = ui.input(|input| {
        use egui::accesskit::Action;
        let count = |action| input.num_accesskit_action_requests(response.id, action);
        3.0 * (f32::from(u8::try_from(count(Action::Increment)).unwrap_or(0))
            - f32::from(u8::try_from(count(Action::Decrement)).unwrap_or(0)))
    });
    Some(keys + reader).filter(|by| *by != 0.0)
}

fn gain_at(rail: Rect, x: f32) -> f32 {
    let (low, high) = (*Person::GAIN_DB.start(), *Person::GAIN_DB.end());
    low + (x - rail.left()) / rail.width() * (high - low)
}

fn x_at(rail: Rect, gain_db: f32) -> f32 {
    let (low, high) = (*Person::GAIN_DB.start(), *Person::GAIN_DB.end());
    rail.left() + (gain_db - low) / (high - low) * rail.width()
}

/// Whole decibels, and a little pull towards 0.
fn snapped(gain_db: f32) -> f32 {
    if gain_db.abs() < 1.5 {
        0.0
    } else {
        gain_db.round()
    }
}

fn clamped(gain_db: f32) -> f32 {
    gain_db.clamp(*Person::GAIN_DB.start(), *Person::GAIN_DB.end())
}

fn paint(ui: &Ui, rail: Rect, gain_db: f32) {
    let t = tokens(ui);
    let x = x_at(rail, clamped(gain_db));
    ui.painter().rect_filled(rail, 2.0, t.hairline);
    let filled = Rect::from_min_max(rail.min, pos2(x, rail.max.y));
    ui.painter().rect_filled(filled, 2.0, t.accent);
    let notch = Rect::from_center_size(
        pos2(x_at(rail, 0.0), rail.center().y),
        vec2(FOCUS_WIDTH, 10.0),
    );
    ui.painter().rect_filled(notch, 1.0, t.line);
    ui.painter()
        .circle_filled(pos2(x, rail.center().y), KNOB, t.accent);
    ui.painter()
        .circle_filled(pos2(x, rail.center().y), KNOB - 4.0, t.surface);
}
