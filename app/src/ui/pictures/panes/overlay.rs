//! What lies over a picture, as the interface painted it: found among its shapes, and kept as pixels.
use conf_core::PanePlace;
use egui::epaint::{ClippedShape, Primitive};
use egui::layers::ShapeIdx;
use egui::{Context, LayerId, Rect, Shape, TextureId};

use super::raster::{Canvas, paint};
use crate::ui::pictures::kernel::Kernel;

/// The shapes that lie over a picture.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui::pictures) struct Over(Vec<ClippedShape>);

/// Whether a picture can be put there without painting the window.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui::pictures) enum Cover {
    /// With these shapes over it, of the same layer.
    Over(Over),
    /// A menu, a dialogue or the like is before it.
    Hidden,
}

/// Pixels that lie over a picture.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Overlay(Vec<Span>);

/// Pixels side by side.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    /// The first one, counted line by line.
    at: usize,
    /// Blue, green and red, each times how much is covered, and that.
    pixels: Vec<[u8; 4]>,
}

impl Cover {
    /// What lies over a place where a picture was painted as this shape of this layer; once all of the window is laid out.
    pub(in crate::ui::pictures) fn of(
        ctx: &Context,
        layer: LayerId,
        picture: ShapeIdx,
        place: Rect,
    ) -> Self {
        let is_dropping = ctx.input(|input| !input.raw.hovered_files.is_empty());
        let order: Vec<LayerId> = ctx.memory(|memory| memory.layer_ids().collect());
        let is_before = |other: &LayerId| {
            let at = |layer| order.iter().position(|one| *one == layer);
            (other.order, at(*other)) > (layer.order, at(layer))
        };
        let is_near = |shape: &&ClippedShape| seen(shape).intersects(place);
        ctx.graphics(|layers| {
            let mut others = order.iter().filter(|other| is_before(other));
            let is_hidden = others.any(|other| {
                let shapes = layers.get(*other);
                shapes.is_some_and(|shapes| shapes.all_entries().any(|shape| is_near(&shape)))
            });
            if is_hidden || is_dropping {
                return Self::Hidden;
            }
            let own = layers.get(layer).into_iter();
            let later = own.flat_map(|shapes| shapes.all_entries().skip(picture.0 + 1));
            let later: Vec<ClippedShape> = later.filter(is_near).cloned().collect();
            let is_plain = |shape: &ClippedShape| !matches!(shape.shape, Shape::Callback(_));
            if later.iter().all(is_plain) {
                Self::Over(Over(later))
            } else {
                Self::Hidden
            }
        })
    }
}

impl Over {
    /// Their pixels; nothing where they have pictures of their own in them.
    pub(super) fn overlay(&self, ctx: &Context, place: PanePlace) -> Option<Overlay> {
        if self.0.is_empty() {
            return Some(Overlay::default());
        }
        let scale = ctx.pixels_per_point();
        let mut canvas = Canvas::new(place);
        let primitives = ctx.tessellate(self.0.clone(), scale);
        let letters = ctx.fonts(|fonts| fonts.image());
        for primitive in primitives {
            let Primitive::Mesh(mesh) = primitive.primitive else {
                return None;
            };
            if mesh.texture_id != TextureId::default() {
                return None;
            }
            paint(&mesh, primitive.clip_rect, scale, &letters, &mut canvas);
        }
        Some(Overlay::of(&canvas))
    }
}

impl Overlay {
    fn of(canvas: &Canvas) -> Self {
        let mut spans: Vec<Span> = Vec::new();
        let painted = canvas.pixels.iter().enumerate();
        for (at, pixel) in painted.filter(|(_, pixel)| **pixel != [0; 4]) {
            match spans.last_mut() {
                Some(last) if last.at + last.pixels.len() == at => last.pixels.push(*pixel),
                _ => spans.push(Span {
                    at,
                    pixels: vec![*pixel],
                }),
            }
        }
        Self(spans)
    }

    /// Lays them over a picture of blue, green, red and a byte that nobody looks at.
    pub(super) fn lay_over(&self, kernel: Kernel, picture: &mut [u8]) {
        let (picture, _) = picture.as_chunks_mut::<4>();
        for span in &self.0 {
            let under = picture.get_mut(span.at..).unwrap_or_default();
            kernel.lay_over(&span.pixels, under);
        }
    }
}

