//! How loud somebody is.
use egui::{Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::tokens;

/// The part of a meter that a level fills: −60 dBFS none, 0 dBFS all.
fn fraction(level_dbfs: f32) -> f32 {
    if level_dbfs.is_finite() {
        ((level_dbfs + 60.0) / 60.0).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Three little bars for a roster row or a tile.
pub fn bars(ui: &Ui, rect: Rect, level_dbfs: f32, color: Color32) {
    let level = fraction(level_dbfs);
    let idle = tokens(ui).hairline;
    for (index, threshold) in [0.12_f32, 0.40, 0.65].into_iter().enumerate() {
        let height = rect.height() * [0.4, 0.7, 1.0].get(index).copied().unwrap_or(1.0);
        let left = rect.left() + [0.0, 6.0, 12.0].get(index).copied().unwrap_or(0.0);
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - height),
            pos2(left + 4.0, rect.bottom()),
        );
        let fill = if level >= threshold { color } else { idle };
        ui.painter().rect_filled(bar, 1.5, fill);
    }
}

/// A row of small blocks that fills from the left, `width` points wide; `name` says whose level it is.
pub fn meter(ui: &mut Ui, width: f32, level_dbfs: f32, color: Color32, name: &str) {
    const BLOCK: f32 = 5.0;
    const GAP: f32 = 2.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 10.0), Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(fraction(level_dbfs)).mul_add(100.0, 0.0).round()),
        ..WidgetInfo::labeled(Role::Meter, true, name)
    });
    let level = fraction(level_dbfs);
    let idle = tokens(ui).hairline;
    let mut left = rect.left();
    while left + BLOCK <= rect.right() + 0.5 {
        let block = Rect::from_min_size(pos2(left, rect.top()), vec2(BLOCK, rect.height()));
        let is_lit = (left - rect.left()) / rect.width() < level;
        ui.painter()
            .rect_filled(block, 1.5, if is_lit { color } else { idle });
        left += BLOCK + GAP;
    }
}
