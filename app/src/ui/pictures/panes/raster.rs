//! Triangles of the interface as pixels: what OpenGL does of them, for the little that lies over pictures.
use conf_core::PanePlace;
use egui::epaint::{Mesh, Vertex};
use egui::{ColorImage, Pos2, Rect};

use crate::ui::pictures::kernel::Kernel;

/// Pixels of blue, green, red and how much they cover, at first of nothing.
pub(super) struct Canvas {
    place: PanePlace,
    kernel: Kernel,
    pub(super) pixels: Vec<[u8; 4]>,
}

/// A corner, in 256ths of a pixel from the corner of the canvas.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
    vertex: Vertex,
}

impl Canvas {
    pub(super) fn new(place: PanePlace) -> Self {
        let length = usize::from(place.width) * usize::from(place.height);
        Self {
            place,
            kernel: Kernel::new(),
            pixels: vec![[0; 4]; length],
        }
    }

    /// From points of the window.
    fn corner(&self, vertex: Vertex, scale: f32) -> Corner {
        let fixed =
            |at: f32, from: i16| ((at * scale - f32::from(from)) * ONE as f32).round() as i64;
        Corner {
            x: fixed(vertex.pos.x, self.place.left),
            y: fixed(vertex.pos.y, self.place.top),
            vertex,
        }
    }

    /// The pixels that a rectangle of the window leaves: first and behind the last, across and down.
    fn bounds(&self, clip: Rect, scale: f32) -> [i64; 4] {
        let pixel = |at: f32, from: i16, most: u16| {
            let at = (at * scale).round().clamp(-1e6, 1e6) as i64 - i64::from(from);
            at.clamp(0, most.into())
        };
        let PanePlace {
            left,
            top,
            width,
            height,
        } = self.place;
        [
            pixel(clip.left(), left, width),
            pixel(clip.right(), left, width),
            pixel(clip.top(), top, height),
            pixel(clip.bottom(), top, height),
        ]
    }

    fn put(&mut self, x: i64, y: i64, over: [u8; 4]) {
        let at = usize::try_from(y * i64::from(self.place.width) + x);
        if let Some(pixel) = at.ok().and_then(|at| self.pixels.get_mut(at)) {
            self.kernel.lay_over(&[over], std::slice::from_mut(pixel));
        }
    }
}

/// Paints a mesh whose texture is this image, within a rectangle of the window, both in points.
pub(super) fn paint(mesh: &Mesh, clip: Rect, scale: f32, image: &ColorImage, canvas: &mut Canvas) {
    let bounds = canvas.bounds(clip, scale);
    for corners in mesh.indices.as_chunks::<3>().0 {
        let corner = |index: u32| {
            let vertex = mesh.vertices.get(usize::try_from(index).ok()?)?;
            Some(canvas.corner(*vertex, scale))
        };
        let [Some(a), Some(b), Some(c)] = corners.map(corner) else {
            continue;
        };
        triangle([a, b, c], bounds, image, canvas);
    }
}

/// Paints what has its middle in the triangle; of those on an edge, each belongs to one of two neighbours.
fn triangle(corners: [Corner; 3], bounds: [i64; 4], image: &ColorImage, canvas: &mut Canvas) {
    let [a, b, c] = corners;
    let area = cross(a, b, c.x, c.y);
    if area == 0 {
        return;
    }
    let [a, b, c] = if area > 0 { [a, b, c] } else { [a, c, b] };
    let area = area.abs() as f32;
    let [left, right, top, bottom] = bounds;
    let (xs, ys) = ([a.x, b.x, c.x], [a.y, b.y, c.y]);
    let first = |all: [i64; 3]| all.into_iter().min().unwrap_or(0).div_euclid(ONE);
    let end = |all: [i64; 3]| all.into_iter().max().unwrap_or(0).div_euclid(ONE) + 1;
    for y in top.max(first(ys))..bottom.min(end(ys)) {
        for x in left.max(first(xs))..right.min(end(xs)) {
            let (middle_x, middle_y) = (x * ONE + ONE / 2, y * ONE + ONE / 2);
            let of_a = cross(b, c, middle_x, middle_y);
            let of_b = cross(c, a, middle_x, middle_y);
            let of_c = cross(a, b, middle_x, middle_y);
            let is_in = owns(of_a, b, c) && owns(of_b, c, a) && owns(of_c, a, b);
            if is_in {
                let shares = [of_a, of_b, of_c].map(|part| part as f32 / area);
                canvas.put(x, y, shade([a, b, c], shares, image));
            }
        }
    }
}

/// Twice the area between an edge and a point; not negative within the triangle.
const fn cross(from: Corner, to: Corner, x: i64, y: i64) -> i64 {
    (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x)
}

/// Points on an edge belong to the triangle that is on its right or below.
const fn owns(area: i64, from: Corner, to: Corner) -> bool {
    let is_top_or_left = to.y < from.y || to.y == from.y && to.x > from.x;
    area > 0 || area == 0 && is_top_or_left
}

/// The colour of the corners, by their shares, times that of the image.
fn shade(corners: [Corner; 3], shares: [f32; 3], image: &ColorImage) -> [u8; 4] {
    let mut color = [0.0; 4];
    let mut at = [0.0; 2];
    for (Corner { vertex, .. }, share) in corners.iter().zip(shares) {
        let parts = vertex.color.to_array();
        for (sum, part) in color.iter_mut().zip(parts) {
            *sum += f32::from(part) * share;
        }
        for (sum, part) in at.iter_mut().zip([vertex.uv.x, vertex.uv.y]) {
            *sum += part * share;
        }
    }
    let texel = sample(image, Pos2::new(at[0], at[1]));
    let [red, green, blue, alpha] = std::array::from_fn(|part| {
        let (color, texel) = (color.get(part), texel.get(part));
        let product = color.copied().unwrap_or(0.0) * texel.copied().unwrap_or(0.0) / 255.0;
        product.round().clamp(0.0, 255.0) as u8
    });
    [blue, green, red, alpha]
}

