//! Where a picture goes in its tile, and which part of it: rectangles only.
use conf_core::Size;
use egui::{Rect, Vec2, pos2, vec2};

/// How a picture is made to fit a tile of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// All of it, with bars beside or above where it has another shape.
    Whole,
    /// The tile is filled, and what sticks out is cut off, as long as little is lost; else all of it.
    Filled,
}

/// A part of a picture and the place it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// In points.
    pub(super) place: Rect,
    /// From 0 to 1 of the picture.
    pub(super) part: Rect,
}

/// Of a picture at most so much is cut off: 4:3 fills 16:9, but a telephone held upright is shown whole.
const MOST_CUT: f32 = 0.3;

/// A pixel of a small tile: bars so thin would look like a fault.
const NOTHING_CUT: f32 = 0.01;

pub(super) fn placed(picture: Size, tile: Rect, fit: Fit) -> Placed {
    const ALL: Rect = Rect {
        min: pos2(0.0, 0.0),
        max: pos2(1.0, 1.0),
    };
    let shape = vec2(picture.width as f32, picture.height as f32);
    let is_empty = |size: Vec2| size.x <= 0.0 || size.y <= 0.0;
    if is_empty(shape) || is_empty(tile.size()) {
        return Placed {
            place: tile,
            part: ALL,
        };
    }
    // Widths over heights; above 1 the picture is wider than the tile.
    let ratio = shape.x / shape.y * tile.height() / tile.width();
    let kept = ratio.min(1.0 / ratio);
    let least = match fit {
        Fit::Whole => 1.0 - NOTHING_CUT,
        Fit::Filled => 1.0 - MOST_CUT,
    };
    if kept >= least {
        let part = if ratio > 1.0 {
            vec2(kept, 1.0)
        } else {
            vec2(1.0, kept)
        };
        return Placed {
            place: tile,
            part: Rect::from_center_size(ALL.center(), part),
        };
    }
    let size = if ratio > 1.0 {
        vec2(tile.width(), tile.height() * kept)
    } else {
        vec2(tile.width() * kept, tile.height())
    };
    Placed {
        place: Rect::from_center_size(tile.center(), size),
        part: ALL,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tile(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(width, height))
    }

    #[test]
    fn television_of_old_loses_a_quarter_in_a_wide_tile() {
        let found = placed(Size::new(640, 480), tile(320.0, 180.0), Fit::Filled);
        assert_eq!(found.place, tile(320.0, 180.0));
        assert_eq!((found.part.top(), found.part.bottom()), (0.125, 0.875));
    }

    #[test]
    fn an_upright_picture_is_shown_whole_between_bars() {
        let found = placed(Size::new(360, 640), tile(320.0, 180.0), Fit::Filled);
        assert_eq!(found.part.size(), vec2(1.0, 1.0));
        assert!((found.place.width() - 101.25).abs() < 0.01);
        assert_eq!(found.place.center(), tile(320.0, 180.0).center());
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_tile_or_is_bent(
            (width, height) in (2_u32..4096, 2_u32..4096),
            (across, down) in (1.0_f32..4000.0, 1.0_f32..4000.0),
            is_filled in any::<bool>(),
        ) {
            let fit = if is_filled { Fit::Filled } else { Fit::Whole };
            let tile = tile(across, down);
            let found = placed(Size::new(width, height), tile, fit);
            prop_assert!(tile.expand(0.01).contains_rect(found.place));
            let shape = found.part.width() * width as f32 / (found.part.height() * height as f32);
            let place = found.place.width() / found.place.height();
            prop_assert!((shape / place - 1.0).abs() < 0.02, "{shape} {place}");
            prop_assert!(found.part.area() >= 1.0 - MOST_CUT - 0.001);
        }
    }
}
