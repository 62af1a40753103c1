//! Where the parts of a list row go: rectangles only.
use egui::{Rect, pos2, vec2};

use crate::ui::theme::{CONTROL_HEIGHT, space};

/// Height of a row, in points.
pub(super) const ROW_HEIGHT: f32 = 62.0;

/// The parts of one row, left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RowLayout {
    /// On now or not.
    pub(super) dot: Rect,
    /// The name, and a padlock after it.
    pub(super) name: Rect,
    /// The description below the name.
    pub(super) note: Rect,
    /// When it is on.
    pub(super) when: Rect,
    /// Where it was seen, below that.
    pub(super) whence: Rect,
    /// How far it reaches; nothing in a narrow list.
    pub(super) scope: Option<Rect>,
    /// The Join button.
    pub(super) join: Rect,
}

impl RowLayout {
    /// Divides `row`.
    pub(super) fn new(row: Rect) -> Self {
        let inner = row.shrink2(vec2(space::M, 0.0));
        let mid = row.center().y;
        let dot = Rect::from_center_size(pos2(inner.left() + 6.0, mid), vec2(12.0, 12.0));
        let join = Rect::from_min_max(
            pos2(inner.right() - JOIN_WIDTH, mid - CONTROL_HEIGHT / 2.0),
            pos2(inner.right(), mid + CONTROL_HEIGHT / 2.0),
        );
        let column = |right: f32, width: f32| {
            Rect::from_min_max(pos2(right - width, row.top()), pos2(right, row.bottom()))
        };
        let mut right = join.left() - space::L;
        let scope = (row.width() >= SCOPE_FROM_WIDTH).then(|| {
            let rect = column(right, SCOPE_WIDTH);
            right = rect.left() - space::M;
            rect
        });
        let when = column(right, WHEN_WIDTH.min(row.width() * 0.28));
        let left = dot.right() + space::M;
        let right = (when.left() - space::L).max(left);
        Self {
            dot,
            name: Rect::from_min_max(pos2(left, row.top() + 11.0), pos2(right, mid + 1.0)),
            note: Rect::from_min_max(pos2(left, mid + 1.0), pos2(right, row.bottom() - 11.0)),
            when: when.with_min_y(row.top() + 11.0).with_max_y(mid + 1.0),
            whence: when.with_min_y(mid + 1.0).with_max_y(row.bottom() - 11.0),
            scope,
            join,
        }
    }

    /// Where the name goes when nothing stands below it.
    pub(super) fn name_alone(&self) -> Rect {
        self.name.with_max_y(self.note.bottom())
    }
}

const JOIN_WIDTH: f32 = 76.0;
const WHEN_WIDTH: f32 = 170.0;
const SCOPE_WIDTH: f32 = 96.0;
const SCOPE_FROM_WIDTH: f32 = 620.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_overlap_and_stay_inside_at_any_width() {
        for width in [320.0, 480.0, 640.0, 900.0, 1600.0] {
            let row = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, ROW_HEIGHT));
            let l = RowLayout::new(row);
            let mut parts = vec![l.dot, l.name, l.when, l.join];
            parts.extend(l.scope);
            parts.sort_by(|a, b| a.left().total_cmp(&b.left()));
            for pair in parts.windows(2) {
                assert!(pair[0].right() <= pair[1].left(), "{width}: {l:?}");
            }
            assert!(
                parts.iter().all(|part| row.contains_rect(*part)),
                "{width}: {l:?}"
            );
            assert!(l.name.width() >= 60.0, "{width}: {l:?}");
        }
    }
}
