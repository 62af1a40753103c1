//! The house controls: each has an accessible name, a focus ring and a height that can be hit.
mod avatar;
mod button;
mod choice;
mod dialog;
mod field;
mod focus;
mod meter;
mod select;
mod slider;
mod text;
mod trailing;

pub use avatar::avatar;
pub use button::{Button, icon_button};
pub use choice::{check, choice, tab};
pub use dialog::{Dialog, dialog};
pub use field::{Field, field_label};
pub use focus::{default_focus, is_entered, ring};
pub use meter::{bars, meter};
pub use select::{MenuRow, menu_row, select};
pub use slider::volume_slider;
pub use text::{cell, centered, label, one_line, paragraph, wrapped};
pub use trailing::Trailing;
