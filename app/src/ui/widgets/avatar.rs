//! Initials on a calm colour made from the name.
use egui::{Color32, Pos2, Stroke, Ui, ecolor::Hsva};

use crate::ui::theme::{FOCUS_WIDTH, Type, tokens};

/// Paints a disc with the initials of `name`; a ring while `is_talking`.
pub fn avatar(ui: &Ui, center: Pos2, radius: f32, name: &str, is_talking: bool) {
    let t = tokens(ui);
    let (fill, ink) = colours(name, ui.visuals().dark_mode);
    ui.painter().circle_filled(center, radius, fill);
    let font = egui::FontId::new(radius * 0.8, Type::Body.strong().family);
    let galley = ui.painter().layout_no_wrap(initials(name), font, ink);
    ui.painter()
        .galley(center - galley.size() / 2.0, galley, ink);
    if is_talking {
        let width = if radius > 24.0 { 3.0 } else { FOCUS_WIDTH };
        ui.painter()
            .circle_stroke(center, radius + width + 1.0, Stroke::new(width, t.talking));
    }
}

/// At most two letters.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters
    }
}

/// The disc and the letters on it.
fn colours(name: &str, is_dark: bool) -> (Color32, Color32) {
    // FNV-1a: the same name has the same colour on every computer.
    let hash = name.bytes().fold(0x811C_9DC5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let hue = f32::from(u8::try_from(hash % 24).unwrap_or(0)) / 24.0;
    if is_dark {
        (
            Hsva::new(hue, 0.42, 0.16, 1.0).into(),
            Hsva::new(hue, 0.25, 0.85, 1.0).into(),
        )
    } else {
        (
            Hsva::new(hue, 0.14, 0.86, 1.0).into(),
            Hsva::new(hue, 0.75, 0.09, 1.0).into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        assert_eq!(initials("Ana"), "A");
        assert_eq!(initials("ana maria lópez"), "AL");
        assert_eq!(initials("(crane) 4"), "C4");
        assert_eq!(initials("李 雷"), "李雷");
        assert_eq!(initials(" … "), "?");
    }
}
