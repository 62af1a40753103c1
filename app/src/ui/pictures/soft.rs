//! Pictures without OpenGL: converted by the processor into textures of egui.
use std::collections::HashMap;

use conf_core::{Picture, Plane};
use egui::epaint::RectShape;
use egui::{
    Color32, ColorImage, Context, CornerRadius, Painter, Rect, TextureHandle, TextureOptions,
};

use super::colour::ToRgb;
use super::fit::Placed;
use crate::model::Whose;

/// The textures of everybody who is shown.
#[derive(Default)]
pub(super) struct SoftPictures {
    textures: HashMap<Whose, (Picture, usize, TextureHandle)>,
}

impl SoftPictures {
    /// Paints a picture, of which `step` by `step` pixels become one.
    pub(super) fn paint(
        &mut self,
        painter: &Painter,
        whose: Whose,
        picture: &Picture,
        placed: Placed,
        look: Look,
    ) {
        let texture = self.texture(painter.ctx(), whose, picture, look.step);
        let mut part = placed.part;
        if look.is_mirrored {
            part = Rect::from_x_y_ranges(part.right()..=part.left(), part.y_range());
        }
        let shape = RectShape::filled(placed.place, look.radius, Color32::WHITE);
        painter.add(shape.with_texture(texture, part));
    }

    /// Keeps the textures of these only.
    pub(super) fn keep(&mut self, is_shown: impl Fn(Whose) -> bool) {
        self.textures.retain(|whose, _| is_shown(*whose));
    }

    fn texture(
        &mut self,
        ctx: &Context,
        whose: Whose,
        picture: &Picture,
        step: usize,
    ) -> egui::TextureId {
        let options = TextureOptions::LINEAR;
        match self.textures.get_mut(&whose) {
            Some((shown, known_step, texture)) => {
                if !shown.is_same(picture) || *known_step != step {
                    texture.set(image(picture, step), options);
                    (*shown, *known_step) = (picture.clone(), step);
                }
                texture.id()
            }
            None => {
                let texture = ctx.load_texture("picture", image(picture, step), options);
                let id = texture.id();
                self.textures
                    .insert(whose, (picture.clone(), step, texture));
                id
            }
        }
    }
}

/// How it is painted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) step: usize,
    pub(super) is_mirrored: bool,
    pub(super) radius: CornerRadius,
}

/// The whole picture as red, green and blue bytes.
pub fn rgb(picture: &Picture) -> Vec<u8> {
    let pixels = image(picture, 1).pixels;
    pixels
        .iter()
        .flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
        .collect()
}

/// The picture in red, green and blue, every `step`th pixel of every `step`th line.
pub(super) fn image(picture: &Picture, step: usize) -> ColorImage {
    let step = step.max(1);
    let size = picture.size();
    let (width, height) = (size.width as usize, size.height as usize);
    let chroma = picture.plane_size(Plane::U).width as usize;
    let table = Table::new(ToRgb::of(picture.colours()));
    let [luma, blue, red] = Plane::ALL.map(|plane| picture.plane(plane));
    let mut pixels = Vec::with_capacity(width.div_ceil(step) * height.div_ceil(step));
    let lines = luma.chunks_exact(width.max(1)).enumerate().step_by(step);
    for (number, line) in lines {
        let start = number / 2 * chroma;
        let range = start..start + chroma;
        let (Some(u), Some(v)) = (blue.get(range.clone()), red.get(range)) else {
            break;
        };
        let doubled = u.iter().zip(v).flat_map(|pair| [pair, pair]);
        let samples = line.iter().zip(doubled).step_by(step);
        pixels.extend(samples.map(|(y, (u, v))| table.pixel(*y, *u, *v)));
    }
    let size = [width.div_ceil(step), height.div_ceil(step)];
    pixels.resize(size[0] * size[1], Color32::BLACK);
    ColorImage::new(size, pixels)
}

/// The matrix in whole numbers of 1/65536.
struct Table {
    rows: [[i32; 3]; 3],
    offset: [i32; 3],
}

impl Table {
    fn new(to_rgb: ToRgb) -> Self {
        Self {
            rows: to_rgb
                .rows
                .map(|row| row.map(|factor| (factor * 65_536.0).round() as i32)),
            offset: to_rgb.offset.map(|offset| (offset * 255.0).round() as i32),
        }
    }

    fn pixel(&self, y: u8, u: u8, v: u8) -> Color32 {
        let [y0, u0, v0] = self.offset;
        let (y, u, v) = (i32::from(y) - y0, i32::from(u) - u0, i32::from(v) - v0);
        let [r, g, b] = self.rows.map(|[of_y, of_u, of_v]| {
            let sum = of_y * y + of_u * u + of_v * v + 32_768;
            (sum >> 16).clamp(0, 255) as u8
        });
        Color32::from_rgb(r, g, b)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use conf_core::{Colours, PicturePool, Size};

    use super::*;

    fn picture(size: Size, yuv: [u8; 3]) -> Picture {
        let mut buffer = PicturePool::default().take(size, Instant::now());
        buffer.colours = Colours::default();
        for (plane, value) in Plane::ALL.into_iter().zip(yuv) {
            buffer.plane_mut(plane).fill(value);
        }
        buffer.finish()
    }

    #[test]
    fn red_is_red_at_every_size() {
        for (width, height, step) in [(2, 2, 1), (5, 3, 1), (640, 360, 3), (7, 7, 100)] {
            let image = image(&picture(Size::new(width, height), [81, 90, 240]), step);
            let wanted = [width, height].map(|side| (side as usize).div_ceil(step));
            assert_eq!(image.size, wanted);
            let is_red = |pixel: &Color32| pixel.r() > 250 && pixel.g() < 4 && pixel.b() < 4;
            assert!(image.pixels.iter().all(is_red), "{width}x{height}");
        }
    }

    #[test]
    fn whole_numbers_are_as_good_as_fractions() {
        for is_full_range in [false, true] {
            let to_rgb = ToRgb::of(Colours {
                is_full_range,
                ..Colours::default()
            });
            let table = Table::new(to_rgb);
            for sample in 0..=255_u8 {
                let (u, v) = (sample.wrapping_mul(31), sample.wrapping_mul(101));
                let pixel = table.pixel(sample, u, v);
                let yuv = [sample, u, v].map(|sample| f32::from(sample) / 255.0);
                for (row, found) in to_rgb.rows.iter().zip([pixel.r(), pixel.g(), pixel.b()]) {
                    let sum: f32 = (0..3)
                        .map(|index| row[index] * (yuv[index] - to_rgb.offset[index]))
                        .sum();
                    let exact = sum.clamp(0.0, 1.0) * 255.0;
                    assert!((exact - f32::from(found)).abs() <= 1.0, "{sample} {exact}");
                }
            }
        }
    }
}
