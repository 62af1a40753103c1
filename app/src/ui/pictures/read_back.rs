//! What OpenGL without a graphics card makes of a picture, read back: by the shader and by copies the same.
#![expect(unsafe_code, reason = "every call of OpenGL is unsafe")]
use std::time::Instant;

use conf_core::{Picture, PicturePool, Plane, Size};
use eframe::glow::{self, HasContext as _, PixelPackData};
use egui::{Color32, PaintCallbackInfo, Rect, pos2, vec2};
use glutin::api::egl::context::PossiblyCurrentContext;
use glutin::api::egl::{device::Device, display::Display, surface::Surface};
use glutin::config::{ConfigSurfaceTypes, ConfigTemplateBuilder};
use glutin::context::ContextAttributesBuilder;
use glutin::prelude::*;
use glutin::surface::{PbufferSurface, SurfaceAttributesBuilder};

use super::copies::{Copies, is_software};
use super::gl::{Draw, GlPictures};
use crate::model::Whose;

/// A context of OpenGL that paints into memory.
struct Offscreen {
    gl: glow::Context,
    _context: PossiblyCurrentContext,
    _surface: Surface<PbufferSurface>,
}

const WIDTH: u32 = 120;
const HEIGHT: u32 = 80;

impl Offscreen {
    fn new() -> Option<Self> {
        let device = Device::query_devices().ok()?.last()?;
        // SAFETY: no native display is passed on, and everything that is made lives as long as it is used.
        unsafe {
            let display = Display::with_device(&device, None).ok()?;
            let template = ConfigTemplateBuilder::new()
                .with_surface_type(ConfigSurfaceTypes::PBUFFER)
                .with_alpha_size(8);
            let config = display.find_configs(template.build()).ok()?.next()?;
            let attributes = ContextAttributesBuilder::new().build(None);
            let context = display.create_context(&config, &attributes).ok()?;
            let (width, height) = (WIDTH.try_into().ok()?, HEIGHT.try_into().ok()?);
            let size = SurfaceAttributesBuilder::<PbufferSurface>::new().build(width, height);
            let surface = display.create_pbuffer_surface(&config, &size).ok()?;
            let context = context.make_current(&surface).ok()?;
            let gl =
                glow::Context::from_loader_function_cstr(|name| display.get_proc_address(name));
            Some(Self {
                gl,
                _context: context,
                _surface: surface,
            })
        }
    }

    /// Paints a picture and gives the pixels, from the highest line.
    fn painted(
        &self,
        place: Rect,
        paint: impl FnOnce(&glow::Context, PaintCallbackInfo),
    ) -> Vec<Color32> {
        let info = PaintCallbackInfo {
            viewport: place,
            clip_rect: place,
            pixels_per_point: 1.0,
            screen_size_px: [WIDTH, HEIGHT],
        };
        let port = info.viewport_in_pixels();
        let mut pixels = vec![0; (WIDTH * HEIGHT * 4) as usize];
        // SAFETY: the context is current; four bytes a pixel are read into as many.
        unsafe {
            self.gl.clear_color(0.0, 0.0, 0.0, 1.0);
            self.gl.clear(glow::COLOR_BUFFER_BIT);
            self.gl.viewport(
                port.left_px,
                port.from_bottom_px,
                port.width_px,
                port.height_px,
            );
            paint(&self.gl, info);
            let (format, kind) = (glow::RGBA, glow::UNSIGNED_BYTE);
            let into = PixelPackData::Slice(Some(&mut pixels));
            let (width, height) = (WIDTH.cast_signed(), HEIGHT.cast_signed());
            self.gl.read_pixels(0, 0, width, height, format, kind, into);
        }
        let lines = pixels.chunks_exact(WIDTH as usize * 4).rev();
        let pixels = lines.flat_map(|line| line.as_chunks::<4>().0);
        pixels
            .map(|[r, g, b, _]| Color32::from_rgb(*r, *g, *b))
            .collect()
    }
}

/// Another colour in each corner.
fn picture() -> Picture {
    let mut buffer = PicturePool::default().take(Size::new(64, 36), Instant::now());
    for plane in Plane::ALL {
        let size = buffer.plane_size(plane);
        let samples = (0..).zip(buffer.plane_mut(plane));
        for (at, sample) in samples {
            let (x, y) = (
                at % size.width * 255 / size.width,
                at / size.width * 255 / size.height,
            );
            *sample = match plane {
                Plane::Y => 40 + (x + y) / 3,
                Plane::U => 60 + x / 2,
                Plane::V => 60 + y / 2,
            } as u8;
        }
    }
    buffer.finish()
}

#[test]
fn shader_and_copies_paint_the_same() {
    let Some(screen) = Offscreen::new() else {
        return println!("nothing is tried: no OpenGL without a screen (EGL)");
    };
    if !is_software(&screen.gl) {
        return println!("nothing is tried: not the OpenGL that runs on the processor");
    }
    let place = Rect::from_min_size(pos2(10.0, 20.0), vec2(100.0, 50.0));
    for is_mirrored in [false, true] {
        let draw = Draw {
            whose: Whose::Mine,
            picture: picture(),
            part: Rect::from_min_max(pos2(0.0, 0.1), pos2(1.0, 0.9)),
            is_mirrored,
            size: [100.0, 50.0],
            radius: 8.0,
            ground: [0; 3],
            may_be_in_pane: false,
        };
        let mut shader = GlPictures::new(&screen.gl).unwrap();
        let by_shader = screen.painted(place, |gl, _| shader.paint(gl, &draw, 1));
        let mut copies = Copies::default();
        let by_copies = screen.painted(place, |gl, info| copies.paint(gl, &info, &draw, 1));
        shader.destroy(&screen.gl);
        copies.destroy(&screen.gl);
        let is_near = |(a, b): (&Color32, &Color32)| {
            let parts = a.to_array().into_iter().zip(b.to_array());
            parts.into_iter().all(|(a, b)| a.abs_diff(b) <= 6)
        };
        let differing = by_shader
            .iter()
            .zip(&by_copies)
            .filter(|pair| !is_near(*pair));
        // Corners are blended by a real window; here what is outside of them stays as the shader leaves it.
        assert!(differing.count() < 40, "mirrored: {is_mirrored}");
        let at = |x: usize, y: usize| by_copies[y * WIDTH as usize + x];
        let is_painted = |colour: Color32| colour != Color32::BLACK;
        assert!(is_painted(at(60, 22)) && is_painted(at(60, 68)) && is_painted(at(12, 45)));
        assert!(!is_painted(at(60, 18)) && !is_painted(at(60, 72)) && !is_painted(at(10, 20)));
        let (left, right) = (at(14, 45), at(105, 45));
        assert_eq!(
            left.b() < right.b(),
            !is_mirrored,
            "blue grows to the right"
        );
        assert!(at(60, 25).r() < at(60, 65).r(), "red grows to the bottom");
    }
}
