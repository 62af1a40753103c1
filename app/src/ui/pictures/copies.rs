//! Pictures by an OpenGL that the processor runs: converted beforehand, and copied to the screen as they are.
#![expect(unsafe_code, reason = "every call of OpenGL is unsafe")]
use std::collections::HashMap;

use conf_core::Picture;
use eframe::egui_glow::ShaderVersion;
use eframe::glow::{self, HasContext as _};
use egui::PaintCallbackInfo;

use super::exact::{Exact, Wanted};
use super::gl::{Draw, KEPT_FRAMES, fill_bound};
use crate::model::Whose;

/// The pixels of everybody who is shown.
#[derive(Default)]
pub(super) struct Copies {
    exact: Exact,
    pixels: Vec<u8>,
    copies: HashMap<Whose, Copy>,
}

/// Those of one source.
struct Copy {
    texture: glow::Texture,
    frame_buffer: glow::Framebuffer,
    shown: Option<(Picture, Wanted)>,
    /// The frame in which it was last painted.
    frame: u64,
}

/// Whether the processor does what a graphics card should; Mesa's names for its two ways of it.
pub(super) fn is_software(gl: &glow::Context) -> bool {
    // SAFETY: the context is current.
    let renderer = unsafe { gl.get_parameter_string(glow::RENDERER) };
    let is_it = ["llvmpipe", "softpipe"]
        .iter()
        .any(|name| renderer.contains(name));
    let version = ShaderVersion::get(gl);
    is_it && version.is_new_shader_interface() && !version.is_embedded()
}

impl Copies {
    /// Paints to where the callback is; `frame` counts the frames of the window.
    pub(super) fn paint(
        &mut self,
        gl: &glow::Context,
        info: &PaintCallbackInfo,
        draw: &Draw,
        frame: u64,
    ) {
        self.forget(gl, frame);
        let place = info.viewport_in_pixels();
        let size = [place.width_px, place.height_px].map(|side| usize::try_from(side).unwrap_or(0));
        if size.contains(&0) {
            return;
        }
        let wanted = Wanted {
            part: draw.part,
            is_mirrored: draw.is_mirrored,
            size,
            radius: draw.radius,
            ground: draw.ground,
        };
        let Some(copy) = self.copy(gl, draw, wanted, frame) else {
            return;
        };
        let (left, right) = (place.left_px, place.left_px + place.width_px);
        let (bottom, top) = (place.from_bottom_px, place.from_bottom_px + place.height_px);
        // SAFETY: the context is current and all objects were made with it. Pictures begin with their highest line, where
        // OpenGL has the lowest. egui paints to the window's own buffer, which is bound again.
        unsafe {
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(copy.frame_buffer));
            gl.blit_framebuffer(
                0,
                0,
                place.width_px,
                place.height_px,
                left,
                top,
                right,
                bottom,
                glow::COLOR_BUFFER_BIT,
                glow::NEAREST,
            );
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, None);
        }
    }

    /// Gives everything back; the context must be current.
    pub(super) fn destroy(&mut self, gl: &glow::Context) {
        for (_, copy) in self.copies.drain() {
            copy.delete(gl);
        }
    }

    /// Gives back what has not been shown for a while.
    fn forget(&mut self, gl: &glow::Context, frame: u64) {
        let old = self
            .copies
            .extract_if(|_, copy| copy.frame + KEPT_FRAMES < frame);
        for (_, copy) in old {
            copy.delete(gl);
        }
    }

    /// Somebody's pixels, brought up to date.
    fn copy(
        &mut self,
        gl: &glow::Context,
        draw: &Draw,
        wanted: Wanted,
        frame: u64,
    ) -> Option<&Copy> {
        let copy = match self.copies.entry(draw.whose) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(Copy::new(gl)?),
        };
        copy.frame = frame;
        let shown = copy.shown.as_ref();
        if !shown
            .is_some_and(|(picture, before)| picture.is_same(&draw.picture) && *before == wanted)
        {
            let is_same_size = shown.is_some_and(|(_, before)| before.size == wanted.size);
            self.pixels.resize(wanted.length(), 255);
            self.exact.convert(&draw.picture, &wanted, &mut self.pixels);
            copy.fill(gl, wanted.size, &self.pixels, is_same_size);
            copy.shown = Some((draw.picture.clone(), wanted));
        }
        Some(copy)
    }
}

impl Copy {
    fn new(gl: &glow::Context) -> Option<Self> {
        // SAFETY: the context is current.
        unsafe {
            Some(Self {
                texture: gl.create_texture().ok()?,
                frame_buffer: gl.create_framebuffer().ok()?,
                shown: None,
                frame: 0,
            })
        }
    }

    fn fill(&self, gl: &glow::Context, size: [usize; 2], pixels: &[u8], is_same_size: bool) {
        let size = size.map(|side| i32::try_from(side).unwrap_or(0));
        // SAFETY: the context is current; there are four bytes for each pixel.
        // The order of bytes is that of windows. Only where the format inside is not told exactly, Mesa keeps this order,
        // and then both ways, into the texture and to the window, are plain copies, ten times as fast.
        unsafe {
            gl.bind_texture(glow::TEXTURE_2D, Some(self.texture));
            fill_bound(gl, size, glow::RGBA, glow::BGRA, pixels, is_same_size);
            if is_same_size {
                return;
            }
            gl.tex_parameter_i32(glow::TEXTURE_2D, glow::TEXTURE_MAX_LEVEL, 0);
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(self.frame_buffer));
            gl.framebuffer_texture_2d(
                glow::READ_FRAMEBUFFER,
                glow::COLOR_ATTACHMENT0,
                glow::TEXTURE_2D,
                Some(self.texture),
                0,
            );
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, None);
        }
    }

    fn delete(self, gl: &glow::Context) {
        // SAFETY: both were made with this context and are used no more.
        unsafe {
            gl.delete_framebuffer(self.frame_buffer);
            gl.delete_texture(self.texture);
        }
    }
}