/// Between the four nearest, as OpenGL's linear filter.
fn sample(image: &ColorImage, at: Pos2) -> [f32; 4] {
    let [width, height] = image.size;
    let place = |at: f32, length: usize| {
        let at = (at * length as f32 - 0.5).clamp(0.0, length.saturating_sub(1) as f32);
        (at as usize, at.fract())
    };
    let ((x, across), (y, down)) = (place(at.x, width), place(at.y, height));
    let mut sum = [0.0; 4];
    for (line, weight) in [(y, 1.0 - down), (y + 1, down)] {
        for (column, share) in [(x, 1.0 - across), (x + 1, across)] {
            let weight = weight * share;
            let at =
                line.min(height.saturating_sub(1)) * width + column.min(width.saturating_sub(1));
            let Some(pixel) = image.pixels.get(at).filter(|_| weight > 0.0) else {
                continue;
            };
            for (sum, part) in sum.iter_mut().zip(pixel.to_array()) {
                *sum += f32::from(part) * weight;
            }
        }
    }
    sum
}

/// Steps of a pixel: as fine as graphics cards place corners.
const ONE: i64 = 256;

#[cfg(test)]
mod tests {
    use egui::{Color32, pos2};

    use super::*;

    const PLACE: PanePlace = PanePlace {
        left: 0,
        top: 0,
        width: 40,
        height: 30,
    };
    const ALL: Rect = Rect {
        min: pos2(0.0, 0.0),
        max: pos2(40.0, 30.0),
    };

    fn white() -> ColorImage {
        ColorImage::filled([2, 2], Color32::WHITE)
    }

    /// Corners around a middle, as a fan of triangles.
    fn fan(points: &[(f32, f32)], color: Color32) -> Mesh {
        let mut mesh = Mesh::default();
        for (x, y) in points {
            mesh.colored_vertex(pos2(*x, *y), color);
        }
        for corner in 1..points.len() as u32 - 1 {
            mesh.add_triangle(0, corner, corner + 1);
        }
        mesh
    }

    #[test]
    fn neighbours_share_no_pixel_and_leave_none_out() {
        let half = Color32::from_rgba_premultiplied(60, 60, 60, 128);
        let points = [
            (20.3, 2.1),
            (36.9, 9.6),
            (33.2, 25.7),
            (11.4, 28.8),
            (3.5, 13.5),
        ];
        for turn in 0..points.len() {
            let mut turned = points;
            turned.rotate_left(turn);
            let mut canvas = Canvas::new(PLACE);
            paint(&fan(&turned, half), ALL, 1.0, &white(), &mut canvas);
            let is_whole = |pixel: &[u8; 4]| [[0; 4], [60, 60, 60, 128]].contains(pixel);
            assert!(canvas.pixels.iter().all(is_whole), "begun at {turn}");
            let painted = canvas.pixels.iter().filter(|pixel| pixel[3] > 0).count();
            // The area by the formula for polygons: 598.3.
            assert!((588..610).contains(&painted), "{painted}");
        }
    }

    #[test]
    fn either_way_round_is_the_same() {
        let mut points = [(1.0, 1.0), (30.0, 4.0), (12.0, 22.0)];
        let mut painted = Vec::new();
        for _ in 0..2 {
            let mut canvas = Canvas::new(PLACE);
            paint(&fan(&points, Color32::RED), ALL, 1.0, &white(), &mut canvas);
            painted.push(canvas.pixels);
            points.reverse();
        }
        assert!(painted[0] == painted[1] && painted[0].contains(&[0, 0, 255, 255]));
    }

    #[test]
    fn what_is_outside_is_left_alone() {
        let mut canvas = Canvas::new(PLACE);
        let points = [(-50.0, -50.0), (90.0, -50.0), (90.0, 90.0), (-50.0, 90.0)];
        let clip = Rect::from_min_max(pos2(5.0, 6.0), pos2(9.0, 8.0));
        paint(
            &fan(&points, Color32::BLUE),
            clip,
            1.0,
            &white(),
            &mut canvas,
        );
        let painted: Vec<usize> = (0..canvas.pixels.len())
            .filter(|at| canvas.pixels[*at] == [255, 0, 0, 255])
            .collect();
        let expected: Vec<usize> = (6..8)
            .flat_map(|y| (5..9).map(move |x| y * 40 + x))
            .collect();
        assert_eq!(painted, expected);
    }

    #[test]
    fn colours_run_from_corner_to_corner() {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(pos2(0.0, 0.0), Color32::BLACK);
        mesh.colored_vertex(pos2(40.0, 0.0), Color32::WHITE);
        mesh.colored_vertex(pos2(0.0, 30.0), Color32::BLACK);
        mesh.add_triangle(0, 1, 2);
        let mut canvas = Canvas::new(PLACE);
        paint(&mesh, ALL, 1.0, &white(), &mut canvas);
        let line: Vec<u8> = canvas.pixels[..36].iter().map(|pixel| pixel[1]).collect();
        assert!(
            line.is_sorted() && line[0] < 8 && line[35] > 220,
            "{line:?}"
        );
    }
}
