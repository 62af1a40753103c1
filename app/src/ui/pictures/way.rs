//! How OpenGL paints pictures, as is found out when it paints the first one.
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use eframe::glow;
use egui::PaintCallbackInfo;

use super::copies::{self, Copies};
use super::gl::{Draw, GlPictures};
use crate::model::Whose;

/// What the painter's callbacks share.
#[derive(Default)]
pub(super) struct SharedGl {
    state: Mutex<Option<Way>>,
    /// Whose pictures are in panes of the window, and not painted.
    in_panes: Mutex<BTreeSet<Whose>>,
    /// The shader cannot be had.
    is_broken: AtomicBool,
    /// The processor runs OpenGL.
    is_software: AtomicBool,
}

/// How OpenGL paints.
pub(super) enum Way {
    /// By a shader.
    Shader(GlPictures),
    /// The processor is the graphics card.
    Copies(Box<Copies>),
}

impl Way {
    fn new(gl: &glow::Context) -> Result<Self, String> {
        if copies::is_software(gl) {
            Ok(Self::Copies(Box::default()))
        } else {
            GlPictures::new(gl).map(Self::Shader)
        }
    }

    pub(super) fn destroy(&mut self, gl: &glow::Context) {
        match self {
            Self::Shader(pictures) => pictures.destroy(gl),
            Self::Copies(copies) => copies.destroy(gl),
        }
    }
}

impl SharedGl {
    /// Paints a picture, unless it is in a pane of this window.
    pub(super) fn paint(
        &self,
        gl: &glow::Context,
        info: &PaintCallbackInfo,
        draw: &Draw,
        frame: u64,
    ) {
        if draw.may_be_in_pane && self.in_panes().contains(&draw.whose) {
            return;
        }
        let mut state = self.lock();
        if state.is_none() && !self.is_broken.load(Ordering::Relaxed) {
            match Way::new(gl) {
                Ok(made) => {
                    let is_software = matches!(made, Way::Copies(_));
                    self.is_software.store(is_software, Ordering::Relaxed);
                    *state = Some(made);
                }
                Err(reason) => {
                    tracing::warn!(reason, "the shader for pictures was refused");
                    self.is_broken.store(true, Ordering::Relaxed);
                }
            }
        }
        match &mut *state {
            Some(Way::Shader(pictures)) => pictures.paint(gl, draw, frame),
            Some(Way::Copies(copies)) => copies.paint(gl, info, draw, frame),
            None => {}
        }
    }

    /// Whether a shader cannot be had.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    /// Whether the processor is the graphics card, as far as is known by now.
    pub(super) fn is_software(&self) -> bool {
        self.is_software.load(Ordering::Relaxed)
    }

    /// Whose pictures are not painted from now on.
    pub(super) fn leave_out(&self, whose: BTreeSet<Whose>) {
        *self.in_panes() = whose;
    }

    fn in_panes(&self) -> MutexGuard<'_, BTreeSet<Whose>> {
        self.in_panes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Way>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
