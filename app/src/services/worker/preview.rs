//! The camera's picture before there is a conference: for the person alone.
use std::sync::{Arc, PoisonError};

use conf_core::{CameraPreview, PictureSlot};

use super::Worker;
use super::meeting::camera;
use crate::model::{PictureFeed, Pictures, Whose};

/// The only picture is one's own.
struct Mirror(PictureSlot);

impl PictureFeed for Mirror {
    fn slot(&self, whose: Whose) -> Option<PictureSlot> {
        (whose == Whose::Mine).then(|| self.0.clone())
    }
}

impl Worker {
    /// Opens the camera, or lets go of it; in a conference one is seen anyway.
    pub(super) fn preview(&mut self, is_wanted: bool) {
        let was_open = self.preview.take().is_some();
        if self.meeting.is_some() {
            return;
        }
        if is_wanted {
            let wake = Arc::clone(&self.screen.wake);
            let terminal = camera(self.settings.camera.as_deref());
            match CameraPreview::start(terminal, move || wake()) {
                Ok(preview) => self.preview = Some(preview),
                Err(error) => tracing::warn!("the camera has no thread: {error}"),
            }
        }
        if was_open || is_wanted {
            let mirror = self.preview.as_ref().map(|preview| Mirror(preview.slot()));
            let pictures = self.screen.pictures.lock();
            *pictures.unwrap_or_else(PoisonError::into_inner) =
                mirror.map(|mirror| Pictures(Arc::new(mirror)));
            (self.screen.wake)();
        }
    }
}
