//! Where tiles go on the stage: rectangles only.
use egui::{Rect, Vec2, pos2, vec2};

use crate::ui::theme::space;

/// How tiles are to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// Height over width.
    pub(super) ratio: f32,
    /// The least width, in points.
    pub(super) least: f32,
    /// The most, so that one person does not fill a wall.
    pub(super) most: f32,
    /// Between tiles, in points.
    pub(super) gap: f32,
}

impl Shape {
    /// People who are only heard.
    pub(super) const HEARD: Self = Self {
        ratio: 0.66,
        least: 168.0,
        most: 340.0,
        gap: space::M,
    };
    /// People who are seen: as large as they can be.
    pub(super) const SEEN: Self = Self {
        ratio: 9.0 / 16.0,
        least: 148.0,
        most: 4_096.0,
        gap: space::S,
    };
}

/// One large tile and the others beside it or below.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Speaker {
    pub(super) large: Rect,
    pub(super) strip: Vec<Rect>,
    /// So many of the others have no place in the strip; the last place of it is theirs.
    pub(super) hidden: usize,
}

/// How large the others are beside the large one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Small {
    /// So that the large one has most of the stage.
    Fitted,
    /// So large, in points, wherever the large one stays clearly larger.
    Of(Vec2),
}

/// How many tiles fit into `stage`.
pub(super) fn capacity(stage: Vec2, shape: Shape) -> usize {
    let columns = whole((stage.x + shape.gap) / (shape.least + shape.gap));
    let rows = whole((stage.y + shape.gap) / (shape.least * shape.ratio + shape.gap));
    columns * rows
}