/// Where a shape can be seen.
fn seen(shape: &ClippedShape) -> Rect {
    let place = shape.shape.visual_bounding_rect();
    (shape.transform_after_tessellation * place).intersect(shape.clip_rect)
}

#[cfg(test)]
mod tests {
    use egui::{Align2, Area, Color32, FontId, Id, RawInput, pos2, vec2};

    use super::*;

    const PLACE: PanePlace = PanePlace {
        left: 10,
        top: 20,
        width: 100,
        height: 50,
    };
    const TILE: Rect = Rect {
        min: pos2(10.0, 20.0),
        max: pos2(110.0, 70.0),
    };

    /// Lays out a window and asks what lies over a picture in it.
    fn cover(mut show: impl FnMut(&egui::Ui)) -> (Context, Cover) {
        let ctx = Context::default();
        let mut found = None;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0))),
            ..RawInput::default()
        };
        let mut frame = |ui: &mut egui::Ui| {
            let picture = ui.painter().add(Shape::Noop);
            show(ui);
            found = Some(Cover::of(ui.ctx(), ui.layer_id(), picture, TILE));
        };
        // A new area is laid out in one frame and painted from the next on.
        for _ in 0..2 {
            // Nobody paints it.
            ctx.run_ui(input.clone(), &mut frame).textures_delta.clear();
        }
        (ctx, found.unwrap())
    }

    fn plate(ui: &egui::Ui, place: Rect, color: Color32) {
        ui.painter().rect_filled(place, 0.0, color);
    }

    #[test]
    fn what_is_beside_does_not_count() {
        let aside = Rect::from_min_size(pos2(120.0, 20.0), vec2(30.0, 30.0));
        let (_, cover) = cover(|ui| plate(ui, aside, Color32::RED));
        assert_eq!(cover, Cover::Over(Over(Vec::new())));
    }

    #[test]
    fn a_plate_covers_its_pixels_and_no_others() {
        let place = Rect::from_min_size(pos2(15.0, 25.0), vec2(4.0, 2.0));
        let (ctx, cover) = cover(|ui| plate(ui, place, Color32::from_rgb(200, 100, 50)));
        let Cover::Over(over) = cover else {
            panic!("{cover:?}");
        };
        let overlay = over.overlay(&ctx, PLACE).unwrap();
        let mut picture = vec![9; PLACE.length()];
        overlay.lay_over(Kernel::new(), &mut picture);
        let changed: Vec<usize> = (0..100 * 50)
            .filter(|at| picture[at * 4..at * 4 + 3] == [50, 100, 200])
            .collect();
        let expected: Vec<usize> = (5..7)
            .flat_map(|y| (5..9).map(move |x| y * 100 + x))
            .collect();
        assert_eq!(changed, expected);
        assert_eq!(
            picture.iter().filter(|byte| **byte == 9).count(),
            (5_000 - 8) * 4
        );
    }

    #[test]
    fn words_can_be_read() {
        let (ctx, cover) = cover(|ui| {
            let font = FontId::proportional(14.0);
            let (at, ink) = (pos2(20.0, 30.0), Color32::WHITE);
            ui.painter().text(at, Align2::LEFT_TOP, "Ana", font, ink);
        });
        let Cover::Over(over) = cover else {
            panic!("{cover:?}");
        };
        let overlay = over.overlay(&ctx, PLACE).unwrap();
        let mut picture = vec![0; PLACE.length()];
        overlay.lay_over(Kernel::new(), &mut picture);
        let bright = picture.chunks(4).filter(|pixel| pixel[1] > 200).count();
        assert!((20..200).contains(&bright), "{bright}");
    }

    #[test]
    fn a_menu_before_it_leaves_the_picture_to_the_window() {
        let (_, cover) = cover(|ui| {
            let menu = Area::new(Id::unique("menu")).fixed_pos(pos2(50.0, 40.0));
            menu.show(ui.ctx(), |ui| plate(ui, TILE, Color32::RED));
        });
        assert_eq!(cover, Cover::Hidden);
    }
}
