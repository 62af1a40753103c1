//! The mouse pointer, which no picture of a screen contains, painted where it is (XFixes).
use x11rb::protocol::xfixes::{ConnectionExt as _, GetCursorImageReply};

use super::display::Display;
use super::{Area, BYTES};

impl Display {
    /// Paints the pointer, if it is there, onto the pixels of an area.
    pub(super) fn draw_cursor(&self, area: &Area, pixels: &mut [u8]) {
        let image = || {
            let cookie = self.connection.xfixes_get_cursor_image().ok()?;
            cookie.reply().ok()
        };
        if let Some(cursor) = self.has_cursor.then(image).flatten() {
            paint(&cursor, area, pixels);
        }
    }
}

fn paint(cursor: &GetCursorImageReply, area: &Area, pixels: &mut [u8]) {
    let (x, y) = area.origin;
    let (point_x, point_y) = (i32::from(cursor.x) - x, i32::from(cursor.y) - y);
    let is_inside = |point: i32, side: u32| u32::try_from(point).is_ok_and(|point| point < side);
    if !is_inside(point_x, area.size.width) || !is_inside(point_y, area.size.height) {
        return;
    }
    let left = point_x - i32::from(cursor.xhot);
    let top = point_y - i32::from(cursor.yhot);
    let width = usize::from(cursor.width).max(1);
    let rows = (top..).zip(cursor.cursor_image.chunks(width));
    for (row, colours) in rows.filter(|(row, _)| is_inside(*row, area.size.height)) {
        let line = row as usize * area.size.width as usize;
        let dots = (left..).zip(colours);
        for (column, colour) in dots.filter(|(column, _)| is_inside(*column, area.size.width)) {
            let at = (line + column as usize) * BYTES;
            if let Some(pixel) = pixels.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                *pixel = over(*colour, *pixel);
            }
        }
    }
}

/// A colour, already multiplied by its opacity, over a pixel of blue, green, red.
fn over(colour: u32, pixel: [u8; BYTES]) -> [u8; BYTES] {
    let [b, g, r, opacity] = colour.to_le_bytes();
    let [below_b, below_g, below_r, rest] = pixel;
    let mix = |colour: u8, below: u8| {
        let below = u16::from(below) * u16::from(255 - opacity) / 255;
        colour.saturating_add(below as u8)
    };
    [mix(b, below_b), mix(g, below_g), mix(r, below_r), rest]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::Size;

    const RED: u32 = 0xFFFF_0000;

    /// Two by two pixels, half of them red, the point at the lower right one.
    fn cursor(x: i16, y: i16) -> GetCursorImageReply {
        GetCursorImageReply {
            x,
            y,
            width: 2,
            height: 2,
            xhot: 1,
            yhot: 1,
            cursor_image: vec![RED, 0, 0, RED],
            ..GetCursorImageReply::default()
        }
    }

    fn painted(x: i16, y: i16) -> Vec<usize> {
        let area = Area {
            drawable: 1,
            offset: (0, 0),
            origin: (100, 50),
            size: Size::new(4, 4),
        };
        let mut pixels = vec![0; area.length()];
        paint(&cursor(x, y), &area, &mut pixels);
        let red = pixels.chunks(BYTES).enumerate();
        red.filter(|(_, pixel)| *pixel == [0, 0, 255, 0])
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn the_pointer_is_painted_where_it_points() {
        assert_eq!(painted(102, 51), [1, 6]);
    }

    #[test]
    fn it_is_cut_off_at_the_edge_and_left_out_beyond() {
        assert_eq!(painted(100, 50), [0]);
        assert!(painted(104, 50).is_empty());
        assert!(painted(99, 50).is_empty());
    }

    #[test]
    fn its_shadow_lets_the_screen_through() {
        let half_black = 0x8000_0000;
        assert_eq!(over(half_black, [200, 100, 50, 0]), [99, 49, 24, 0]);
    }
}