/// The tiles of `count` people, as large as fits, rows centred.
pub(super) fn tiles(stage: Rect, count: usize, shape: Shape) -> Vec<Rect> {
    let gaps = |count: usize| float(count.saturating_sub(1)) * shape.gap;
    let width_with = |columns: usize| {
        let rows = count.div_ceil(columns);
        let by_width = (stage.width() - gaps(columns)) / float(columns);
        let by_height = (stage.height() - gaps(rows)) / float(rows) / shape.ratio;
        by_width.min(by_height).min(shape.most)
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
    let size = vec2(width, (width * shape.ratio).floor());
    let rows = count.div_ceil(columns);
    let height = float(rows) * size.y + gaps(rows);
    let top = stage.top() + (stage.height() - height).max(0.0) / 2.0;
    let tile = |index: usize| {
        let (row, column) = (index / columns, index % columns);
        let in_row = (count - row * columns).min(columns);
        let row_width = float(in_row) * size.x + gaps(in_row);
        let left = stage.center().x - row_width / 2.0;
        let corner = pos2(
            left + float(column) * (size.x + shape.gap),
            top + float(row) * (size.y + shape.gap),
        );
        Rect::from_min_size(corner.round(), size)
    };
    (0..count).map(tile).collect()
}

/// One large tile, and `others` in a strip in as many lines as show them all, unless that makes the large one too small.
pub(super) fn speaker(stage: Rect, others: usize, small: Small) -> Speaker {
    if others == 0 {
        return Speaker {
            large: fitted(stage),
            strip: Vec::new(),
            hidden: 0,
        };
    }
    let of_size = match small {
        Small::Of(size) => with_small(stage, others, size),
        Small::Fitted => None,
    };
    of_size.unwrap_or_else(|| with_fitted(stage, others))
}

/// The small ones give way to the large one.
fn with_fitted(stage: Rect, others: usize) -> Speaker {
    let found = arrangements(|lines| {
        let width = strip_width(stage, lines);
        let lower = width.min(stage.height() * STRIP_SHARE * 1.5 / Shape::SEEN.ratio);
        [
            below(stage, others, lines, of_width(lower)),
            beside(stage, others, lines, of_width(width)),
        ]
    });
    let largest = found.iter().map(|one| one.large.area()).fold(1.0, f32::max);
    let is_enough = |one: &Speaker| one.large.area() >= largest * LEAST_SHARE;
    best(found.into_iter().filter(is_enough))
        .unwrap_or_else(|| below(stage, others, 1, of_width(strip_width(stage, 1))))
}

/// The large one takes what the small ones leave, if that is enough.
fn with_small(stage: Rect, others: usize, size: Vec2) -> Option<Speaker> {
    let found = arrangements(|lines| {
        [
            below(stage, others, lines, size),
            beside(stage, others, lines, size),
        ]
    });
    let is_possible = |one: &Speaker| {
        let mut all = one.strip.iter().chain([&one.large]);
        one.large.width() >= size.x * LEAST_TIMES
            // Else there would only be the number of those who are not shown.
            && one.hidden < others
            && all.all(|tile| stage.expand(0.5).contains_rect(*tile))
    };
    best(found.into_iter().filter(is_possible))
}

/// In every number of lines; among equals the fewest, since the last of equals is taken.
fn arrangements(with: impl Fn(usize) -> [Speaker; 2]) -> Vec<Speaker> {
    (1..=MOST_LINES).rev().flat_map(with).collect()
}

/// Where most are seen, and of those the one with the largest large tile.
fn best(found: impl Iterator<Item = Speaker>) -> Option<Speaker> {
    found.max_by(|a, b| {
        let by_hidden = b.hidden.cmp(&a.hidden);
        by_hidden.then(a.large.area().total_cmp(&b.large.area()))
    })
}

fn beside(stage: Rect, others: usize, columns: usize, size: Vec2) -> Speaker {
    let gap = Shape::SEEN.gap;
    let strip_width = float(columns) * (size.x + gap);
    let large = fitted(stage.with_max_x((stage.right() - strip_width).max(stage.left() + 1.0)));
    // Both together stand in the middle.
    let block = large.width() + strip_width;
    let left = (stage.center().x - block / 2.0).max(stage.left()).round();
    let large = Rect::from_min_size(pos2(left, large.top()), large.size());
    let rows = whole((stage.bottom() - large.top() + gap) / (size.y + gap));
    let places = (rows * columns).min(others);
    let corner = |index: usize| {
        let (across, down) = (float(index / rows), float(index % rows));
        pos2(
            large.right() + gap + across * (size.x + gap),
            large.top() + down * (size.y + gap),
        )
    };
    let strip = (0..places).map(|index| Rect::from_min_size(corner(index), size));
    Speaker {
        large,
        strip: strip.collect(),
        hidden: hidden(others, places),
    }
}

fn below(stage: Rect, others: usize, rows: usize, size: Vec2) -> Speaker {
    let gap = Shape::SEEN.gap;
    let strip_height = float(rows) * (size.y + gap);
    let large = fitted(stage.with_max_y((stage.bottom() - strip_height).max(stage.top() + 1.0)));
    let block = large.height() + strip_height;
    let top = (stage.center().y - block / 2.0).max(stage.top()).round();
    let large = Rect::from_min_size(pos2(large.left(), top), large.size());
    let columns_in = |width: f32| whole((width + gap) / (size.x + gap));
    let (left, columns) = if others <= columns_in(large.width()) {
        (large.left(), others)
    } else {
        let columns = columns_in(stage.width());
        let width = float(columns) * (size.x + gap) - gap;
        let left = (stage.center().x - width / 2.0).max(stage.left());
        (left.round(), columns)
    };
    let places = (rows * columns).min(others);
    let corner = |index: usize| {
        let (along, down) = (float(index % columns), float(index / columns));
        pos2(
            left + along * (size.x + gap),
            large.bottom() + gap + down * (size.y + gap),
        )
    };
    let strip = (0..places).map(|index| Rect::from_min_size(corner(index), size));
    Speaker {
        large,
        strip: strip.collect(),
        hidden: hidden(others, places),
    }
}

fn of_width(width: f32) -> Vec2 {
    vec2(width, width * Shape::SEEN.ratio).floor()
}

/// Width of a small tile, where they stand in so many lines.
fn strip_width(stage: Rect, lines: usize) -> f32 {
    let share = if lines > 1 {
        STRIP_SHARE * 0.8
    } else {
        STRIP_SHARE
    };
    (stage.width() * share).clamp(STRIP_WIDTH.0, STRIP_WIDTH.1)
}

/// The last place of a strip that is too short tells how many more there are.
const fn hidden(others: usize, places: usize) -> usize {
    if others > places {
        others - places + 1
    } else {
        0
    }
}

/// The largest rectangle of 16:9 in the middle of another.
fn fitted(stage: Rect) -> Rect {
    let width = stage.width().min(stage.height() / Shape::SEEN.ratio);
    let size = vec2(width.max(1.0), (width * Shape::SEEN.ratio).max(1.0)).floor();
    Rect::from_min_size((stage.center() - size / 2.0).round(), size)
}

/// Of others in the strip.
const MOST_LINES: usize = 3;
/// Of the largest that the large tile could be; more of the others are not worth more.
const LEAST_SHARE: f32 = 0.65;
/// How much wider than a small tile of a given size the large one stays: else it is hardly the one to look at.
const LEAST_TIMES: f32 = 1.25;
/// Of the stage's width.
const STRIP_SHARE: f32 = 0.18;
/// Least and most width of a small tile, in points.
const STRIP_WIDTH: (f32, f32) = (104.0, 208.0);

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

    const FULL: Small = Small::Of(Vec2::new(320.0, 180.0));
    const STAGES: [(f32, f32); 7] = [
        (900.0, 600.0),
        (480.0, 300.0),
        (1500.0, 900.0),
        (808.0, 627.0),
        (300.0, 700.0),
        (3800.0, 2000.0),
        (1248.0, 200.0),
    ];

    fn stage((width, height): (f32, f32)) -> Rect {
        Rect::from_min_size(pos2(16.0, 70.0), vec2(width, height))
    }

    fn are_apart(tiles: &[Rect]) -> bool {
        tiles.iter().enumerate().all(|(index, tile)| {
            let mut others = tiles.iter().skip(index + 1);
            others.all(|other| !other.shrink(1.0).intersects(*tile))
        })
    }

    #[test]
    fn tiles_stay_on_the_stage_and_apart() {
        for shape in [Shape::HEARD, Shape::SEEN] {
            for size in STAGES {
                let stage = stage(size);
                for count in 1..=capacity(stage.size(), shape).min(100) {
                    let tiles = tiles(stage, count, shape);
                    assert_eq!(tiles.len(), count);
                    let is_on = |tile: &Rect| stage.expand(1.0).contains_rect(*tile);
                    assert!(tiles.iter().all(is_on), "{count} in {stage}: {tiles:?}");
                    assert!(are_apart(&tiles), "{count} in {stage}: {tiles:?}");
                }
            }
        }
    }

    fn is_sound(stage: Rect, others: usize, found: &Speaker) {
        let all = [&[found.large], found.strip.as_slice()].concat();
        let is_on = |tile: &Rect| stage.expand(1.0).contains_rect(*tile);
        assert!(all.iter().all(is_on), "{others} in {stage}: {found:?}");
        assert!(are_apart(&all), "{others} in {stage}: {found:?}");
        let shown = found.strip.len() - usize::from(found.hidden > 0);
        assert_eq!(shown + found.hidden, others);
        let is_large = found
            .strip
            .iter()
            .all(|tile| tile.width() < found.large.width());
        assert!(is_large, "{others} in {stage}: {found:?}");
        let shape = found.large.height() / found.large.width();
        assert!((shape - 9.0 / 16.0).abs() < 0.02, "{shape}");
    }

    #[test]
    fn the_speaker_and_the_strip_stay_on_the_stage_and_apart() {
        for size in STAGES {
            let stage = stage(size);
            for others in 0..=100 {
                for small in [Small::Fitted, FULL, Small::Of(vec2(160.0, 90.0))] {
                    is_sound(stage, others, &speaker(stage, others, small));
                }
            }
        }
    }

    #[test]
    fn small_ones_have_their_size_where_the_large_one_stays_large() {
        let found = speaker(stage((1880.0, 1040.0)), 11, FULL);
        let is_full = |tile: &Rect| tile.size() == vec2(320.0, 180.0);
        assert!(found.strip.iter().all(is_full), "{found:?}");
        assert_eq!((found.strip.len(), found.hidden), (11, 0), "{found:?}");
        assert!(found.large.width() > 400.0, "{found:?}");
    }

    #[test]
    fn small_ones_are_fitted_where_there_is_no_room_for_their_size() {
        let stage = stage((448.0, 460.0));
        assert_eq!(speaker(stage, 5, FULL), speaker(stage, 5, Small::Fitted));
    }

    #[test]
    fn a_newcomer_of_full_size_moves_nobody_while_there_is_room() {
        let stage = stage((1500.0, 900.0));
        let (few, more) = (speaker(stage, 2, FULL), speaker(stage, 3, FULL));
        assert_eq!(few.large, more.large);
        assert_eq!(few.strip[..2], more.strip[..2]);
    }

    #[test]
    fn a_newcomer_in_the_strip_moves_nothing_else() {
        let stage = stage((900.0, 600.0));
        let (few, more) = (
            speaker(stage, 2, Small::Fitted),
            speaker(stage, 3, Small::Fitted),
        );
        assert_eq!(few.large, more.large);
        assert_eq!(few.strip[..2], more.strip[..2]);
    }

    #[test]
    fn all_of_a_dozen_are_seen_below_the_one_who_talks() {
        let found = speaker(stage((808.0, 602.0)), 11, Small::Fitted);
        assert_eq!((found.strip.len(), found.hidden), (11, 0), "{found:?}");
        assert!(found.large.width() > 600.0, "{found:?}");
    }

    #[test]
    fn twenty_five_fit_beside_the_list_of_people() {
        assert!(capacity(vec2(808.0, 602.0), Shape::SEEN) >= 25);
    }

    #[test]
    fn two_people_sit_side_by_side() {
        let stage = Rect::from_min_size(pos2(0.0, 0.0), vec2(808.0, 700.0));
        let tiles = tiles(stage, 2, Shape::HEARD);
        assert_eq!(tiles[0].top(), tiles[1].top());
    }

    #[test]
    fn six_people_stand_in_two_rows_of_three() {
        let stage = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 600.0));
        let tiles = tiles(stage, 6, Shape::HEARD);
        assert_eq!(tiles[0].top(), tiles[2].top());
        assert!(tiles[3].top() > tiles[0].bottom());
    }
}
