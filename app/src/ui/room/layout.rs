//! Where tiles go on the stage: rectangles only.
use egui::{Rect, Vec2, pos2, vec2};

use crate::ui::theme::space;

/// The least width of a tile, in points.
const TILE_MIN_WIDTH: f32 = 168.0;
/// The most, so that one person does not fill a wall.
const TILE_MAX_WIDTH: f32 = 340.0;
/// Height over width.
const TILE_SHAPE: f32 = 0.66;

/// How many tiles fit into `stage`.
pub(super) fn capacity(stage: Vec2) -> usize {
    let columns = whole((stage.x + space::M) / (TILE_MIN_WIDTH + space::M));
    let rows = whole((stage.y + space::M) / (TILE_MIN_WIDTH * TILE_SHAPE + space::M));
    columns * rows
}

/// The tiles of `count` people, as large as fits, rows centred.
pub(super) fn tiles(stage: Rect, count: usize) -> Vec<Rect> {
    let width_with = |columns: usize| {
        let rows = count.div_ceil(columns);
        let by_width = (stage.width() - gaps(columns)) / float(columns);
        let by_height = (stage.height() - gaps(rows)) / float(rows) / TILE_SHAPE;
        by_width.min(by_height).min(TILE_MAX_WIDTH)
    };
    // Among equals the fewest rows, since the stage is wide, and of those the fewest columns.
    let better = |a: usize, b: usize| {
        let rows = count.div_ceil(b).cmp(&count.div_ceil(a));
        width_with(a)
            .total_cmp(&width_with(b))
            .then(rows)
            .then(b.cmp(&a))
    };
    let best = (1..=count.max(1)).max_by(|&a, &b| better(a, b));
    let columns = best.unwrap_or(1);
    let width = width_with(columns).max(1.0).floor();
    let size = vec2(width, (width * TILE_SHAPE).floor());
    let rows = count.div_ceil(columns);
    let height = float(rows) * size.y + gaps(rows);
    let top = stage.top() + (stage.height() - height).max(0.0) / 2.0;
    let tile = |index: usize| {
        let (row, column) = (index / columns, index % columns);
        let in_row = (count - row * columns).min(columns);
        let row_width = float(in_row) * size.x + gaps(in_row);
        let left = stage.center().x - row_width / 2.0;
        let corner = pos2(
            left + float(column) * (size.x + space::M),
            top + float(row) * (size.y + space::M),
        );
        Rect::from_min_size(corner.round(), size)
    };
    (0..count).map(tile).collect()
}

fn gaps(count: usize) -> f32 {
    float(count.saturating_sub(1)) * space::M
}

fn float(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// At least one.
fn whole(count: f32) -> usize {
    (1..=64_u8)
        .rev()
        .find(|&n| f32::from(n) <= count)
        .map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_stay_on_the_stage_and_apart() {
        for (width, height) in [(900.0, 600.0), (480.0, 300.0), (1500.0, 900.0)] {
            let stage = Rect::from_min_size(pos2(16.0, 70.0), vec2(width, height));
            for count in 1..=capacity(stage.size()) {
                let tiles = tiles(stage, count);
                assert_eq!(tiles.len(), count);
                for (index, tile) in tiles.iter().enumerate() {
                    assert!(
                        stage.expand(1.0).contains_rect(*tile),
                        "{count} in {stage}: {tile}"
                    );
                    let others = tiles.iter().skip(index + 1);
                    assert!(
                        others
                            .clone()
                            .all(|other| !other.shrink(1.0).intersects(*tile))
                    );
                }
            }
        }
    }

    #[test]
    fn two_people_sit_side_by_side() {
        let stage = Rect::from_min_size(pos2(0.0, 0.0), vec2(808.0, 700.0));
        let tiles = tiles(stage, 2);
        assert_eq!(tiles[0].top(), tiles[1].top());
    }

    #[test]
    fn six_people_stand_in_two_rows_of_three() {
        let stage = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 600.0));
        let tiles = tiles(stage, 6);
        assert_eq!(tiles[0].top(), tiles[2].top());
        assert!(tiles[3].top() > tiles[0].bottom());
    }
}
