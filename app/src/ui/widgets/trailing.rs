//! Controls at the right end of a line, in the order in which they are read.
use egui::{Align, Id, Layout, Rect, Ui, UiBuilder, vec2};

/// The right end of what is left of a line. A layout that begins at the right would turn the order of Tab around, so
/// this one begins where its controls began in the pass before, and has a new pass when their width has changed.
pub struct Trailing {
    id: Id,
    rect: Rect,
}

impl Trailing {
    /// At the end of the line being laid out; `name` tells it from others in `ui`.
    pub fn new(ui: &Ui, name: &str) -> Self {
        let id = ui.scope_id().with(name);
        let width: f32 = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let line = ui.available_rect_before_wrap();
        let left = (line.right() - width).max(line.left());
        // As much room as there is, so that nothing in it shrinks to the width of the pass before.
        let rect = line.translate(vec2(left - line.left(), 0.0));
        Self { id, rect }
    }

    /// Where it begins, for what stands before it.
    pub fn left(&self) -> f32 {
        self.rect.left()
    }

    /// Shows the controls.
    pub fn show<R>(self, ui: &mut Ui, controls: impl FnOnce(&mut Ui) -> R) -> R {
        let builder = UiBuilder::new()
            .max_rect(self.rect)
            .layout(Layout::left_to_right(Align::Center));
        let shown = ui.scope_builder(builder, controls);
        let width = shown.response.rect.width();
        let before =
            ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(self.id), width));
        if (width - before).abs() > 0.5 {
            ui.request_discard("the end of a line has a new width");
        }
        shown.inner
    }
}
